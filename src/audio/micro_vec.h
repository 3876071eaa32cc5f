/**
 * Registers of pairs of 16-bit numbers, for the fixed-point FFT; private to kernels that are
 * compiled once per instruction set. A pair is a lane of 32 bits; sums wrap at 16 bits each.
 */
#ifndef WS_AUDIO_MICRO_VEC_H
#define WS_AUDIO_MICRO_VEC_H

#include <stdint.h>

#include "audio/micro_fft.h"
#include "fft/conv_vec.h"

__extension__ typedef int32_t pvec __attribute__((vector_size(4 * VEC_SIZE), may_alias));
__extension__ typedef uint32_t bits_vec __attribute__((vector_size(4 * VEC_SIZE), may_alias));
__extension__ typedef int16_t half_vec __attribute__((vector_size(4 * VEC_SIZE), may_alias));
__extension__ typedef uint16_t half_bits __attribute__((vector_size(4 * VEC_SIZE), may_alias));

INLINE pvec pair_load(const int32_t *p)
{
    return *(const pvec *)(const void *)p;
}

INLINE void pair_store(int32_t *p, pvec x)
{
    *(pvec *)(void *)p = x;
}

INLINE pvec pair_fill(int32_t x)
{
    return x - (pvec){0};
}

INLINE pvec pair_add(pvec a, pvec b)
{
    return (pvec)((half_bits)a + (half_bits)b);
}

INLINE pvec pair_sub(pvec a, pvec b)
{
    return (pvec)((half_bits)a - (half_bits)b);
}

/** Lower half of the one, upper half of the other. */
INLINE pvec pair_join(pvec low, pvec high)
{
#if defined(__AVX512BW__)
    return (pvec)_mm512_mask_blend_epi16(0xaaaaaaaa, (__m512i)low, (__m512i)high);
#elif defined(__AVX2__)
    return (pvec)_mm256_blend_epi16((__m256i)low, (__m256i)high, 0xaa);
#elif defined(__SSE4_1__)
    return (pvec)_mm_blend_epi16((__m128i)low, (__m128i)high, 0xaa);
#else
    return (pvec)(((bits_vec)low & 0xffff) | ((bits_vec)high & 0xffff0000));
#endif
}

/** a.low b.low + a.high b.high in 32 bits. */
INLINE pvec pair_dot(pvec a, pvec b)
{
#if defined(__AVX512BW__)
    return (pvec)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (pvec)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (pvec)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    const pvec a_low = (pvec)((bits_vec)a << 16) >> 16, b_low = (pvec)((bits_vec)b << 16) >> 16;
    return a_low * b_low + (a >> 16) * (b >> 16);
#endif
}

INLINE pvec pair_larger(pvec a, pvec b)
{
#if defined(__AVX512BW__)
    return (pvec)_mm512_max_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (pvec)_mm256_max_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (pvec)_mm_max_epi16((__m128i)a, (__m128i)b);
#else
    const half_bits is_a = (half_bits)((half_vec)a > (half_vec)b);
    return (pvec)(((half_bits)a & is_a) | ((half_bits)b & ~is_a));
#endif
}

/** The pair of two numbers in units of 2^-15, rounded and cut to 16 bits. */
INLINE pvec pair_round(pvec low, pvec high)
{
    const uint32_t half_unit = 1 << 14;
    return pair_join((pvec)(((bits_vec)low + half_unit) >> 15),
                     (pvec)(((bits_vec)high + half_unit) << 1));
}

/** The complex product. */
INLINE pvec pair_turn(pvec x, const ws_micro_factor *factor)
{
    return pair_round(pair_dot(x, pair_fill(factor->for_re)),
                      pair_dot(x, pair_fill(factor->for_im)));
}

/** Both numbers times scale 2^-15, scale from 0 to 32767. */
INLINE pvec pair_scale(pvec x, int32_t scale)
{
#if defined(__AVX512BW__)
    return (pvec)_mm512_mulhrs_epi16((__m512i)x, _mm512_set1_epi16((short)scale));
#elif defined(__AVX2__)
    return (pvec)_mm256_mulhrs_epi16((__m256i)x, _mm256_set1_epi16((short)scale));
#elif defined(__SSSE3__)
    return (pvec)_mm_mulhrs_epi16((__m128i)x, _mm_set1_epi16((short)scale));
#else
    return pair_round(pair_dot(x, pair_fill(scale)), pair_dot(x, pair_fill(scale << 16)));
#endif
}

/** re - i im */
INLINE pvec pair_conjugate(pvec x)
{
    const pvec upper = pair_fill((int32_t)0xffff0000);
    return pair_sub(x ^ upper, upper);
}

/** -i x = im - i re */
INLINE pvec pair_turn_back(pvec x)
{
    return pair_conjugate((pvec)((bits_vec)x << 16 | (bits_vec)x >> 16));
}

/** (a + b) / 2 and (a - b) / 2 of 17-bit sums, rounded down. */
INLINE pvec pair_half_sum(pvec a, pvec b)
{
    return pair_add(a & b, (pvec)((half_vec)(a ^ b) >> 1));
}
INLINE pvec pair_half_difference(pvec a, pvec b)
{
    return pair_sub(a | ~b, (pvec)((half_vec)(a ^ ~b) >> 1));
}

#endif
