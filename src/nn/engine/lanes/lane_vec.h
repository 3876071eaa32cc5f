/** Private to the kernels in this folder: vectors of samples. */
#ifndef WS_NN_ENGINE_LANES_LANE_VEC_H
#define WS_NN_ENGINE_LANES_LANE_VEC_H

#include "nn/engine/common/tile_vec.h"

/** A number in all lanes and in a register, for use with several others. */
INLINE vec vec_broadcast(const float *at)
{
    vec v = *at - vec_zero();
    vec_pin(&v);
    return v;
}

/** A vector in a register likewise. */
INLINE vec vec_load_pinned(const float *at)
{
    vec v = vec_load(at);
    vec_pin(&v);
    return v;
}

/** The sums of the lanes of VEC_SIZE vectors, as the lanes of one. The order of the additions is
 *  the same for every vector. */
INLINE vec vec_sums(vec rows[VEC_SIZE])
{
    UNROLL
    for (int n = VEC_SIZE / 2; n > 0; n /= 2) {
        UNROLL
        for (int i = 0; i < n; i++)
            rows[i] = vec_zip_low(rows[i], rows[i + n]) + vec_zip_high(rows[i], rows[i + n]);
    }
    return rows[0];
}

/** totals[i] = the sum of the 16 lanes of sums + 16 i, i < n. */
INLINE void lanes_add(const float *sums, size_t n, float *totals)
{
    for (size_t i = 0; i < n; i += VEC_SIZE) {
        const size_t left = n - i < VEC_SIZE ? n - i : VEC_SIZE;
        vec rows[VEC_SIZE];
        float out[VEC_SIZE];
        UNROLL
        for (size_t k = 0; k < VEC_SIZE; k++) {
            const float *from = sums + (i + (k < left ? k : 0)) * 16;
            rows[k] = vec_load(from);
            for (int lane = VEC_SIZE; lane < 16; lane += VEC_SIZE)
                rows[k] += vec_load(from + lane);
        }
        vec_store(out, vec_sums(rows));
        memcpy(totals + i, out, left * sizeof *out);
    }
}

#endif
