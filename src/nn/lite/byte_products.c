/* The kernels of byte_products.h, compiled once per instruction set.
 *
 * A tile is some places by some vectors of outputs. Its sums stay in registers over all runs; a
 * step multiplies pairs of 16 bits, or four of 8, and adds the products in 32. */
#include "nn/lite/byte_products.h"

#include <stdlib.h>

#if defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#include "nn/engine/common/tile_vec.h"

#if VEC_SIZE == 16
enum { MAX_VECS = 4, ROWS = 8, ROWS_OF_MOST_VECS = 6 }; /* 32 registers */
#else                                                   /* 16, and all blocks are of 16 lanes */
enum { MAX_VECS = WS_LITE_LANES / VEC_SIZE, ROWS = VEC_SIZE / 2, ROWS_OF_MOST_VECS = ROWS };
#endif

#if defined(__clang__)
#define ALONE __attribute__((noinline))
#else
#define ALONE __attribute__((noinline, noclone))
#endif

enum {
    VECS_OF_LANES = WS_LITE_LANES / VEC_SIZE,
    CHAINS = VEC_SIZE / 2,
    FEW_PLACES = ROWS / 3, /* are done one by one */
};

INLINE size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

#if defined(__AVX512BW__)
enum { STEP = 4 };
typedef uint8_t number;
#else
enum { STEP = 2 };
typedef int16_t number;
#endif

/** Adds the products of a step, a of the image and b of the weights, to each sum. */
INLINE ivec add_products(ivec sum, ivec a, ivec b)
{
#if defined(__AVX512BW__)
    /* AVX-512 VNNI is not a part of the level, so compilers do not use it */
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
#elif defined(__AVX2__)
    return sum + (ivec)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return sum + (ivec)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(__ARM_NEON)
    const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
    return sum +
           (ivec)vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y));
#else
    return sum + (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
}

INLINE ivec splat_step(const number *x)
{
    int32_t step;
    memcpy(&step, x, sizeof step);
    return ivec_splat(step);
}

INLINE ivec load_whole(const void *p)
{
    ivec v;
    memcpy(&v, p, sizeof v);
    return v;
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
#elif defined(__ARM_NEON)
    const int16x8_t low = vcombine_s16(vmovn_s32((int32x4_t)v[0]), vmovn_s32((int32x4_t)v[1]));
    const int16x8_t high = vcombine_s16(vmovn_s32((int32x4_t)v[2]), vmovn_s32((int32x4_t)v[3]));
    vst1q_s8(bytes, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
#else
    for (int i = 0; i < WS_LITE_LANES; i++)
        bytes[i] = (int8_t)v[i / VEC_SIZE][i % VEC_SIZE];
#endif
}

/** The first n of 16 bytes. */
INLINE void store_some(const ivec *v, size_t n, int8_t *to)
{
#if defined(__AVX512BW__)
    _mm_mask_storeu_epi8(to, (__mmask16)((1u << n) - 1), _mm512_cvtepi32_epi8((__m512i)v[0]));
#else
    int8_t bytes[WS_LITE_LANES];
    size_t at = 0;

    narrow(v, bytes);
    /* pieces of constant sizes are moves, not calls */
    if ((n & 8) != 0) {
        memcpy(to, bytes, 8);
        at = 8;
    }
    if ((n & 4) != 0) {
        memcpy(to + at, bytes + at, 4);
        at += 4;
    }
    if ((n & 2) != 0) {
        memcpy(to + at, bytes + at, 2);
        at += 2;
    }
    if ((n & 1) != 0)
        to[at] = bytes[at];
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
#elif defined(__ARM_NEON)
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

/** Whole numbers of 8 bits from sums of 16 lanes, of which `lane` is the first. */
INLINE ivec rescale(const ws_lite_rescale *r, ivec sums, size_t lane)
{
    /* adding 1.5 * 2^23 rounds to a whole number, halves to even ones */
    const vec shift = vec_splat(12582912.0f);
    vec x;

    if (r->multipliers == NULL)
        x = __builtin_convertvector(sums, vec) * vec_load(r->steps + lane);
    else /* beyond 24 bits it is clamped anyway */
        x = __builtin_convertvector(
            scale_twice(sums, load_whole(r->multipliers + lane), load_whole(r->shifts + lane)),
            vec);
    x = clamp(x, vec_splat(r->least), vec_splat(r->most)) + shift;
    vec_pin(&x);
    return __builtin_convertvector(x - shift, ivec) + r->zero;
}

/** Stores 16 lanes of sums of a place, the first of which is `lane`. */
INLINE void finish(const ws_lite_byte_product *p, const ivec *sums, size_t place, size_t lane)
{
    const size_t at = p->to[place] + lane, left = p->n_out - lane;
    ivec whole[VECS_OF_LANES];

    if (p->y == NULL) {
        memcpy(p->sums + at, sums, least(left, WS_LITE_LANES) * sizeof *p->sums);
        return;
    }
    for (int i = 0; i < VECS_OF_LANES; i++)
        whole[i] = rescale(&p->rescale, sums[i], lane + (size_t)i * VEC_SIZE);
    if (left >= WS_LITE_LANES)
        narrow(whole, p->y + at);
    else
        store_some(whole, left, p->y + at);
}

/** A tile's sums of n places; one copy for all tiles, for size. */
static ALONE void finish_tile(const ws_lite_byte_product *p, ivec (*sums)[MAX_VECS], size_t n,
                              size_t begin, size_t first, int n_vecs)
{
    for (size_t m = 0; m < n; m++)
        for (int v = 0; v < n_vecs; v += VECS_OF_LANES)
            finish(p, &sums[m][v], begin + m, first + (size_t)v * VEC_SIZE);
}

/** Places begin to begin + n, where n <= n_rows: a tile repeats the last one. */
INLINE void multiply_places(const ws_lite_byte_product *p, const number *image,
                            const int32_t *weights, size_t first, size_t begin, size_t n,
                            int n_rows, int n_vecs)
{
    const number *x[ROWS];
    const int32_t *w = weights + first; /* a step is as long as a sum */
    ivec sums[ROWS][MAX_VECS];

    for (size_t m = 0; m < (size_t)n_rows; m++)
        x[m] = image + p->places[begin + (m < n ? m : n - 1)];
    UNROLL
    for (int m = 0; m < n_rows; m++)
        UNROLL
    for (int v = 0; v < n_vecs; v++)
        sums[m][v] = load_whole(p->bias + first + (size_t)v * VEC_SIZE);
    for (size_t r = 0; r < p->n_runs; r++) {
        for (size_t k = p->runs[r], end = k + p->run; k < end; k += STEP, w += p->stride) {
            ivec columns[MAX_VECS];
            UNROLL
            for (int v = 0; v < n_vecs; v++)
                columns[v] = load_whole(w + (size_t)v * VEC_SIZE);
            UNROLL
            for (int m = 0; m < n_rows; m++) {
                const ivec a = splat_step(x[m] + k);
                UNROLL
                for (int v = 0; v < n_vecs; v++)
                    sums[m][v] = add_products(sums[m][v], a, columns[v]);
            }
        }
    }
    finish_tile(p, sums, n, begin, first, n_vecs);
}

/** One place and 16 lanes of outputs: sums of every CHAINS-th step, which do not wait for each
 *  other. */
static ALONE void multiply_place(const ws_lite_byte_product *p, const number *image,
                                 const int32_t *weights, size_t first, size_t place)
{
    const number *x = image + p->places[place];
    const int32_t *w = weights + first;
    ivec parts[CHAINS][VECS_OF_LANES], sums[1][MAX_VECS];

    for (int c = 0; c < CHAINS; c++)
        for (int v = 0; v < VECS_OF_LANES; v++)
            parts[c][v] =
                c == 0 ? load_whole(p->bias + first + (size_t)v * VEC_SIZE) : ivec_splat(0);
    for (size_t r = 0; r < p->n_runs; r++) {
        size_t k = p->runs[r];
        const size_t end = k + p->run;
        for (; k + STEP * CHAINS <= end; k += STEP * CHAINS, w += CHAINS * p->stride) {
            UNROLL
            for (int c = 0; c < CHAINS; c++)
                UNROLL
            for (int v = 0; v < VECS_OF_LANES; v++)
                parts[c][v] =
                    add_products(parts[c][v], splat_step(x + k + (size_t)c * STEP),
                                 load_whole(w + (size_t)c * p->stride + (size_t)v * VEC_SIZE));
        }
        for (; k < end; k += STEP, w += p->stride)
            for (int v = 0; v < VECS_OF_LANES; v++)
                parts[0][v] = add_products(parts[0][v], splat_step(x + k),
                                           load_whole(w + (size_t)v * VEC_SIZE));
    }
    for (int v = 0; v < VECS_OF_LANES; v++) {
        sums[0][v] = parts[0][v];
        for (int c = 1; c < CHAINS; c++)
            sums[0][v] += parts[c][v];
    }
    finish_tile(p, sums, 1, place, first, VECS_OF_LANES);
}

/** All places of n_vecs vectors of outputs. */
INLINE void multiply_block(const ws_lite_byte_product *p, const number *image,
                           const int32_t *weights, size_t first, int n_vecs)
{
    const size_t rows = (size_t)(n_vecs == MAX_VECS ? ROWS_OF_MOST_VECS : ROWS);

    for (size_t at = 0; at < p->n_places;) {
        const size_t n = least(p->n_places - at, rows);
        if (n <= FEW_PLACES)
            for (int v = 0; v < n_vecs; v += VECS_OF_LANES)
                for (size_t i = 0; i < n; i++)
                    multiply_place(p, image, weights, first + (size_t)v * VEC_SIZE, at + i);
        else
            multiply_places(p, image, weights, first, at, n, (int)rows, n_vecs);
        at += n;
    }
}

static void multiply(const ws_lite_byte_product *p, const void *image, const void *weights)
{
    for (size_t first = 0; first < p->stride;) {
        const size_t n_vecs = (p->stride - first) / VEC_SIZE;
        if (n_vecs >= MAX_VECS) {
            multiply_block(p, image, weights, first, MAX_VECS);
            first += MAX_VECS * VEC_SIZE;
#if VEC_SIZE == 16
        } else if (n_vecs >= 2) {
            multiply_block(p, image, weights, first, 2);
            first += 2 * VEC_SIZE;
        } else {
            multiply_block(p, image, weights, first, 1);
            first += VEC_SIZE;
#endif
        }
    }
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
#elif defined(__ARM_NEON)
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

/** Places begin to begin + n of 16 channels from `first` on. @param bytes  NULL: of floats */
INLINE void multiply_taps(const ws_lite_byte_product *p, const float *floats, const int8_t *bytes,
                          int32_t zero, const float *weights, size_t first, size_t begin, size_t n)
{
    const float *w = weights + first;
    size_t x[ROWS];
    vec part[ROWS][VECS_OF_LANES];
    ivec sums[ROWS][MAX_VECS];

    for (size_t m = 0; m < ROWS; m++)
        x[m] = p->places[begin + (m < n ? m : n - 1)] + first;
    UNROLL
    for (int m = 0; m < ROWS; m++)
        VEC_LANES (lane)
            part[m][lane / VEC_SIZE] = vec_zero();
    for (size_t r = 0; r < p->n_runs; r++, w += p->stride)
        VEC_LANES (lane) {
            const vec column = vec_load(w + lane);
            UNROLL
            for (int m = 0; m < ROWS; m++) {
                const size_t at = x[m] + p->runs[r] + (size_t)lane;
                const vec tap =
                    bytes != NULL ? load_floats(bytes + at, zero) : vec_load(floats + at);
                part[m][lane / VEC_SIZE] += tap * column;
            }
        }
    UNROLL
    for (int m = 0; m < ROWS; m++)
        VEC_LANES (lane)
            sums[m][lane / VEC_SIZE] = load_whole(p->bias + first + (size_t)lane) +
                                       __builtin_convertvector(part[m][lane / VEC_SIZE], ivec);
    finish_tile(p, sums, n, begin, first, VECS_OF_LANES);
}

/** All vectors of all places; the last one overlaps the one before it. */
INLINE void multiply_all(const ws_lite_byte_product *p, const float *floats, const int8_t *bytes,
                         int32_t zero, const float *weights)
{
    const size_t last = p->n_out > WS_LITE_LANES ? p->n_out - WS_LITE_LANES : 0;

    for (size_t first = 0; first < p->n_out; first += WS_LITE_LANES)
        for (size_t at = 0; at < p->n_places; at += ROWS)
            multiply_taps(p, floats, bytes, zero, weights, least(first, last), at,
                          least(p->n_places - at, ROWS));
}

static void multiply_channels(const ws_lite_byte_product *p, const float *image,
                              const float *weights)
{
    multiply_all(p, image, NULL, 0, weights);
}

static void multiply_bytes(const ws_lite_byte_product *p, const int8_t *image, int32_t zero,
                           const float *weights)
{
    multiply_all(p, NULL, image, zero, weights);
}

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
    const vec shift = vec_splat(12582912.0f), low = vec_splat(j->least), high = vec_splat(j->most);
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
            vec nearest = x + shift;
            vec_pin(&nearest);
            nearest -= shift;
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

static void average(const int32_t *sums, size_t n, int32_t n_parts, int32_t zero, int32_t least_y,
                    int32_t most_y, int8_t *y)
{
    const int32_t moved = n_parts * zero;
    const float divisor = (float)(2 * n_parts);

    for (size_t i = 0; i < n; i++) {
        const int32_t total = sums[i] + moved;
        /* whole numbers below 2^24, whose quotient is below a whole number only if it is by more
         * than it is rounded */
        const int32_t size = (int32_t)((float)(2 * abs(total) + n_parts) / divisor);
        const int32_t whole = total < 0 ? -size : size;
        y[i] = (int8_t)(whole < least_y ? least_y : whole > most_y ? most_y : whole);
    }
}

static void widen(const int8_t *from, int8_t flip, int32_t zero, size_t n, void *to)
{
    number *numbers = to;

    for (size_t i = 0; i < n; i++) {
        const int8_t x = (int8_t)(from[i] ^ flip);
        numbers[i] = STEP == 4 ? (number)(x + 128) : (number)(x - (int16_t)zero);
    }
}

static void widen_to_floats(const int8_t *from, int8_t flip, int32_t zero, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (float)((int8_t)(from[i] ^ flip) - zero);
}

const ws_lite_byte_products LEVEL_NAME(ws_lite_byte_products) = {
    .step = STEP,
    .multiply = multiply,
    .multiply_channels = multiply_channels,
    .multiply_bytes = multiply_bytes,
    .join = join,
    .join_twice = join_twice,
    .average = average,
    .widen = widen,
    .widen_to_floats = widen_to_floats,
};
