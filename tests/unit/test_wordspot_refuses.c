/* libwordspot: what a spotter says of itself, and the options, models and sound that it refuses. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wordspot/wordspot.h>

#include "unit/wordspot_fixture.h"

static void a_spotter_says_what_it_is(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    wordspot_options options;
    (void)state;

    wordspot_options_init(&options, sizeof options);
    options.labels = spot->labels;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    assert_int_equal(wordspot_version(), WORDSPOT_VERSION);
    assert_int_equal(wordspot_n_labels(spotter), WS_TEST_SPOT_N_LABELS);
    assert_string_equal(wordspot_label_name(spotter, 2), "yes");
    assert_null(wordspot_label_name(spotter, WS_TEST_SPOT_N_LABELS));
    assert_int_equal(wordspot_model_rate_hz(spotter), WS_TEST_SPOT_RATE_HZ);
    assert_true(fabs(wordspot_window_s(spotter) - 1.0) < 1e-9);
    assert_true(fabs(wordspot_stride_s(spotter) - 0.03) < 1e-9);
    wordspot_close(spotter);
    wordspot_close(NULL);
    ws_test_spot_destroy(spot);
}

static void check_refused(const ws_test_spot *spot, wordspot_options options, const char *sentence)
{
    wordspot_error error;
    wordspot *spotter;

    options.labels = spot->labels;
    options.struct_size = options.struct_size == 0 ? sizeof options : options.struct_size;
    assert_int_equal(wordspot_open(spot->graph, &options, &spotter, &error), WORDSPOT_EINVAL);
    assert_null(spotter);
    if (strstr(error.message, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", error.message, sentence);
}

static void wrong_options_are_refused(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("single_fc", "mfcc");
    (void)state;

    check_refused(spot, (wordspot_options){.struct_size = 8}, "options.struct_size is 8");
    check_refused(spot, (wordspot_options){.rate_hz = -1}, "options.rate_hz is -1: expected 0 to");
    check_refused(spot, (wordspot_options){.rate_hz = 100}, "at most 64 times apart");
    check_refused(spot, (wordspot_options){.n_channels = 257}, "options.n_channels is 257");
    check_refused(spot, (wordspot_options){.channel = 1}, "options.channel is 1: expected 0 to 0");
    check_refused(spot, (wordspot_options){.threshold = 1.0}, "options.threshold is 1");
    check_refused(spot, (wordspot_options){.threshold = (double)NAN}, "options.threshold is");
    check_refused(spot, (wordspot_options){.stride_ms = 1001},
                  "16016 samples apart (1001 ms): expected 1 to the 16000 samples");
    check_refused(spot, (wordspot_options){.average_ms = -5}, "options.average_ms is -5");
    check_refused(
        spot, (wordspot_options){.min_count = 18},
        "options.min_count (--minimum_count) is 18: an average of 500 ms has at most 17 windows");
    check_refused(spot, (wordspot_options){.stride_ms = 200}, "has at most 3 windows");
    check_refused(spot, (wordspot_options){.n_last = 1001}, "options.n_last is 1001");
    check_refused(spot, (wordspot_options){.rule = (wordspot_rule)2}, "options.rule is 2");
    ws_test_spot_destroy(spot);
}

static void wrong_models_and_sound_are_refused(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("single_fc", "mfcc");
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    float sound[2] = {0.5f, NAN};
    wordspot_error error;
    wordspot *spotter;
    (void)state;

    assert_int_equal(wordspot_open(spot->graph, NULL, &spotter, &error), WORDSPOT_EINVAL);
    assert_non_null(strstr(error.message, "expected a file of labels"));
    assert_int_equal(wordspot_open("/nowhere/conv.ckpt-1", NULL, &spotter, &error),
                     WORDSPOT_ENOTFOUND);
    options.labels = spot->labels;
    assert_int_equal(wordspot_open(spot->labels, &options, &spotter, &error), WORDSPOT_EFORMAT);
    options.isa = "v9";
    assert_int_equal(wordspot_open(spot->graph, &options, &spotter, &error), WORDSPOT_EINVAL);
    assert_non_null(strstr(error.message, "options.isa"));
    assert_non_null(strstr(error.message, "v9"));
    options.isa = "generic";
    spotter = ws_test_spot_open(spot, &options);
    assert_int_equal(wordspot_push_float(spotter, sound, 2, &error), WORDSPOT_ENUMERIC);
    assert_non_null(strstr(error.message, "sample 1 of 2"));
    assert_int_equal(wordspot_finish(spotter, &error), WORDSPOT_OK);
    assert_int_equal(wordspot_push_float(spotter, sound, 1, &error), WORDSPOT_EINVAL);
    wordspot_reset(spotter);
    assert_int_equal(wordspot_push_float(spotter, sound, 1, &error), WORDSPOT_OK);
    wordspot_close(spotter);
    ws_test_spot_destroy(spot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spotter_says_what_it_is),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(wrong_models_and_sound_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
