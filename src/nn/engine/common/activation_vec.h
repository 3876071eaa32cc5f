/** Private to kernels that are compiled once per instruction set: activations of whole vectors. */
#ifndef WS_NN_ENGINE_COMMON_ACTIVATION_VEC_H
#define WS_NN_ENGINE_COMMON_ACTIVATION_VEC_H

#include "nn/engine/common/tile_vec.h"

/** NaN stays NaN. */
INLINE vec vec_relu(vec x)
{
    return vec_select(vec_not_at_most(x, vec_zero()), x, vec_zero());
}

/**
 * exp(x), within 2 units in the last place of what a float can tell; x is cut to +-87, where exp is
 * still a normal number.
 *
 * x = n log 2 + r with |r| <= log 2 / 2: adding 1.5 * 2^23 rounds x / log 2 to the integer n in
 * the low bits; log 2 is taken off in two parts, the first of which has few digits.
 */
INLINE vec vec_exp(vec x)
{
    const vec shift = vec_splat(12582912.0f), limit = vec_splat(87.0f);
    vec r = vec_select(vec_less(limit, x), limit, x);
    r = vec_select(vec_less(r, -limit), -limit, r);
    vec n = r * 1.44269504f + shift;
    vec_pin(&n);
    const ivec power = (ivec)n << 23;
    n -= shift;
    r = r - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    vec p = vec_splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return (vec)((ivec)p + power);
}

INLINE vec vec_sigmoid(vec x)
{
    return 1.0f / (1.0f + vec_exp(-x));
}

#endif
