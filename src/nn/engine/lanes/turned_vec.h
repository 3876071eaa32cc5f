/** Private to products.c: gradients of weights whose output channels fill vectors. */
#ifndef WS_NN_ENGINE_LANES_TURNED_VEC_H
#define WS_NN_ENGINE_LANES_TURNED_VEC_H

#include "nn/engine/lanes/taps_vec.h"

/*
 * Where output channels fill vectors, a lane is a channel here: pixels of dz are turned to
 * [lane, channel] in the nearest cache, and what each sample saw is one number for all of them. So
 * sums are over pixels and samples, none is left over the lanes, and a few pixels at a time are
 * enough to keep dz and x close: in x, vectors of neighbouring pixels may lie a power of two apart,
 * and would drive each other out of the cache.
 */
enum {
    TURNED_FLOATS = 6144,                     /* pixels of dz at a time */
    MAX_TURNED_VECS = VEC_SIZE == 16 ? 4 : 2, /* channels at a time */
    MAX_TURNED_PIXELS = TURNED_FLOATS / (LANES * VEC_SIZE)
};

/** Some pixels: turned gradients [n, 16, n_vecs vectors], and what is at the base of each. */
typedef struct turned_pixels {
    float dz[TURNED_FLOATS];
    const float *x[MAX_TURNED_PIXELS];
    size_t n, n_vecs;
} turned_pixels;

/** Appends a pixel's channels, of which n lie at dz; zeros fill the last vector. */
INLINE void turn_pixel(turned_pixels *pixels, const float *x, const float *dz, size_t n)
{
    float *turned = pixels->dz + pixels->n * LANES * pixels->n_vecs * VEC_SIZE;

    for (size_t v = 0; v < pixels->n_vecs; v++) {
        const size_t first = v * VEC_SIZE, left = n - first < VEC_SIZE ? n - first : VEC_SIZE;
        BLOCK_LANES(lane)
        {
            vec rows[VEC_SIZE];
            UNROLL
            for (size_t i = 0; i < VEC_SIZE; i++)
                rows[i] = i < left ? vec_load(dz + (first + i) * LANES + lane) : vec_zero();
            vec_transpose(rows);
            UNROLL
            for (size_t i = 0; i < VEC_SIZE; i++)
                vec_store(turned + ((size_t)lane + i) * pixels->n_vecs * VEC_SIZE + first, rows[i]);
        }
    }
    pixels->x[pixels->n++] = x;
}

/** Some numbers of a row of weights as vectors, and back: the last vector may not be full. */
INLINE void load_row(const float *at, size_t n, int n_vecs, vec *row)
{
    float padded[MAX_TURNED_VECS * VEC_SIZE] = {0};

    if (n < (size_t)n_vecs * VEC_SIZE)
        at = memcpy(padded, at, n * sizeof *at);
    UNROLL
    for (int v = 0; v < n_vecs; v++)
        row[v] = vec_load(at + v * VEC_SIZE);
}

INLINE void store_row(float *at, size_t n, int n_vecs, const vec *row)
{
    float padded[MAX_TURNED_VECS * VEC_SIZE];
    float *to = n < (size_t)n_vecs * VEC_SIZE ? padded : at;

    UNROLL
    for (int v = 0; v < n_vecs; v++)
        vec_store(to + v * VEC_SIZE, row[v]);
    if (to == padded)
        memcpy(at, padded, n * sizeof *at);
}

#if VEC_SIZE == 16
#define TURNED_ROWS(n_vecs) ((n_vecs) == 1 ? 16 : (n_vecs) < 4 ? 8 : 6)
#else
#define TURNED_ROWS(n_vecs) ((n_vecs) == 1 ? 8 : 6)
#endif
enum { MAX_TURNED_ROWS = 16 };

/** Some rows of the weights' matrix, n numbers each; the first `skip` of them have been done. */
typedef struct turned_rows {
    float *sums;
    size_t pitch, n;
    int skip;
    ptrdiff_t offset[MAX_TURNED_ROWS]; /* from a base to what they meet */
} turned_rows;

/** Adds to n_rows rows. With is_row they are channels of one tap, and lie one after the other. */
INLINE void turned_tile(const turned_pixels *pixels, ws_lanes_ahead *ahead, const turned_rows *to,
                        size_t n_live, int n_rows, int n_vecs, bool is_row)
{
    vec sums[MAX_TURNED_ROWS][MAX_TURNED_VECS];
    const float *dz = pixels->dz;

    UNROLL
    for (int r = 0; r < n_rows; r++)
        load_row(to->sums + (size_t)r * to->pitch, to->n, n_vecs, sums[r]);
    asked_lines lines = take_lines(ahead, pixels->n * n_live, dz);
    for (size_t i = 0; i < pixels->n; i++) {
        const float *x[MAX_TURNED_ROWS];
        UNROLL
        for (int r = 0; r < n_rows; r++)
            x[r] = pixels->x[i] + (is_row ? to->offset[0] + r * LANES : to->offset[r]);
        for (size_t lane = 0; lane < n_live; lane++) {
            ask_line(&lines);
            vec given[MAX_TURNED_VECS];
            UNROLL
            for (int v = 0; v < n_vecs; v++)
                given[v] = vec_load_pinned(dz + (lane * (size_t)n_vecs + (size_t)v) * VEC_SIZE);
            UNROLL
            for (int r = 0; r < n_rows; r++) {
                const vec seen = vec_of_channels_pinned(x[r] + lane, 1);
                UNROLL
                for (int v = 0; v < n_vecs; v++)
                    sums[r][v] += given[v] * seen;
            }
        }
        dz += LANES * n_vecs * VEC_SIZE;
    }
    UNROLL
    for (int r = 0; r < n_rows; r++)
        if (r >= to->skip)
            store_row(to->sums + (size_t)r * to->pitch, to->n, n_vecs, sums[r]);
}

/** Adds what some pixels give, to all rows of weights; at the end of some rows the last tile begins
 *  early enough to be full. */
INLINE void add_turned(const ws_lanes_product *p, const turned_pixels *pixels, size_t n_live,
                       float *sums, size_t n, int n_vecs)
{
    const size_t n_rows = TURNED_ROWS(n_vecs), n_all = p->n_taps * p->n_in;
    const bool is_row = p->n_in >= n_rows;
    const size_t n_run = is_row ? p->n_in : n_all;

    for (size_t run = 0; run < n_all; run += n_run) {
        for (size_t k = 0; k < n_run; k += n_rows) {
            const size_t begin = k + n_rows <= n_run ? k : n_run - n_rows;
            turned_rows rows = {.sums = sums + (run + begin) * p->n_out,
                                .pitch = p->n_out,
                                .n = n,
                                .skip = (int)(k - begin)};
            for (size_t r = 0; r < (is_row ? 1 : n_rows); r++)
                rows.offset[r] = row_offset(p, run + begin + r);
            if (is_row)
                turned_tile(pixels, p->ahead, &rows, n_live, (int)n_rows, n_vecs, true);
            else
                turned_tile(pixels, p->ahead, &rows, n_live, (int)n_rows, n_vecs, false);
        }
    }
}

static void add_some_turned(const ws_lanes_product *p, const turned_pixels *pixels, size_t n_live,
                            float *sums, size_t n)
{
    switch (pixels->n_vecs) {
    case 1:
        add_turned(p, pixels, n_live, sums, n, 1);
        break;
    case 2:
        add_turned(p, pixels, n_live, sums, n, 2);
        break;
#if VEC_SIZE == 16
    case 3:
        add_turned(p, pixels, n_live, sums, n, 3);
        break;
    default:
        add_turned(p, pixels, n_live, sums, n, 4);
#endif
    }
}

/** n channels from `out` on, at most those of MAX_TURNED_VECS vectors. */
static void weights_turned(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t out,
                           size_t n, float *sums)
{
    turned_pixels pixels;

    pixels.n_vecs = (n + VEC_SIZE - 1) / VEC_SIZE;
    pixels.n = 0;
    const size_t most = TURNED_FLOATS / (LANES * pixels.n_vecs * VEC_SIZE);
    for (size_t i = 0; i < pairs->n_rows; i++) {
        const float *x = pairs->x + i * pairs->x_row;
        const float *dz = pairs->dz + i * pairs->dz_row + out * LANES;
        for (size_t j = 0; j < pairs->n_w; j++) {
            turn_pixel(&pixels, x + j * pairs->x_pixel, dz + j * pairs->dz_pixel, n);
            const bool is_last = i + 1 == pairs->n_rows && j + 1 == pairs->n_w;
            if (pixels.n < most && !is_last)
                continue;
            add_some_turned(p, &pixels, pairs->n_live, sums + out, n);
            pixels.n = 0;
        }
    }
}

/** Adds the gradients of the output channels that fill vectors, or at least half of the last one.
 *  @return how many that are: the first ones */
static size_t add_turned_outs(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    const size_t rest = p->n_out % VEC_SIZE, most = (size_t)MAX_TURNED_VECS * VEC_SIZE;
    const size_t n_turned = rest >= VEC_SIZE / 2 ? p->n_out : p->n_out - rest;

    if (p->n_taps * p->n_in < MAX_TURNED_ROWS)
        return 0;
    for (size_t out = 0; out < n_turned;) {
        const size_t n = n_turned - out < most ? n_turned - out : most;
        weights_turned(p, pairs, out, n, sums);
        out += n;
    }
    return n_turned;
}

#endif
