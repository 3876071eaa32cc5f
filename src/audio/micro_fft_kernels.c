/*
 * The FFT kernels of micro_kernels.h, compiled once per instruction set.
 *
 * KISS FFT multiplies by 32767/32768 where a factor is 1. That changes nothing here: a layer of 4
 * has made the numbers smaller than 8192 before, one of 2 smaller than 16384, and the rounding
 * restores those. So the first factors of a layer are left out.
 */
#include "audio/micro_kernels.h"
#include "audio/micro_vec.h"

enum { LANES = WS_MICRO_LANES };

/* 32767 / n, by which KISS FFT divides. */
enum { HALF = 16383, QUARTER = 8191 };

/** Between the least and the largest number of 16 bits; a NaN becomes the least. */
INLINE vec saturate(vec x)
{
#if defined(__AVX512F__)
    const __m512 above = _mm512_max_ps((__m512)x, _mm512_set1_ps(-32768.0f));
    return (vec)_mm512_min_ps(above, _mm512_set1_ps(32767.0f));
#elif defined(__AVX__)
    const __m256 above = _mm256_max_ps((__m256)x, _mm256_set1_ps(-32768.0f));
    return (vec)_mm256_min_ps(above, _mm256_set1_ps(32767.0f));
#elif defined(__SSE2__)
    const __m128 above = _mm_max_ps((__m128)x, _mm_set1_ps(-32768.0f));
    return (vec)_mm_min_ps(above, _mm_set1_ps(32767.0f));
#else
    for (int i = 0; i < VEC_SIZE; i++) {
        const float above = x[i] > -32768.0f ? x[i] : -32768.0f;
        x[i] = above < 32767.0f ? above : 32767.0f;
    }
    return x;
#endif
}

/** A sample, cut to a whole number of 16 bits, times its window. */
INLINE pvec windowed(const ws_micro *micro, const float *column, size_t i, int lane)
{
    const vec samples = vec_load(column + micro->columns.offsets[i] + lane);
    const pvec whole = __builtin_convertvector(saturate(samples * micro->sample_scale), pvec);
    return pair_dot(whole, pair_fill(micro->window[i])) >> 12;
}

/** The largest magnitude of a frame; that of -32768 does not count, as in the original. */
static void find_shifts(const int32_t *largest, int32_t *shifts)
{
    for (int lane = 0; lane < LANES; lane++) {
        const int32_t low = (int16_t)largest[lane], high = largest[lane] >> 16;
        const int32_t more = low > high ? low : high;
        shifts[lane] = more == 0 ? 15 : __builtin_clz((unsigned)more) - 17;
    }
}

static void window(const ws_micro *micro, const float *column, int32_t *pairs, int32_t *shifts)
{
    VEC_LANES (lane) {
        pvec largest = {0};
        for (size_t i = 0; i < micro->n_pairs; i++) {
            const pvec low = windowed(micro, column, 2 * i, lane);
            const pvec high = windowed(micro, column, 2 * i + 1, lane);
            const pvec pair = pair_join(low, (pvec)((bits_vec)high << 16));
            largest = pair_larger(largest, pair_larger(pair, pair_sub((pvec){0}, pair)));
            pair_store(pairs + i * LANES + lane, pair);
        }
        for (size_t i = micro->n_pairs; i < micro->fft.half; i++)
            pair_store(pairs + i * LANES + lane, (pvec){0});
        pair_store(shifts + lane, largest); /* for a moment */
    }
    find_shifts(shifts, shifts);
}

/** Four numbers in place: the last steps of a butterfly, after scaling and turning. */
INLINE void dft_4(pvec x[4])
{
    const pvec sum = pair_add(x[0], x[2]), difference = pair_sub(x[0], x[2]);
    const pvec other = pair_add(x[1], x[3]);
    const pvec turned = pair_turn_back(pair_sub(x[1], x[3]));
    x[0] = pair_add(sum, other);
    x[1] = pair_add(difference, turned);
    x[2] = pair_sub(sum, other);
    x[3] = pair_sub(difference, turned);
}

/** Number i of the input, shifted; factors are powers of two in both halves. */
INLINE pvec load_shifted(const int32_t *pairs, size_t i, int lane, pvec factors)
{
    const pvec x = pair_load(pairs + i * LANES + lane);
    return (pvec)((half_bits)x * (half_bits)factors);
}

INLINE pvec shift_factors(const int32_t *shifts, int lane)
{
    int32_t factors[VEC_SIZE] __attribute__((aligned(4 * VEC_SIZE)));
    for (int i = 0; i < VEC_SIZE; i++)
        factors[i] = (int32_t)(UINT32_C(0x00010001) << shifts[lane + i]);
    return pair_load(factors);
}

/** The first layer of 2, or of 4: neighbours in the transform's order. */
static void first_layer_2(const ws_micro_fft *fft, const int32_t *pairs, const int32_t *shifts,
                          int32_t *out)
{
    VEC_LANES (lane) {
        const pvec factors = shift_factors(shifts, lane);
        for (size_t i = 0; i < fft->half; i += 2) {
            const pvec a = pair_scale(load_shifted(pairs, fft->order[i], lane, factors), HALF);
            const pvec b = pair_scale(load_shifted(pairs, fft->order[i + 1], lane, factors), HALF);
            pair_store(out + i * LANES + lane, pair_add(a, b));
            pair_store(out + (i + 1) * LANES + lane, pair_sub(a, b));
        }
    }
}

static void first_layer_4(const ws_micro_fft *fft, const int32_t *pairs, const int32_t *shifts,
                          int32_t *out)
{
    VEC_LANES (lane) {
        const pvec factors = shift_factors(shifts, lane);
        for (size_t i = 0; i < fft->half; i += 4) {
            pvec x[4];
            UNROLL
            for (size_t k = 0; k < 4; k++)
                x[k] = pair_scale(load_shifted(pairs, fft->order[i + k], lane, factors), QUARTER);
            dft_4(x);
            UNROLL
            for (size_t k = 0; k < 4; k++)
                pair_store(out + (i + k) * LANES + lane, x[k]);
        }
    }
}

/** A butterfly over rows step numbers apart, with the factors of its last three (NULL: 1). */
INLINE void butterfly(int32_t *at, size_t step, const ws_micro_factor *const factors[3])
{
    VEC_LANES (lane) {
        pvec x[4];
        UNROLL
        for (size_t k = 0; k < 4; k++) {
            x[k] = pair_scale(pair_load(at + k * step + lane), QUARTER);
            if (factors != NULL && k > 0)
                x[k] = pair_turn(x[k], factors[k - 1]);
        }
        dft_4(x);
        UNROLL
        for (size_t k = 0; k < 4; k++)
            pair_store(at + k * step + lane, x[k]);
    }
}

/** From transforms of n numbers, four of which follow each other, to such of 4 n. */
static void layer_4(const ws_micro_fft *fft, size_t n, int32_t *work)
{
    const size_t stride = fft->half / (4 * n); /* in the table of factors */

    for (size_t row = 0; row < fft->half; row += 4 * n)
        butterfly(work + row * LANES, n * LANES, NULL);
    for (size_t j = 1; j < n; j++) {
        const ws_micro_factor *turn = fft->turns;
        const ws_micro_factor *factors[3] = {turn + j * stride, turn + 2 * j * stride,
                                             turn + 3 * j * stride};
        for (size_t row = j; row < fft->half; row += 4 * n)
            butterfly(work + row * LANES, n * LANES, factors);
    }
}

static void transform(const ws_micro_fft *fft, const int32_t *pairs, const int32_t *shifts,
                      int32_t *out)
{
    size_t n = fft->half;

    while (n % 4 == 0)
        n /= 4;
    if (n == 2)
        first_layer_2(fft, pairs, shifts, out);
    else
        first_layer_4(fft, pairs, shifts, out);
    for (n = n == 2 ? 2 : 4; n < fft->half; n *= 4)
        layer_4(fft, n, out);
}

/** Bins k and half - k from numbers k and half - k, one vector of each. */
INLINE void split_pair(const ws_micro_factor *factor, pvec a, pvec b, int32_t *at_k,
                       int32_t *at_mirror)
{
    const pvec p = pair_scale(a, HALF), q = pair_scale(pair_conjugate(b), HALF);
    const pvec sum = pair_add(p, q), turned = pair_turn(pair_sub(p, q), factor);
    pair_store(at_k, pair_half_sum(sum, turned));
    pair_store(at_mirror, pair_half_difference(pair_join(sum, turned), pair_join(turned, sum)));
}

static void split(const ws_micro_fft *fft, const int32_t *in, int32_t *out)
{
    const size_t half = fft->half;

    VEC_LANES (lane) {
        const pvec first = pair_scale(pair_load(in + lane), HALF);
        const pvec swapped = (pvec)((bits_vec)first >> 16);
        pair_store(out + lane, pair_join(pair_add(first, swapped), (pvec){0}));
        pair_store(out + half * LANES + lane, pair_join(pair_sub(first, swapped), (pvec){0}));
    }
    for (size_t k = 1; k <= half / 2; k++) {
        const size_t at_k = k * LANES, at_mirror = (half - k) * LANES;
        VEC_LANES (lane) {
            split_pair(&fft->splits[k], pair_load(in + at_k + lane),
                       pair_load(in + at_mirror + lane), out + at_k + lane, out + at_mirror + lane);
        }
    }
}

const ws_micro_fft_kernels LEVEL_NAME(ws_micro_fft_kernels) = {
    .window = window,
    .transform = transform,
    .split = split,
};
