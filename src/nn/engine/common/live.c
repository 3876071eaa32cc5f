#include "nn/engine/common/live.h"

#include <assert.h>
#include <string.h>

enum { WORD = 64 }; /* bits */

static size_t words_of_row(ws_shape image)
{
    return (image.w + WORD - 1) / WORD;
}

/** Columns of word k of a row. */
static size_t count_columns(ws_shape image, size_t k)
{
    const size_t left = image.w - k * WORD;
    return left < WORD ? left : WORD;
}

/** The bits of word k of a row that have a column. */
static uint64_t columns_of(ws_shape image, size_t k)
{
    return ~UINT64_C(0) >> (WORD - count_columns(image, k));
}

size_t ws_live_n_words(ws_shape image)
{
    return image.h * words_of_row(image);
}

/** Whether one of n numbers is not zero. */
static inline uint64_t is_alive(const float *x, size_t n)
{
    uint32_t any = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        any |= bits;
    }
    return any << 1 != 0; /* without the sign */
}

/** For c channels: the compiler makes more of it where it knows how many. */
static inline void find(ws_shape image, size_t c, const float *x, uint64_t *map)
{
    for (size_t i = 0; i < image.h; i++) {
        for (size_t k = 0; k < words_of_row(image); k++) {
            const size_t n = count_columns(image, k);
            uint64_t word = 0;
            for (size_t v = 0; v < n; v++, x += c)
                word |= is_alive(x, c) << v;
            *map++ = word;
        }
    }
}

void ws_live_find(ws_shape image, const float *x, uint64_t *map)
{
    if (image.c == 1)
        find(image, 1, x, map);
    else
        find(image, image.c, x, map);
}

void ws_live_find_tile(ws_shape image, const ws_tail_kernels *kernels, const float *tile,
                       uint64_t *map)
{
    for (size_t i = 0; i < image.h; i++) {
        for (size_t k = 0; k < words_of_row(image); k++) {
            const size_t n = count_columns(image, k);
            *map++ = kernels->find_live(tile, n);
            tile += n * WS_TILE_LANES;
        }
    }
}

void ws_live_add(ws_shape image, const uint64_t *other, uint64_t *map)
{
    const size_t n = ws_live_n_words(image);

    for (size_t i = 0; i < n; i++)
        map[i] |= other[i];
}

/** Whether all places of a row are alive. */
static bool is_full(ws_shape image, const uint64_t *row)
{
    const size_t n = words_of_row(image);
    bool full = true;

    for (size_t k = 0; k < n; k++)
        full = full && row[k] == columns_of(image, k);
    return full;
}

/** row: places that are alive in one of some rows of a map, or in enough of them to be all. */
static void merge_rows(ws_shape image, const uint64_t *map, ws_range rows, uint64_t *row)
{
    const size_t n = words_of_row(image);

    memset(row, 0, n * sizeof *row);
    for (size_t i = rows.begin; i < rows.end && !is_full(image, row); i++) {
        for (size_t k = 0; k < n; k++)
            row[k] |= map[i * n + k];
    }
}

/** 64 bits of a row of n words, which has WORD zeros before it here and zeros behind. */
static uint64_t bits_from(const uint64_t *row, size_t n, size_t column)
{
    const size_t k = column / WORD, shift = column % WORD;
    const uint64_t low = k >= 1 && k <= n ? row[k - 1] : 0;
    const uint64_t high = k < n ? row[k] : 0;

    return shift == 0 ? low : low >> shift | high << (WORD - shift);
}

/** One row of outputs from what all rows under their windows have. */
static void widen_row(const ws_stage *stage, const uint64_t *row, uint64_t *live)
{
    const size_t n = words_of_row(stage->in), before = stage->window.zeros.before_w;

    for (size_t k = 0; k < words_of_row(stage->middle); k++) {
        uint64_t word = 0;
        for (size_t b = 0; b < stage->window.w; b++) {
            const size_t column = (k + 1) * WORD + b;
            if (column > before) /* else all 64 lie in the padding */
                word |= bits_from(row, n, column - before);
        }
        live[k] = word & columns_of(stage->middle, k);
    }
}

void ws_live_widen(const ws_stage *stage, const uint64_t *map, uint64_t *live)
{
    const ws_shape in = stage->in, middle = stage->middle;
    const size_t before = stage->window.zeros.before_h, n = words_of_row(middle);
    uint64_t row[WS_LIVE_MAX_W / WORD];

    assert(in.w <= WS_LIVE_MAX_W);
    for (size_t i = 0; i < middle.h; i++, live += n) {
        const size_t end = i + stage->window.h - before;
        merge_rows(in, map, (ws_range){i < before ? 0 : i - before, end < in.h ? end : in.h}, row);
        if (!is_full(in, row)) {
            widen_row(stage, row, live);
            continue;
        }
        for (size_t k = 0; k < n; k++) /* every window has one of its places in the image */
            live[k] = columns_of(middle, k);
    }
}

/** 16 numbers to 0, but for what is not finite. */
static void clear_place(float *z)
{
    const uint32_t exponent = UINT32_C(0x7f800000);

    for (size_t lane = 0; lane < WS_TILE_LANES; lane++) {
        uint32_t bits;
        memcpy(&bits, z + lane, sizeof bits);
        bits = (bits & exponent) == exponent ? bits : 0;
        memcpy(z + lane, &bits, sizeof bits);
    }
}

void ws_live_clear_dead(const uint64_t *live, ws_shape middle, ws_range rows, float *z)
{
    const size_t n = words_of_row(middle);

    for (size_t i = rows.begin; i < rows.end; i++, z += middle.w * WS_TILE_LANES) {
        for (size_t k = 0; k < n; k++) {
            const uint64_t dead = ~live[i * n + k] & columns_of(middle, k);
            for (size_t v = 0; dead != 0 && v < WORD; v++) {
                if ((dead >> v & 1) != 0)
                    clear_place(z + (k * WORD + v) * WS_TILE_LANES);
            }
        }
    }
}
