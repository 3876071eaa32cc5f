/** Products of the executor's layers in floats, compiled once per instruction set. Lanes are 16
 * outputs. */
#ifndef WS_NN_LITE_PRODUCTS_H
#define WS_NN_LITE_PRODUCTS_H

#include <stddef.h>

#include "base/cpu.h"

enum {
    WS_LITE_LANES = 16,
    /** Products of 8 bits that floats sum without rounding: 512 times 255 times 128 is below
     *  2^24. Products of floats are also summed in such parts, and the parts in doubles. */
    WS_LITE_EXACT_SUMS = 512,
};

typedef struct ws_lite_products {
    /** sums [n_rows, stride] += rows [n_rows, n] weights [n, stride], up to WS_LITE_EXACT_SUMS
     *  products at a time. @param row, stride  floats from one row to the next; stride whole
     *  vectors of 16 */
    void (*multiply)(const float *rows, size_t row, size_t n_rows, size_t n, const float *weights,
                     size_t stride, double *sums);
    /** sums [stride] += taps of x[i] [stride] times weights [i, stride] */
    void (*multiply_channels)(const float *const *x, size_t n_taps, const float *weights,
                              size_t stride, double *sums);
} ws_lite_products;

const ws_lite_products *ws_lite_products_get(ws_cpu_level level);

#endif
