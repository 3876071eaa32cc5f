/* audio/dct, mel, mfcc: TensorFlow's own test vectors and the geometry of the defaults. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/dct.h"
#include "audio/mel.h"
#include "audio/mfcc.h"
#include "fft/real_plan.h"
#include "support/check.h"

enum { MAX_BINS = 513 };

static _Alignas(WS_FFT_ALIGNMENT) double power[MAX_BINS * WS_FFT_LANES];

/** The powers 1, 2, 3, ... in one lane, zero in the others. */
static void fill_ramp(size_t lane, size_t n_bins)
{
    memset(power, 0, sizeof power);
    for (size_t i = 0; i < n_bins; i++)
        power[i * WS_FFT_LANES + lane] = (double)(i + 1);
}

static void dct_is_tensorflows(void **state)
{
    static const double want[6] = {12.1243556530, -4.1625617959, 0.0,
                                   -0.4082482905, 0.0,           -0.0800788912};
    static const size_t bad[][2] = {{10, 0}, {0, 0}, {0, 1}, {20, 21}};
    _Alignas(WS_FFT_ALIGNMENT) double in[6 * WS_FFT_LANES], out[6 * WS_FFT_LANES];
    double got[6];
    ws_dct dct;
    (void)state;
    for (size_t i = 0; i < 6 * WS_FFT_LANES; i++) /* lane l holds the vector times l */
        in[i] = (double)(i / WS_FFT_LANES + 1) * (double)(i % WS_FFT_LANES);
    assert_int_equal(ws_dct_init(&dct, 6, 6, NULL), WS_OK);
    ws_dct_run(&dct, in, out);
    for (size_t lane = 1; lane < WS_FFT_LANES; lane++) {
        for (size_t k = 0; k < 6; k++)
            got[k] = out[k * WS_FFT_LANES + lane] / (double)lane;
        assert_close_double("dct", got, want, 6, 1e-9);
    }
    ws_dct_deinit(&dct);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ws_dct_init(&dct, bad[i][0], bad[i][1], NULL), WS_EINVAL);
}

static void mel_bands_are_tensorflows(void **state)
{
    static const double want[20] = {7.38894574,  10.30330648,  13.72703292,  17.24158686,
                                    21.35253118, 25.77781089,  31.30624108,  37.05877236,
                                    43.9436536,  51.80306637,  60.79867148,  71.14363376,
                                    82.90910141, 96.50069158,  112.08428368, 129.96721968,
                                    150.4277597, 173.74997634, 200.86037462, 231.59802942};
    const ws_mel_options options = {513, 22050.0, 20, 20.0, 4000.0, WS_MEL_SIDES_MEL};
    _Alignas(WS_FFT_ALIGNMENT) double out[20 * WS_FFT_LANES];
    double got[20];
    ws_mel mel;
    (void)state;
    assert_int_equal(ws_mel_init(&mel, &options, NULL), WS_OK);
    fill_ramp(3, 513);
    ws_mel_run(&mel, power, out);
    for (size_t i = 0; i < 20; i++)
        got[i] = out[i * WS_FFT_LANES + 3];
    assert_close_double("mel bands", got, want, 20, 1e-6);
    memset(power, 0, sizeof power); /* nothing stays from the run before */
    ws_mel_run(&mel, power, out);
    for (size_t i = 0; i < 20 * WS_FFT_LANES; i++)
        assert_true(out[i] == 0.0);
    ws_mel_deinit(&mel);
}

static void default_geometry(void **state)
{
    static const int first[20] = {0, 0, 0, 1, 1, 2, 3, 4, 5, 5, 6, 7, 7, 8, 8, 9, 10, 10, 11, 11};
    static const int last[9] = {38, 38, 39, 39, 39, 39, 39, 39, 39};
    static const double weights[6] = {0.74663128, 0.86883317, 0.02493546,
                                      0.21241678, 0.42902699, 0.67274962};
    const ws_mel_options options = {257, 16000.0, 40, 20.0, 4000.0, WS_MEL_SIDES_MEL};
    ws_mel mel;
    (void)state;
    assert_int_equal(ws_mel_init(&mel, &options, NULL), WS_OK);
    assert_int_equal(mel.first_bin, 2);
    assert_int_equal(mel.end_bin, 129);
    assert_memory_equal(mel.bands + 2, first + 2, 18 * sizeof *first);
    assert_memory_equal(mel.bands + 120, last, sizeof last);
    assert_close_double("weights", mel.weights + 2, weights, 6, 1e-8);
    assert_int_equal(mel.n_missing, 0);
    ws_mel_deinit(&mel);
    const ws_mel_options coarse = {257, 44100.0, 40, 20.0, 4000.0, WS_MEL_SIDES_MEL};
    assert_int_equal(ws_mel_init(&mel, &coarse, NULL), WS_OK);
    assert_int_equal(mel.n_missing, 5); /* as TensorFlow logs it */
    assert_int_equal(mel.first_missing, 0);
    ws_mel_deinit(&mel);
}

static void mfcc_is_tensorflows(void **state)
{
    static const float want[13] = {29.13970072f, -6.41568601f, -0.61903012f, -0.96778652f,
                                   -0.26819878f, -0.40907028f, -0.15614748f, -0.23203119f,
                                   -0.10481487f, -0.1543029f,  -0.0769791f,  -0.10806114f,
                                   -0.06047613f};
    _Alignas(WS_FFT_ALIGNMENT) double scratch[(WS_MFCC_N_BANDS + 13) * WS_FFT_LANES];
    float out[2 * 13];
    ws_mfcc mfcc;
    (void)state;
    assert_int_equal(ws_mfcc_init(&mfcc, 513, 22050.0, 13, NULL), WS_OK);
    assert_int_equal(ws_mfcc_scratch_doubles(&mfcc) * sizeof(double), sizeof scratch);
    fill_ramp(1, 513);
    ws_mfcc_run(&mfcc, power, 2, scratch, out);
    assert_close("mfcc", out + 13, want, 13, 2e-6);
    /* the other lane is silence: the floor of 1e-12 in all bands */
    assert_true(fabs((double)out[0] - sqrt(2.0 / 40.0) * 40.0 * log(1e-12)) < 2e-5);
    for (size_t k = 1; k < 13; k++)
        assert_true(fabs((double)out[k]) < 1e-10);
    ws_mfcc_deinit(&mfcc);
}

/* Another geometry, put together from the parts: a low tone rings in the first cosine. */
static void a_low_tone_is_the_first_cosine(void **state)
{
    const ws_mel_options options = {129, 8000.0, WS_MFCC_N_BANDS, 125.0, 3800.0, WS_MEL_SIDES_MEL};
    _Alignas(WS_FFT_ALIGNMENT) double bands[WS_MFCC_N_BANDS * WS_FFT_LANES];
    _Alignas(WS_FFT_ALIGNMENT) double out[WS_MFCC_N_BANDS * WS_FFT_LANES];
    size_t largest = 0;
    ws_mel mel;
    ws_dct dct;
    (void)state;
    assert_int_equal(ws_mel_init(&mel, &options, NULL), WS_OK);
    assert_int_equal(ws_dct_init(&dct, WS_MFCC_N_BANDS, WS_MFCC_N_BANDS, NULL), WS_OK);
    memset(power, 0, sizeof power);
    power[10 * WS_FFT_LANES] = 1.0;
    ws_mel_run(&mel, power, bands);
    for (size_t i = 0; i < WS_MFCC_N_BANDS * WS_FFT_LANES; i++)
        bands[i] = log(fmax(bands[i], 1e-12));
    ws_dct_run(&dct, bands, out);
    for (size_t k = 1; k < WS_MFCC_N_BANDS; k++)
        largest = out[k * WS_FFT_LANES] > out[largest * WS_FFT_LANES] ? k : largest;
    assert_int_equal(largest, 1);
    ws_mel_deinit(&mel);
    ws_dct_deinit(&dct);
}

static void impossible_geometry_is_refused(void **state)
{
    ws_mfcc mfcc;
    ws_error err;
    (void)state;
    assert_int_equal(ws_mfcc_init(&mfcc, 129, 7000.0, 40, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "at least 8000 Hz"));
    assert_int_equal(ws_mfcc_init(&mfcc, 257, 16000.0, 41, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "from 40 to 41"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dct_is_tensorflows),
        cmocka_unit_test(mel_bands_are_tensorflows),
        cmocka_unit_test(default_geometry),
        cmocka_unit_test(mfcc_is_tensorflows),
        cmocka_unit_test(a_low_tone_is_the_first_cosine),
        cmocka_unit_test(impossible_geometry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
