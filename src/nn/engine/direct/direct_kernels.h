/**
 * Convolution of one channel by plain sums, 16 samples side by side: any kernel, stride, padding
 * and number of output channels. Compiled once per instruction set.
 *
 * Lanes are samples, so a weight is one number for all lanes, strides cost nothing and no channel
 * count leaves lanes empty. An image has its padding around it: no window needs care at an edge.
 *
 *     image [image_h, image_w, 16], z [places, n_channels, 16], weights [taps, n_channels]
 */
#ifndef WS_NN_ENGINE_DIRECT_DIRECT_KERNELS_H
#define WS_NN_ENGINE_DIRECT_DIRECT_KERNELS_H

#include <stddef.h>

#include "base/cpu.h"

enum { WS_DIRECT_LANES = 16 };

typedef struct ws_direct_shape {
    size_t image_h, image_w; /* padding counted in: (out - 1) * stride + kernel */
    size_t kernel_h, kernel_w;
    size_t stride_h, stride_w;
    size_t out_w, n_channels;
} ws_direct_shape;

typedef struct ws_direct_kernels {
    /** One row of outputs.
     *  @param image  whose first row is the first that they see
     *  @param bias   [n_channels], or NULL
     *  @param z      [out_w, n_channels, 16], filled */
    void (*forward)(const ws_direct_shape *shape, const float *image, const float *weights,
                    const float *bias, float *z);
    /** What the gradient of one row of outputs gives to the weights, lane by lane.
     *  @param dz    [out_w, n_channels, 16]
     *  @param sums  [taps + 1, n_channels, 16], added to; the last ones are the bias's */
    void (*weights_add)(const ws_direct_shape *shape, const float *image, const float *dz,
                        float *sums);
    /** sums [n, 16] of 16 lanes each, to totals [n]. */
    void (*add_lanes)(const float *sums, size_t n, float *totals);
} ws_direct_kernels;

const ws_direct_kernels *ws_direct_kernels_get(ws_cpu_level level);

#endif
