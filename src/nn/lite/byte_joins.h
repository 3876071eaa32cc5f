/** Sums, differences and products of pairs of int8, compiled once per instruction set. Private to
 *  nn/lite. */
#ifndef WS_NN_LITE_BYTE_JOINS_H
#define WS_NN_LITE_BYTE_JOINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

/** Sums or products of pairs, as multiples of the output's scale before its zero point:
 *  (a - zeros[0]) factors[0] + (b - zeros[1]) factors[1], or their product times factors[0]. */
typedef struct ws_lite_byte_join {
    bool is_product;
    int32_t zeros[2], zero; /* of the inputs, of the output */
    float factors[2];
    float least, most; /* within [-255, 255], so that the result is within int8 */
    float margin;      /* more than the error of floats: results that are nearer to a half are not
                          certain */
} ws_lite_byte_join;

/** The same rounded as TensorFlow Lite Micro does it. A sum is that of both numbers times a power
 * of two and scaled; it or the product is scaled once more. */
typedef struct ws_lite_byte_join_twice {
    bool is_product, is_difference;
    int32_t zeros[2], zero;
    int32_t unit;                      /* the power of two, up to 2^22 */
    int32_t multipliers[3], shifts[3]; /* of the inputs, of the output; shifts 0 to 31 */
    float least, most;                 /* within [-255, 255] */
} ws_lite_byte_join_twice;

typedef struct ws_lite_byte_joins {
    /** y[i] from a[i] and b[i], of n pairs: a multiple of WS_LITE_LANES.
     *  @return whether all are certain to be the nearest */
    bool (*join)(const ws_lite_byte_join *j, const int8_t *a, const int8_t *b, size_t n, int8_t *y);
    void (*join_twice)(const ws_lite_byte_join_twice *j, const int8_t *a, const int8_t *b, size_t n,
                       int8_t *y);
} ws_lite_byte_joins;

const ws_lite_byte_joins *ws_lite_byte_joins_get(ws_cpu_level level);

#endif
