/** Private to maps.c: fake quantisation of vectors. */
#ifndef WS_NN_ENGINE_LANES_LEVELS_VEC_H
#define WS_NN_ENGINE_LANES_LEVELS_VEC_H

#include <float.h>

#include "nn/engine/lanes/lane_vec.h"
#include "nn/engine/lanes/maps.h"

/** The level nearest to x, counted as TensorFlow counts it; NaN stays NaN. */
INLINE vec vec_quantize(const ws_lanes_levels *levels, vec x)
{
    const vec min = vec_splat(levels->min), max = vec_splat(levels->max);

    if (levels->scale <= 0.0f) { /* what is not finite stays so, and shows */
        const vec number = vec_select(vec_not_at_most(x, vec_splat(FLT_MAX)), x, vec_zero());
        return vec_select(vec_less(x, vec_splat(-FLT_MAX)), x, number);
    }
    vec inside = vec_select(vec_less(max, x), max, x);
    inside = vec_select(vec_less(inside, min), min, inside);
    const vec place = (inside - min) / levels->scale - levels->zero + 0.5f;
    vec level = __builtin_convertvector(__builtin_convertvector(place, ivec), vec);
    level = vec_select(vec_less(place, level), level - 1.0f, level); /* rounded down, not to zero */
    return vec_select(vec_not_at_most(inside, max), inside, level * levels->scale);
}

INLINE vec vec_within(const ws_lanes_levels *levels, vec x, vec z)
{
    if (levels->scale <= 0.0f)
        return x;
    const vec from_min = vec_select(vec_less(z, vec_splat(levels->min)), vec_zero(), x);
    return vec_select(vec_less(vec_splat(levels->max), z), vec_zero(), from_min);
}

#endif
