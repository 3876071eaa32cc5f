/** Finding the colours that occur in a picture. */
#ifndef TBEVENTS_PALETTE_H
#define TBEVENTS_PALETTE_H

#include <stdint.h>

#include "tbevents/tbevents.h"

enum { TBE_PALETTE_SIZE = 256 };

typedef struct tbe_palette {
    uint8_t colours[TBE_PALETTE_SIZE][3]; /* red, green, blue, in order of appearance */
    size_t n_colours;
    uint8_t *indices; /* [height, width], owned; NULL if there are more than 256 colours */
} tbe_palette;

/**
 * Numbers the colours of a picture, of either format; equal colours get one number.
 *
 * @param palette  filled; free() its indices
 * @return TBE_OK, also where indices is NULL; TBE_EINVAL: a pixel is not below the picture's
 *         n_colours; TBE_ENOMEM
 */
tbe_status tbe_palette_find(const tbe_image *image, tbe_palette *palette);

/** The first byte of row y. */
const uint8_t *tbe_image_row(const tbe_image *image, uint32_t y);

#endif
