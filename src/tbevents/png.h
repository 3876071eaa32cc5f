/** Pictures as PNG files: making small ones, and looking whether one is whole. */
#ifndef TBEVENTS_PNG_H
#define TBEVENTS_PNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tbevents/tbevents.h"

/**
 * Encodes without loss, and as small as a few trials can make it: with a palette of just the
 * colours that occur where these are at most 256, in 1, 2, 4 or 8 bits; in 24 bits otherwise.
 *
 * @param image  checked by the caller but for its palette indices
 * @param file   set to the file (free()); NULL on failure
 * @return TBE_OK; TBE_EINVAL: a pixel is not below n_colours; TBE_ENOMEM
 */
tbe_status tbe_png_encode(const tbe_image *image, uint8_t **file, size_t *size);

/**
 * Whether data is a whole PNG file: signature, header, chunks with right checksums, an end.
 *
 * @param width, height  set to what the header says, 1 to 2^31 - 1
 */
bool tbe_png_check(const uint8_t *data, size_t size, uint32_t *width, uint32_t *height);

#endif
