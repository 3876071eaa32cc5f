/** One clip: spoken, trimmed, shaped, written. Private to synth. */
#ifndef WS_SYNTH_CLIP_H
#define WS_SYNTH_CLIP_H

#include <stddef.h>

#include "base/status.h"
#include "synth/plan.h"

/**
 * Makes clip number index of the plan.
 *
 * @param scratch_path  a file that may be overwritten; removed again
 * @return WS_OK; WS_EFORMAT if espeak-ng cannot say the word, or not within a second; what
 *         ws_synth_voice_write() and ws_sound_write() return
 */
WS_MUST_CHECK ws_status ws_synth_clip_write(const ws_synth_options *options,
                                            const ws_synth_plan *plan, size_t index,
                                            const char *scratch_path, ws_error *err);

#endif
