/* The kernels of audio/ on every level that this processor has, against plain code: outputs stand
 * between guards, inputs end where their memory ends. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/average_kernels.h"
#include "audio/mel_kernels.h"
#include "audio/spectrum_kernels.h"
#include "kernels/guarded.h"

#define FOR_ALL_LEVELS(level) \
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)

/** Rows of lanes between guards. */
static guarded rows_create(size_t n_rows)
{
    return guarded_create(n_rows * WS_FFT_LANES * 2);
}

static double *rows_of(const guarded *rows)
{
    return (double *)(void *)rows->at;
}

static void fill_rows(double *x, size_t n_rows, uint32_t stream, double scale)
{
    float *random = zeros_create(n_rows * WS_FFT_LANES, sizeof *random);
    fill_random(random, n_rows * WS_FFT_LANES, stream);
    for (size_t i = 0; i < n_rows * WS_FFT_LANES; i++)
        x[i] = scale * (double)random[i];
    free(random);
}

static void columns_are_the_clip(void **state)
{
    /* clips with and without a rest, shorter than a block, strides on both sides of the window */
    static const ws_spectrogram_options cases[] = {
        {16000, 480, 160}, {1234, 100, 37}, {64, 64, 3},     {999, 20, 45},
        {17, 2, 1},        {5000, 64, 16},  {4096, 512, 64}, {3000, 33, 32}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t n_samples = cases[i].n_samples, stride = cases[i].stride_samples;
        ws_spectrogram s;
        float *samples = malloc(n_samples * sizeof *samples);
        assert_non_null(samples);
        fill_random(samples, n_samples, 1);
        assert_int_equal(ws_spectrogram_init(&s, &cases[i], NULL), WS_OK);
        FOR_ALL_LEVELS(level)
        {
            guarded columns = guarded_create(s.columns.n_rows * s.columns.pitch);
            ws_spectrum_kernels_get(level)->transpose(&s.columns, samples, columns.at);
            for (size_t at = 0; at < s.columns.n_rows * s.columns.pitch; at++) {
                const size_t sample = at % s.columns.pitch * stride + at / s.columns.pitch;
                assert_true(columns.at[at] == (sample < n_samples ? samples[sample] : 0.0f));
            }
            guarded_destroy(&columns);
        }
        ws_spectrogram_deinit(&s);
        free(samples);
    }
}

/** The powers of 8 frames by the general transform. */
static void plain_power(const ws_spectrogram *s, const float *samples, double *in, double *power)
{
    double *im = aligned_alloc(WS_FFT_ALIGNMENT, s->n_bins * WS_FFT_LANES * sizeof *im);
    assert_non_null(im);
    for (size_t i = 0; i < s->fft_length; i++) {
        for (size_t lane = 0; lane < WS_FFT_LANES; lane++)
            in[i * WS_FFT_LANES + lane] =
                i < s->window_samples ? s->window[i] * (double)samples[lane * s->stride_samples + i]
                                      : 0.0;
    }
    ws_fft_real_run(s->fft, WS_CPU_GENERIC, in, power, im);
    for (size_t i = 0; i < s->n_bins * WS_FFT_LANES; i++)
        power[i] = power[i] * power[i] + im[i] * im[i];
    free(im);
}

/** Single precision of each, and what double precision leaves of the largest. */
static void check_power(const double *got, const double *want, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, want[i]);
    for (size_t i = 0; i < n; i++) {
        assert_true(fabs(got[i] - want[i]) <=
                    6.1e-8 * want[i] + 1e-29 * largest + 1e-14 * sqrt(largest * want[i]));
        assert_true(got[i] == (double)(float)got[i]);
    }
}

static void check_spectrum(ws_spectrogram *s, const float *samples, ws_cpu_level level)
{
    const ws_spectrum_kernels *kernels = ws_spectrum_kernels_get(level);
    guarded columns = guarded_create(s->columns.n_rows * s->columns.pitch);
    guarded in = rows_create(s->fft_length), want = rows_create(s->n_bins);
    guarded work = guarded_create((size_t)WS_SPECTRUM_N_K1 * WS_SPECTRUM_PITCH * 2);

    kernels->transpose(&s->columns, samples, columns.at);
    plain_power(s, samples, rows_of(&in), rows_of(&want));
    s->n_wanted = s->n_bins;
    guarded all = rows_create(s->n_bins);
    kernels->power_512(s, columns.at, rows_of(&work), rows_of(&all));
    check_power(rows_of(&all), rows_of(&want), s->n_bins * WS_FFT_LANES);
    guarded_destroy(&all);
    s->n_wanted = 129; /* the lower half, and not a byte more */
    guarded half = rows_create(s->n_wanted);
    kernels->power_512(s, columns.at, rows_of(&work), rows_of(&half));
    check_power(rows_of(&half), rows_of(&want), s->n_wanted * WS_FFT_LANES);
    guarded_destroy(&half);
    guarded_destroy(&columns);
    guarded_destroy(&in);
    guarded_destroy(&want);
    guarded_destroy(&work);
}

static void spectra_of_512_are_the_general_ones(void **state)
{
    static const ws_spectrogram_options cases[] = {
        {480 + 7 * 160, 480, 160}, {512 + 7 * 100, 512, 100}, {257 + 7 * 300, 257, 300}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_spectrogram s;
        float *samples = malloc(cases[i].n_samples * sizeof *samples);
        assert_non_null(samples);
        fill_random(samples, cases[i].n_samples, (uint32_t)i);
        assert_int_equal(ws_spectrogram_init(&s, &cases[i], NULL), WS_OK);
        FOR_ALL_LEVELS(level)
        check_spectrum(&s, samples, level);
        ws_spectrogram_deinit(&s);
        free(samples);
    }
}

static void plain_mel(const ws_mel *mel, const double *power, bool of_roots, double *out)
{
    memset(out, 0, mel->options.n_bands * WS_FFT_LANES * sizeof *out);
    for (size_t i = mel->first_bin; i < mel->end_bin; i++) {
        const int band = mel->bands[i];
        for (size_t lane = 0; lane < WS_FFT_LANES; lane++) {
            const double x = power[i * WS_FFT_LANES + lane];
            const double magnitude = of_roots ? sqrt(x) : x;
            if (band >= 0)
                out[(size_t)band * WS_FFT_LANES + lane] += magnitude * mel->weights[i];
            if (band + 1 < (int)mel->options.n_bands)
                out[(size_t)(band + 1) * WS_FFT_LANES + lane] +=
                    magnitude - magnitude * mel->weights[i];
        }
    }
}

static void mel_bands_are_the_plain_ones(void **state)
{
    static const ws_mel_options cases[] = {
        {257, 16000.0, 40, 20.0, 4000.0, WS_MEL_SIDES_MEL},
        {129, 8000.0, 40, 20.0, 4000.0, WS_MEL_SIDES_MEL},
        {1025, 44100.0, 40, 20.0, 4000.0, WS_MEL_SIDES_MEL},
        {257, 44100.0, 40, 20.0, 4000.0, WS_MEL_SIDES_MEL}, /* empty bands */
        {65, 16000.0, 1, 300.0, 8000.0, WS_MEL_SIDES_MEL},
        {257, 16000.0, 40, 0.0, 8000.0, WS_MEL_SIDES_HZ}};
    /* zero, the smallest and largest floats, ordinary ones */
    static const double scales[WS_FFT_LANES] = {0.0, 1.0, 1e-12, 1e-44, 1e38, 1e4, 0.5, 1e-30};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_mel mel;
        assert_int_equal(ws_mel_init(&mel, &cases[i], NULL), WS_OK);
        const size_t n_bands = cases[i].n_bands;
        guarded power = rows_create(mel.end_bin), want = rows_create(n_bands);
        fill_rows(rows_of(&power), mel.end_bin, 3, 1.0);
        for (size_t at = 0; at < mel.end_bin * WS_FFT_LANES; at++)
            rows_of(&power)[at] =
                (double)(float)fabs(rows_of(&power)[at] * scales[at % WS_FFT_LANES]);
        for (int of_roots = 0; of_roots < 2; of_roots++) {
            plain_mel(&mel, rows_of(&power), of_roots != 0, rows_of(&want));
            FOR_ALL_LEVELS(level)
            {
                const ws_mel_kernels *kernels = ws_mel_kernels_get(level);
                guarded out = rows_create(n_bands);
                (of_roots ? kernels->mel : kernels->mel_power)(&mel, rows_of(&power),
                                                               rows_of(&out));
                for (size_t at = 0; at < n_bands * WS_FFT_LANES; at++)
                    assert_true(fabs(rows_of(&out)[at] - rows_of(&want)[at]) <=
                                3e-15 * rows_of(&want)[at]);
                guarded_destroy(&out);
            }
        }
        guarded_destroy(&power);
        guarded_destroy(&want);
        ws_mel_deinit(&mel);
    }
}

/** Units in the last place between x and the exact logarithm. */
static double log_error(double x, double of)
{
    const long double exact = logl((long double)of);
    int exponent;
    (void)frexp((double)exact, &exponent);
    return (double)(fabsl((long double)x - exact) / ldexpl(1.0L, exponent - 53));
}

static double check_logs(const ws_mel_kernels *kernels, const double *x, size_t n_rows)
{
    guarded out = rows_create(n_rows);
    double worst = 0.0;
    memcpy(rows_of(&out), x, n_rows * WS_FFT_LANES * sizeof *x);
    kernels->log(n_rows, 0x1p-1022, rows_of(&out));
    for (size_t i = 0; i < n_rows * WS_FFT_LANES; i++) {
        if (x[i] != 1.0)
            worst = fmax(worst, log_error(rows_of(&out)[i], x[i]));
        else
            assert_true(rows_of(&out)[i] == 0.0);
    }
    guarded_destroy(&out);
    return worst;
}

static void logarithms_are_exact_to_a_bit(void **state)
{
    enum { N_ROWS = 2500, N = N_ROWS * WS_FFT_LANES };
    double *x = zeros_create(N, sizeof *x);
    (void)state;
    for (int what = 0; what < 3; what++) {
        fill_rows(x, N_ROWS, (uint32_t)what, 1.0);
        for (size_t i = 0; i < N; i++) { /* all exponents; near 1; what mel bands are */
            x[i] = what == 0   ? ldexp(1.0 + fabs(x[i]) * (1.0 - 0x1p-52), (int)(i % 2046) - 1022)
                   : what == 1 ? 1.0 + x[i] * pow(0.1, (double)(i % 16))
                               : 1e-12 * pow(10.0, 8.0 * (x[i] + 1.0));
            x[i] = x[i] < 0x1p-1022 ? 1.0 : x[i];
        }
        FOR_ALL_LEVELS(level)
        assert_error_below("log in units of the last place",
                           check_logs(ws_mel_kernels_get(level), x, N_ROWS), 1.0);
    }
    free(x);
}

static void logarithms_have_a_floor(void **state)
{
    static const double x[WS_FFT_LANES] = {0.0,    -1.0,  1e-12,       9.99e-13,
                                           1e-320, 1e-11, (double)NAN, -0.0};
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        guarded out = rows_create(1);
        memcpy(rows_of(&out), x, sizeof x);
        ws_mel_kernels_get(level)->log(1, 1e-12, rows_of(&out));
        for (size_t i = 0; i < WS_FFT_LANES; i++)
            assert_true(fabs(rows_of(&out)[i] - log(i == 5 ? 1e-11 : 1e-12)) < 1e-14);
        guarded_destroy(&out);
    }
}

static void logarithms_of_sums(void **state)
{
    static const double x[WS_FFT_LANES] = {0.0, 1e-6, 1e-12, 1.0, 1e38, 1e-300, (double)NAN, 0.5};
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        guarded out = rows_create(1);
        memcpy(rows_of(&out), x, sizeof x);
        ws_mel_kernels_get(level)->log_sum(1, 1e-6, rows_of(&out));
        for (size_t i = 0; i < WS_FFT_LANES; i++)
            assert_true(fabs(rows_of(&out)[i] - log((i == 6 ? 0.0 : x[i]) + 1e-6)) < 2e-14);
        guarded_destroy(&out);
    }
}

static void check_dct(size_t n_in, size_t n_out, ws_cpu_level level)
{
    const double pi = 3.14159265358979323846;
    guarded in = rows_create(n_in), out = rows_create(n_out);
    double *x = zeros_create(n_in * WS_FFT_LANES, sizeof *x);
    ws_dct dct;

    fill_rows(x, n_in, 5, 27.0);
    memcpy(rows_of(&in), x, n_in * WS_FFT_LANES * sizeof *x);
    assert_int_equal(ws_dct_init(&dct, n_in, n_out, NULL), WS_OK);
    ws_mel_kernels_get(level)->dct(&dct, rows_of(&in), rows_of(&out));
    for (size_t at = 0; at < n_out * WS_FFT_LANES; at++) {
        const size_t k = at / WS_FFT_LANES, lane = at % WS_FFT_LANES;
        double sum = 0.0;
        for (size_t j = 0; j < n_in; j++)
            sum += sqrt(2.0 / (double)n_in) *
                   cos(pi * (double)k * ((double)j + 0.5) / (double)n_in) *
                   x[j * WS_FFT_LANES + lane];
        assert_true(fabs(rows_of(&out)[at] - sum) < 1e-11);
    }
    ws_dct_deinit(&dct);
    free(x);
    guarded_destroy(&in);
    guarded_destroy(&out);
}

static void cosine_transforms_are_the_defining_sum(void **state)
{
    static const size_t cases[][2] = {{40, 40}, {40, 13}, {40, 1},  {41, 41}, {7, 6},
                                      {1, 1},   {2, 2},   {64, 21}, {23, 22}};
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            check_dct(cases[i][0], cases[i][1], level);
    }
}

static void stored_frames_are_the_lanes(void **state)
{
    enum { N_ROWS = 41 };
    guarded rows = rows_create(N_ROWS);
    (void)state;
    fill_rows(rows_of(&rows), N_ROWS, 6, 1.0 / 3.0);
    FOR_ALL_LEVELS(level)
    {
        for (size_t n_rows = 1; n_rows <= N_ROWS; n_rows += 5) {
            for (size_t n_frames = 1; n_frames <= WS_FFT_LANES; n_frames++) {
                guarded out = guarded_create(n_frames * n_rows);
                ws_mel_kernels_get(level)->store(n_rows, n_frames, rows_of(&rows), out.at);
                for (size_t at = 0; at < n_frames * n_rows; at++)
                    assert_true(out.at[at] ==
                                (float)rows_of(&rows)[at % n_rows * WS_FFT_LANES + at / n_rows]);
                guarded_destroy(&out);
            }
        }
    }
    guarded_destroy(&rows);
}

static void means_are_the_plain_ones(void **state)
{
    static const ws_average cases[] = {{257, 6, 43}, {257, 1, 257},  {257, 257, 1},
                                       {129, 2, 65}, {1025, 25, 41}, {3, 2, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t n_bins = cases[i].n_bins, n_means = cases[i].n_means;
        guarded power = rows_create(n_bins);
        fill_rows(rows_of(&power), n_bins, (uint32_t)i, 1000.0);
        FOR_ALL_LEVELS(level)
        {
            for (size_t n_frames = 1; n_frames <= WS_FFT_LANES; n_frames += 7) {
                guarded out = guarded_create(n_frames * n_means);
                ws_average_kernel_get(level)(&cases[i], rows_of(&power), n_frames, out.at);
                for (size_t at = 0; at < n_frames * n_means; at++) {
                    const size_t first = at % n_means * cases[i].group;
                    double sum = 0.0;
                    size_t n = 0;
                    for (; n < cases[i].group && first + n < n_bins; n++)
                        sum += rows_of(&power)[(first + n) * WS_FFT_LANES + at / n_means];
                    assert_true(out.at[at] == (float)(sum / (double)n));
                }
                guarded_destroy(&out);
            }
        }
        guarded_destroy(&power);
    }
}

/** The way of a frame from the bands on: a loud one, of which no coefficient is zero, beside silent
 *  ones. */
static void check_silence(size_t n_coefficients, ws_cpu_level level)
{
    enum { N_BANDS = 40, LOUD = 3 };
    const ws_mel_kernels *kernels = ws_mel_kernels_get(level);
    guarded bands = rows_create(N_BANDS), coefficients = rows_create(n_coefficients);
    guarded out = guarded_create(WS_FFT_LANES * n_coefficients);
    ws_dct dct;

    fill_rows(rows_of(&bands), N_BANDS, 8, 1.0);
    for (size_t at = 0; at < (size_t)N_BANDS * WS_FFT_LANES; at++)
        rows_of(&bands)[at] = at % WS_FFT_LANES == LOUD ? fabs(rows_of(&bands)[at]) : 0.0;
    assert_int_equal(ws_dct_init(&dct, N_BANDS, n_coefficients, NULL), WS_OK);
    kernels->log(N_BANDS, 1e-12, rows_of(&bands));
    kernels->dct(&dct, rows_of(&bands), rows_of(&coefficients));
    kernels->store(n_coefficients, WS_FFT_LANES, rows_of(&coefficients), out.at);
    for (size_t at = 0; at < WS_FFT_LANES * n_coefficients; at++) {
        if (at / n_coefficients == LOUD)
            assert_true(out.at[at] != 0.0f);
        else if (at % n_coefficients == 0) /* sqrt(2 / 40) 40 log 1e-12 */
            assert_true(fabs((double)out.at[at] + 247.139) < 1e-3);
        else
            assert_true(out.at[at] == 0.0f);
    }
    ws_dct_deinit(&dct);
    guarded_destroy(&bands);
    guarded_destroy(&coefficients);
    guarded_destroy(&out);
}

static void silence_is_zero_but_for_its_loudness(void **state)
{
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        check_silence(40, level);
        check_silence(13, level);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_the_clip),
        cmocka_unit_test(spectra_of_512_are_the_general_ones),
        cmocka_unit_test(mel_bands_are_the_plain_ones),
        cmocka_unit_test(logarithms_are_exact_to_a_bit),
        cmocka_unit_test(logarithms_have_a_floor),
        cmocka_unit_test(logarithms_of_sums),
        cmocka_unit_test(cosine_transforms_are_the_defining_sum),
        cmocka_unit_test(stored_frames_are_the_lanes),
        cmocka_unit_test(means_are_the_plain_ones),
        cmocka_unit_test(silence_is_zero_but_for_its_loudness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
