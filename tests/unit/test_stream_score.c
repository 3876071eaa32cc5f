/* Spoken and heard words: how they are matched, and files with small faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "metrics/stream_score.h"
#include "support/check.h"

static char folder[256], path[300];

static int set_up(void **state)
{
    (void)state;
    ws_test_make_dir(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/truth.txt", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ws_test_remove_dir(folder);
    return 0;
}

static ws_status read_text(const char *text, ws_stream_truth *truth, ws_error *err)
{
    assert_int_equal(ws_file_write(path, text, strlen(text), NULL), WS_OK);
    return ws_stream_truth_read(path, truth, err);
}

static void lines_are_sorted_and_rounded(void **state)
{
    ws_stream_truth truth;
    (void)state;

    assert_int_equal(read_text("yes, 2000.500000\n  no ,1000\r\n\nno comma\na,b,3\ngo, 3.5\nup,2.5",
                               &truth, NULL),
                     WS_OK);
    assert_int_equal(truth.n_words, 4);
    assert_string_equal(truth.words[0].label, "up");
    assert_int_equal(truth.words[0].time_ms, 2); /* halves to even */
    assert_string_equal(truth.words[1].label, "go");
    assert_int_equal(truth.words[1].time_ms, 4);
    assert_string_equal(truth.words[2].label, "no");
    assert_int_equal(truth.words[2].time_ms, 1000);
    assert_int_equal(truth.words[3].time_ms, 2000);
    ws_stream_truth_deinit(&truth);
}

static void a_wrong_time_is_named(void **state)
{
    static const char *const times[] = {"x", "", "1e", "nan", "inf", "1e30"};
    ws_stream_truth truth;
    ws_error err;
    char text[64], wanted[400];
    (void)state;

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        (void)snprintf(text, sizeof text, "yes, 5\nno, %s\n", times[i]);
        (void)snprintf(wanted, sizeof wanted, "%s: line 2: \"%s\" is not a time in milliseconds", path,
                       times[i]);
        assert_int_equal(read_text(text, &truth, &err), WS_EFORMAT);
        assert_string_equal(err.message, wanted);
        assert_null(truth.words);
    }
    assert_int_equal(ws_stream_truth_read("/nowhere/truth.txt", &truth, &err), WS_ENOTFOUND);
    assert_int_equal(read_text("", &truth, &err), WS_OK);
    assert_int_equal(truth.n_words, 0);
    ws_stream_truth_deinit(&truth);
}

static void a_mark_before_the_text_is_not_part_of_it(void **state)
{
    ws_stream_truth truth;
    (void)state;

    assert_int_equal(read_text("\xef\xbb\xbfyes, 5\r\nno, 7\r\n", &truth, NULL), WS_OK);
    assert_int_equal(truth.n_words, 2);
    assert_string_equal(truth.words[0].label, "yes");
    ws_stream_truth_deinit(&truth);
    assert_int_equal(read_text("\xef\xbb\xbf", &truth, NULL), WS_OK);
    assert_int_equal(truth.n_words, 0);
    ws_stream_truth_deinit(&truth);
}

/* UTF-16, which has a NUL after each letter; something else; a word that colours the terminal. */
static void bytes_that_are_not_text_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        int line;
    } files[] = {
        {"\xff\xfey\0e\0s\0,\0005\0\n\0", 14, 1},
        {"yes, 5\nno, 6\0\nup, 7\n", 20, 2},
        {"yes, 5\n\n\x1b[31mno, 6\n", 19, 3},
    };
    ws_stream_truth truth;
    ws_error err;
    char wanted[400];
    (void)state;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(ws_file_write(path, files[i].bytes, files[i].size, NULL), WS_OK);
        assert_int_equal(ws_stream_truth_read(path, &truth, &err), WS_EFORMAT);
        (void)snprintf(wanted, sizeof wanted, "%s: line %d has a control character", path,
                       files[i].line);
        assert_int_equal(strncmp(err.message, wanted, strlen(wanted)), 0);
        assert_null(truth.words);
        assert_null(truth.text);
    }
}

static ws_stream_score score_of(const char *text, const ws_stream_word *heard, size_t n,
                                int64_t until_ms)
{
    ws_stream_truth truth;
    ws_stream_score score;

    assert_int_equal(read_text(text, &truth, NULL), WS_OK);
    assert_int_equal(ws_stream_score_get(&truth, heard, n, until_ms, 100, &score, NULL), WS_OK);
    ws_stream_truth_deinit(&truth);
    return score;
}

static void the_first_word_within_the_tolerance_decides(void **state)
{
    static const ws_stream_word heard[] = {
        {"yes", 1100}, /* just within */
        {"no", 1101},  /* 2000 is far, 1000 just out of reach: nothing near */
        {"no", 1950},  /* the nearest of two in order of time is "up" at 1900 */
        {"go", 2100},  /* "no" at 2000 comes first */
    };
    const ws_stream_score score =
        score_of("yes,1000\nup,1900\nno,2000\n", heard, 4, WS_STREAM_WHOLE);

    (void)state;
    assert_int_equal(score.n_words, 3);
    assert_int_equal(score.n_correct, 1);
    assert_int_equal(score.n_wrong, 2);
    assert_int_equal(score.n_false_positives, 1);
}

static void a_moment_is_taken_once(void **state)
{
    static const ws_stream_word heard[] = {
        {"yes", 1000}, {"yes", 1010}, {"no", 2000}, {"no", 2001}};
    const ws_stream_score score = score_of("yes,1000\nup,2000\n", heard, 4, WS_STREAM_WHOLE);

    (void)state;
    assert_int_equal(score.n_correct, 1);
    assert_int_equal(score.n_wrong, 3);
}

static void only_words_spoken_so_far_count(void **state)
{
    static const ws_stream_word heard[] = {{"yes", 1000}, {"no", 2950}};
    ws_stream_score score = score_of("yes,1000\nno,2000\nno,3001\n", heard, 1, 1900);

    (void)state;
    assert_int_equal(score.n_words, 2); /* up to 1900 and the tolerance of 100 */
    assert_int_equal(score.n_correct, 1);
    score = score_of("yes,1000\nno,3001\n", heard, 2, 2900);
    assert_int_equal(score.n_words, 1);
    assert_int_equal(score.n_false_positives, 1); /* its word is one millisecond too late */
    score = score_of("", heard, 2, WS_STREAM_WHOLE);
    assert_int_equal(score.n_words, 0);
    assert_int_equal(score.n_false_positives, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_sorted_and_rounded),
        cmocka_unit_test(a_wrong_time_is_named),
        cmocka_unit_test(a_mark_before_the_text_is_not_part_of_it),
        cmocka_unit_test(bytes_that_are_not_text_are_refused),
        cmocka_unit_test(the_first_word_within_the_tolerance_decides),
        cmocka_unit_test(a_moment_is_taken_once),
        cmocka_unit_test(only_words_spoken_so_far_count),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
