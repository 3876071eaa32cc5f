/** What single pages of TensorBoard are told about a tag. */
#ifndef TBEVENTS_PLUGINS_H
#define TBEVENTS_PLUGINS_H

#include <stddef.h>
#include <stdint.h>

enum { TBE_MAX_CONTENT_BYTES = 32 };

/** For sounds that are WAV files: without it the browser is sent nameless bytes.
 *  @return bytes written */
size_t tbe_wav_content_write(uint8_t out[TBE_MAX_CONTENT_BYTES]);

/** For precision-recall curves. @return bytes written */
size_t tbe_pr_content_write(int32_t n_thresholds, uint8_t out[TBE_MAX_CONTENT_BYTES]);

#endif
