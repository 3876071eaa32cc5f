/* audio/spectrogram: TensorFlow's own test vectors, frame counts, lanes against single frames. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/spectrogram.h"
#include "base/random.h"
#include "support/check.h"

static double *new_scratch(const ws_spectrogram *spectrogram)
{
    double *scratch = aligned_alloc(WS_FFT_ALIGNMENT,
                                    ws_spectrogram_scratch_doubles(spectrogram) * sizeof(double));
    assert_non_null(scratch);
    return scratch;
}

static void tensorflows_vector(void **state)
{
    static const float samples[8] = {-1, 0, 1, 0, -1, 0, 1, 0};
    static const double want[5] = {0, 1, 4, 1, 0};
    ws_spectrogram spectrogram;
    double got[5];
    (void)state;
    assert_int_equal(ws_spectrogram_init(&spectrogram, &(ws_spectrogram_options){8, 8, 1}, NULL),
                     WS_OK);
    assert_int_equal(spectrogram.n_frames, 1);
    assert_int_equal(spectrogram.n_bins, 5);
    double *scratch = new_scratch(&spectrogram);
    ws_spectrogram_load(&spectrogram, samples, scratch);
    const double *power = ws_spectrogram_run(&spectrogram, 0, scratch);
    for (size_t i = 0; i < 5; i++)
        got[i] = power[i * WS_FFT_LANES];
    assert_close_double("power", got, want, 5, 1e-6);
    free(scratch);
    ws_spectrogram_deinit(&spectrogram);
}

static void frames_are_counted_as_tensorflow_does(void **state)
{
    static const size_t cases[][4] = {
        {44, 400, 200, 0},      {661, 400, 200, 2},   {882, 200, 400, 2},    {600, 200, 400, 2},
        {800, 200, 400, 2},     {2205, 200, 200, 11}, {16000, 480, 160, 98}, {16000, 160, 160, 100},
        {480, 480, 160, 1},     {479, 480, 160, 0},   {16000, 480, 320, 49}, {16000, 320, 160, 99},
        {44100, 1323, 441, 98},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ws_spectrogram_n_frames(cases[i][0], cases[i][1], cases[i][2]),
                         cases[i][3]);
}

static void bad_geometry_is_refused(void **state)
{
    ws_spectrogram spectrogram;
    ws_error err;
    (void)state;
    static const struct {
        ws_spectrogram_options options;
        const char *sentence;
    } cases[] = {
        {{16000, 1, 1}, "window of 1 sample"},
        {{16000, 480, 0}, "stride of 0 samples"},
        {{479, 480, 160}, "of 479 samples, expected a window (480) or more"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ws_spectrogram_init(&spectrogram, &cases[i].options, &err), WS_EINVAL);
        assert_non_null(strstr(err.message, cases[i].sentence));
    }
}

/** Power of one frame by the definition. */
static double defined_power(const float *samples, size_t window, size_t n, size_t bin)
{
    const double turn = 2.0 * 3.14159265358979323846;
    double re = 0.0, im = 0.0;
    for (size_t i = 0; i < window; i++) {
        const double x = (double)samples[i] * (0.5 - 0.5 * cos(turn * (double)i / (double)window));
        re += x * cos(turn * (double)(i * bin % n) / (double)n);
        im -= x * sin(turn * (double)(i * bin % n) / (double)n);
    }
    return re * re + im * im;
}

/** All frames of n samples, which end where the memory ends, on every level. */
static void check_clip(const ws_spectrogram_options *options)
{
    ws_spectrogram spectrogram;
    ws_random random;
    float *samples = malloc(options->n_samples * sizeof *samples);
    assert_non_null(samples);
    ws_random_init(&random, 2, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < options->n_samples; i++)
        samples[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    assert_int_equal(ws_spectrogram_init(&spectrogram, options, NULL), WS_OK);
    double *scratch = new_scratch(&spectrogram);
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
        spectrogram.level = (ws_cpu_level)level;
        ws_spectrogram_load(&spectrogram, samples, scratch);
        for (size_t frame = 0; frame < spectrogram.n_frames; frame++) {
            const double *power =
                ws_spectrogram_run(&spectrogram, frame / WS_FFT_LANES * WS_FFT_LANES, scratch);
            for (size_t bin = 0; bin < spectrogram.n_bins; bin += 7) {
                const double want =
                    defined_power(samples + frame * options->stride_samples,
                                  options->window_samples, spectrogram.fft_length, bin);
                assert_close_double("power", power + bin * WS_FFT_LANES + frame % WS_FFT_LANES,
                                    &want, 1, 1e-7 * want + 1e-9);
            }
        }
    }
    free(samples);
    free(scratch);
    ws_spectrogram_deinit(&spectrogram);
}

static void every_lane_is_its_frame(void **state)
{
    static const ws_spectrogram_options cases[] = {
        {100 + 30 * 7, 100, 30}, {100 + 30 * 8, 100, 30}, {100, 100, 30}, {329, 100, 30},
        {2000, 480, 160},        {1999, 257, 300},        {900, 512, 17}, {200, 2, 1},
        {1000, 16, 900},         {2500, 1323, 441},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_clip(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensorflows_vector),
        cmocka_unit_test(frames_are_counted_as_tensorflow_does),
        cmocka_unit_test(bad_geometry_is_refused),
        cmocka_unit_test(every_lane_is_its_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
