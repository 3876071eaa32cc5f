/**
 * Private to the kernels in this folder: vectors of samples. They are compiled for blocks of 16
 * lanes and for blocks of 4 (WS_BLOCK_LANES). Where a block has fewer lanes than a vector, a vector
 * holds neighbouring channels, all lanes of each.
 */
#ifndef WS_NN_ENGINE_LANES_LANE_VEC_H
#define WS_NN_ENGINE_LANES_LANE_VEC_H

#include <stdint.h>

#include "nn/engine/common/tile_vec.h"

#ifndef WS_BLOCK_LANES
#define WS_BLOCK_LANES 16
#endif
#if WS_BLOCK_LANES < VEC_SIZE
#define VEC_CHANNELS (VEC_SIZE / WS_BLOCK_LANES)
#else
#define VEC_CHANNELS 1
#endif

enum {
    LANES = WS_BLOCK_LANES,
    GROUP = VEC_CHANNELS * LANES /* floats of the channels that vectors hold together */
};

/** The name of this build's table for blocks of that many lanes. */
#if WS_BLOCK_LANES == 16
#define LANES_TABLE(name) LEVEL_NAME(name)
#else
#define LANES_TABLE(name) LEVEL_NAME(name##_few)
#endif

/** The vectors of a channel, or the one of VEC_CHANNELS channels. */
#define BLOCK_LANES(lane) for (int lane = 0; lane < LANES; lane += VEC_SIZE)

/** Asks for the line of the cache that lies some floats ahead, be it in the array or after its end:
 *  what is there is not read. The processor asks for lines of a page by itself while they are read
 *  one after the other; it stops where a page ends or other work comes between. */
INLINE void vec_ask(const float *at, size_t ahead)
{
    __builtin_prefetch((const void *)((uintptr_t)at + ahead * sizeof *at));
}

/** Loads some lanes of n channels, at most VEC_CHANNELS, from `at` on. Missing channels are zeros.
 */
INLINE vec vec_load_channels(const float *at, size_t n)
{
    if (n == VEC_CHANNELS)
        return vec_load(at);
    float some[VEC_SIZE] = {0};
    for (size_t i = 0; i < n; i++)
        memcpy(some + i * LANES, at + i * LANES, LANES * sizeof *at);
    return vec_load(some);
}

INLINE void vec_store_channels(float *at, vec v, size_t n)
{
    if (n == VEC_CHANNELS) {
        vec_store(at, v);
        return;
    }
    float some[VEC_SIZE];
    vec_store(some, v);
    for (size_t i = 0; i < n; i++)
        memcpy(at + i * LANES, some + i * LANES, LANES * sizeof *at);
}

/** One number for each of n channels, in all lanes of it. */
INLINE vec vec_of_channels(const float *at, size_t n)
{
#if VEC_CHANNELS == 1
    (void)n;
    return vec_splat(*at);
#else
    float number[VEC_CHANNELS] = {0};
    for (size_t i = 0; i < n; i++)
        number[i] = at[i];
#if VEC_CHANNELS == 4
    const __m512i channel = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
    const __m512 numbers = _mm512_castps128_ps512(_mm_loadu_ps(number));
    return (vec)_mm512_permutexvar_ps(channel, numbers);
#else
    return (vec)_mm256_set_m128(_mm_set1_ps(number[1]), _mm_set1_ps(number[0]));
#endif
#endif
}

/** Some lanes from `at` on, for each channel of a vector. */
INLINE vec vec_repeat(const float *at)
{
#if VEC_CHANNELS == 1
    return vec_load(at);
#elif VEC_CHANNELS == 4
    return (vec)_mm512_broadcast_f32x4(_mm_loadu_ps(at));
#else
    const __m128 lanes = _mm_loadu_ps(at);
    return (vec)_mm256_set_m128(lanes, lanes);
#endif
}

/** The number of each channel in a register, for use with several others. */
INLINE vec vec_of_channels_pinned(const float *at, size_t n)
{
    vec v = vec_of_channels(at, n);
    vec_pin(&v);
    return v;
}

/** Vectors in a register likewise. */
INLINE vec vec_load_pinned(const float *at)
{
    vec v = vec_load(at);
    vec_pin(&v);
    return v;
}

INLINE vec vec_repeat_pinned(const float *at)
{
    vec v = vec_repeat(at);
    vec_pin(&v);
    return v;
}

INLINE vec vec_load_channels_pinned(const float *at, size_t n)
{
    vec v = vec_load_channels(at, n);
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

/** totals[i] = the sum of the lanes of channel i, sums [n, LANES]. */
INLINE void lanes_add(const float *sums, size_t n, float *totals)
{
#if VEC_CHANNELS == 1
    for (size_t i = 0; i < n; i += VEC_SIZE) {
        const size_t left = n - i < VEC_SIZE ? n - i : VEC_SIZE;
        vec rows[VEC_SIZE];
        float out[VEC_SIZE];
        UNROLL
        for (size_t k = 0; k < VEC_SIZE; k++) {
            const float *from = sums + (i + (k < left ? k : 0)) * LANES;
            rows[k] = vec_load(from);
            for (int lane = VEC_SIZE; lane < LANES; lane += VEC_SIZE)
                rows[k] += vec_load(from + lane);
        }
        vec_store(out, vec_sums(rows));
        memcpy(totals + i, out, left * sizeof *out);
    }
#else
    for (size_t i = 0; i < n; i++, sums += LANES)
        totals[i] = sums[0] + sums[2] + (sums[1] + sums[3]);
#endif
}

#endif
