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
enum { MAX_LANES = MAX_VECS * VEC_SIZE };

/** Adds the products of two numbers of 16 bits to each sum. */
INLINE ivec add_pairs(ivec sum, ivec a, ivec b, bool may_fuse)
{
#if defined(__AVX512BW__)
    if (may_fuse) { /* AVX-512 VNNI: not a part of the level, so that compilers do not use it */
        __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
        return sum;
    }
    return sum + (ivec)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    (void)may_fuse;
    return sum + (ivec)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    (void)may_fuse;
    return sum + (ivec)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    (void)may_fuse;
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

/** Stores the sums of lanes first to first + n_lanes of a place. */
INLINE void finish(const ws_lite_byte_product *p, const int32_t *sums, size_t place, size_t first,
                   size_t n_lanes)
{
    /* adding 1.5 * 2^23 rounds to a whole number, halves to even ones */
    const float shift = 12582912.0f, least = p->rescale.least, most = p->rescale.most;
    const int32_t zero = p->rescale.zero;
    const size_t n = p->n_out - first < n_lanes ? p->n_out - first : n_lanes;

    if (p->y == NULL) {
        memcpy(p->sums + place * p->n_out + first, sums, n * sizeof *sums);
        return;
    }
    for (size_t begin = 0; begin < n; begin += WS_LITE_LANES) {
        const float *steps = p->rescale.steps + first + begin;
        int8_t *y = p->y + place * p->n_out + first + begin;
        int8_t bytes[WS_LITE_LANES];
        for (size_t i = 0; i < WS_LITE_LANES; i++) {
            float x = (float)sums[begin + i] * steps[i];
            x = x > least ? x : least;
            x = x < most ? x : most;
            bytes[i] = (int8_t)((int32_t)(x + shift - shift) + zero);
        }
        if (n - begin >= WS_LITE_LANES)
            memcpy(y, bytes, WS_LITE_LANES);
        else
            memcpy(y, bytes, n - begin);
    }
}

/** One tile. @param x  where its windows begin
 *  @param sums  [n_rows][MAX_LANES] of which n_vecs vectors are filled */
INLINE void multiply_tile(const ws_lite_byte_product *p, const int16_t *const *x,
                          const int16_t *weights, size_t first, int n_rows, int n_vecs,
                          bool may_fuse, int32_t (*sums)[MAX_LANES])
{
    const int16_t *w = weights + 2 * first;
    ivec part[ROWS][MAX_VECS];

    UNROLL
    for (int m = 0; m < n_rows; m++)
        UNROLL
    for (int v = 0; v < n_vecs; v++)
        part[m][v] = load_whole(p->bias + first + (size_t)v * VEC_SIZE);
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
                    part[m][v] = add_pairs(part[m][v], a, columns[v], may_fuse);
            }
        }
    }
    UNROLL
    for (int m = 0; m < n_rows; m++)
        UNROLL
    for (int v = 0; v < n_vecs; v++)
        memcpy(&sums[m][v * VEC_SIZE], &part[m][v], sizeof part[m][v]);
}

/** Places begin to begin + n, where n <= n_rows: a tile repeats the last one. */
INLINE void multiply_places(const ws_lite_byte_product *p, const int16_t *image,
                            const int16_t *weights, size_t first, size_t begin, size_t n,
                            int n_rows, int n_vecs, bool may_fuse)
{
    const int16_t *x[ROWS];
    int32_t sums[ROWS][MAX_LANES];

    for (size_t m = 0; m < (size_t)n_rows; m++)
        x[m] = image + p->places[begin + (m < n ? m : n - 1)];
    multiply_tile(p, x, weights, first, n_rows, n_vecs, may_fuse, sums);
    for (size_t m = 0; m < n; m++)
        finish(p, sums[m], begin + m, first, (size_t)n_vecs * VEC_SIZE);
}

/** All places of n_vecs vectors of outputs. */
INLINE void multiply_block(const ws_lite_byte_product *p, const int16_t *image,
                           const int16_t *weights, size_t first, int n_vecs, bool may_fuse)
{
    const size_t rows = (size_t)(n_vecs == MAX_VECS ? ROWS_OF_MOST_VECS : ROWS);
    size_t at = 0;

    for (; at + 2 < p->n_places; at += rows) {
        const size_t left = p->n_places - at;
        multiply_places(p, image, weights, first, at, left < rows ? left : rows, (int)rows, n_vecs,
                        may_fuse);
    }
    for (; at < p->n_places; at++)
        multiply_places(p, image, weights, first, at, 1, 1, n_vecs, may_fuse);
}

INLINE void multiply_blocks(const ws_lite_byte_product *p, const int16_t *image,
                            const int16_t *weights, bool may_fuse)
{
    const size_t n_vecs = p->stride / VEC_SIZE;

    for (size_t v = 0; v < n_vecs; v += MAX_VECS) {
        const size_t first = v * VEC_SIZE;
        switch (n_vecs - v) {
#if VEC_SIZE == 16
        case 1:
            multiply_block(p, image, weights, first, 1, may_fuse);
            break;
        case 2:
            multiply_block(p, image, weights, first, 2, may_fuse);
            break;
        case 3:
            multiply_block(p, image, weights, first, 3, may_fuse);
            break;
#endif
        default:
            multiply_block(p, image, weights, first, MAX_VECS, may_fuse);
        }
    }
}

static void multiply(const ws_lite_byte_product *p, const int16_t *image, const int16_t *weights)
{
    if (p->may_fuse)
        multiply_blocks(p, image, weights, true);
    else
        multiply_blocks(p, image, weights, false);
}

static void multiply_channels(const ws_lite_byte_product *p, const float *image,
                              const float *weights)
{
    for (size_t place = 0; place < p->n_places; place++) {
        const float *x = image + p->places[place];
        for (size_t first = 0; first < p->stride; first += WS_LITE_LANES) {
            int32_t sums[WS_LITE_LANES];
            float lanes[WS_LITE_LANES];
            vec part[WS_LITE_LANES / VEC_SIZE];
            VEC_LANES (lane)
                part[lane / VEC_SIZE] = vec_zero();
            for (size_t r = 0; r < p->n_runs; r++)
                VEC_LANES (lane)
                    part[lane / VEC_SIZE] +=
                        vec_load(x + p->runs[r] + first + lane) *
                        vec_load(weights + r * p->stride + first + (size_t)lane);
            VEC_LANES (lane)
                vec_store(lanes + lane, part[lane / VEC_SIZE]);
            for (int i = 0; i < WS_LITE_LANES; i++)
                sums[i] = p->bias[first + (size_t)i] + (int32_t)lanes[i];
            finish(p, sums, place, first, WS_LITE_LANES);
        }
    }
}

#define WIDEN(type, from, n, to)                             \
    do {                                                     \
        const type *bytes = from;                            \
        for (size_t i = 0; i < (n); i++)                     \
            (to)[i] = (int16_t)(bytes[i] - (int16_t)(zero)); \
    } while (0)

static void widen(const void *from, bool is_signed, int32_t zero, size_t n, int16_t *to)
{
    if (is_signed)
        WIDEN(int8_t, from, n, to);
    else
        WIDEN(uint8_t, from, n, to);
}

static void widen_to_floats(const void *from, bool is_signed, int32_t zero, size_t n, float *to)
{
    if (is_signed)
        WIDEN(int8_t, from, n, to);
    else
        WIDEN(uint8_t, from, n, to);
}

const ws_lite_byte_products LEVEL_NAME(ws_lite_byte_products) = {
    .multiply = multiply,
    .multiply_channels = multiply_channels,
    .widen = widen,
    .widen_to_floats = widen_to_floats,
};
