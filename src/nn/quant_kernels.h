/** Fake quantisation of whole arrays (fake_quant.h), compiled once per instruction set. */
#ifndef WS_NN_QUANT_KERNELS_H
#define WS_NN_QUANT_KERNELS_H

#include "base/cpu.h"
#include "nn/fake_quant.h"

typedef struct ws_quant_kernels {
    /** The least and the largest of x [n], zero included; NaNs are skipped. */
    void (*find_range)(const float *x, size_t n, float *min, float *max);
    /** y [n] = the level nearest to each x; y may be x. */
    void (*quantize)(const ws_levels *levels, const float *x, size_t n, float *y);
    /** dx [n] = dy where x lies between the first and the last level, else 0; dx may be dy. */
    void (*mask)(const ws_levels *levels, const float *x, size_t n, const float *dy, float *dx);
} ws_quant_kernels;

const ws_quant_kernels *ws_quant_kernels_get(ws_cpu_level level);

#endif
