/* The kernels of spectrum_kernels.h, compiled once per instruction set. */
#include "audio/spectrum_kernels.h"

#include <stdbool.h>

#include "fft/real_codelets.h"

INLINE ws_f64_part load_row(const double *row, size_t part)
{
    return ((const ws_f64_part *)(const void *)row)[part];
}

INLINE void store_row(double *row, size_t part, ws_f64_part value)
{
    ((ws_f64_part *)(void *)row)[part] = value;
}

/* Conversions of a register: what the compilers make of __builtin_convertvector takes three times
 * as many instructions. The floats may be at any address. */
#if defined(__AVX512F__)
INLINE ws_f64_part load_floats(const float *from, size_t part)
{
    return (ws_f64_part)_mm512_cvtps_pd(_mm256_loadu_ps(from + part * WS_F64_PART));
}
INLINE ws_f64_part round_to_float(ws_f64_part x)
{
    return (ws_f64_part)_mm512_cvtps_pd(_mm512_cvtpd_ps((__m512d)x));
}
#elif defined(__AVX__)
INLINE ws_f64_part load_floats(const float *from, size_t part)
{
    return (ws_f64_part)_mm256_cvtps_pd(_mm_loadu_ps(from + part * WS_F64_PART));
}
INLINE ws_f64_part round_to_float(ws_f64_part x)
{
    return (ws_f64_part)_mm256_cvtps_pd(_mm256_cvtpd_ps((__m256d)x));
}
#else
__extension__ typedef float f32_part __attribute__((vector_size(WS_F64_PART * sizeof(float))));

INLINE ws_f64_part load_floats(const float *from, size_t part)
{
    from += part * WS_F64_PART;
    return (ws_f64_part){(double)from[0], (double)from[1]};
}
INLINE ws_f64_part round_to_float(ws_f64_part x)
{
#if defined(__SSE2__)
    return (ws_f64_part)_mm_cvtps_pd(_mm_cvtpd_ps((__m128d)x));
#else
    /* not (double)(float) of each: in vectors, GCC 12 takes the two for nothing */
    return __builtin_convertvector(__builtin_convertvector(x, f32_part), ws_f64_part);
#endif
}
#endif

INLINE ws_f64_part power_of(zvec x)
{
    return round_to_float(x.re * x.re + x.im * x.im);
}

/** A block of columns that the clip's end cuts; what lies after the clip is zero. */
static void load_cut(const ws_columns *columns, const float *samples, size_t at, vec *block)
{
    for (size_t i = 0; i < VEC_SIZE; i++, at += columns->stride_samples) {
        const size_t left = at < columns->n_samples ? columns->n_samples - at : 0;
        float column[VEC_SIZE] = {0.0f};
        if (left > 0)
            memcpy(column, samples + at, (left < VEC_SIZE ? left : VEC_SIZE) * sizeof *column);
        block[i] = vec_load(column);
    }
}

/** Rows from first_row on, one number after the other. */
static void transpose_rows(const ws_columns *columns, const float *samples, size_t first_row,
                           float *out)
{
    const size_t stride = columns->stride_samples, pitch = columns->pitch;
    for (size_t row = first_row; row < columns->n_rows; row++) {
        float *to = out + row * pitch;
        size_t column = 0;
        for (; column < pitch && column * stride + row < columns->n_samples; column++)
            to[column] = samples[column * stride + row];
        memset(to + column, 0, (pitch - column) * sizeof *to);
    }
}

/** Blocks of VEC_SIZE rows and columns; the pitch is a multiple of that. */
static void transpose(const ws_columns *columns, const float *samples, float *out)
{
    const size_t stride = columns->stride_samples, pitch = columns->pitch;
    const size_t n_rows = columns->n_rows / VEC_SIZE * VEC_SIZE;

    for (size_t column = 0; column < pitch; column += VEC_SIZE) {
        for (size_t row = 0; row < n_rows; row += VEC_SIZE) {
            const size_t first = column * stride + row;
            vec block[VEC_SIZE];
            if (first + (VEC_SIZE - 1) * stride + VEC_SIZE > columns->n_samples) {
                load_cut(columns, samples, first, block);
            } else {
                UNROLL
                for (size_t i = 0; i < VEC_SIZE; i++)
                    block[i] = vec_load(samples + first + i * stride);
            }
            vec_transpose(block);
            UNROLL
            for (size_t i = 0; i < VEC_SIZE; i++)
                vec_store(out + (row + i) * pitch + column, block[i]);
        }
    }
    transpose_rows(columns, samples, n_rows, out);
}

static void load(const ws_spectrogram *spectrogram, const float *column, double *in)
{
    for (size_t i = 0; i < spectrogram->fft_length; i++) {
        for (size_t part = 0; part < WS_F64_PARTS; part++)
            store_row(in + i * WS_FFT_LANES, part,
                      spectrogram->window[i] *
                          load_floats(column + spectrogram->columns.offsets[i], part));
    }
}

static void power(size_t n_bins, const double *re, const double *im, double *out)
{
    for (size_t at = 0; at < n_bins * WS_F64_PARTS; at++)
        store_row(out, at, power_of((zvec){load_row(re, at), load_row(im, at)}));
}

/** Where the samples r, 16 + r, 32 + r, ... of the frames are. */
typedef struct sample_comb {
    const double *window;
    const size_t *offsets;
    const float *column;
    size_t part;
} sample_comb;

INLINE ws_f64_part comb_sample(const sample_comb *comb, int m)
{
    const int i = WS_SPECTRUM_SECOND * m;
    return comb->window[i] * load_floats(comb->column + comb->offsets[i], comb->part);
}

/** The samples first, first + 32/n, first + 2 * 32/n, ... of the comb: bins 0 .. n/2. */
INLINE void comb_dft_4(const sample_comb *comb, int first, zvec out[3])
{
    real_dft_4(comb_sample(comb, first), comb_sample(comb, first + 8),
               comb_sample(comb, first + 16), comb_sample(comb, first + 24), out);
}

INLINE void comb_dft_8(const sample_comb *comb, int first, zvec out[5])
{
    zvec even[3], odd[3];
    comb_dft_4(comb, first, even);
    comb_dft_4(comb, first + 4, odd);
    real_join(8, even, odd, out);
}

INLINE void comb_dft_16(const sample_comb *comb, int first, zvec out[9])
{
    zvec even[5], odd[5];
    comb_dft_8(comb, first, even);
    comb_dft_8(comb, first + 2, odd);
    real_join(16, even, odd, out);
}

INLINE void comb_dft_32(const sample_comb *comb, zvec out[17])
{
    zvec even[9], odd[9];
    comb_dft_16(comb, 0, even);
    comb_dft_16(comb, 1, odd);
    real_join(32, even, odd, out);
}

/** work[k1][r] = sum over m of x[16 m + r] exp(-2 pi i m k1 / 32) */
static void first_pass(const ws_spectrogram *spectrogram, const float *column, double *work)
{
    for (size_t r = 0; r < WS_SPECTRUM_SECOND; r++) {
        for (size_t part = 0; part < WS_F64_PARTS; part++) {
            const sample_comb comb = {spectrogram->window + r, spectrogram->columns.offsets + r,
                                      column, part};
            double *out = work + r * 2 * WS_FFT_LANES;
            zvec bins[WS_SPECTRUM_N_K1];
            comb_dft_32(&comb, bins);
            UNROLL
            for (int k1 = 0; k1 < WS_SPECTRUM_N_K1; k1++) {
                store_row(out, part, bins[k1].re);
                store_row(out + WS_FFT_LANES, part, bins[k1].im);
                out += WS_SPECTRUM_PITCH;
            }
        }
    }
}

/** The numbers r = b, b + 4, b + 8, b + 12 of a row of work, turned by their factors. */
INLINE void load_turned(const double *row, const double *factors, int b, size_t part, zvec x[4])
{
    UNROLL
    for (int a = 0; a < 4; a++) {
        const int r = 4 * a + b;
        const double *at = row + (ptrdiff_t)r * 2 * WS_FFT_LANES;
        const zvec value = {load_row(at, part), load_row(at + WS_FFT_LANES, part)};
        x[a] = r == 0 ? value : zvec_rotate(value, factors[2 * r], factors[2 * r + 1]);
    }
}

/** Bin k1 + 32 k2, which is the conjugate of 512 - it. */
INLINE size_t bin_of(size_t k1, int k2)
{
    const size_t k = k1 + WS_SPECTRUM_FIRST * (size_t)k2;
    return k <= WS_SPECTRUM_N / 2 ? k : WS_SPECTRUM_N - k;
}

/**
 * Powers of the bins k1 + 32 k2: with r = 4 a + b and k2 = q + 4 p, transforms of 4 over a, factors
 * exp(-2 pi i b q / 16), transforms of 4 over b. Of those only p = 0 and 3 lead to the lower half
 * of the bins.
 */
INLINE void second_dft_16(const double *row, const double *factors, size_t k1, size_t part,
                          bool lower_half, double *out)
{
    zvec between[4][4]; /* [q][b] */
    UNROLL
    for (int b = 0; b < 4; b++) {
        zvec x[4];
        load_turned(row, factors, b, part, x);
        complex_dft_4(x);
        UNROLL
        for (int q = 0; q < 4; q++)
            between[q][b] = zvec_rotate_32(x[q], 2 * b * q);
    }
    UNROLL
    for (int q = 0; q < 4; q++) {
        complex_dft_4(between[q]);
        UNROLL
        for (int p = 0; p < 4; p++) {
            if (!lower_half || p == 0 || p == 3)
                store_row(out + bin_of(k1, q + 4 * p) * WS_FFT_LANES, part,
                          power_of(between[q][p]));
        }
    }
}

static void second_pass(const double *work, const double *factors, bool lower_half, double *out)
{
    for (size_t k1 = 0; k1 < WS_SPECTRUM_N_K1; k1++) {
        for (size_t part = 0; part < WS_F64_PARTS; part++) {
            if (lower_half)
                second_dft_16(work, factors, k1, part, true, out);
            else
                second_dft_16(work, factors, k1, part, false, out);
        }
        work += WS_SPECTRUM_PITCH;
        factors += WS_SPECTRUM_SECOND * 2;
    }
}

static void power_512(const ws_spectrogram *spectrogram, const float *column, double *work,
                      double *out)
{
    first_pass(spectrogram, column, work);
    second_pass(work, spectrogram->factors, spectrogram->n_wanted <= WS_SPECTRUM_N / 4 + 1, out);
}

const ws_spectrum_kernels LEVEL_NAME(ws_spectrum_kernels) = {
    .transpose = transpose,
    .load = load,
    .power = power,
    .power_512 = power_512,
};
