/* The kernels of products.h, compiled once per instruction set. */
#include "nn/engine/lanes/products.h"

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

/** totals [n_rows, n_outs, 16]: products of n_rows rows and n_outs channels over all pixels. */
INLINE void weights_tile(const ws_lanes_pairs *pairs, weight_rows rows, size_t out, int n_rows,
                         int n_outs, float *totals)
{
    VEC_LANES (lane) {
        vec sums[PIXELS][OUTS];

        UNROLL
        for (int r = 0; r < n_rows; r++) {
            UNROLL
            for (int o = 0; o < n_outs; o++)
                sums[r][o] = vec_zero();
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
                vec_store(totals + (r * n_outs + o) * WS_LANES + lane, sums[r][o]);
        }
    }
}

/** n_outs channels from `out` on of some rows, to their places in sums. */
INLINE void weights_outs(const ws_lanes_product *p, const ws_lanes_pairs *pairs,
                         const weight_rows *rows, size_t out, int n_rows, int n_outs, float *sums)
{
    float totals[PIXELS * OUTS * WS_LANES], numbers[PIXELS * OUTS];

    weights_tile(pairs, *rows, out, n_rows, n_outs, totals);
    lanes_add(totals, (size_t)(n_rows * n_outs), numbers);
    for (int r = 0; r < n_rows; r++)
        memcpy(sums + (size_t)r * p->n_out + out, numbers + r * n_outs,
               (size_t)n_outs * sizeof *sums);
}

/** Rows from k on. What they read stays in the nearest cache while dz goes by. */
INLINE void weights_rows(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t k,
                         float *sums, int n_rows)
{
    weight_rows rows = {0};
    size_t out = 0;

    for (int r = 0; r < n_rows; r++)
        rows.offset[r] = row_offset(p, k + (size_t)r);
    for (; out + OUTS <= p->n_out; out += OUTS)
        weights_outs(p, pairs, &rows, out, n_rows, OUTS, sums + k * p->n_out);
    for (; out < p->n_out; out++)
        weights_outs(p, pairs, &rows, out, n_rows, 1, sums + k * p->n_out);
}

static void weights(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    const size_t n_k = p->n_taps * p->n_in;

    for (size_t k = 0; k < n_k;) {
        const size_t n = tile_size(n_k - k);
        WITH_TILE(n, weights_rows, p, pairs, k, sums)
        k += n;
    }
}

/** Some taps of channel c. */
INLINE void depthwise_taps(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t tap,
                           size_t c, int n_taps, float *sums)
{
    float totals[PIXELS * WS_LANES], numbers[PIXELS];
    weight_rows rows = {0};
    ws_lanes_pairs of_channel = *pairs;

    of_channel.x += c * WS_LANES;
    for (int t = 0; t < n_taps; t++)
        rows.offset[t] = p->taps[tap + (size_t)t].offset;
    weights_tile(&of_channel, rows, c, n_taps, 1, totals);
    lanes_add(totals, (size_t)n_taps, numbers);
    for (int t = 0; t < n_taps; t++)
        sums[(tap + (size_t)t) * p->n_out + c] = numbers[t];
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
