/* The kernels of mel_kernels.h, compiled once per instruction set. */
#include "audio/mel_kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "fft/conv_vec.h"
#include "fft/lanes.h"

/** The bits of the doubles in a register. */
__extension__ typedef uint64_t bits_part
    __attribute__((vector_size(WS_F64_PART * sizeof(uint64_t)), may_alias));

INLINE ws_f64_part load_row(const double *row, size_t part)
{
    return ((const ws_f64_part *)(const void *)row)[part];
}

INLINE void store_row(double *row, size_t part, ws_f64_part value)
{
    ((ws_f64_part *)(void *)row)[part] = value;
}

/**
 * Square roots of zeros and of numbers that are not too small for single precision. In AVX-512 the
 * exact instruction is slow; from an estimate y of 1 / sqrt(x), good to 14 bits, Newton's method
 * for g = x y and h = y / 2 leads to 28 and then 53 bits. The addend keeps y finite if x is 0.
 */
INLINE ws_f64_part root(ws_f64_part x)
{
#if defined(__AVX512F__)
    const ws_f64_part y = (ws_f64_part)_mm512_rsqrt14_pd((__m512d)(x + 1e-300));
    const ws_f64_part g = x * y, h = 0.5 * y;
    const ws_f64_part half_error = 0.5 - g * h;
    const ws_f64_part better_g = g + g * half_error, better_h = h + h * half_error;
    return better_g + better_h * (x - better_g * better_g);
#elif defined(__AVX__)
    return (ws_f64_part)_mm256_sqrt_pd((__m256d)x);
#elif defined(__SSE2__)
    return (ws_f64_part)_mm_sqrt_pd((__m128d)x);
#else
    for (int i = 0; i < WS_F64_PART; i++)
        x[i] = sqrt(x[i]);
    return x;
#endif
}

/** Between the tops of two triangles a bin counts for both: one falls while the next rises. */
INLINE void sum_bands(const ws_mel *mel, const double *power, bool of_roots, double *out)
{
    for (size_t part = 0; part < WS_F64_PARTS; part++) {
        ws_f64_part rising_before = {0};
        for (size_t band = 0; band <= mel->options.n_bands; band++) {
            ws_f64_part falling = {0}, rising = {0};
            for (size_t i = mel->edges[band]; i < mel->edges[band + 1]; i++) {
                const ws_f64_part x = load_row(power + i * WS_FFT_LANES, part);
                const ws_f64_part value = of_roots ? root(x) : x;
                const ws_f64_part share = value * mel->weights[i];
                falling += share;
                rising += value - share;
            }
            if (band > 0)
                store_row(out + (band - 1) * WS_FFT_LANES, part, rising_before + falling);
            rising_before = rising;
        }
    }
}

static void mel(const ws_mel *mel, const double *power, double *out)
{
    sum_bands(mel, power, true, out);
}

static void mel_power(const ws_mel *mel, const double *power, double *out)
{
    sum_bands(mel, power, false, out);
}

/** The larger one; b if a is NaN. */
INLINE ws_f64_part larger(ws_f64_part a, ws_f64_part b)
{
    const bits_part is_a = (bits_part)(a > b);
    return (ws_f64_part)(((bits_part)a & is_a) | ((bits_part)b & ~is_a));
}

/**
 * Natural logarithm of positive normal numbers x = 2^e m, sqrt(1/2) <= m < sqrt(2):
 *
 *     log x = e log 2 + 2 artanh(s)   with   s = (m - 1) / (m + 1),  |s| < 0.1716
 *     artanh(s) = s + s^3/3 + s^5/5 + ... + s^19/19   (what is left out is below 3e-17 s)
 *
 * log 2 comes in two pieces, the larger one so short that its product with e is exact; and
 * 2 s = f - s f with f = m - 1, so that the rounding of s hardly counts.
 */
INLINE ws_f64_part log_of(ws_f64_part x)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000;
    const uint64_t fraction = 0x000fffffffffffff, two_to_52 = 0x4330000000000000;
    const double log2_high = 0x1.62e42feep-1, log2_low = 0x1.a39ef35793c76p-33;

    /* Adding the distance from sqrt(1/2) to 1 carries into the exponent from sqrt(1/2) on. */
    const bits_part moved = (bits_part)x + (one - root_half);
    const bits_part exponent = moved >> 52 | two_to_52; /* the number 2^52 + 1023 + e */
    const ws_f64_part e = (ws_f64_part)exponent - (0x1p52 + 1023.0);
    const ws_f64_part m = (ws_f64_part)((moved & fraction) + root_half);
    const ws_f64_part f = m - 1.0;
    const ws_f64_part s = f / (m + 1.0);
    const ws_f64_part z = s * s, z2 = z * z, z4 = z2 * z2;
    const ws_f64_part low = (z * (2.0 / 5.0) + 2.0 / 3.0) + z2 * (z * (2.0 / 9.0) + 2.0 / 7.0);
    const ws_f64_part high = (z * (2.0 / 13.0) + 2.0 / 11.0) + z2 * (z * (2.0 / 17.0) + 2.0 / 15.0);
    const ws_f64_part series = low + z4 * (high + z4 * (2.0 / 19.0));

    return e * log2_high + (f - (s * (f - z * series) - e * log2_low));
}

static void log_rows(size_t n_rows, double floor, double *x)
{
    const ws_f64_part least = floor - (ws_f64_part){0};
    for (size_t at = 0; at < n_rows * WS_F64_PARTS; at++)
        store_row(x, at, log_of(larger(load_row(x, at), least)));
}

static void log_sum(size_t n_rows, double offset, double *x)
{
    const ws_f64_part least = offset - (ws_f64_part){0};
    for (size_t at = 0; at < n_rows * WS_F64_PARTS; at++)
        store_row(x, at, log_of(larger(load_row(x, at) + least, least)));
}

/** Rows j and n-1-j become their sum and their difference; a row in the middle stays. */
static void fold(size_t n, double *rows)
{
    for (size_t j = 0; j < n / 2; j++) {
        double *front = rows + j * WS_FFT_LANES, *back = rows + (n - 1 - j) * WS_FFT_LANES;
        for (size_t part = 0; part < WS_F64_PARTS; part++) {
            const ws_f64_part a = load_row(front, part), b = load_row(back, part);
            store_row(front, part, a + b);
            store_row(back, part, a - b);
        }
    }
}

/** WS_DCT_BLOCK sums over n rows, step doubles apart. */
INLINE void dct_block(const double *cosines, size_t n, const double *row, ptrdiff_t step,
                      size_t part, ws_f64_part sums[WS_DCT_BLOCK])
{
    for (int i = 0; i < WS_DCT_BLOCK; i++)
        sums[i] = (ws_f64_part){0};
    for (size_t j = 0; j < n; j++) {
        const ws_f64_part x = load_row(row, part);
        UNROLL
        for (int i = 0; i < WS_DCT_BLOCK; i++)
            sums[i] += x * cosines[i];
        cosines += WS_DCT_BLOCK;
        row += step;
    }
}

static void dct(const ws_dct *dct, double *in, double *out)
{
    const size_t n = dct->n_in, n_half = (n + 1) / 2;
    const double *cosines = dct->cosines;

    fold(n, in);
    for (size_t odd = 0; odd < 2; odd++) { /* even k take the sums, odd ones the differences */
        const double *row = odd ? in + (n - 1) * WS_FFT_LANES : in;
        const ptrdiff_t step = odd ? -WS_FFT_LANES : WS_FFT_LANES;
        for (size_t first = odd; first < dct->n_out; first += 2 * (size_t)WS_DCT_BLOCK) {
            for (size_t part = 0; part < WS_F64_PARTS; part++) {
                ws_f64_part sums[WS_DCT_BLOCK];
                dct_block(cosines, n_half, row, step, part, sums);
                UNROLL
                for (size_t i = 0; i < WS_DCT_BLOCK; i++) {
                    if (first + 2 * i < dct->n_out)
                        store_row(out + (first + 2 * i) * WS_FFT_LANES, part, sums[i]);
                }
            }
            cosines += n_half * WS_DCT_BLOCK;
        }
    }
}

static void store(size_t n_rows, size_t n_frames, const double *rows, float *out)
{
    for (size_t frame = 0; frame < n_frames; frame++) {
        for (size_t k = 0; k < n_rows; k++) {
            const double x = rows[k * WS_FFT_LANES + frame];
            out[frame * n_rows + k] = fabs(x) < WS_MFCC_ROUNDING ? 0.0f : (float)x;
        }
    }
}

const ws_mel_kernels LEVEL_NAME(ws_mel_kernels) = {
    .mel = mel,
    .mel_power = mel_power,
    .log = log_rows,
    .log_sum = log_sum,
    .dct = dct,
    .store = store,
};
