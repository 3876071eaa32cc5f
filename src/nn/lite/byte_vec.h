/** Private to the kernels of 8 bits, which are compiled once per instruction set: 16 lanes of whole
 *  numbers, from int8 and back to it. */
#ifndef WS_NN_LITE_BYTE_VEC_H
#define WS_NN_LITE_BYTE_VEC_H

#if defined(__ARM_NEON) && defined(__aarch64__) /* 32-bit ARM lacks some of the instructions */
#define WITH_NEON
#include <arm_neon.h>
#endif

#include "nn/engine/common/tile_vec.h"
#include "nn/lite/products.h"

enum { VECS_OF_LANES = WS_LITE_LANES / VEC_SIZE };

INLINE ivec load_whole(const void *p)
{
    ivec v;
    memcpy(&v, p, sizeof v);
    return v;
}

/** Numbers of int8 less their zero point. */
INLINE ivec load_bytes(const int8_t *from, int32_t zero)
{
    ivec whole;

#if defined(__AVX512F__)
    whole = (ivec)_mm512_cvtepi8_epi32(_mm_loadu_si128((const void *)from));
#elif defined(__AVX2__)
    whole = (ivec)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const void *)from));
#elif defined(__SSE2__)
    int32_t four;
    memcpy(&four, from, sizeof four);
    const __m128i bytes = _mm_cvtsi32_si128(four), twice = _mm_unpacklo_epi8(bytes, bytes);
    whole = (ivec)_mm_unpacklo_epi16(twice, twice) >> 24;
#elif defined(WITH_NEON)
    int32_t four;
    memcpy(&four, from, sizeof four);
    whole = (ivec)vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)))));
#else
    for (int i = 0; i < VEC_SIZE; i++)
        whole[i] = from[i];
#endif
    return whole - zero;
}

INLINE vec load_floats(const int8_t *from, int32_t zero)
{
    return __builtin_convertvector(load_bytes(from, zero), vec);
}

/** The low bytes of 16 lanes, which are all within int8. */
INLINE void narrow(const ivec *v, int8_t *bytes)
{
#if defined(__AVX512F__)
    _mm_storeu_si128((void *)bytes, _mm512_cvtepi32_epi8((__m512i)v[0]));
#elif defined(__AVX2__)
    const __m256i words = _mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]);
    const __m256i in_order = _mm256_permute4x64_epi64(words, 0xd8);
    _mm_storeu_si128((void *)bytes, _mm_packs_epi16(_mm256_castsi256_si128(in_order),
                                                    _mm256_extracti128_si256(in_order, 1)));
#elif defined(__SSE2__)
    _mm_storeu_si128((void *)bytes, _mm_packs_epi16(_mm_packs_epi32((__m128i)v[0], (__m128i)v[1]),
                                                    _mm_packs_epi32((__m128i)v[2], (__m128i)v[3])));
#elif defined(WITH_NEON)
    const int16x8_t low = vcombine_s16(vmovn_s32((int32x4_t)v[0]), vmovn_s32((int32x4_t)v[1]));
    const int16x8_t high = vcombine_s16(vmovn_s32((int32x4_t)v[2]), vmovn_s32((int32x4_t)v[3]));
    vst1q_s8(bytes, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
#else
    for (int i = 0; i < WS_LITE_LANES; i++)
        bytes[i] = (int8_t)v[i / VEC_SIZE][i % VEC_SIZE];
#endif
}

INLINE vec clamp(vec x, vec least, vec most)
{
#if defined(__AVX512F__)
    return (vec)_mm512_min_ps(_mm512_max_ps((__m512)x, (__m512)least), (__m512)most);
#elif defined(__AVX__)
    return (vec)_mm256_min_ps(_mm256_max_ps((__m256)x, (__m256)least), (__m256)most);
#elif defined(__SSE2__)
    return (vec)_mm_min_ps(_mm_max_ps((__m128)x, (__m128)least), (__m128)most);
#else
    x = vec_select(vec_greater(x, least), x, least);
    return vec_select(vec_less(x, most), x, most);
#endif
}

/** The nearest whole numbers, halves to even ones, of numbers within +-2^22. */
INLINE vec round_all(vec x)
{
    const vec shift = vec_splat(12582912.0f); /* 1.5 * 2^23: floats of this size are whole */

    x += shift;
    vec_pin(&x);
    return x - shift;
}

/** The high half of twice a b, halves upwards; b >= 0. */
INLINE ivec double_high_products(ivec a, ivec b)
{
#if defined(__AVX512F__)
    const __m512i half = _mm512_set1_epi64(1 << 30);
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32((__m512i)a, (__m512i)b), half);
    const __m512i odd = _mm512_add_epi64(
        _mm512_mul_epi32(_mm512_srli_epi64((__m512i)a, 32), _mm512_srli_epi64((__m512i)b, 32)),
        half);
    return (ivec)_mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 31),
                                         _mm512_slli_epi64(odd, 1));
#elif defined(__AVX2__)
    const __m256i half = _mm256_set1_epi64x(1 << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32((__m256i)a, (__m256i)b), half);
    const __m256i odd = _mm256_add_epi64(
        _mm256_mul_epi32(_mm256_srli_epi64((__m256i)a, 32), _mm256_srli_epi64((__m256i)b, 32)),
        half);
    return (ivec)_mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
#elif defined(WITH_NEON)
    return (ivec)vqrdmulhq_s32((int32x4_t)a, (int32x4_t)b);
#else
    for (int i = 0; i < VEC_SIZE; i++)
        a[i] = (int32_t)(((int64_t)a[i] * b[i] + (1 << 30)) >> 31);
    return a;
#endif
}

/** Times multiplier / 2^(31 + shift), rounded twice. */
INLINE ivec scale_twice(ivec x, ivec multiplier, ivec shift)
{
    const ivec high = double_high_products(x, multiplier);
    const ivec ones = ivec_splat(INT32_MAX) >> (31 - shift);

    /* halves away from zero */
    return (high >> shift) - ((high & ones) > (ones >> 1) - (high < 0));
}

#endif
