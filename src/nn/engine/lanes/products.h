/**
 * The products of convolutions whose lanes are samples, compiled once per instruction set.
 *
 * Arrays are [h, w, c, 16]: the 16 samples of a block lie side by side, and a vector operation does
 * the same to all of them. So a weight is one number for all lanes, any number of channels fills
 * the vectors, and strides, dilation and padding are distances between pointers.
 *
 * A block of at most 4 samples is [h, w, c, 4], and has kernels of its own: a vector that is longer
 * holds neighbouring channels.
 *
 * A **pixel** is c vectors. What an output pixel sums is a list of **taps**: how far the pixel that
 * it reads lies from the output's own base, and which weights it meets. Convolutions, their
 * gradients by the input and those with strides are the same sums over other lists.
 */
#ifndef WS_NN_ENGINE_LANES_PRODUCTS_H
#define WS_NN_ENGINE_LANES_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cpu.h"

enum {
    WS_LANES = 16,            /* samples of a block */
    WS_FEW_LANES = 4,         /* of a block that is not full and has at most 4 samples */
    WS_LANES_MAX_PIXELS = 64, /* of one call */
    WS_LANES_MAX_AHEAD = 24   /* runs of floats */
};

/** Runs of floats in memory that later steps read. A kernel with much arithmetic asks for their
 *  lines, so that they come to a near cache while the memory has nothing else to do. */
typedef struct ws_lanes_ahead {
    struct {
        const float *at;
        size_t n;
    } runs[WS_LANES_MAX_AHEAD];
    size_t n, next; /* runs, and the first of which something is left */
} ws_lanes_ahead;

typedef struct ws_lanes_tap {
    ptrdiff_t offset; /* floats from a base to the pixel that is read, in a block of 16 lanes */
    size_t weights;   /* floats from the start of the weights to those of the tap */
} ws_lanes_tap;

/** What all pixels of a call have in common. */
typedef struct ws_lanes_product {
    const ws_lanes_tap *taps; /* [n_taps] */
    size_t n_taps;
    size_t n_in, n_out;    /* channels; depthwise: both the same */
    const float *weights;  /* a tap's: [n_in, n_out]; depthwise: [n_out] */
    const float *bias;     /* [n_out], or NULL */
    ws_lanes_ahead *ahead; /* what to ask for meanwhile, or NULL */
} ws_lanes_product;

/** Pixels to do: y[i], of n_out vectors, is filled from those at x[i] + offset of each tap. */
typedef struct ws_lanes_pixels {
    const float *x[WS_LANES_MAX_PIXELS];
    float *y[WS_LANES_MAX_PIXELS];
    float *kept[WS_LANES_MAX_PIXELS]; /* where y[i] is also written around the caches, or NULL */
    size_t n;
} ws_lanes_pixels;

/** The gradient dz of a convolution's output, and what its window saw: rows of pixels. */
typedef struct ws_lanes_pairs {
    const float *x;          /* base of the first output pixel; taps lead from there */
    size_t x_row, x_pixel;   /* floats from one output row or pixel to the next */
    const float *dz;         /* [n_rows, n_w, n_out, lanes], rows dz_row floats apart */
    size_t dz_row, dz_pixel; /* likewise */
    size_t n_rows, n_w;
    size_t n_live; /* lanes with a sample, which come first; dz is zero in the others */
} ws_lanes_pairs;

typedef struct ws_lanes_products {
    bool keeps; /* whether `kept` of pixels is heeded: a vector is a line of the cache */
    /** y = sum of taps and input channels, and the bias. */
    void (*sum)(const ws_lanes_product *product, const ws_lanes_pixels *pixels);
    /** Channel by channel: y = sum of taps, and the bias. */
    void (*sum_depthwise)(const ws_lanes_product *product, const ws_lanes_pixels *pixels);
    /** sums [n_taps, n_in, n_out] += gradient of the weights, tap after tap, over all pixels and
     *  lanes. The taps' weights and the product's are not read. */
    void (*weights)(const ws_lanes_product *product, const ws_lanes_pairs *pairs, float *sums);
    /** sums [n_taps, n_out, lanes] likewise, of each lane. */
    void (*weights_depthwise)(const ws_lanes_product *product, const ws_lanes_pairs *pairs,
                              float *sums);
} ws_lanes_products;

const ws_lanes_products *ws_lanes_products_get(ws_cpu_level level);

/** For blocks of WS_FEW_LANES. */
typedef ws_lanes_products ws_lanes_products_few;
const ws_lanes_products_few *ws_lanes_products_few_get(ws_cpu_level level);

/** Lanes of a block with that many samples. */
static inline size_t ws_lanes_block_width(size_t n_samples)
{
    return n_samples <= WS_FEW_LANES ? WS_FEW_LANES : WS_LANES;
}

/** Lanes of all blocks of a batch of n samples. A smaller batch never has more. */
static inline size_t ws_lanes_count_lanes(size_t n)
{
    const size_t rest = n % WS_LANES;
    return n - rest + (rest > 0 ? ws_lanes_block_width(rest) : 0);
}

#endif
