/** The inner loop of ws_norm_get(), compiled once per instruction set. */
#ifndef WS_METRICS_NORM_KERNELS_H
#define WS_METRICS_NORM_KERNELS_H

#include <stddef.h>

#include "base/cpu.h"

typedef struct ws_norm_kernels {
    /** The sum of squares, in single precision for a few thousand numbers at a time. */
    double (*sum_squares)(const float *x, size_t n);
} ws_norm_kernels;

const ws_norm_kernels *ws_norm_kernels_get(ws_cpu_level level);

#endif
