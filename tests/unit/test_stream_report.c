/* recognize/stream_report: the lines that are printed of words in a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recognize/stream_report.h"

enum { N_LABELS = 3, STEP_MS = 100 };

static const char *const labels[N_LABELS] = {"_silence_", "yes", "no"};

/** A stretch of windows of the same scores. */
typedef struct stretch {
    size_t n;
    float scores[N_LABELS];
} stretch;

/** What is printed for some stretches. */
static void report(const ws_stream_truth *truth, const stretch *stretches, size_t n,
                   bool is_verbose, char *text, size_t size)
{
    FILE *file = tmpfile();
    const ws_stream_report_options options = {
        .smoother = {.n_labels = N_LABELS,
                     .silence = 0,
                     .window_ms = 1,
                     .threshold = 0.25,
                     .suppression_ms = 0,
                     .min_count = 1},
        .labels = labels,
        .truth = truth,
        .tolerance_ms = 500,
        .is_verbose = is_verbose,
        .out = file,
    };
    ws_stream_report *made;
    int64_t time_ms = 0;
    bool is_heard;

    assert_non_null(file);
    assert_int_equal(ws_stream_report_create(&options, &made, NULL), WS_OK);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < stretches[i].n; k++, time_ms += STEP_MS) {
            /* two windows at a time: an average needs a stretch of time */
            assert_int_equal(
                ws_stream_report_push(made, stretches[i].scores, time_ms, &is_heard, NULL), WS_OK);
            assert_false(is_heard);
            assert_int_equal(
                ws_stream_report_push(made, stretches[i].scores, time_ms + 1, &is_heard, NULL),
                WS_OK);
            assert_int_equal(is_heard, k == 0 && stretches[i].scores[0] < 0.5f);
        }
    }
    assert_int_equal(ws_stream_report_finish(made, NULL), WS_OK);
    ws_stream_report_destroy(made);
    rewind(file);
    const size_t n_read = fread(text, 1, size - 1, file);
    text[n_read] = '\0';
    (void)fclose(file);
}

static const stretch stretches[] = {
    {20, {0.75f, 0.125f, 0.125f}}, {5, {0.0f, 1.0f, 0.0f}}, {5, {0.25f, 0.25f, 0.5f}},
    {9, {1.0f, 0.0f, 0.0f}},       {1, {0.0f, 1.0f, 0.0f}},
};

static void right_wrong_and_false_words_are_told_apart(void **state)
{
    ws_stream_word words[] = {{"yes", 1600}, {"yes", 2900}};
    const ws_stream_truth truth = {.words = words, .n_words = 2};
    char text[1024];
    (void)state;
    report(&truth, stretches, 5, true, text, sizeof text);
    assert_string_equal(text, "2001ms yes:1.0(Correct)\n"
                              "100.0% matched, 100.0% correct, 0.0% wrong, 0.0% false positive\n"
                              "2501ms no:0.5(Wrong)\n"
                              "100.0% matched, 50.0% correct, 50.0% wrong, 0.0% false positive\n"
                              "3901ms yes:1.0(False Positive)\n"
                              "100.0% matched, 50.0% correct, 50.0% wrong, 50.0% false positive\n"
                              "100.0% matched, 50.0% correct, 50.0% wrong, 50.0% false positive\n");
}

static void only_the_end_is_printed_unless_verbose(void **state)
{
    ws_stream_word words[] = {{"yes", 1600}};
    const ws_stream_truth truth = {.words = words, .n_words = 1}, nothing = {.n_words = 0};
    char text[1024];
    (void)state;
    report(&truth, stretches, 3, false, text, sizeof text);
    assert_string_equal(text,
                        "100.0% matched, 100.0% correct, 0.0% wrong, 100.0% false positive\n");
    report(&nothing, stretches, 5, false, text, sizeof text);
    assert_string_equal(text, "No ground truth yet, 3false positives\n");
    report(&truth, stretches, 1, true, text, sizeof text);
    assert_string_equal(text, "0.0% matched, 0.0% correct, 0.0% wrong, 0.0% false positive\n");
}

/* Python's floats. */
static void scores_have_the_fewest_digits(void **state)
{
    static const struct {
        float score;
        const char *text;
    } cases[] = {{0.3f, "0.30000001192092896"}, {0.625f, "0.625"}, {0.7f, "0.699999988079071"}};
    const ws_stream_truth nothing = {.n_words = 0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        /* the average of two windows of equal scores is that score, halves being exact */
        const stretch one = {1, {0.0f, cases[i].score, 0.0f}};
        char text[256], want[256];
        report(&nothing, &one, 1, true, text, sizeof text);
        (void)snprintf(want, sizeof want, "1ms yes:%s(False Positive)\n", cases[i].text);
        assert_int_equal(strncmp(text, want, strlen(want)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_wrong_and_false_words_are_told_apart),
        cmocka_unit_test(only_the_end_is_printed_unless_verbose),
        cmocka_unit_test(scores_have_the_fewest_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
