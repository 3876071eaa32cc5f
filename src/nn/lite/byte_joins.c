/* The kernels of byte_joins.h, compiled once per instruction set. */
#include "nn/lite/byte_joins.h"

#include "nn/lite/byte_vec.h"

INLINE bool is_any(mask m)
{
#if defined(__AVX512F__)
    return m != 0;
#else
    return ivec_any(m);
#endif
}

static bool join(const ws_lite_byte_join *j, const int8_t *a, const int8_t *b, size_t n, int8_t *y)
{
    const vec low = vec_splat(j->least), high = vec_splat(j->most);
    vec farthest = vec_zero();

    for (size_t i = 0; i < n; i += WS_LITE_LANES) {
        ivec whole[VECS_OF_LANES];
        UNROLL
        for (int v = 0; v < VECS_OF_LANES; v++) {
            const size_t at = i + (size_t)v * VEC_SIZE;
            const vec left = load_floats(a + at, j->zeros[0]) * j->factors[0];
            const vec right = load_floats(b + at, j->zeros[1]);
            const vec x =
                clamp(j->is_product ? left * right : left + right * j->factors[1], low, high);
            const vec nearest = round_all(x);
            vec off = x - nearest;
            off = vec_select(vec_less(off, vec_zero()), -off, off);
            farthest = vec_select(vec_less(farthest, off), off, farthest);
            whole[v] = __builtin_convertvector(nearest, ivec) + j->zero;
        }
        narrow(whole, y + i);
    }
    return !is_any(vec_greater(farthest, vec_splat(0.5f - j->margin)));
}

static void join_twice(const ws_lite_byte_join_twice *j, const int8_t *a, const int8_t *b, size_t n,
                       int8_t *y)
{
    const vec low = vec_splat(j->least), high = vec_splat(j->most);
    ivec multipliers[3], shifts[3];

    for (int k = 0; k < 3; k++) {
        multipliers[k] = ivec_splat(j->multipliers[k]);
        shifts[k] = ivec_splat(j->shifts[k]);
    }
    for (size_t i = 0; i < n; i += WS_LITE_LANES) {
        ivec whole[VECS_OF_LANES];
        for (int v = 0; v < VECS_OF_LANES; v++) {
            const size_t at = i + (size_t)v * VEC_SIZE;
            ivec left = load_bytes(a + at, j->zeros[0]), right = load_bytes(b + at, j->zeros[1]);
            if (j->is_product) {
                left *= right;
            } else {
                left = scale_twice(left * j->unit, multipliers[0], shifts[0]);
                right = scale_twice(right * j->unit, multipliers[1], shifts[1]);
                left = j->is_difference ? left - right : left + right;
            }
            const ivec scaled = scale_twice(left, multipliers[2], shifts[2]);
            const vec x = clamp(__builtin_convertvector(scaled, vec), low, high);
            whole[v] = __builtin_convertvector(x, ivec) + j->zero;
        }
        narrow(whole, y + i);
    }
}

const ws_lite_byte_joins LEVEL_NAME(ws_lite_byte_joins) = {
    .join = join,
    .join_twice = join_twice,
};
