/* A minute of speech, its windows scored by TensorFlow: the words that its recogniser heard, and
 * its statistics of them (data/stream_*; detections.json of the golden data says the counts). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/stream_score.h"
#include "recognize/smoother.h"
#include "recognize/stream_report.h"
#include "support/npz.h"

enum { N_LABELS = 10, MAX_HEARD = 64, TOLERANCE_MS = 1500 };

static const char *const labels[N_LABELS] = {"_silence_", "_unknown_", "yes",   "no",   "up",
                                             "down",      "left",      "right", "stop", "go"};

typedef struct golden_case {
    const char *name;
    ws_smoother_options options;
    size_t n_correct, n_wrong;
} golden_case;

static const golden_case cases[] = {
    {"python_tool", {N_LABELS, 0, 500, 0.7, 500, 4, 0, 0}, 9, 3},
    {"loose", {N_LABELS, 0, 1000, 0.2, 1500, 3, 0, 0}, 12, 6},
};

typedef struct stream {
    ws_npy scores, times; /* float32 [n, N_LABELS], int64 [n] */
    ws_stream_truth truth;
} stream;

static void get_array(const ws_npz *npz, const char *name, ws_npy *array)
{
    ws_error err;
    if (ws_npz_get(npz, name, array, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static stream open_stream(void)
{
    stream s;
    ws_npz npz;
    ws_error err;

    if (ws_npz_read(WS_TESTS_DIR "/golden/data/stream_window_scores.npz", &npz, &err) != WS_OK ||
        ws_stream_truth_read(WS_TESTS_DIR "/golden/data/stream_labels.txt", &s.truth, &err) !=
            WS_OK)
        fail_msg("%s", err.message);
    get_array(&npz, "scores", &s.scores);
    get_array(&npz, "times_ms", &s.times);
    ws_npz_deinit(&npz);
    return s;
}

static void close_stream(stream *s)
{
    ws_npy_deinit(&s->scores);
    ws_npy_deinit(&s->times);
    ws_stream_truth_deinit(&s->truth);
}

/** The next line of a case, or false. */
static bool next_detection(FILE *file, const char *name, long *time_ms, char *label, double *score)
{
    char case_name[32];
    while (fscanf(file, "%31s %ld %31s %lf", case_name, time_ms, label, score) == 4) {
        if (strcmp(case_name, name) == 0)
            return true;
    }
    return false;
}

/** Follows the stream, holding each new word to TensorFlow's. @return words but silence */
static size_t follow(const stream *s, const golden_case *golden, ws_stream_word *heard)
{
    FILE *file = fopen(WS_TESTS_DIR "/golden/data/stream_detections.txt", "r");
    const float *scores = ws_npy_f4(&s->scores);
    const int64_t *times = s->times.data;
    ws_smoother *smoother;
    ws_error err;
    char label[32];
    long time_ms;
    double score;
    size_t n_heard = 0;

    assert_non_null(file);
    assert_int_equal(ws_smoother_create(&golden->options, &smoother, &err), WS_OK);
    for (size_t i = 0; i < s->times.n_items; i++) {
        ws_heard word;
        assert_int_equal(ws_smoother_push(smoother, scores + i * N_LABELS, times[i], &word, &err),
                         WS_OK);
        if (!word.is_new)
            continue;
        assert_true(next_detection(file, golden->name, &time_ms, label, &score));
        assert_int_equal(times[i], time_ms);
        assert_string_equal(labels[word.label], label);
        assert_true(fabs(word.score - score) < 1e-9); /* as many digits as the file has */
        if (word.label == 0)
            continue;
        assert_true(n_heard < MAX_HEARD);
        heard[n_heard++] = (ws_stream_word){labels[word.label], times[i]};
    }
    assert_false(next_detection(file, golden->name, &time_ms, label, &score));
    ws_smoother_destroy(smoother);
    (void)fclose(file);
    return n_heard;
}

static void same_words_and_counts(void **state)
{
    stream s = open_stream();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_stream_word heard[MAX_HEARD];
        ws_stream_score score;
        const size_t n = follow(&s, &cases[i], heard);
        assert_int_equal(
            ws_stream_score_get(&s.truth, heard, n, WS_STREAM_WHOLE, TOLERANCE_MS, &score, NULL),
            WS_OK);
        assert_int_equal(score.n_words, 20);
        assert_int_equal(score.n_correct, cases[i].n_correct);
        assert_int_equal(score.n_wrong, cases[i].n_wrong);
        assert_int_equal(score.n_false_positives, 0);
    }
    close_stream(&s);
}

/* What TensorFlow's tool printed after each word: words spoken so far, and how many were heard. */
static void counts_on_the_way(void **state)
{
    static const struct {
        size_t n_heard, n_words, n_correct, n_wrong;
    } want[] = {{1, 3, 1, 0}, {4, 6, 4, 0}, {5, 6, 4, 1}, {6, 9, 5, 1}, {12, 20, 9, 3}};
    stream s = open_stream();
    ws_stream_word heard[MAX_HEARD];

    (void)state;
    assert_int_equal(follow(&s, &cases[0], heard), 12);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        ws_stream_score score;
        assert_int_equal(ws_stream_score_get(&s.truth, heard, want[i].n_heard,
                                             heard[want[i].n_heard - 1].time_ms, TOLERANCE_MS,
                                             &score, NULL),
                         WS_OK);
        assert_int_equal(score.n_words, want[i].n_words);
        assert_int_equal(score.n_correct, want[i].n_correct);
        assert_int_equal(score.n_wrong, want[i].n_wrong);
    }
    close_stream(&s);
}

/** What was written to a file, in text. */
static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
}

/* The lines of TensorFlow's tool, byte for byte, but for what its log puts in front of them. */
static void lines_are_tensorflows(void **state)
{
    FILE *want_file = fopen(WS_TESTS_DIR "/golden/data/stream_output.txt", "r");
    FILE *file = tmpfile();
    stream s = open_stream();
    const ws_stream_report_options options = {.smoother = cases[0].options,
                                              .labels = labels,
                                              .truth = &s.truth,
                                              .tolerance_ms = TOLERANCE_MS,
                                              .is_verbose = true,
                                              .out = file};
    const float *scores = ws_npy_f4(&s.scores);
    const int64_t *times = s.times.data;
    static char text[4096], want[4096];
    ws_stream_report *report;
    bool is_heard;

    (void)state;
    assert_true(want_file != NULL && file != NULL);
    assert_int_equal(ws_stream_report_create(&options, &report, NULL), WS_OK);
    for (size_t i = 0; i < s.times.n_items; i++)
        assert_int_equal(
            ws_stream_report_push(report, scores + i * N_LABELS, times[i], &is_heard, NULL), WS_OK);
    assert_int_equal(ws_stream_report_finish(report, NULL), WS_OK);
    ws_stream_report_destroy(report);
    read_back(file, text, sizeof text);
    read_back(want_file, want, sizeof want);
    assert_true(strlen(want) > 1000);
    assert_string_equal(text, want);
    close_stream(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_words_and_counts),
        cmocka_unit_test(counts_on_the_way),
        cmocka_unit_test(lines_are_tensorflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
