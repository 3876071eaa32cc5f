/** Layers of 8 bits with whole sums, compiled once per instruction set. Private to nn/lite.
 *
 * Images are padded with zeros, so that a window never leaves them. Outputs of a place stand side
 * by side in lanes: `stride` of them, which is n_out rounded up to a multiple of WS_LITE_LANES. */
#ifndef WS_NN_LITE_BYTE_PRODUCTS_H
#define WS_NN_LITE_BYTE_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/lite/products.h"

/** How sums become numbers of 8 bits: the nearest to sum times step, clamped, moved by zero. With
 *  multipliers the product is rounded twice, as ws_lite_tflm_sums() does it: its high half, and
 * that over a power of two. */
typedef struct ws_lite_rescale {
    const float *steps;         /* [stride] */
    const int32_t *multipliers; /* [stride]; NULL: by steps */
    const int32_t *shifts;      /* [stride] of the power, 0 to 31 */
    float least, most;          /* whole, within [-255, 255], least <= most */
    int32_t zero;
} ws_lite_rescale;

typedef struct ws_lite_byte_product {
    const size_t *places; /* [n_places] where the window of an output begins in the image */
    const size_t *to;     /* [n_places] where the outputs of a place begin; places may share some */
    size_t n_places;
    const size_t *runs; /* [n_runs] where numbers that lie side by side begin, from the window's */
    size_t n_runs;
    size_t run;           /* numbers of a run: whole steps; one of `channels` */
    const int32_t *bias;  /* [stride] */
    size_t n_out, stride; /* outputs of a place, lanes */
    ws_lite_rescale rescale;
    int8_t *y; /* filled; NULL: `sums` is filled instead */
    int32_t *sums;
} ws_lite_byte_product;

typedef struct ws_lite_byte_products {
    /** Numbers whose products are added in one step: 2 of int16; or 4 of int8, and then numbers of
     *  images are uint8, 128 more than those of int8. */
    size_t step;
    /** All outputs are sums over all runs.
     *  @param image    read up to `run` numbers after places[] + runs[]
     *  @param weights  [n_runs, run / step, stride, step] */
    void (*multiply)(const ws_lite_byte_product *p, const void *image, const void *weights);
    /** Each output is a sum over the runs of its own channel.
     *  @param image    whole numbers; read up to WS_LITE_LANES numbers after places[] + runs[]
     * where n_out is less, else up to n_out
     *  @param weights  [n_runs, stride] whole numbers; at most WS_LITE_EXACT_SUMS runs */
    void (*multiply_channels)(const ws_lite_byte_product *p, const float *image,
                              const float *weights);
    /** The same of int8, each less `zero`. */
    void (*multiply_bytes)(const ws_lite_byte_product *p, const int8_t *image, int32_t zero,
                           const float *weights);
    /** Numbers of an image from n numbers: (from[i] ^ flip) - zero with a step of 2,
     *  (from[i] ^ flip) + 128 with one of 4. Flip -128 makes int8 of uint8, 128 less. */
    void (*widen)(const int8_t *from, int8_t flip, int32_t zero, size_t n, void *to);
    /** to[i] = (from[i] ^ flip) - zero */
    void (*widen_to_floats)(const int8_t *from, int8_t flip, int32_t zero, size_t n, float *to);
    /** Averages of int8 from sums of n_parts of them, each less `zero`, clamped; halves away from
     *  zero. @param n_parts  up to WS_LITE_EXACT_SUMS */
    void (*average)(const int32_t *sums, size_t n, int32_t n_parts, int32_t zero, int32_t least,
                    int32_t most, int8_t *y);
} ws_lite_byte_products;

/** @param level  the highest needs ws_cpu_has_dot_products() too */
const ws_lite_byte_products *ws_lite_byte_products_get(ws_cpu_level level);

#endif
