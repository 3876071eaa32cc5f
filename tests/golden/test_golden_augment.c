/* Shift, gain, noise and clipping of a real clip, seen through the fingerprint, as TensorFlow's
 * example does it. */
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
#include "audio/sound.h"
#include "dataset/augment.h"
#include "fft/real_plan.h"
#include "support/check.h"
#include "support/npy.h"

enum { CLIP = 16000 };

/* cases.json, all on right/0c40e715_nohash_0.wav and doing_the_dishes.wav */
static const struct {
    const char *name;
    int64_t shift;
    float gain;
    size_t noise_start;
    float noise_gain;
} cases[] = {
    {"shift_later", 1234, 1.0f, 12345, 0.07f},
    {"shift_earlier", -987, 1.0f, 400000, 0.0831f},
    {"silence", 55, 0.0f, 777777, 0.625f},
    {"clipped", 0, 1.0f, 12345, 60.0f},
};

static ws_sound read_sound(const char *data, const char *name)
{
    char path[1024];
    ws_sound sound;
    ws_error err;
    (void)snprintf(path, sizeof path, "%s/%s", data, name);
    if (ws_sound_read(path, 0, &sound, &err) != WS_OK)
        fail_msg("%s", err.message);
    return sound;
}

/** What is compared: the kind, its stride, and how far off a feature may be. */
static const struct {
    const char *kind;
    double stride_ms, absolute, relative;
} kinds[] = {
    {"mfcc", 10.0, 1e-4, 0.0},
    {"average", 10.0, 0.0, 1e-5},
    {"micro", 20.0, 0.0, 0.0},
};

static void check_features(const char *folder, const char *name, size_t kind, const float *samples)
{
    const ws_feature_options options = {kinds[kind].kind,      CLIP, 1000, 30.0,
                                        kinds[kind].stride_ms, 40};
    char path[1024];
    ws_feature_settings settings;
    ws_features *features;
    ws_npy want;

    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    float *got = malloc(settings.size * sizeof *got);
    assert_true(scratch != NULL && got != NULL);
    ws_features_run(features, samples, scratch, got);
    (void)snprintf(path, sizeof path, "%s/%s.%s.npy", folder, name, kinds[kind].kind);
    assert_int_equal(ws_npy_read(path, &want, NULL), WS_OK);
    assert_int_equal(want.n_items, settings.size);
    for (size_t i = 0; i < want.n_items; i++) {
        const double expected = ws_npy_item(&want, i);
        const double tolerance = kinds[kind].absolute + kinds[kind].relative * fabs(expected);
        if (!(fabs((double)got[i] - expected) <= tolerance))
            fail_msg("%s: number %zu is %.9g, expected %.9g", path, i, (double)got[i], expected);
    }
    ws_npy_deinit(&want);
    free(got);
    free(scratch);
    ws_features_destroy(features);
}

static void every_case(void **state)
{
    char folder[512], data[512];
    float mixed[CLIP];
    (void)state;
    if (!ws_test_shared(folder, sizeof folder, "golden/tensorflow/augment") ||
        !ws_test_shared(data, sizeof data, "data/speech_commands"))
        skip();
    ws_sound clip = read_sound(data, "right/0c40e715_nohash_0.wav");
    ws_sound noise = read_sound(data, "_background_noise_/doing_the_dishes.wav");
    assert_int_equal(noise.n_samples, 3045860 / 2); /* not what comes after the data chunk */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_augmentation augmentation = {.shift = cases[i].shift,
                                              .gain = cases[i].gain,
                                              .noise = noise.samples + cases[i].noise_start,
                                              .noise_gain = cases[i].noise_gain};
        const ws_samples samples = {.floats = clip.samples, .n = clip.n_samples};
        ws_augmentation_run(&augmentation, &samples, mixed, CLIP);
        for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
            check_features(folder, cases[i].name, kind, mixed);
    }
    ws_sound_deinit(&clip);
    ws_sound_deinit(&noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
