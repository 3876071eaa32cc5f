/**
 * Private to kernels that are compiled once per instruction set, and in which not-a-numbers
 * compare as they should: choices lane by lane, beside the arithmetic of fft/conv_vec.h. A mask
 * is what the instruction set has: a bit or all bits of a lane.
 */
#ifndef WS_NN_ENGINE_COMMON_TILE_VEC_H
#define WS_NN_ENGINE_COMMON_TILE_VEC_H

#include <stdbool.h>
#include <stdint.h>

#include "fft/conv_vec.h"

typedef int32_t ivec __attribute__((vector_size(4 * VEC_SIZE)));

INLINE vec vec_splat(float value)
{
    return value - vec_zero();
}

INLINE ivec ivec_splat(int32_t value)
{
    return value - (ivec){0};
}

#if defined(__AVX512F__)

typedef __mmask16 mask;

/** The lowest VEC_SIZE of bits, from lane on. */
INLINE mask mask_of_bits(uint32_t bits, int lane)
{
    (void)lane; /* a vector has all of them */
    return (mask)bits;
}

INLINE mask vec_greater(vec a, vec b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GT_OQ);
}

INLINE mask vec_less(vec a, vec b)
{
    return vec_greater(b, a);
}

/** a > b, or one is not a number. */
INLINE mask vec_not_at_most(vec a, vec b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_NLE_UQ);
}

INLINE mask ivec_equal(ivec a, ivec b)
{
    return _mm512_cmpeq_epi32_mask((__m512i)a, (__m512i)b);
}

INLINE vec vec_select(mask m, vec yes, vec no)
{
    return (vec)_mm512_mask_blend_ps(m, (__m512)no, (__m512)yes);
}

INLINE ivec ivec_select(mask m, ivec yes, ivec no)
{
    return (ivec)_mm512_mask_blend_epi32(m, (__m512i)no, (__m512i)yes);
}

#else

typedef ivec mask; /* -1 or 0 */

INLINE mask mask_of_bits(uint32_t bits, int lane)
{
    static const int32_t bit_of[16] = {
        1 << 0, 1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
        1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15,
    };
    ivec bit;
    memcpy(&bit, bit_of + lane, sizeof bit);
    return (ivec_splat((int32_t)bits) & bit) == bit;
}

INLINE mask vec_greater(vec a, vec b)
{
    return a > b;
}

INLINE mask vec_less(vec a, vec b)
{
    return a < b;
}

INLINE mask vec_not_at_most(vec a, vec b)
{
    return ~(a <= b);
}

INLINE mask ivec_equal(ivec a, ivec b)
{
    return a == b;
}

INLINE vec vec_select(mask m, vec yes, vec no)
{
    return (vec)((m & (ivec)yes) | (~m & (ivec)no));
}

INLINE ivec ivec_select(mask m, ivec yes, ivec no)
{
    return (m & yes) | (~m & no);
}

#endif

/** Whether a lane is not 0. */
INLINE bool ivec_any(ivec v)
{
#if defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)v, (__m512i)v) != 0;
#elif defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)v, (__m256i)v);
#elif defined(__SSE2__)
    return _mm_movemask_epi8(_mm_cmpeq_epi32((__m128i)v, _mm_setzero_si128())) != 0xffff;
#else
    int32_t any = 0;
    for (int i = 0; i < VEC_SIZE; i++)
        any |= v[i];
    return any != 0;
#endif
}

/* VEC_SIZE numbers of 0 to 255 from and to bytes. Compilers make single bytes of what
 * __builtin_convertvector says here. */
#if defined(__AVX512F__)

INLINE ivec ivec_load_bytes(const uint8_t *p)
{
    return (ivec)_mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p));
}

INLINE void ivec_store_bytes(uint8_t *p, ivec v)
{
    _mm_storeu_si128((void *)p, _mm512_cvtepi32_epi8((__m512i)v));
}

#elif defined(__AVX2__)

INLINE ivec ivec_load_bytes(const uint8_t *p)
{
    return (ivec)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p));
}

INLINE void ivec_store_bytes(uint8_t *p, ivec v)
{
    const __m128i low = _mm256_castsi256_si128((__m256i)v);
    const __m128i words = _mm_packus_epi32(low, _mm256_extracti128_si256((__m256i)v, 1));
    _mm_storel_epi64((void *)p, _mm_packus_epi16(words, words));
}

#elif defined(__SSE2__)

INLINE ivec ivec_load_bytes(const uint8_t *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    const __m128i zero = _mm_setzero_si128();
    const __m128i words = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero);
    return (ivec)_mm_unpacklo_epi16(words, zero);
}

INLINE void ivec_store_bytes(uint8_t *p, ivec v)
{
    const __m128i words = _mm_packs_epi32((__m128i)v, (__m128i)v);
    const int32_t four = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    memcpy(p, &four, sizeof four);
}

#else

INLINE ivec ivec_load_bytes(const uint8_t *p)
{
    ivec v;
    for (int i = 0; i < VEC_SIZE; i++)
        v[i] = p[i];
    return v;
}

INLINE void ivec_store_bytes(uint8_t *p, ivec v)
{
    for (int i = 0; i < VEC_SIZE; i++)
        p[i] = (uint8_t)v[i];
}

#endif

#endif
