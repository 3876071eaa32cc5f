/*
 * dataset/augmentations: masks on features against a plain statement of where they lie, their
 * widths and places, and what is refused.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/augmentations.h"

enum { N_FRAMES = 49, WIDTH = 13, N_ROWS = 4000 };

static const ws_feature_shape shape = {N_FRAMES, WIDTH};
static const ws_augment_options masks = {
    .spec_augment = true,
    .time_masks = 2,
    .time_mask_frames = 10,
    .frequency_masks = 3,
    .frequency_mask_bins = 4,
};

static void run(const ws_augment_options *options, uint64_t step, uint32_t row,
                float features[N_FRAMES][WIDTH])
{
    const ws_row_place place = {.seed = 5, .step = step, .row = row};

    for (int t = 0; t < N_FRAMES; t++)
        for (int k = 0; k < WIDTH; k++)
            features[t][k] = (float)(1 + t * WIDTH + k);
    ws_augmentations_run_on_features(options, &place, shape, &features[0][0]);
}

/** The masks of a row, drawn as the flags' help and the header say, cell by cell. */
static void mask_plainly(uint32_t row, float features[N_FRAMES][WIDTH])
{
    ws_random random;

    ws_random_init(&random, 5, WS_RANDOM_SPEC_AUGMENT, 7, row);
    for (int mask = 0; mask < 2 + 3; mask++) {
        const bool is_of_time = mask < 2;
        const uint32_t n = is_of_time ? N_FRAMES : WIDTH;
        const uint32_t width = ws_random_below(&random, is_of_time ? 11 : 5);
        const uint32_t first = ws_random_below(&random, n - width + 1);
        for (uint32_t t = 0; t < N_FRAMES; t++)
            for (uint32_t k = 0; k < WIDTH; k++) {
                const uint32_t at = is_of_time ? t : k;
                if (at >= first && at < first + width)
                    features[t][k] = 0.0f;
            }
    }
}

static void masks_lie_where_they_were_drawn(void **state)
{
    const ws_augment_options none = {.time_masks = 2, .time_mask_frames = 10};
    float got[N_FRAMES][WIDTH], want[N_FRAMES][WIDTH];
    (void)state;
    for (uint32_t row = 0; row < 200; row++) {
        run(&none, 7, row, want); /* switched off: as it was */
        assert_true(want[0][0] == 1.0f && want[N_FRAMES - 1][WIDTH - 1] == N_FRAMES * WIDTH);
        mask_plainly(row, want);
        run(&masks, 7, row, got);
        assert_memory_equal(got, want, sizeof want);
    }
}

/** Every width from none to the largest is met equally often, and every frame is masked. */
static void widths_and_places_are_even(void **state)
{
    const ws_augment_options one = {
        .spec_augment = true, .time_masks = 1, .time_mask_frames = 4, .frequency_mask_bins = 4};
    size_t of_width[5] = {0}, of_frame[N_FRAMES] = {0};
    float got[N_FRAMES][WIDTH];
    (void)state;
    for (uint32_t row = 0; row < N_ROWS; row++) {
        size_t n = 0;
        run(&one, row % 3, row, got);
        for (size_t t = 0; t < N_FRAMES; t++) {
            const bool is_masked = got[t][0] == 0.0f;
            n += is_masked;
            of_frame[t] += is_masked;
        }
        assert_in_range(n, 0, 4);
        of_width[n]++;
    }
    for (size_t n = 0; n < 5; n++) /* 800 expected, deviation 25 */
        assert_in_range(of_width[n], 690, 910);
    for (size_t t = 4; t + 4 < N_FRAMES; t++) /* 2 of about 47 frames: 170, deviation 16 */
        assert_in_range(of_frame[t], 100, 240);
    assert_true(of_frame[0] > 0 && of_frame[N_FRAMES - 1] > 0);
}

static void rows_and_steps_differ(void **state)
{
    float first[N_FRAMES][WIDTH], again[N_FRAMES][WIDTH];
    size_t n_same = 0;
    (void)state;
    run(&masks, 1, 1, first);
    run(&masks, 1, 1, again);
    assert_memory_equal(first, again, sizeof first);
    for (uint32_t i = 2; i < 50; i++) {
        run(&masks, 1, i, again);
        n_same += memcmp(first, again, sizeof first) == 0;
        run(&masks, i, 1, again);
        n_same += memcmp(first, again, sizeof first) == 0;
    }
    assert_int_equal(n_same, 0);
}

static void masks_must_leave_something(void **state)
{
    const ws_feature_options kinds[] = {{"mfcc", 16000, 1000, 30.0, 10.0, 40},
                                        {"average", 16000, 1000, 30.0, 20.0, 40},
                                        {"micro", 16000, 1000, 30.0, 20.0, 40},
                                        {"log_mel", 16000, 1000, 30.0, 10.0, 40}};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        ws_feature_settings settings;
        ws_augment_options wide = {.spec_augment = true};
        ws_error err;
        assert_int_equal(ws_feature_settings_init(&kinds[i], &settings, NULL), WS_OK);
        wide.time_mask_frames = (int64_t)settings.n_frames - 1;
        wide.frequency_mask_bins = (int64_t)settings.width - 1;
        assert_int_equal(ws_augmentations_check(&wide, &settings, &err), WS_OK);
        wide.time_mask_frames++;
        assert_int_equal(ws_augmentations_check(&wide, &settings, &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, "--spec_augment_time_frames="));
        assert_non_null(strstr(err.message, "frames, expected fewer"));
        wide.time_mask_frames = 0;
        wide.frequency_mask_bins = INT32_MAX;
        assert_int_equal(ws_augmentations_check(&wide, &settings, &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, "--spec_augment_frequency_bins=2147483647: "));
        wide.spec_augment = false; /* nobody reads the widths then */
        assert_int_equal(ws_augmentations_check(&wide, &settings, &err), WS_OK);
    }
}

/** Gains lie evenly, in dB, between the two ends. */
static void volumes_are_even(void **state)
{
    const ws_augment_options options = {.volume_perturbation = 6.0};
    const ws_sound_tools tools = {.options = &options};
    size_t n_of_db[12] = {0};
    (void)state;
    for (uint32_t row = 0; row < N_ROWS; row++) {
        ws_spoken clip = {.gain = 0.5f};
        ws_augmentations_run_on_sound(&tools, &(ws_row_place){5, 1, row}, &clip);
        const double db = 20.0 * log10((double)clip.gain / 0.5);
        assert_true(db >= -6.0001 && db <= 6.0001);
        n_of_db[(int)fmin(11.0, fmax(0.0, db + 6.0))]++;
    }
    for (size_t i = 0; i < 12; i++) /* 333, deviation 17 */
        assert_in_range(n_of_db[i], 260, 410);
}

static void snr_is_a_range(void **state)
{
    static const char *const bad[] = {"5",    "5..",    "..5",    "20..5",   "5...20",
                                      "a..b", "5..2O",  "5..999", "nan..20", "5..20..",
                                      "5,20", " 5..20", "-inf..5"};
    ws_noise_snr snr;
    ws_error err;
    (void)state;
    assert_int_equal(ws_noise_snr_init(&snr, "", &err), WS_OK);
    assert_false(snr.is_wanted);
    assert_int_equal(ws_noise_snr_init(&snr, "-2.5..20", &err), WS_OK);
    assert_true(snr.is_wanted && snr.low == -2.5 && snr.high == 20.0);
    assert_int_equal(ws_noise_snr_init(&snr, "3..3", &err), WS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ws_noise_snr_init(&snr, bad[i], &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, "--noise_snr="));
        assert_non_null(strstr(err.message, bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_lie_where_they_were_drawn),
        cmocka_unit_test(widths_and_places_are_even),
        cmocka_unit_test(rows_and_steps_differ),
        cmocka_unit_test(masks_must_leave_something),
        cmocka_unit_test(volumes_are_even),
        cmocka_unit_test(snr_is_a_range),
    };
    return cmocka_run_group_tests_name("augmentations", tests, NULL, NULL);
}
