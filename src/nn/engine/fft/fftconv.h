/**
 * Convolution layers of stride 1 by FFT: any kernel, padding, image and number of channels.
 * README.md in this folder draws the way of a batch through these functions.
 *
 *     y[n, i, j, co] = sum over a, b, ci of x[n, i + a - pad_top, j + b - pad_left, ci]
 *                                           w[a, b, ci, co]
 *
 * is, in each pair of channels, a circular convolution with the reversed kernel
 * v[pad_top - a, pad_left - b] = w[a, b] / (n_h n_w), on any grid of at least
 *
 *     n_h >= max(in_h + pad_top, out_h + kernel_h - 1 - pad_top, kernel_h), n_w alike
 *
 * (H + max(pad) for SAME padding and H for VALID: what wraps around the edge falls outside of what
 * is read). With capital letters for spectra, at each frequency there is left a small complex
 * matrix product over channels or samples:
 *
 *     forward             Y[n, co]   = sum over ci of  X[n, ci] V[ci, co]
 *     gradient of x       dX[n, ci]  = sum over co of  dY[n, co] conj V[ci, co]
 *     gradient of w       dV[ci, co] = sum over n of   conj X[n, ci] dY[n, co]
 *
 * A tile is one sample's 16 channels, [h, w, 16]; channels beyond the last are zero in input tiles
 * and come out as zero. A spectrum is [frequency][row][block of 16 channels][re 16 | im 16], row =
 * sample or input channel, its frequencies an odd number of cache lines apart so that they spread
 * over the sets of the cache.
 *
 * Every function works on the part that its arguments name, writes nothing else (but its work),
 * and sums in an order that does not depend on that division: parts may be done by any threads.
 * work: ws_fftconv.work_floats floats of the calling thread. All pointers are aligned to 64 bytes,
 * except to weights and their gradient. Between a function that writes spectra and one that reads
 * them on another thread there must be a barrier.
 */
#ifndef WS_NN_ENGINE_FFT_FFTCONV_H
#define WS_NN_ENGINE_FFT_FFTCONV_H

#include <stdbool.h>

#include "fft/conv_fft.h"

typedef struct ws_fftconv_shape {
    int n;                /* samples, the most that are done at once */
    int in_h, in_w, n_in; /* input image and channels */
    int out_h, out_w, n_out;
    int kernel_h, kernel_w;
    int pad_top, pad_left;   /* zeros before the image; those behind follow from out_h, out_w */
    bool weights_by_channel; /* [n_in, kernel_h, kernel_w, n_out] instead of [kernel_h, kernel_w,
                                n_in, n_out]; n_in > 1 */
    bool is_first;           /* no gradient of x is wanted: for costs only */
} ws_fftconv_shape;

typedef struct ws_fftconv_kernels ws_fftconv_kernels; /* private: fftconv_kernels.h */

/** A layer's plan. Plain data without owned memory; fixed after ws_fftconv_init. */
typedef struct ws_fftconv {
    ws_fftconv_shape shape;
    int in_blocks, out_blocks; /* of 16 channels */
    ws_conv_fft fft;
    ws_conv_window input, output, kernel;
    size_t x_stride, y_stride, v_stride; /* floats from one frequency to the next */
    size_t x_floats, y_floats, v_floats; /* of whole spectra: X and dX, Y and dY, V and dV */
    size_t work_floats;
    const ws_conv_kernels *transform;
    const ws_fftconv_kernels *kernels;
} ws_fftconv;

/**
 * Plans a layer and picks the cheapest grid.
 *
 * @param shape  pads smaller than the kernel; no output that sees nothing but padding
 * @return WS_OK, or WS_ELIMIT if the image is too large for any grid
 */
WS_MUST_CHECK ws_status ws_fftconv_init(ws_fftconv *conv, const ws_fftconv_shape *shape,
                                        ws_cpu_level level, ws_error *err);

/** Vector operations of one training step with this plan, for the choice between methods. */
double ws_fftconv_cost_get(const ws_fftconv *conv);

/* ---- spectra of one tile: forward and inverse transforms ---- */

/** X of a tile [in_h, in_w, 16], and a tile of the gradient from dX; meanwhile dX of the next
 *  sample's same block is fetched into cache. */
void ws_fftconv_input_forward(const ws_fftconv *conv, const float *tile, int n, int block, float *x,
                              float *work);
void ws_fftconv_input_inverse(const ws_fftconv *conv, const float *dx, int n, int block,
                              float *tile, float *work);

/** dY of a tile [out_h, out_w, 16], and a tile of the output from Y; meanwhile Y of the next block
 *  is fetched. */
void ws_fftconv_output_forward(const ws_fftconv *conv, const float *tile, int n, int block,
                               float *dy, float *work);
void ws_fftconv_output_inverse(const ws_fftconv *conv, const float *y, int n, int block,
                               float *tile, float *work);

/** dY of a tile whose rows went through
 *  conv->transform->rows_forward(&conv->fft, &conv->output, rows, first, n, work). */
void ws_fftconv_output_forward_columns(const ws_fftconv *conv, int n, int block, float *dy,
                                       float *work);

/** ws_fftconv_output_inverse and _input_inverse without their last stage, for callers that take
 *  the image row by row while it is in the nearest cache:
 *  conv->transform->rows_inverse(&conv->fft, &conv->output, rows, first, n, work). */
void ws_fftconv_output_inverse_columns(const ws_fftconv *conv, const float *y, int n, int block,
                                       float *work);
void ws_fftconv_input_inverse_columns(const ws_fftconv *conv, const float *dx, int n, int block,
                                      float *work);

/* ---- weights, [kernel_h, kernel_w, n_in, n_out] or by channel ---- */

/** V of input channels first .. end - 1. */
void ws_fftconv_weights_forward(const ws_fftconv *conv, const float *weights, int first, int end,
                                float *v, float *work);
/** Their gradient (stored, not added) from dV. */
void ws_fftconv_weights_inverse(const ws_fftconv *conv, const float *dv, int first, int end,
                                float *gradient, float *work);

/* ---- products, at frequencies first .. end - 1 of conv->fft.n_freqs ---- */

typedef struct ws_fftconv_forward {
    const float *x, *v;
    float *y;
    int n; /* samples in use, at most shape.n */
} ws_fftconv_forward;

void ws_fftconv_product_forward(const ws_fftconv *conv, const ws_fftconv_forward *product,
                                int first, int end, float *work);

typedef struct ws_fftconv_backward {
    const float *x, *v, *dy;
    float *dx; /* may be x; NULL: not wanted */
    float *dv; /* may be v */
    int n;
    const struct ws_shards *shards; /* of the n samples, whose dV are summed apart; NULL: one */
} ws_fftconv_backward;

void ws_fftconv_product_backward(const ws_fftconv *conv, const ws_fftconv_backward *product,
                                 int first, int end, float *work);

/** Gradient of the bias of one block of output channels: the sum of y's gradient over samples and
 *  places, of which dY's frequency 0 has the places. */
void ws_fftconv_bias_gradient(const ws_fftconv *conv, const float *dy, int n, int block,
                              float out[WS_CONV_LANES]);

/* ---- layers with one input channel (n_in = 1): no matrices, no spectrum of the output ----
 *
 * X is [n][frequency][re, im], one real number each, and is transformed with 16 samples as lanes;
 * V is [block][frequency][re 16 | im 16]. The gradient of x is not computed. */

/** Floats of one sample's X; of V or dV of one block. */
size_t ws_fftconv_one_x_get_floats(const ws_fftconv *conv);
size_t ws_fftconv_one_v_get_floats(const ws_fftconv *conv);

/** X of samples first .. first + n - 1 (n up to 16). images, x: [., in_h, in_w] and X of the first
 *  of them. images need not be aligned. */
void ws_fftconv_one_input_forward(const ws_fftconv *conv, const float *images, int n, float *x,
                                  float *work);

/** V of one block of output channels. */
void ws_fftconv_one_weights_forward(const ws_fftconv *conv, const float *weights, int block,
                                    float *v, float *work);

/** Y = X V of one sample and block, and back through the columns: the rows are then taken with
 *  conv->transform->rows_inverse(&conv->fft, &conv->output, rows, first, n, work). */
void ws_fftconv_one_output_columns(const ws_fftconv *conv, const float *x, const float *v,
                                   float *work);

/** dV += conj X dY of one sample and block, whose rows went through
 *  conv->transform->rows_forward(&conv->fft, &conv->output, rows, first, n, work). */
void ws_fftconv_one_weights_add(const ws_fftconv *conv, const float *x, float *dv, float *work);

/** The gradient of one block's weights (stored, not added). */
void ws_fftconv_one_weights_inverse(const ws_fftconv *conv, const float *dv, int block,
                                    float *gradient, float *work);

#endif
