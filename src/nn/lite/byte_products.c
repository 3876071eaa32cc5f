/* The kernels of byte_products.h, compiled once per instruction set.
 *
 * A tile is some places by some vectors of outputs. Its sums stay in registers over all runs; a
 * step multiplies pairs of 16 bits, or four of 8, and adds the products in 32. */
#include "nn/lite/byte_products.h"

#include <stdlib.h>

#include "nn/lite/byte_vec.h"

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
#elif defined(WITH_NEON)
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

/** Whole numbers of 8 bits from sums of 16 lanes, of which `lane` is the first. */
INLINE ivec rescale(const ws_lite_rescale *r, ivec sums, size_t lane)
{
    vec x;

    if (r->multipliers == NULL)
        x = __builtin_convertvector(sums, vec) * vec_load(r->steps + lane);
    else /* beyond 24 bits it is clamped anyway */
        x = __builtin_convertvector(
            scale_twice(sums, load_whole(r->multipliers + lane), load_whole(r->shifts + lane)),
            vec);
    x = round_all(clamp(x, vec_splat(r->least), vec_splat(r->most)));
    return __builtin_convertvector(x, ivec) + r->zero;
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
    .average = average,
    .widen = widen,
    .widen_to_floats = widen_to_floats,
};
