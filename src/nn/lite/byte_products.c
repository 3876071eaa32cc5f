/* The kernels of byte_products.h, compiled once per instruction set.
 *
 * A tile is some places by some vectors of outputs. Its sums stay in registers over all runs; a
 * step multiplies pairs of 16 bits and adds both products in 32. */
#include "nn/lite/byte_products.h"

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

enum { VECS_OF_LANES = WS_LITE_LANES / VEC_SIZE };

INLINE size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Adds the products of two numbers of 16 bits to each sum. */
INLINE ivec add_pairs(ivec sum, ivec a, ivec b)
{
#if defined(__AVX512BW__)
    /* AVX-512 VNNI is not a part of the level, so compilers do not use it */
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
#elif defined(__AVX2__)
    return sum + (ivec)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return sum + (ivec)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    return sum + (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
}

INLINE ivec splat_pair(const int16_t *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return ivec_splat(pair);
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
#else
    for (int i = 0; i < WS_LITE_LANES; i++)
        bytes[i] = (int8_t)v[i / VEC_SIZE][i % VEC_SIZE];
#endif
}

/** Whole numbers of 8 bits from sums. */
INLINE ivec rescale(ivec sums, const float *steps, vec least, vec most, int32_t zero)
{
    /* adding 1.5 * 2^23 rounds to a whole number, halves to even ones */
    const vec shift = vec_splat(12582912.0f);
    vec x = __builtin_convertvector(sums, vec) * vec_load(steps);

    x = vec_select(vec_greater(x, least), x, least);
    x = vec_select(vec_less(x, most), x, most) + shift;
    vec_pin(&x);
    return __builtin_convertvector(x - shift, ivec) + zero;
}

/** Stores 16 lanes of sums of a place, the first of which is `lane`. */
INLINE void finish(const ws_lite_byte_product *p, const ivec *sums, size_t place, size_t lane)
{
    const vec low = vec_splat(p->rescale.least), high = vec_splat(p->rescale.most);
    const size_t at = place * p->n_out + lane, left = p->n_out - lane;
    ivec whole[VECS_OF_LANES];
    int8_t bytes[WS_LITE_LANES];

    if (p->y == NULL) {
        memcpy(p->sums + at, sums, least(left, WS_LITE_LANES) * sizeof *p->sums);
        return;
    }
    for (int i = 0; i < VECS_OF_LANES; i++)
        whole[i] = rescale(sums[i], p->rescale.steps + lane + (size_t)i * VEC_SIZE, low, high,
                           p->rescale.zero);
    if (left >= WS_LITE_LANES) {
        narrow(whole, p->y + at);
    } else {
        narrow(whole, bytes);
        memcpy(p->y + at, bytes, left);
    }
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
INLINE void multiply_places(const ws_lite_byte_product *p, const int16_t *image,
                            const int16_t *weights, size_t first, size_t begin, size_t n,
                            int n_rows, int n_vecs)
{
    const int16_t *x[ROWS], *w = weights + 2 * first;
    ivec sums[ROWS][MAX_VECS];

    for (size_t m = 0; m < (size_t)n_rows; m++)
        x[m] = image + p->places[begin + (m < n ? m : n - 1)];
    UNROLL
    for (int m = 0; m < n_rows; m++)
        UNROLL
    for (int v = 0; v < n_vecs; v++)
        sums[m][v] = load_whole(p->bias + first + (size_t)v * VEC_SIZE);
    for (size_t r = 0; r < p->n_runs; r++) {
        for (size_t k = p->runs[r], end = k + p->run; k < end; k += 2, w += 2 * p->stride) {
            ivec columns[MAX_VECS];
            UNROLL
            for (int v = 0; v < n_vecs; v++)
                columns[v] = load_whole(w + (size_t)v * 2 * VEC_SIZE);
            UNROLL
            for (int m = 0; m < n_rows; m++) {
                const ivec a = splat_pair(x[m] + k);
                UNROLL
                for (int v = 0; v < n_vecs; v++)
                    sums[m][v] = add_pairs(sums[m][v], a, columns[v]);
            }
        }
    }
    finish_tile(p, sums, n, begin, first, n_vecs);
}

/** All places of n_vecs vectors of outputs. */
INLINE void multiply_block(const ws_lite_byte_product *p, const int16_t *image,
                           const int16_t *weights, size_t first, int n_vecs)
{
    const size_t rows = (size_t)(n_vecs == MAX_VECS ? ROWS_OF_MOST_VECS : ROWS);

    for (size_t at = 0; at < p->n_places; at += rows)
        multiply_places(p, image, weights, first, at, least(p->n_places - at, rows), (int)rows,
                        n_vecs);
}

static void multiply(const ws_lite_byte_product *p, const int16_t *image, const int16_t *weights)
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

/** Places begin to begin + n of 16 channels from `first` on. */
INLINE void multiply_taps(const ws_lite_byte_product *p, const float *image, const float *weights,
                          size_t first, size_t begin, size_t n)
{
    const float *x[ROWS], *w = weights + first;
    vec part[ROWS][VECS_OF_LANES];
    ivec sums[ROWS][MAX_VECS];

    for (size_t m = 0; m < ROWS; m++)
        x[m] = image + p->places[begin + (m < n ? m : n - 1)] + first;
    UNROLL
    for (int m = 0; m < ROWS; m++)
        VEC_LANES (lane)
            part[m][lane / VEC_SIZE] = vec_zero();
    for (size_t r = 0; r < p->n_runs; r++, w += p->stride)
        VEC_LANES (lane) {
            const vec column = vec_load(w + lane);
            UNROLL
            for (int m = 0; m < ROWS; m++)
                part[m][lane / VEC_SIZE] += vec_load(x[m] + p->runs[r] + lane) * column;
        }
    UNROLL
    for (int m = 0; m < ROWS; m++)
        VEC_LANES (lane)
            sums[m][lane / VEC_SIZE] = load_whole(p->bias + first + (size_t)lane) +
                                       __builtin_convertvector(part[m][lane / VEC_SIZE], ivec);
    finish_tile(p, sums, n, begin, first, VECS_OF_LANES);
}

static void multiply_channels(const ws_lite_byte_product *p, const float *image,
                              const float *weights)
{
    for (size_t first = 0; first < p->stride; first += WS_LITE_LANES)
        for (size_t at = 0; at < p->n_places; at += ROWS)
            multiply_taps(p, image, weights, first, at, least(p->n_places - at, ROWS));
}

/** Numbers of int8 less their zero point, as floats. */
INLINE vec load_bytes(const int8_t *from, int32_t zero)
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
#else
    for (int i = 0; i < VEC_SIZE; i++)
        whole[i] = from[i];
#endif
    return __builtin_convertvector(whole - zero, vec);
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
    const vec bottom = vec_splat((float)(INT8_MIN - j->zero));
    const vec top = vec_splat((float)(INT8_MAX - j->zero));
    vec farthest = vec_zero();

    for (size_t i = 0; i < n; i += WS_LITE_LANES) {
        ivec whole[VECS_OF_LANES];
        UNROLL
        for (int v = 0; v < VECS_OF_LANES; v++) {
            const size_t at = i + (size_t)v * VEC_SIZE;
            const vec left = load_bytes(a + at, j->zeros[0]) * j->factors[0];
            const vec right = load_bytes(b + at, j->zeros[1]);
            vec x = j->is_product ? left * right : left + right * j->factors[1];
            x = vec_select(vec_greater(x, low), x, low);
            x = vec_select(vec_less(x, high), x, high);
            vec nearest = x + shift;
            vec_pin(&nearest);
            nearest -= shift;
            vec off = x - nearest;
            off = vec_select(vec_less(off, vec_zero()), -off, off);
            farthest = vec_select(vec_less(farthest, off), off, farthest);
            nearest = vec_select(vec_greater(nearest, bottom), nearest, bottom);
            nearest = vec_select(vec_less(nearest, top), nearest, top);
            whole[v] = __builtin_convertvector(nearest, ivec) + j->zero;
        }
        narrow(whole, y + i);
    }
    return !is_any(vec_greater(farthest, vec_splat(0.5f - j->margin)));
}

static void widen(const int8_t *from, int8_t flip, int32_t zero, size_t n, int16_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (int16_t)((int8_t)(from[i] ^ flip) - (int16_t)zero);
}

static void widen_to_floats(const int8_t *from, int8_t flip, int32_t zero, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (float)((int8_t)(from[i] ^ flip) - zero);
}

const ws_lite_byte_products LEVEL_NAME(ws_lite_byte_products) = {
    .multiply = multiply,
    .multiply_channels = multiply_channels,
    .join = join,
    .widen = widen,
    .widen_to_floats = widen_to_floats,
};
