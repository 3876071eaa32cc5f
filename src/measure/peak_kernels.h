/** Private: loops that do only one thing, as fast as an instruction set can. */
#ifndef WS_MEASURE_PEAK_KERNELS_H
#define WS_MEASURE_PEAK_KERNELS_H

#include <stddef.h>

#include "base/cpu.h"

typedef struct ws_peak_kernels {
    size_t n_operations; /* single-precision products and sums in one round of multiply_add */
    /** Products added to sums, in registers only. @return a value made of the results, so
     *  that no compiler removes the loop */
    float (*multiply_add)(size_t n_rounds);
    /** Reads numbers [n], n a multiple of 256. @return as above */
    float (*read)(const float *numbers, size_t n);
} ws_peak_kernels;

const ws_peak_kernels *ws_peak_kernels_get(ws_cpu_level level);

#endif
