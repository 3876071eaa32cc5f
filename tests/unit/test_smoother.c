/* Words out of averaged scores: the bounds, one by one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recognize/smoother.h"

enum { SILENCE, YES, NO, N_LABELS };

static const float silence[N_LABELS] = {1, 0, 0}, yes[N_LABELS] = {0, 1, 0},
                   no[N_LABELS] = {0, 0, 1}, even[N_LABELS] = {0.25f, 0.375f, 0.375f};

static const ws_smoother_options usual = {.n_labels = N_LABELS,
                                          .silence = SILENCE,
                                          .window_ms = 100,
                                          .threshold = 0.5,
                                          .suppression_ms = 200,
                                          .min_count = 2};

static ws_smoother *make(const ws_smoother_options *options)
{
    ws_smoother *smoother;
    assert_int_equal(ws_smoother_create(options, &smoother, NULL), WS_OK);
    return smoother;
}

static ws_heard push(ws_smoother *smoother, const float *scores, int64_t time_ms)
{
    ws_heard heard;
    assert_int_equal(ws_smoother_push(smoother, scores, time_ms, &heard, NULL), WS_OK);
    return heard;
}

static void too_few_windows_say_nothing(void **state)
{
    ws_smoother *smoother = make(&usual);
    (void)state;

    ws_heard heard = push(smoother, yes, 0); /* one of two */
    assert_true(heard.label == SILENCE && heard.score == 0.0 && !heard.is_new);
    heard = push(smoother, yes, 24); /* a quarter of the stretch is 25 ms */
    assert_true(heard.label == SILENCE && heard.score == 0.0 && !heard.is_new);
    heard = push(smoother, yes, 25);
    assert_true(heard.label == YES && fabs(heard.score - 1.0) < 1e-7 && heard.is_new);
    ws_smoother_destroy(smoother);
}

static void old_windows_are_forgotten(void **state)
{
    ws_smoother *smoother = make(&usual);
    (void)state;

    (void)push(smoother, yes, 0);
    (void)push(smoother, yes, 50);
    ws_heard heard = push(smoother, silence, 100); /* the first one is just within */
    assert_true(heard.label == YES && fabs(heard.score - 2.0 / 3) < 1e-7);
    heard = push(smoother, silence, 101); /* 50, 100, 101 */
    assert_true(heard.label == SILENCE && fabs(heard.score - 2.0 / 3) < 1e-7);
    ws_smoother_destroy(smoother);
}

static void a_score_must_be_above_the_threshold(void **state)
{
    ws_smoother_options options = usual;
    options.threshold = 0.375;
    ws_smoother *smoother = make(&options);
    (void)state;

    (void)push(smoother, even, 0);
    const ws_heard heard = push(smoother, even, 50);
    assert_int_equal(heard.label, YES); /* of equal ones the first */
    assert_true(heard.score == 0.375 && !heard.is_new);
    ws_smoother_destroy(smoother);
}

static void a_word_suppresses_the_next(void **state)
{
    ws_smoother *smoother = make(&usual);
    (void)state;

    (void)push(smoother, yes, 0);
    assert_true(push(smoother, yes, 50).is_new); /* after silence nothing is suppressed */
    assert_false(push(smoother, yes, 100).is_new);
    for (int64_t time_ms = 120; time_ms <= 250; time_ms += 10)
        assert_false(push(smoother, no, time_ms).is_new);
    assert_true(push(smoother, no, 251).is_new); /* more than 200 ms after 50 */
    for (int64_t time_ms = 260; time_ms <= 451; time_ms += 1)
        assert_false(push(smoother, yes, time_ms).is_new);
    assert_true(push(smoother, yes, 452).is_new);
    ws_smoother_destroy(smoother);
}

static void the_same_word_again_needs_silence_between(void **state)
{
    ws_smoother *smoother = make(&usual);
    int64_t time_ms = 0;
    int n_yes = 0, n_silence = 0;
    (void)state;

    for (; time_ms < 2000; time_ms += 10)
        n_yes += push(smoother, yes, time_ms).is_new;
    assert_int_equal(n_yes, 1);
    for (; time_ms < 2300; time_ms += 10)
        n_silence += push(smoother, silence, time_ms).is_new;
    assert_int_equal(n_silence, 1);
    for (; time_ms < 2500; time_ms += 10)
        n_yes += push(smoother, yes, time_ms).is_new;
    assert_int_equal(n_yes, 2);
    ws_smoother_destroy(smoother);
}

static void time_may_not_go_back_beyond_the_oldest(void **state)
{
    ws_smoother *smoother = make(&usual);
    ws_heard heard = {.label = 77};
    ws_error err;
    (void)state;

    (void)push(smoother, yes, 1000);
    (void)push(smoother, yes, 1050);
    (void)push(smoother, yes, 1000);
    assert_int_equal(ws_smoother_push(smoother, yes, 999, &heard, &err), WS_EINVAL);
    assert_int_equal(heard.label, 77);
    assert_string_equal(err.message, "scores must come in increasing time order, but those of 999 "
                                     "ms came after those of 1000 ms");
    ws_smoother_destroy(smoother);
}

/* More windows than there is room for at first, and labels without silence. */
static void many_windows(void **state)
{
    ws_smoother_options options = usual;
    options.silence = N_LABELS;
    options.window_ms = 1000;
    ws_smoother *smoother = make(&options);
    ws_heard heard = {.label = 0};
    (void)state;

    for (int64_t time_ms = 0; time_ms < 5000; time_ms++)
        heard = push(smoother, time_ms % 4 == 0 ? silence : no, time_ms);
    /* the last 1001 windows: 4999 .. 3999, of which 250 are divisible by four */
    assert_int_equal(heard.label, NO);
    assert_true(fabs(heard.score - 751.0 / 1001) < 1e-6);
    ws_smoother_destroy(smoother);
}

/* ESPHome's rule */
enum { UNKNOWN = 3, N_WITH_UNKNOWN };
static const ws_smoother_options by_mean = {.n_labels = N_WITH_UNKNOWN,
                                            .silence = SILENCE,
                                            .threshold = 0.5,
                                            .suppression_ms = 100,
                                            .n_last = 3,
                                            .unknown = UNKNOWN};

static void the_mean_of_the_last_scores_finds_words(void **state)
{
    static const float half_yes[N_WITH_UNKNOWN] = {0.25f, 0.5f, 0, 0.25f},
                       sure_yes[N_WITH_UNKNOWN] = {0, 0.75f, 0.25f, 0};
    ws_smoother *smoother = make(&by_mean);
    (void)state;

    assert_false(push(smoother, sure_yes, 0).is_new);
    assert_false(push(smoother, half_yes, 10).is_new); /* two of three */
    ws_heard heard = push(smoother, half_yes, 20);
    assert_true(heard.label == YES && heard.is_new && fabs(heard.score - 1.75 / 3) < 1e-9);
    /* the scores are forgotten, and the word is suppressed for 100 ms */
    assert_false(push(smoother, sure_yes, 30).is_new);
    assert_false(push(smoother, sure_yes, 40).is_new);
    assert_false(push(smoother, sure_yes, 120).is_new); /* exactly 100 ms later */
    heard = push(smoother, sure_yes, 121);
    assert_true(heard.label == YES && heard.is_new && fabs(heard.score - 0.75) < 1e-9);
    ws_smoother_destroy(smoother);
}

static void the_mean_must_exceed_the_threshold(void **state)
{
    static const float half_yes[N_WITH_UNKNOWN] = {0.25f, 0.5f, 0, 0.25f};
    ws_smoother *smoother = make(&by_mean);
    (void)state;

    for (int64_t time = 0; time < 200; time += 10)
        assert_false(push(smoother, half_yes, time).is_new);
    ws_smoother_destroy(smoother);
}

static void the_mean_never_reports_silence_or_unknown_words(void **state)
{
    static const float none[][N_WITH_UNKNOWN] = {{1, 0, 0, 0}, {0, 0, 0, 1}};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        ws_smoother *smoother = make(&by_mean);
        for (int64_t time = 0; time < 200; time += 10)
            assert_false(push(smoother, none[i], time).is_new);
        ws_smoother_destroy(smoother);
    }
}

static void a_reset_forgets_windows_and_words(void **state)
{
    ws_smoother *smoother = make(&usual);
    (void)state;

    assert_int_equal(ws_smoother_reserve(smoother, 200, NULL), WS_OK);
    (void)push(smoother, yes, 1000);
    assert_true(push(smoother, yes, 1050).is_new);
    ws_smoother_reset(smoother);
    (void)push(smoother, yes, 0); /* time begins again */
    assert_true(push(smoother, yes, 50).is_new);
    ws_smoother_destroy(smoother);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_few_windows_say_nothing),
        cmocka_unit_test(old_windows_are_forgotten),
        cmocka_unit_test(a_score_must_be_above_the_threshold),
        cmocka_unit_test(a_word_suppresses_the_next),
        cmocka_unit_test(the_same_word_again_needs_silence_between),
        cmocka_unit_test(time_may_not_go_back_beyond_the_oldest),
        cmocka_unit_test(many_windows),
        cmocka_unit_test(the_mean_of_the_last_scores_finds_words),
        cmocka_unit_test(the_mean_must_exceed_the_threshold),
        cmocka_unit_test(the_mean_never_reports_silence_or_unknown_words),
        cmocka_unit_test(a_reset_forgets_windows_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
