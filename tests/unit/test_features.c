/* audio/features: the arithmetic of the flags, their faults, and a known tone from end to end. */
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
#include "support/check.h"

static const ws_feature_options defaults = {"mfcc", 16000, 1000, 30.0, 10.0, 40};

static void settings_follow_the_original(void **state)
{
    static const struct {
        ws_feature_options options;
        size_t desired, window, stride, n_frames, width, size, average_width;
    } cases[] = {
        {{"average", 16000, 1000, 30.0, 10.0, 40}, 16000, 480, 160, 98, 43, 4214, 6},
        {{"average", 16000, 1000, 30.0, 10.0, 80}, 16000, 480, 160, 98, 86, 8428, 3},
        {{"average", 16000, 1000, 10.0, 10.0, 40}, 16000, 160, 160, 100, 43, 4300, 3},
        {{"average", 44100, 1000, 30.0, 10.0, 40}, 44100, 1323, 441, 98, 41, 4018, 25},
        {{"average", 8000, 1000, 30.0, 10.0, 129}, 8000, 240, 80, 98, 129, 12642, 1},
        {{"micro", 16000, 1000, 30.0, 20.0, 40}, 16000, 480, 320, 49, 40, 1960, 0},
        {{"micro", 16000, 1000, 30.5, 20.0, 50}, 16000, 488, 320, 49, 50, 2450, 0},
        {{"micro_device", 16000, 2060, 30.0, 10.0, 40}, 32960, 480, 160, 204, 40, 8160, 0},
        {{"mfcc", 16000, 1000, 30.0, 10.0, 40}, 16000, 480, 160, 98, 40, 3920, 0},
        {{"mfcc", 16000, 1000, 20.0, 10.0, 40}, 16000, 320, 160, 99, 40, 3960, 0},
        {{"mfcc", 8000, 1000, 30.0, 10.0, 40}, 8000, 240, 80, 98, 40, 3920, 0},
        {{"mfcc", 16000, 1000, 30.0, 20.0, 13}, 16000, 480, 320, 49, 13, 637, 0},
        {{"mfcc", 44100, 999, 30.01, 10.33, 40}, 44055, 1323, 455, 94, 40, 3760, 0},
        {{"mfcc", 16000, 30, 30.0, 10.0, 40}, 480, 480, 160, 1, 40, 40, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_feature_settings settings;
        assert_int_equal(ws_feature_settings_init(&cases[i].options, &settings, NULL), WS_OK);
        assert_int_equal(settings.sample_rate_hz, cases[i].options.sample_rate);
        assert_int_equal(settings.desired_samples, cases[i].desired);
        assert_int_equal(settings.window_samples, cases[i].window);
        assert_int_equal(settings.stride_samples, cases[i].stride);
        assert_int_equal(settings.n_frames, cases[i].n_frames);
        assert_int_equal(settings.width, cases[i].width);
        assert_int_equal(settings.size, cases[i].size);
        assert_int_equal(settings.average_width, cases[i].average_width);
        assert_true(settings.sample_scale == WS_SAMPLE_SCALE_TRAINING);
        assert_string_equal(ws_feature_settings_name(&settings), cases[i].options.preprocess);
    }
}

static void faults_name_their_flag(void **state)
{
    static const struct {
        ws_feature_options options;
        const char *sentence;
    } cases[] = {
        {{"mfc", 16000, 1000, 30.0, 10.0, 40},
         "unknown --preprocess \"mfc\", expected one of: mfcc, average, micro, micro_device, log_mel"},
        {{"average", 16000, 1000, 30.0, 10.0, 258},
         "--feature_bin_count=258: a window of 480 samples has 257 frequencies to average, "
         "expected 1 to 257"},
        {{"micro", 15000, 1000, 30.0, 10.0, 40},
         "--sample_rate=15000: micro looks at sound up to 7500 Hz, expected more than 15000"},
        {{"micro", 8000, 1000, 30.0, 10.0, 40},
         "--sample_rate=8000: micro looks at sound up to 7500 Hz, expected more than 15000"},
        {{"micro", 16000, 1000, 30.0, 10.5, 40},
         "--preprocess=micro cuts --window_size_ms=30 and --window_stride_ms=10.5 to 480 and 160 "
         "samples at 16000 Hz, as it counts whole milliseconds: 98 frames, but the network would "
         "expect 93"},
        {{"micro", 22050, 1000, 30.0, 10.0, 40},
         "--preprocess=micro cuts --window_size_ms=30 and --window_stride_ms=10 to 639 and 198 "
         "samples at 22050 Hz, as it counts whole milliseconds: 109 frames, but the network would "
         "expect 98"},
        {{"micro", 16000, 1000, 0.9, 10.0, 40},
         "--window_size_ms=0.9: micro takes whole milliseconds, expected 1 or more, at most 32768 "
         "samples"},
        {{"micro", 16000, 5000, 2050.0, 10.0, 40},
         "--window_size_ms=2050: micro takes whole milliseconds, expected 1 or more, at most 32768 "
         "samples"},
        {{"micro", 16000, 1000, 30.0, 0.9, 40},
         "--window_stride_ms=0.9: micro takes whole milliseconds, expected 1 or more"},
        {{"micro", 16000, 1000, 30.0, 10.0, 4097},
         "--feature_bin_count=4097: micro has at most 4096 channels, expected 1 to 4096"},
        {{"mfcc", 0, 1000, 30.0, 10.0, 40}, "--sample_rate=0: expected 1 to 1000000"},
        {{"mfcc", 4000, 1000, 30.0, 10.0, 40},
         "--sample_rate=4000: mfcc looks at sound up to 4000 Hz, expected at least 8000"},
        {{"mfcc", 16000, 0, 30.0, 10.0, 40},
         "--clip_duration_ms=0: expected milliseconds above 0, at most 3600000"},
        {{"mfcc", 16000, 20, 30.0, 10.0, 40},
         "--window_size_ms=30: longer than the clip (--clip_duration_ms=20)"},
        {{"mfcc", 16000, 1000, (double)NAN, 10.0, 40},
         "--window_size_ms=nan: expected milliseconds above 0, at most 3600000"},
        {{"mfcc", 16000, 1000, 0.1, 10.0, 40},
         "--window_size_ms=0.1: shorter than 2 samples at 16000 Hz"},
        {{"mfcc", 16000, 1000, 30.0, 0.01, 40},
         "--window_stride_ms=0.01: shorter than 1 sample at 16000 Hz"},
        {{"mfcc", 16000, 1000, 30.0, 10.0, 41},
         "--feature_bin_count=41: mfcc has 40 bands, expected 1 to 40"},
        {{"mfcc", 16000, 1000, 30.0, 10.0, 0}, "--feature_bin_count=0: expected 1 to 2147483647"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_feature_settings settings;
        ws_error err = {0};
        assert_int_equal(ws_feature_settings_init(&cases[i].options, &settings, &err), WS_EUSAGE);
        assert_int_equal(err.status, WS_EUSAGE);
        assert_string_equal(err.message, cases[i].sentence);
    }
}

/** The fingerprint of samples under the settings; free() it. */
static float *run(const ws_feature_settings *settings, const float *samples)
{
    ws_features *features;
    assert_int_equal(ws_features_create(settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    float *out = malloc(settings->size * sizeof *out);
    assert_non_null(scratch);
    assert_non_null(out);
    ws_features_run(features, samples, scratch, out);
    free(scratch);
    ws_features_destroy(features);
    return out;
}

static void a_tone_of_440_hz(void **state)
{
    static const float first[20] = {-42.08215f, 16.86686f, -0.05756f, -6.89509f, -7.31829f,
                                    -4.62818f,  -1.06448f, 2.39123f,  2.75016f,  1.88776f,
                                    -0.39882f,  -1.00222f, -1.44476f, -1.42239f, -1.73958f,
                                    0.11446f,   1.49609f,  1.22057f,  0.02030f,  -0.09194f};
    static const float last = 0.00513f;
    ws_feature_settings settings;
    float samples[16000];
    (void)state;
    for (int i = 0; i < 16000; i++)
        samples[i] =
            (float)(round(16384.0 * sin(2.0 * 3.14159265358979323846 * 440.0 * i / 16000.0)) /
                    32768.0);
    assert_int_equal(ws_feature_settings_init(&defaults, &settings, NULL), WS_OK);
    float *got = run(&settings, samples);
    assert_close("frame 0", got, first, 20, 6e-6);
    assert_close("frame 0, last", got + 39, &last, 1, 6e-6);
    free(got);
}

static void silence_is_the_floor(void **state)
{
    static const float samples[16000];
    ws_feature_settings settings;
    (void)state;
    assert_int_equal(ws_feature_settings_init(&defaults, &settings, NULL), WS_OK);
    float *got = run(&settings, samples);
    for (size_t i = 0; i < settings.size; i++) {
        const float want = i % settings.width == 0 ? -247.139366012f : 0.0f;
        assert_true(fabsf(got[i] - want) < 1e-5f);
    }
    free(got);
}

/* TensorFlow's own test, of 16-bit samples; the tone is in bin 32, of group 5. */
static void averages_are_tensorflows(void **state)
{
    static const float period[4] = {0.0f, -1.0f, 0.0f, 32767.0f / 32768.0f};
    const ws_feature_options options = {"average", 16000, 100, 6.25, 6.25, 10};
    ws_feature_settings settings;
    float samples[1600];
    (void)state;
    for (size_t i = 0; i < 1600; i++)
        samples[i] = period[i % 4];
    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    assert_int_equal(settings.n_frames, 16);
    assert_int_equal(settings.width, 11);
    assert_int_equal(settings.average_width, 6);
    float *got = run(&settings, samples);
    assert_true(fabs((double)got[0]) < 0.1);
    assert_true(fabs((double)got[5] - 199.9125) < 0.001);
    free(got);
}

static void a_tone_through_micro(void **state)
{
    static const float first[40] = {548, 546, 604, 582, 665, 610, 662, 583, 583, 493,
                                    0,   0,   0,   0,   419, 464, 425, 436, 492, 473,
                                    400, 0,   0,   0,   448, 371, 0,   446, 478, 406,
                                    377, 436, 425, 411, 0,   464, 500, 497, 485, 476};
    static const float last[40] = {0,   0,   222, 0,   274, 0,   274, 0,   222, 0, 0, 0, 0, 0,
                                   311, 177, 0,   0,   203, 222, 0,   177, 372, 0, 0, 0, 0, 266,
                                   274, 236, 0,   203, 0,   0,   177, 222, 379, 0, 0, 0};
    const ws_feature_options options = {"micro", 16000, 1000, 30.0, 20.0, 40};
    ws_feature_settings settings;
    float samples[16000];
    (void)state;
    for (int i = 0; i < 16000; i++)
        samples[i] =
            (float)(rint(10000.0 * sin(2.0 * 3.14159265358979323846 * 440.0 * i / 16000.0)) /
                    32768.0);
    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    float *got = run(&settings, samples);
    for (size_t i = 0; i < 40; i++) {
        assert_true(got[i] == 10.0f / 256.0f * first[i]);
        assert_true(got[48 * 40 + i] == 10.0f / 256.0f * last[i]);
    }
    free(got);
    memset(samples, 0, sizeof samples);
    got = run(&settings, samples);
    for (size_t i = 0; i < settings.size; i++)
        assert_true(got[i] == 0.0f);
    free(got);
}

/** Keeps what was logged. */
static void keep_line(void *user, ws_log_level level, const char *line)
{
    char *kept = user;
    assert_int_equal(level, WS_LOG_WARN);
    (void)snprintf(kept, 512, "%s", line);
}

static void missing_bands_are_warned_of(void **state)
{
    const ws_feature_options narrow = {"mfcc", 44100, 1000, 10.0, 10.0, 40};
    char kept[512] = "";
    const ws_log log = {WS_LOG_INFO, keep_line, kept};
    ws_feature_settings settings;
    ws_features *features;
    (void)state;
    assert_int_equal(ws_feature_settings_init(&defaults, &settings, NULL), WS_OK);
    assert_int_equal(ws_features_create(&settings, &log, &features, NULL), WS_OK);
    ws_features_destroy(features);
    assert_string_equal(kept, "");
    assert_int_equal(ws_feature_settings_init(&narrow, &settings, NULL), WS_OK);
    assert_int_equal(ws_features_create(&settings, &log, &features, NULL), WS_OK);
    ws_features_destroy(features);
    assert_non_null(strstr(kept, "of 40 mel bands, from number 0 on"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_follow_the_original),
        cmocka_unit_test(faults_name_their_flag),
        cmocka_unit_test(a_tone_of_440_hz),
        cmocka_unit_test(silence_is_the_floor),
        cmocka_unit_test(averages_are_tensorflows),
        cmocka_unit_test(a_tone_through_micro),
        cmocka_unit_test(missing_bands_are_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
