/* The features micro_device against those of the C code for microcontrollers
 * (data/make_micro_device.py), on every instruction set: the same whole numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "audio/features.h"
#include "fft/real_plan.h"
#include "support/npz.h"

enum { N_CLIPS = 4, N_SAMPLES = 16000, N_FRAMES = 98, WIDTH = 40 };

static const float unit = 10.0f / 256.0f; /* of a feature */

/** Noise of 16 bits, by the generator of make_micro_device.py. */
static void make_clip(uint32_t i, float samples[N_SAMPLES])
{
    static const int shifts[N_CLIPS] = {0, 3, 7, 11};
    uint32_t random = i + 1;

    for (int k = 0; k < N_SAMPLES; k++) {
        random = random * 1664525 + 1013904223;
        const int value = (int16_t)(random >> 16) >> (shifts[i] + (k / 1600 % 2 != 0 ? 4 : 0));
        samples[k] = (float)value / 32768.0f;
    }
}

static void make_features(const char *kind, ws_cpu_level level, const float *samples,
                          float out[N_FRAMES * WIDTH])
{
    const ws_feature_options options = {kind, 16000, 1000, 30.0, 10.0, WIDTH};
    ws_feature_settings settings;
    ws_features *features;

    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    assert_int_equal(settings.size, N_FRAMES * WIDTH);
    settings.level = level;
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    assert_non_null(scratch);
    ws_features_run(features, samples, scratch, out);
    free(scratch);
    ws_features_destroy(features);
}

static size_t count_different(const char *kind, ws_cpu_level level, uint32_t i, const ws_npy *want)
{
    static float samples[N_SAMPLES], got[N_FRAMES * WIDTH];
    size_t n = 0;

    make_clip(i, samples);
    make_features(kind, level, samples, got);
    for (size_t k = 0; k < N_FRAMES * WIDTH; k++)
        n += got[k] != unit * (float)ws_npy_item(want, k);
    return n;
}

/** TensorFlow's operator gives other numbers here and there: the data tells the two kinds apart. */
static void clips_are_the_devices(void **state)
{
    size_t n_of_operator = 0;
    ws_npz all;
    ws_error err;
    (void)state;

    if (ws_npz_read(WS_TESTS_DIR "/golden/data/micro_device.npz", &all, &err) != WS_OK)
        fail_msg("%s", err.message);
    for (uint32_t i = 0; i < N_CLIPS; i++) {
        const char name[2] = {(char)('0' + i), '\0'};
        ws_npy want;
        assert_int_equal(ws_npz_get(&all, name, &want, &err), WS_OK);
        assert_int_equal(want.n_items, N_FRAMES * WIDTH);
        for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++)
            assert_int_equal(count_different("micro_device", (ws_cpu_level)level, i, &want), 0);
        n_of_operator += count_different("micro", ws_cpu_level_get_best(), i, &want);
        ws_npy_deinit(&want);
    }
    ws_npz_deinit(&all);
    assert_in_range(n_of_operator, 1, N_CLIPS * N_FRAMES * WIDTH / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(clips_are_the_devices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
