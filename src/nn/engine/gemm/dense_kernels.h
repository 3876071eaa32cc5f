/**
 * Products of a dense layer of few outputs, x [n, in] w [in, out], compiled once per instruction
 * set. Lanes are 16 outputs, or on the way to dx 16 inputs; numbers of the other factor are
 * broadcast. So x is read once a pass, which is all the time that it takes: w and sums stay near.
 *
 * Sums and dy are [n, out_stride], out_stride = ws_dense_out_stride(out): whole vectors, zeros
 * behind the last output.
 */
#ifndef WS_NN_ENGINE_GEMM_DENSE_KERNELS_H
#define WS_NN_ENGINE_GEMM_DENSE_KERNELS_H

#include "base/cpu.h"
#include "nn/engine/common/shards.h"
#include "nn/engine/engine.h"

enum {
    WS_DENSE_LANES = 16,
    WS_DENSE_CHUNK = 256, /* rows of w that are laid out in lanes at a time */
};

typedef struct ws_dense_product {
    size_t n, n_in, n_out;
    const float *x;          /* [n, n_in] */
    const float *w;          /* [n_in, n_out] */
    float *work;             /* [ws_dense_work_floats] of the calling thread */
    const ws_shards *shards; /* of the n rows, whose dw are summed apart; backward only */
} ws_dense_product;

static inline size_t ws_dense_out_stride(size_t n_out)
{
    return (n_out + WS_DENSE_LANES - 1) / WS_DENSE_LANES * WS_DENSE_LANES;
}

static inline size_t ws_dense_work_floats(size_t n_out)
{
    return (n_out > WS_DENSE_CHUNK ? n_out : WS_DENSE_CHUNK) * WS_DENSE_LANES;
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
