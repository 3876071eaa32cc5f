/* The kernels of products.h, compiled once per instruction set. */
#include "nn/engine/lanes/products.h"

#include <stdbool.h>

#include "nn/engine/lanes/lane_vec.h"

/* Sums in registers: a tile of pixels (or taps) by OUTS channels. */
#if VEC_SIZE == 16
enum { PIXELS = 6, OUTS = 4 };
#else
enum { PIXELS = 3, OUTS = 4 };
#endif

/** OUTS or one channel from `out` on, of n_pixels pixels. */
INLINE void sum_tile(const ws_lanes_product *p, const float *const *x, float *const *y, size_t out,
                     int n_pixels, int n_outs, int lane)
{
    vec sums[PIXELS][OUTS];

    UNROLL
    for (int i = 0; i < n_pixels; i++) {
        UNROLL
        for (int o = 0; o < n_outs; o++)
            sums[i][o] = p->bias != NULL ? p->bias[out + (size_t)o] - vec_zero() : vec_zero();
    }
    for (size_t t = 0; t < p->n_taps; t++) {
        const float *weights = p->weights + p->taps[t].weights + out;
        const float *from[PIXELS];
        UNROLL
        for (int i = 0; i < n_pixels; i++)
            from[i] = x[i] + p->taps[t].offset + lane;
        for (size_t k = 0; k < p->n_in; k++, weights += p->n_out) {
            vec w[OUTS];
            UNROLL
            for (int o = 0; o < n_outs; o++)
                w[o] = vec_broadcast(weights + o);
            UNROLL
            for (int i = 0; i < n_pixels; i++) {
                const vec seen = vec_load_pinned(from[i] + k * WS_LANES);
                UNROLL
                for (int o = 0; o < n_outs; o++)
                    sums[i][o] += w[o] * seen;
            }
        }
    }
    UNROLL
    for (int i = 0; i < n_pixels; i++) {
        UNROLL
        for (int o = 0; o < n_outs; o++)
            vec_store(y[i] + (out + (size_t)o) * WS_LANES + lane, sums[i][o]);
    }
}

INLINE void sum_outs(const ws_lanes_product *p, const float *const *x, float *const *y,
                     int n_pixels)
{
    VEC_LANES (lane) {
        size_t out = 0;
        for (; out + OUTS <= p->n_out; out += OUTS)
            sum_tile(p, x, y, out, n_pixels, OUTS, lane);
        for (; out < p->n_out; out++)
            sum_tile(p, x, y, out, n_pixels, 1, lane);
    }
}

/** Pixels (or rows) of the next tile: all tiles of nearly the same size. */
static size_t tile_size(size_t left)
{
    const size_t n_tiles = (left + PIXELS - 1) / PIXELS;
    return (left + n_tiles - 1) / n_tiles;
}

/* Calls f(arguments.., n) with n as a constant of 1 to PIXELS. */
#if VEC_SIZE == 16
#define WITH_TILE(n, f, ...) \
    switch (n) {             \
    case 1:                  \
        f(__VA_ARGS__, 1);   \
        break;               \
    case 2:                  \
        f(__VA_ARGS__, 2);   \
        break;               \
    case 3:                  \
        f(__VA_ARGS__, 3);   \
        break;               \
    case 4:                  \
        f(__VA_ARGS__, 4);   \
        break;               \
    case 5:                  \
        f(__VA_ARGS__, 5);   \
        break;               \
    default:                 \
        f(__VA_ARGS__, 6);   \
    }
#else
#define WITH_TILE(n, f, ...) \
    switch (n) {             \
    case 1:                  \
        f(__VA_ARGS__, 1);   \
        break;               \
    case 2:                  \
        f(__VA_ARGS__, 2);   \
        break;               \
    default:                 \
        f(__VA_ARGS__, 3);   \
    }
#endif

static void sum(const ws_lanes_product *product, const ws_lanes_pixels *pixels)
{
    for (size_t i = 0; i < pixels->n;) {
        const size_t n = tile_size(pixels->n - i);
        WITH_TILE(n, sum_outs, product, pixels->x + i, pixels->y + i)
        i += n;
    }
}

/** One channel of some pixels: a weight is loaded once for them. */
INLINE void depthwise_tile(const ws_lanes_product *p, const float *const *x, float *const *y,
                           size_t c, int n_pixels)
{
    VEC_LANES (lane) {
        vec sums[PIXELS];
        UNROLL
        for (int i = 0; i < n_pixels; i++)
            sums[i] = p->bias != NULL ? p->bias[c] - vec_zero() : vec_zero();
        for (size_t t = 0; t < p->n_taps; t++) {
            const vec w = vec_broadcast(p->weights + p->taps[t].weights + c);
            const ptrdiff_t offset = p->taps[t].offset + (ptrdiff_t)(c * WS_LANES) + lane;
            UNROLL
            for (int i = 0; i < n_pixels; i++)
                sums[i] += w * vec_load(x[i] + offset);
        }
        UNROLL
        for (int i = 0; i < n_pixels; i++)
            vec_store(y[i] + c * WS_LANES + lane, sums[i]);
    }
}

INLINE void depthwise_pixels(const ws_lanes_product *p, const float *const *x, float *const *y,
                             int n_pixels)
{
    for (size_t c = 0; c < p->n_out; c++)
        depthwise_tile(p, x, y, c, n_pixels);
}

static void sum_depthwise(const ws_lanes_product *p, const ws_lanes_pixels *pixels)
{
    for (size_t i = 0; i < pixels->n;) {
        const size_t n = tile_size(pixels->n - i);
        WITH_TILE(n, depthwise_pixels, p, pixels->x + i, pixels->y + i)
        i += n;
    }
}

/** Where the input vectors of neighbouring rows of the weights' matrix lie. */
typedef struct weight_rows {
    ptrdiff_t offset[PIXELS];
} weight_rows;

/** Row k of the matrix [n_taps n_in, n_out] meets this vector, from a base on. */
static ptrdiff_t row_offset(const ws_lanes_product *p, size_t k)
{
    return p->taps[k / p->n_in].offset + (ptrdiff_t)(k % p->n_in * WS_LANES);
}

/** totals [n_rows, n_outs, 16]: products of n_rows rows and n_outs channels over all pixels; with
 *  `adds` to those that are there, rows `pitch` floats apart. */
INLINE void weights_tile(const ws_lanes_pairs *pairs, weight_rows rows, size_t out, int n_rows,
                         int n_outs, float *totals, size_t pitch, bool adds)
{
    VEC_LANES (lane) {
        vec sums[PIXELS][OUTS];

        UNROLL
        for (int r = 0; r < n_rows; r++) {
            UNROLL
            for (int o = 0; o < n_outs; o++)
                sums[r][o] =
                    adds ? vec_load(totals + (size_t)r * pitch + o * WS_LANES + lane) : vec_zero();
        }
        for (size_t i = 0; i < pairs->n_rows; i++) {
            const float *x = pairs->x + i * pairs->x_row + lane;
            const float *dz = pairs->dz + i * pairs->dz_row + out * WS_LANES + lane;
            for (size_t j = 0; j < pairs->n_w; j++) {
                vec given[OUTS];
                UNROLL
                for (int o = 0; o < n_outs; o++)
                    given[o] = vec_load_pinned(dz + (size_t)o * WS_LANES);
                UNROLL
                for (int r = 0; r < n_rows; r++) {
                    const vec seen = vec_load_pinned(x + rows.offset[r]);
                    UNROLL
                    for (int o = 0; o < n_outs; o++)
                        sums[r][o] += given[o] * seen;
                }
                x += pairs->x_pixel;
                dz += pairs->dz_pixel;
            }
        }
        UNROLL
        for (int r = 0; r < n_rows; r++) {
            UNROLL
            for (int o = 0; o < n_outs; o++)
                vec_store(totals + (size_t)r * pitch + o * WS_LANES + lane, sums[r][o]);
        }
    }
}

/** Adds n_outs channels from `out` on of some rows to their places in sums. */
INLINE void weights_outs(const ws_lanes_product *p, const ws_lanes_pairs *pairs,
                         const weight_rows *rows, size_t out, int n_rows, int n_outs, float *sums)
{
    float totals[PIXELS * OUTS * WS_LANES], numbers[PIXELS * OUTS];

    weights_tile(pairs, *rows, out, n_rows, n_outs, totals, (size_t)n_outs * WS_LANES, false);
    lanes_add(totals, (size_t)(n_rows * n_outs), numbers);
    for (int r = 0; r < n_rows; r++)
        for (int o = 0; o < n_outs; o++)
            sums[(size_t)r * p->n_out + out + (size_t)o] += numbers[r * n_outs + o];
}

/** Rows from k on, and channels from `out` on. What they read stays in the nearest cache while dz
 *  goes by. */
INLINE void weights_rows(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t k,
                         size_t out, float *sums, int n_rows)
{
    weight_rows rows = {0};

    for (int r = 0; r < n_rows; r++)
        rows.offset[r] = row_offset(p, k + (size_t)r);
    for (; out + OUTS <= p->n_out; out += OUTS)
        weights_outs(p, pairs, &rows, out, n_rows, OUTS, sums + k * p->n_out);
    for (; out < p->n_out; out++)
        weights_outs(p, pairs, &rows, out, n_rows, 1, sums + k * p->n_out);
}

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
    MAX_TURNED_PIXELS = TURNED_FLOATS / (WS_LANES * VEC_SIZE)
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
    float *turned = pixels->dz + pixels->n * WS_LANES * pixels->n_vecs * VEC_SIZE;

    for (size_t v = 0; v < pixels->n_vecs; v++) {
        const size_t first = v * VEC_SIZE, left = n - first < VEC_SIZE ? n - first : VEC_SIZE;
        VEC_LANES (lane) {
            vec rows[VEC_SIZE];
            UNROLL
            for (size_t i = 0; i < VEC_SIZE; i++)
                rows[i] = i < left ? vec_load(dz + (first + i) * WS_LANES + lane) : vec_zero();
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
INLINE void turned_tile(const turned_pixels *pixels, const turned_rows *to, size_t n_live,
                        int n_rows, int n_vecs, bool is_row)
{
    vec sums[MAX_TURNED_ROWS][MAX_TURNED_VECS];
    const float *dz = pixels->dz;

    UNROLL
    for (int r = 0; r < n_rows; r++)
        load_row(to->sums + (size_t)r * to->pitch, to->n, n_vecs, sums[r]);
    for (size_t i = 0; i < pixels->n; i++) {
        const float *x[MAX_TURNED_ROWS];
        UNROLL
        for (int r = 0; r < n_rows; r++)
            x[r] = pixels->x[i] + (is_row ? to->offset[0] + r * WS_LANES : to->offset[r]);
        for (size_t lane = 0; lane < n_live; lane++) {
            vec given[MAX_TURNED_VECS];
            UNROLL
            for (int v = 0; v < n_vecs; v++)
                given[v] = vec_load_pinned(dz + (lane * (size_t)n_vecs + (size_t)v) * VEC_SIZE);
            UNROLL
            for (int r = 0; r < n_rows; r++) {
                const vec seen = vec_broadcast(x[r] + lane);
                UNROLL
                for (int v = 0; v < n_vecs; v++)
                    sums[r][v] += given[v] * seen;
            }
        }
        dz += WS_LANES * n_vecs * VEC_SIZE;
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
                turned_tile(pixels, &rows, n_live, (int)n_rows, n_vecs, true);
            else
                turned_tile(pixels, &rows, n_live, (int)n_rows, n_vecs, false);
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
    const size_t most = TURNED_FLOATS / (WS_LANES * pixels.n_vecs * VEC_SIZE);
    for (size_t i = 0; i < pairs->n_rows; i++) {
        const float *x = pairs->x + i * pairs->x_row;
        const float *dz = pairs->dz + i * pairs->dz_row + out * WS_LANES;
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

static void weights(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    const size_t n_k = p->n_taps * p->n_in, rest = p->n_out % VEC_SIZE;
    size_t n_turned = rest > VEC_SIZE / 2 ? p->n_out : p->n_out - rest;

    if (n_k < MAX_TURNED_ROWS)
        n_turned = 0;
    for (size_t out = 0; out < n_turned;) {
        const size_t most = (size_t)MAX_TURNED_VECS * VEC_SIZE;
        const size_t n = n_turned - out < most ? n_turned - out : most;
        weights_turned(p, pairs, out, n, sums);
        out += n;
    }
    for (size_t k = 0; k < n_k && n_turned < p->n_out;) {
        const size_t n = tile_size(n_k - k);
        WITH_TILE(n, weights_rows, p, pairs, k, n_turned, sums)
        k += n;
    }
}

/** Adds some taps of channel c to sums [n_taps, n_out, 16]. */
INLINE void depthwise_taps(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t tap,
                           size_t c, int n_taps, float *sums)
{
    weight_rows rows = {0};
    ws_lanes_pairs of_channel = *pairs;

    of_channel.x += c * WS_LANES;
    for (int t = 0; t < n_taps; t++)
        rows.offset[t] = p->taps[tap + (size_t)t].offset;
    weights_tile(&of_channel, rows, c, n_taps, 1, sums + (tap * p->n_out + c) * WS_LANES,
                 p->n_out * WS_LANES, true);
}

static void weights_depthwise(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    size_t t = 0;

    for (; t + 3 <= p->n_taps; t += 3)
        for (size_t c = 0; c < p->n_out; c++)
            depthwise_taps(p, pairs, t, c, 3, sums);
    for (; t < p->n_taps; t++)
        for (size_t c = 0; c < p->n_out; c++)
            depthwise_taps(p, pairs, t, c, 1, sums);
}

const ws_lanes_products LEVEL_NAME(ws_lanes_products) = {
    .sum = sum,
    .sum_depthwise = sum_depthwise,
    .weights = weights,
    .weights_depthwise = weights_depthwise,
};
