#include "tbevents/palette.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N_SLOTS = 1024 }; /* four times the most colours, so that probes are short */

/** The numbers given so far, by colour: open addressing. */
typedef struct colour_table {
    uint32_t colours[N_SLOTS]; /* 0xRRGGBB + 1; 0: free */
    uint8_t indices[N_SLOTS];
} colour_table;

const uint8_t *tbe_image_row(const tbe_image *image, uint32_t y)
{
    const size_t row_bytes = (image->format == TBE_PIXELS_RGB ? 3 : 1) * (size_t)image->width;
    return image->pixels + y * (image->stride_bytes != 0 ? image->stride_bytes : row_bytes);
}

/** The number of a colour, a new one if need be; -1 if it would be the 257th. */
static int index_of(colour_table *table, tbe_palette *palette, const uint8_t colour[3])
{
    const uint32_t key = ((uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2]) + 1;
    uint32_t slot = key * 2654435761u >> 22; /* the upper ten bits of a multiplicative hash */

    while (table->colours[slot] != 0 && table->colours[slot] != key)
        slot = (slot + 1) % N_SLOTS;
    if (table->colours[slot] == key)
        return table->indices[slot];
    if (palette->n_colours == TBE_PALETTE_SIZE)
        return -1;
    memcpy(palette->colours[palette->n_colours], colour, 3);
    table->colours[slot] = key;
    table->indices[slot] = (uint8_t)palette->n_colours;
    return (int)palette->n_colours++;
}

/** @return false at the 257th colour */
static bool number_rgb(const tbe_image *image, tbe_palette *palette)
{
    colour_table table = {{0}, {0}};
    uint8_t *out = palette->indices;

    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *p = tbe_image_row(image, y);
        for (uint32_t x = 0; x < image->width; x++, p += 3) {
            /* drawings repeat their neighbour, which is quicker than the table */
            if (x > 0 && memcmp(p, p - 3, 3) == 0) {
                out[x] = out[x - 1];
                continue;
            }
            const int index = index_of(&table, palette, p);
            if (index < 0)
                return false;
            out[x] = (uint8_t)index;
        }
        out += image->width;
    }
    return true;
}

/** @return false at a pixel without a colour */
static bool number_palette(const tbe_image *image, tbe_palette *palette)
{
    colour_table table = {{0}, {0}};
    int numbers[TBE_PALETTE_SIZE]; /* of the picture's own colours; -1: not met yet */
    uint8_t *out = palette->indices;

    for (size_t i = 0; i < TBE_PALETTE_SIZE; i++)
        numbers[i] = -1;
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *row = tbe_image_row(image, y);
        for (uint32_t x = 0; x < image->width; x++) {
            if (row[x] >= image->n_colours)
                return false;
            if (numbers[row[x]] < 0)
                numbers[row[x]] = index_of(&table, palette, image->palette + 3 * (size_t)row[x]);
            out[x] = (uint8_t)numbers[row[x]];
        }
        out += image->width;
    }
    return true;
}

tbe_status tbe_palette_find(const tbe_image *image, tbe_palette *palette)
{
    palette->n_colours = 0;
    palette->indices = malloc((size_t)image->width * image->height);
    if (palette->indices == NULL)
        return TBE_ENOMEM;
    const bool is_rgb = image->format == TBE_PIXELS_RGB;
    if (is_rgb ? number_rgb(image, palette) : number_palette(image, palette))
        return TBE_OK;
    free(palette->indices);
    palette->indices = NULL;
    return is_rgb ? TBE_OK : TBE_EINVAL;
}
