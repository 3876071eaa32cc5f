/* The kernels of products.h, compiled once per instruction set and width of a block. */
#include "nn/engine/lanes/products.h"

#include "nn/engine/lanes/taps_vec.h"
#if WS_BLOCK_LANES == 16
#include "nn/engine/lanes/turned_vec.h"
#endif

/* Sums in registers: a tile of pixels (or taps) by OUTS channels. */
#if VEC_SIZE == 16
enum { PIXELS = 6, OUTS = 4 };
#else
enum { PIXELS = 3, OUTS = 4 };
#endif

/** Whether a vector is a line of the cache: only these are written around the caches one by one. */
enum { KEEPS = VEC_SIZE == 16 && LANES == 16 };

/** Stores a vector of pixel i. */
INLINE void put_pixel(const ws_lanes_pixels *pixels, size_t i, size_t at, vec v, size_t n)
{
    vec_store_channels(pixels->y[i] + at, v, n);
    if (KEEPS && pixels->kept[i] != NULL)
        vec_stream(pixels->kept[i] + at, v);
}

/** n_outs vectors of n channels each from `out` on, of n_pixels pixels. */
INLINE void sum_tile(const ws_lanes_product *p, const ws_lanes_pixels *pixels, size_t first,
                     size_t out, int n_pixels, int n_outs, size_t n, int lane)
{
    const float *const *x = pixels->x + first;
    vec sums[PIXELS][OUTS];

    UNROLL
    for (int i = 0; i < n_pixels; i++) {
        UNROLL
        for (int o = 0; o < n_outs; o++)
            sums[i][o] = p->bias != NULL
                             ? vec_of_channels(p->bias + out + (size_t)o * VEC_CHANNELS, n)
                             : vec_zero();
    }
    asked_lines lines = take_lines(p->ahead, p->n_taps * p->n_in, x[0]);
    for (size_t t = 0; t < p->n_taps; t++) {
        const float *weights = p->weights + p->taps[t].weights + out;
        const float *from[PIXELS];
        UNROLL
        for (int i = 0; i < n_pixels; i++)
            from[i] = x[i] + tap_offset(&p->taps[t]) + lane;
        for (size_t k = 0; k < p->n_in; k++, weights += p->n_out) {
            vec w[OUTS];
            ask_line(&lines);
            UNROLL
            for (int o = 0; o < n_outs; o++)
                w[o] = vec_of_channels_pinned(weights + o * VEC_CHANNELS, n);
            UNROLL
            for (int i = 0; i < n_pixels; i++) {
                const vec seen = vec_repeat_pinned(from[i] + k * LANES);
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
            put_pixel(pixels, first + (size_t)i, out * LANES + (size_t)o * GROUP + (size_t)lane,
                      sums[i][o], n);
    }
}

INLINE void sum_outs(const ws_lanes_product *p, const ws_lanes_pixels *pixels, size_t first,
                     int n_pixels)
{
    BLOCK_LANES(lane)
    {
        size_t out = 0;
        for (; out + OUTS * VEC_CHANNELS <= p->n_out; out += OUTS * VEC_CHANNELS)
            sum_tile(p, pixels, first, out, n_pixels, OUTS, VEC_CHANNELS, lane);
        for (; out + VEC_CHANNELS <= p->n_out; out += VEC_CHANNELS)
            sum_tile(p, pixels, first, out, n_pixels, 1, VEC_CHANNELS, lane);
        if (VEC_CHANNELS > 1 && out < p->n_out)
            sum_tile(p, pixels, first, out, n_pixels, 1, p->n_out - out, lane);
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
        WITH_TILE(n, sum_outs, product, pixels, i)
        i += n;
    }
}

/** n channels from c on, that vectors hold together, of some pixels: a weight is loaded once for
 *  them. */
INLINE void depthwise_tile(const ws_lanes_product *p, const ws_lanes_pixels *pixels, size_t first,
                           size_t c, size_t n, int n_pixels)
{
    const float *const *x = pixels->x + first;

    BLOCK_LANES(lane)
    {
        const size_t at = c * LANES + (size_t)lane;
        vec sums[PIXELS];
        UNROLL
        for (int i = 0; i < n_pixels; i++)
            sums[i] = p->bias != NULL ? vec_of_channels(p->bias + c, n) : vec_zero();
        for (size_t t = 0; t < p->n_taps; t++) {
            const vec w = vec_of_channels_pinned(p->weights + p->taps[t].weights + c, n);
            const ptrdiff_t offset = tap_offset(&p->taps[t]) + (ptrdiff_t)at;
            UNROLL
            for (int i = 0; i < n_pixels; i++)
                sums[i] += w * vec_load_channels(x[i] + offset, n);
        }
        UNROLL
        for (int i = 0; i < n_pixels; i++)
            put_pixel(pixels, first + (size_t)i, at, sums[i], n);
    }
}

INLINE void depthwise_pixels(const ws_lanes_product *p, const ws_lanes_pixels *pixels, size_t first,
                             int n_pixels)
{
    size_t c = 0;

    for (; c + VEC_CHANNELS <= p->n_out; c += VEC_CHANNELS)
        depthwise_tile(p, pixels, first, c, VEC_CHANNELS, n_pixels);
    if (VEC_CHANNELS > 1 && c < p->n_out)
        depthwise_tile(p, pixels, first, c, p->n_out - c, n_pixels);
}

static void sum_depthwise(const ws_lanes_product *p, const ws_lanes_pixels *pixels)
{
    for (size_t i = 0; i < pixels->n;) {
        const size_t n = tile_size(pixels->n - i);
        WITH_TILE(n, depthwise_pixels, p, pixels, i)
        i += n;
    }
}

/** Where the input vectors of neighbouring rows of the weights' matrix lie. */
typedef struct weight_rows {
    ptrdiff_t offset[PIXELS];
} weight_rows;

#if WS_BLOCK_LANES != 16
/** Vectors of few lanes hold channels already. @return how many output channels have been done */
static size_t add_turned_outs(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    (void)p, (void)pairs, (void)sums;
    return 0;
}
#endif

/** What a tile of gradients of weights has, known when its loop is compiled. */
typedef struct weights_parts {
    int n_rows, n_outs; /* vectors of n channels each */
    size_t n;
    bool is_depthwise; /* each channel meets its own, and what is there is added to */
} weights_parts;

/** Products of n_rows rows and some channels over all pixels, [n_rows, n_outs vectors] in totals,
 *  rows `pitch` floats apart. */
INLINE void weights_tile(const ws_lanes_pairs *pairs, ws_lanes_ahead *ahead, weight_rows rows,
                         size_t out, weights_parts parts, float *totals, size_t pitch)
{
    BLOCK_LANES(lane)
    {
        vec sums[PIXELS][OUTS];

        UNROLL
        for (int r = 0; r < parts.n_rows; r++) {
            UNROLL
            for (int o = 0; o < parts.n_outs; o++)
                sums[r][o] =
                    parts.is_depthwise
                        ? vec_load_channels(totals + (size_t)r * pitch + o * GROUP + lane, parts.n)
                        : vec_zero();
        }
        asked_lines lines =
            take_lines(parts.is_depthwise ? NULL : ahead, pairs->n_rows * pairs->n_w, pairs->x);
        for (size_t i = 0; i < pairs->n_rows; i++) {
            const float *x = pairs->x + i * pairs->x_row + lane;
            const float *dz = pairs->dz + i * pairs->dz_row + out * LANES + lane;
            for (size_t j = 0; j < pairs->n_w; j++) {
                vec given[OUTS];
                if (!parts.is_depthwise)
                    ask_line(&lines);
                UNROLL
                for (int o = 0; o < parts.n_outs; o++)
                    given[o] = vec_load_channels_pinned(dz + (size_t)o * GROUP, parts.n);
                UNROLL
                for (int r = 0; r < parts.n_rows; r++) {
                    const float *at = x + rows.offset[r];
                    const vec seen = parts.is_depthwise ? vec_load_channels_pinned(at, parts.n)
                                                        : vec_repeat_pinned(at);
                    UNROLL
                    for (int o = 0; o < parts.n_outs; o++)
                        sums[r][o] += given[o] * seen;
                }
                x += pairs->x_pixel;
                dz += pairs->dz_pixel;
            }
        }
        UNROLL
        for (int r = 0; r < parts.n_rows; r++) {
            UNROLL
            for (int o = 0; o < parts.n_outs; o++)
                vec_store_channels(totals + (size_t)r * pitch + o * GROUP + lane, sums[r][o],
                                   parts.is_depthwise ? parts.n : VEC_CHANNELS);
        }
    }
}

/** Adds some channels from `out` on of some rows to their places in sums. */
INLINE void weights_outs(const ws_lanes_product *p, const ws_lanes_pairs *pairs,
                         const weight_rows *rows, size_t out, weights_parts parts, float *sums)
{
    const size_t n_outs = (size_t)parts.n_outs * VEC_CHANNELS;
    float totals[PIXELS * OUTS * GROUP], numbers[PIXELS * OUTS * VEC_CHANNELS];

    weights_tile(pairs, p->ahead, *rows, out, parts, totals, n_outs * LANES);
    lanes_add(totals, (size_t)parts.n_rows * n_outs, numbers);
    for (size_t r = 0; r < (size_t)parts.n_rows; r++)
        for (size_t o = 0; o < (parts.n < VEC_CHANNELS ? parts.n : n_outs); o++)
            sums[r * p->n_out + out + o] += numbers[r * n_outs + o];
}

/** Rows from k on, and channels from `out` on. What they read stays in the nearest cache while dz
 *  goes by. */
INLINE void weights_rows(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t k,
                         size_t out, float *sums, int n_rows)
{
    weight_rows rows = {0};

    for (int r = 0; r < n_rows; r++)
        rows.offset[r] = row_offset(p, k + (size_t)r);
    sums += k * p->n_out;
    for (; out + OUTS * VEC_CHANNELS <= p->n_out; out += OUTS * VEC_CHANNELS)
        weights_outs(p, pairs, &rows, out, (weights_parts){n_rows, OUTS, VEC_CHANNELS, false},
                     sums);
    for (; out + VEC_CHANNELS <= p->n_out; out += VEC_CHANNELS)
        weights_outs(p, pairs, &rows, out, (weights_parts){n_rows, 1, VEC_CHANNELS, false}, sums);
    if (VEC_CHANNELS > 1 && out < p->n_out)
        weights_outs(p, pairs, &rows, out, (weights_parts){n_rows, 1, p->n_out - out, false}, sums);
}

static void weights(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    const size_t n_k = p->n_taps * p->n_in, n_turned = add_turned_outs(p, pairs, sums);

    for (size_t k = 0; k < n_k && n_turned < p->n_out;) {
        const size_t n = tile_size(n_k - k);
        WITH_TILE(n, weights_rows, p, pairs, k, n_turned, sums)
        k += n;
    }
}

/** Adds some taps of n channels from c on, that vectors hold together, to sums
 *  [n_taps, n_out, LANES]. */
INLINE void depthwise_taps(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t tap,
                           size_t c, size_t n, int n_taps, float *sums)
{
    weight_rows rows = {0};
    ws_lanes_pairs of_channel = *pairs;

    of_channel.x += c * LANES;
    for (int t = 0; t < n_taps; t++)
        rows.offset[t] = tap_offset(&p->taps[tap + (size_t)t]);
    weights_tile(&of_channel, p->ahead, rows, c, (weights_parts){n_taps, 1, n, true},
                 sums + (tap * p->n_out + c) * LANES, p->n_out * LANES);
}

/** Some taps of all channels. */
INLINE void depthwise_rows(const ws_lanes_product *p, const ws_lanes_pairs *pairs, size_t tap,
                           int n_taps, float *sums)
{
    size_t c = 0;

    for (; c + VEC_CHANNELS <= p->n_out; c += VEC_CHANNELS)
        depthwise_taps(p, pairs, tap, c, VEC_CHANNELS, n_taps, sums);
    if (VEC_CHANNELS > 1 && c < p->n_out)
        depthwise_taps(p, pairs, tap, c, p->n_out - c, n_taps, sums);
}

static void weights_depthwise(const ws_lanes_product *p, const ws_lanes_pairs *pairs, float *sums)
{
    size_t t = 0;

    for (; t + 3 <= p->n_taps; t += 3)
        depthwise_rows(p, pairs, t, 3, sums);
    for (; t < p->n_taps; t++)
        depthwise_rows(p, pairs, t, 1, sums);
}

const ws_lanes_products LANES_TABLE(ws_lanes_products) = {
    .keeps = KEEPS,
    .sum = sum,
    .sum_depthwise = sum_depthwise,
    .weights = weights,
    .weights_depthwise = weights_depthwise,
};
