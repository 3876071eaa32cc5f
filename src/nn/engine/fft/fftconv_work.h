/** Private: how the products at a frequency divide their scratch memory. */
#ifndef WS_NN_ENGINE_FFT_FFTCONV_WORK_H
#define WS_NN_ENGINE_FFT_FFTCONV_WORK_H

#include "nn/engine/common/shards.h"
#include "nn/engine/fft/fftconv.h"

/** Floats from one sample to the next in packed conj X: three parts, an odd number of lines. */
static inline size_t fftconv_conjugate_stride(const ws_fftconv *conv)
{
    const size_t n_lines = 3 * (size_t)conv->in_blocks;
    return (n_lines | 1) * WS_CONV_LANES;
}

typedef struct fftconv_work {
    float *b;      /* packed V (forward) or dY (gradient of the weights) */
    float *a;      /* re + im of X (forward), or packed conj X */
    float *b_data; /* packed conj V^T */
    float *sums;   /* re + im of dY */
    float *nodes;  /* [WS_MAX_SHARD_LEVELS, n_in, out_blocks * 32] dV of right halves of shards */
    float *end;
} fftconv_work;

static inline fftconv_work fftconv_work_divide(const ws_fftconv *conv, float *memory)
{
    const ws_fftconv_shape *shape = &conv->shape;
    const size_t n = (size_t)shape->n;
    const size_t in = (size_t)conv->in_blocks * WS_CONV_LANES;
    const size_t out = (size_t)conv->out_blocks * WS_CONV_LANES;
    const size_t n_k = shape->n > shape->n_in ? n : (size_t)shape->n_in;
    fftconv_work work;

    work.b = memory;
    work.a = work.b + 3 * n_k * out;
    work.b_data = work.a + n * fftconv_conjugate_stride(conv);
    work.sums = work.b_data + 3 * (size_t)shape->n_out * in;
    work.nodes = work.sums + n * out;
    work.end = work.nodes + (size_t)WS_MAX_SHARD_LEVELS * (size_t)shape->n_in * 2 * out;
    return work;
}

#endif
