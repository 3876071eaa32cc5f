/**
 * Products of a dense layer, x [n, in] w [in, out], compiled once per instruction set. Lanes are
 * outputs, or on the way to dx inputs; numbers of the other factor are broadcast. With few outputs
 * these are 16 lanes: x is read once a pass, which is all the time that it takes, and w and sums
 * stay near. Layers of many outputs go by panels of 32 lanes (common/panel.h).
 *
 * Sums and dy are [n, out_stride], out_stride = ws_dense_out_stride(out): whole vectors, zeros
 * after the last output.
 */
#ifndef WS_NN_ENGINE_GEMM_DENSE_KERNELS_H
#define WS_NN_ENGINE_GEMM_DENSE_KERNELS_H

#include <stdbool.h>

#include "base/cpu.h"
#include "nn/engine/common/shards.h"
#include "nn/engine/engine.h"

enum {
    WS_DENSE_LANES = 16,
    WS_DENSE_CHUNK = 256,    /* rows of w that are laid out in lanes at a time */
    WS_DENSE_MIN_WIDE = 64,  /* outputs of a layer that goes by panels */
    WS_DENSE_PANEL = 32,     /* lanes of these */
    WS_DENSE_TILE_ROWS = 24, /* rows of dw that are summed at a time there */
};

typedef struct ws_dense_product {
    size_t n, n_in, n_out;
    const float *x;          /* [n, n_in] */
    const float *w;          /* [n_in, n_out] */
    float *work;             /* [ws_dense_work_floats] of the calling thread */
    const ws_shards *shards; /* of the n rows, whose dw are summed apart; backward only */
} ws_dense_product;

static inline bool ws_dense_is_wide(size_t n_out)
{
    return n_out >= WS_DENSE_MIN_WIDE;
}

static inline size_t ws_dense_out_stride(size_t n_out)
{
    const size_t lanes = ws_dense_is_wide(n_out) ? WS_DENSE_PANEL : WS_DENSE_LANES;
    return (n_out + lanes - 1) / lanes * lanes;
}

/** @param n  most rows of x */
static inline size_t ws_dense_work_floats(size_t n, size_t n_out)
{
    const size_t n_rows = n_out > WS_DENSE_CHUNK ? n_out : WS_DENSE_CHUNK;
    const size_t n_tiles = (1 + WS_MAX_SHARD_LEVELS) * WS_DENSE_TILE_ROWS; /* of sums of shards */

    if (!ws_dense_is_wide(n_out))
        return n_rows * WS_DENSE_LANES;
    return (n_rows + (n > n_tiles ? n : n_tiles) + n) * WS_DENSE_PANEL;
}

typedef struct ws_dense_kernels {
    /** sums [n, out_stride] = x[:, part] w[part, :] */
    void (*forward)(const ws_dense_product *product, ws_range part, float *sums);
    /** dw[part, :] = x[:, part]^T dy, and dx[:, part] = dy w[part, :]^T
     *  @param dw, dx  [n_in, n_out] and [n, n_in]; dx may be NULL: not wanted */
    void (*backward)(const ws_dense_product *product, ws_range part, const float *dy, float *dw,
                     float *dx);
} ws_dense_kernels;

const ws_dense_kernels *ws_dense_kernels_get(ws_cpu_level level);

#endif
