/*
 * The feature kinds average and micro against TensorFlow's, on every instruction set; micro must
 * be the same integers. A frozen tone runs everywhere; the rest, partly real speech, needs the
 * golden data beside the project.
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
#include "fft/real_plan.h"
#include "golden/golden_clips.h"
#include "support/check.h"

typedef struct kind_case {
    const char *suffix; /* of the array's name */
    const char *kind;
    double stride_ms;
    float sample_scale;
    int least_rate_hz; /* below it the kind refuses */
} kind_case;

static const kind_case kinds[] = {
    {"average", "average", 10.0, WS_SAMPLE_SCALE_TRAINING, 0},
    {"micro_stride10", "micro", 10.0, WS_SAMPLE_SCALE_TRAINING, 15001},
    {"micro_stride20", "micro", 20.0, WS_SAMPLE_SCALE_TRAINING, 15001},
    {"micro_stride20_freeze", "micro", 20.0, WS_SAMPLE_SCALE_FROZEN, 15001},
};

/** The features [settings->size] to free(). */
static float *run_kind(const ws_feature_settings *settings, const float *samples)
{
    ws_features *features;
    assert_int_equal(ws_features_create(settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    float *out = malloc(settings->size * sizeof *out);
    assert_true(scratch != NULL && out != NULL);
    ws_features_run(features, samples, scratch, out);
    free(scratch);
    ws_features_destroy(features);
    return out;
}

static void check_values(const char *name, const kind_case *kind, const float *got,
                         const ws_npy *want)
{
    for (size_t i = 0; i < want->n_items; i++) {
        const double expected = ws_npy_item(want, i) * (strcmp(kind->kind, "micro") == 0 //
                                                            ? 10.0 / 256.0
                                                            : 1.0);
        const double tolerance = strcmp(kind->kind, "micro") == 0 ? 0.0 : 2e-6 * fabs(expected);
        if (!(fabs((double)got[i] - expected) <= tolerance))
            fail_msg("%s: number %zu is %.9g, expected %.9g", name, i, (double)got[i], expected);
    }
}

/** The features of samples under a kind on every instruction set, against an array. */
static void check_kind(const char *folder, const char *name, const kind_case *kind, int rate_hz,
                       const float *samples)
{
    const ws_feature_options options = {kind->kind, rate_hz, 1000, 30.0, kind->stride_ms, 40};
    ws_feature_settings settings;
    ws_npy want;

    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    settings.sample_scale = kind->sample_scale;
    read_golden(folder, name, &want);
    assert_int_equal(want.n_items, settings.size);
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
        settings.level = (ws_cpu_level)level;
        float *got = run_kind(&settings, samples);
        check_values(name, kind, got, &want);
        free(got);
    }
    ws_npy_deinit(&want);
}

static void check_clip(const char *folder, const golden_clip *clip)
{
    char name[128];
    float *samples = read_golden_samples(folder, clip, (size_t)clip->rate_hz);

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (clip->rate_hz < kinds[i].least_rate_hz)
            continue;
        (void)snprintf(name, sizeof name, "%s.%s", clip->name, kinds[i].suffix);
        check_kind(folder, name, &kinds[i], clip->rate_hz, samples);
    }
    free(samples);
}

static void all_clips(void **state)
{
    char folder[512];
    (void)state;
    if (!ws_test_shared(folder, sizeof folder, "golden/tensorflow/features"))
        skip();
    for (size_t i = 0; i < N_GOLDEN_CLIPS; i++)
        check_clip(folder, &golden_clips[i]);
}

static void frozen_tone(void **state)
{
    float samples[16000];
    (void)state;
    make_golden_tone(samples);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "sine16k.%s", kinds[i].suffix);
        check_kind(WS_TESTS_DIR "/golden/data", name, &kinds[i], 16000, samples);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_tone),
        cmocka_unit_test(all_clips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
