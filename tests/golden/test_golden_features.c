/*
 * Spectrograms and MFCC against TensorFlow's. A frozen tone runs everywhere; the rest, partly real
 * speech, needs the golden data beside the project.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/features.h"
#include "audio/mfcc.h"
#include "audio/sound.h"
#include "audio/spectrogram.h"
#include "golden/golden_clips.h"
#include "support/check.h"
#include "support/npy.h"

static const double mfcc_tolerance = 1e-5; /* absolute; the data promise 1e-4 */

typedef struct outputs {
    size_t n_frames, n_bins;
    float *spectrogram; /* [n_frames, n_bins] */
    float *mfcc;        /* [n_frames, WS_MFCC_N_BANDS] */
    size_t n_missing;
} outputs;

static outputs run_case(const float *samples, int rate_hz, int header_rate_hz, ws_cpu_level level)
{
    ws_spectrogram s;
    ws_mfcc mfcc;
    const size_t n = (size_t)rate_hz;
    const ws_spectrogram_options options = {n, n * 30 / 1000, n * 10 / 1000};
    assert_int_equal(ws_spectrogram_init(&s, &options, NULL), WS_OK);
    assert_int_equal(ws_mfcc_init(&mfcc, s.n_bins, header_rate_hz, WS_MFCC_N_BANDS, NULL), WS_OK);
    s.level = mfcc.level = level;
    outputs out = {.n_frames = s.n_frames, .n_bins = s.n_bins, .n_missing = mfcc.mel.n_missing};
    out.spectrogram = malloc(out.n_frames * out.n_bins * sizeof(float));
    out.mfcc = malloc(out.n_frames * WS_MFCC_N_BANDS * sizeof(float));
    const size_t n_scratch = ws_spectrogram_scratch_doubles(&s);
    double *scratch = aligned_alloc(WS_FFT_ALIGNMENT,
                                    (n_scratch + ws_mfcc_scratch_doubles(&mfcc)) * sizeof(double));
    assert_true(out.spectrogram != NULL && out.mfcc != NULL && scratch != NULL);
    ws_spectrogram_load(&s, samples, scratch);
    for (size_t frame = 0; frame < out.n_frames; frame += WS_FFT_LANES) {
        const size_t left = out.n_frames - frame;
        const size_t n_lanes = left < WS_FFT_LANES ? left : WS_FFT_LANES;
        const double *power = ws_spectrogram_run(&s, frame, scratch);
        for (size_t lane = 0; lane < n_lanes; lane++) {
            for (size_t bin = 0; bin < s.n_bins; bin++)
                out.spectrogram[(frame + lane) * s.n_bins + bin] =
                    (float)power[bin * WS_FFT_LANES + lane];
        }
        ws_mfcc_run(&mfcc, power, n_lanes, scratch + n_scratch, out.mfcc + frame * WS_MFCC_N_BANDS);
    }
    free(scratch);
    ws_spectrogram_deinit(&s);
    ws_mfcc_deinit(&mfcc);
    return out;
}

static void free_outputs(outputs *out)
{
    free(out->spectrogram);
    free(out->mfcc);
}

/** 1e-6 relative, plus 1e-12 of the frame's largest. */
static void check_frame(const char *name, size_t frame, const float *got, const float *want,
                        size_t n_bins)
{
    const double largest = ws_test_largest(want, n_bins);
    for (size_t bin = 0; bin < n_bins; bin++) {
        const double tolerance = 1e-6 * fabs((double)want[bin]) + 1e-12 * largest;
        if (!(fabs((double)got[bin] - (double)want[bin]) <= tolerance))
            fail_msg("%s: frame %zu, bin %zu is %.9g, expected %.9g", name, frame, bin,
                     (double)got[bin], (double)want[bin]);
    }
}

/** The public way must give the same as its parts, but for bins that it need not look at. */
static void check_features(const golden_clip *c, const float *samples, const float *mfcc,
                           ws_cpu_level level)
{
    const ws_feature_options options = {"mfcc", c->rate_hz, 1000, 30.0, 10.0, 40};
    ws_feature_settings settings;
    ws_features *features;
    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    settings.level = level;
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    float *out = malloc(settings.size * sizeof *out);
    assert_true(scratch != NULL && out != NULL);
    ws_features_run(features, samples, scratch, out);
    assert_memory_equal(out, mfcc, settings.size * sizeof *out);
    free(out);
    free(scratch);
    ws_features_destroy(features);
}

static void check_case(const char *folder, const golden_clip *c, ws_cpu_level level)
{
    char name[128];
    ws_npy want;
    float *samples = read_golden_samples(folder, c, (size_t)c->rate_hz);
    outputs got = run_case(samples, c->rate_hz, c->header_rate_hz, level);
    assert_int_equal(got.n_missing, c->n_missing);
    (void)snprintf(name, sizeof name, "%s.mfcc", c->name);
    read_golden(folder, name, &want);
    assert_int_equal(want.n_items, got.n_frames * WS_MFCC_N_BANDS);
    assert_close(name, got.mfcc, ws_npy_f4(&want), want.n_items, mfcc_tolerance);
    ws_npy_deinit(&want);
    if (c->rate_hz == c->header_rate_hz) {
        (void)snprintf(name, sizeof name, "%s.spectrogram", c->name);
        read_golden(folder, name, &want);
        assert_int_equal(want.n_items, got.n_frames * got.n_bins);
        for (size_t frame = 0; frame < got.n_frames; frame++)
            check_frame(name, frame, got.spectrogram + frame * got.n_bins,
                        ws_npy_f4(&want) + frame * got.n_bins, got.n_bins);
        ws_npy_deinit(&want);
        check_features(c, samples, got.mfcc, level);
    }
    free_outputs(&got);
    free(samples);
}

static void all_clips(void **state)
{
    char folder[512];
    (void)state;
    if (!ws_test_shared(folder, sizeof folder, "golden/tensorflow/features"))
        skip();
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
        for (size_t i = 0; i < N_GOLDEN_CLIPS; i++)
            check_case(folder, &golden_clips[i], (ws_cpu_level)level);
    }
}

static void decoded_samples_are_exact(void **state)
{
    static const char *const clips[] = {"yes/422d3197_nohash_0",  "no/26b28ea7_nohash_0",
                                        "down/4a0e2c16_nohash_0", "go/26b28ea7_nohash_1",
                                        "left/012c8314_nohash_0", "right/012c8314_nohash_0"};
    char folder[512], data[512], path[1024];
    (void)state;
    if (!ws_test_shared(folder, sizeof folder, "golden/tensorflow/features") ||
        !ws_test_shared(data, sizeof data, "data/speech_commands"))
        skip();
    for (size_t i = 0; i < sizeof clips / sizeof *clips; i++) {
        ws_sound sound;
        ws_npy want;
        (void)snprintf(path, sizeof path, "%s/%s.wav", data, clips[i]);
        assert_int_equal(ws_sound_read(path, 16000, &sound, NULL), WS_OK);
        (void)snprintf(path, sizeof path, "%s.samples", clips[i]);
        *strchr(path, '/') = '_';
        read_golden(folder, path, &want);
        assert_close(path, sound.samples, ws_npy_f4(&want), sound.n_samples, 0.0);
        for (size_t rest = sound.n_samples; rest < want.n_items; rest++)
            assert_true(ws_npy_f4(&want)[rest] == 0.0f);
        ws_npy_deinit(&want);
        ws_sound_deinit(&sound);
    }
}

/** A tone of 440 Hz whose golden figures are in tests/golden/data. */
static void check_frozen_tone(ws_cpu_level level)
{
    enum { EVERY = 7 }; /* that many frames apart are the spectra kept */
    float samples[16000];
    ws_npy want;
    make_golden_tone(samples);
    outputs got = run_case(samples, 16000, 16000, level);
    read_golden(WS_TESTS_DIR "/golden/data", "sine16k.mfcc", &want);
    assert_int_equal(want.n_items, got.n_frames * WS_MFCC_N_BANDS);
    assert_close("mfcc", got.mfcc, ws_npy_f4(&want), want.n_items, mfcc_tolerance);
    ws_npy_deinit(&want);
    read_golden(WS_TESTS_DIR "/golden/data", "sine16k.spectrogram.every7", &want);
    assert_int_equal(want.shape[0], got.n_frames / EVERY);
    assert_int_equal(want.shape[1], got.n_bins);
    for (size_t i = 0; i < want.shape[0]; i++)
        check_frame("spectrogram", i * EVERY, got.spectrogram + i * EVERY * got.n_bins,
                    ws_npy_f4(&want) + i * got.n_bins, got.n_bins);
    ws_npy_deinit(&want);
    free_outputs(&got);
}

static void frozen_tone(void **state)
{
    (void)state;
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++)
        check_frozen_tone((ws_cpu_level)level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_tone),
        cmocka_unit_test(all_clips),
        cmocka_unit_test(decoded_samples_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
