/* recognize/rank and recognize/label_file: which labels come first, and what they are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "recognize/label_file.h"
#include "recognize/rank.h"
#include "support/check.h"
#include "support/sound_file.h"

static void the_highest_come_first_and_of_equals_the_last(void **state)
{
    static const float scores[] = {0.1f, 0.3f, 0.05f, 0.3f, 0.15f, 0.1f, 0.0f};
    static const size_t order[] = {3, 1, 4, 5, 0, 2, 6};
    size_t best[7];
    (void)state;
    for (size_t n_best = 1; n_best <= 7; n_best++) {
        ws_rank_find(scores, 7, n_best, best);
        assert_memory_equal(best, order, n_best * sizeof *best);
    }
}

/** Selects the best one again and again: slow and plain. */
static void select_plainly(const float *scores, size_t n, size_t n_best, size_t *best)
{
    bool taken[100] = {false};
    for (size_t k = 0; k < n_best; k++) {
        size_t at = n;
        for (size_t i = n; i > 0; i--) {
            if (!taken[i - 1] && (at == n || scores[i - 1] > scores[at]))
                at = i - 1;
        }
        taken[at] = true;
        best[k] = at;
    }
}

static void many_scores_come_in_the_order_of_a_plain_selection(void **state)
{
    enum { N = 100 };
    float scores[N];
    size_t best[N], want[N];
    ws_random random;
    (void)state;
    ws_random_init(&random, 3, WS_RANDOM_TEST, 0, 0);
    for (size_t round = 0; round < 200; round++) {
        const size_t n = 1 + ws_random_below(&random, N),
                     n_best = 1 + ws_random_below(&random, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
            scores[i] = (float)ws_random_below(&random, 30) / 30.0f; /* with many equal ones */
        ws_rank_find(scores, n, n_best, best);
        select_plainly(scores, n, n_best, want);
        assert_memory_equal(best, want, n_best * sizeof *best);
    }
}

static ws_status read_labels(const char *text, size_t size, ws_text_list *labels, ws_error *err)
{
    char dir[256], path[300];

    *labels = (ws_text_list){0};
    ws_test_make_dir(dir, sizeof dir);
    (void)snprintf(path, sizeof path, "%s/labels.txt", dir);
    ws_test_file_write(path, text, size);
    const ws_status status = ws_label_file_read(path, labels, err);
    ws_test_remove_dir(dir);
    return status;
}

static void labels_are_lines_without_trailing_blanks(void **state)
{
    static const char *const files[] = {"_silence_\nyes\nzum Beispiel\n hm",
                                        "_silence_\nyes\nzum Beispiel\n hm\n",
                                        "_silence_  \nyes\t\nzum Beispiel\f\v\n hm\n\n \n",
                                        "\xef\xbb\xbf_silence_\nyes\nzum Beispiel\n hm\n",
                                        "_silence_\r\nyes\r\nzum Beispiel\r\n hm\r\n"};
    static const char *const want[] = {"_silence_", "yes", "zum Beispiel", " hm"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        ws_text_list labels;
        assert_int_equal(read_labels(files[i], strlen(files[i]), &labels, NULL), WS_OK);
        assert_int_equal(labels.n_items, 4);
        for (size_t k = 0; k < 4; k++)
            assert_string_equal(labels.items[k], want[k]);
        ws_text_list_deinit(&labels);
    }
}

static void bad_label_files_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *sentence;
    } cases[] = {
        {"", 0, "labels.txt: has no labels, expected one a line"},
        {"\n \r\n", 4, "labels.txt: has no labels, expected one a line"},
        {"yes\n\nno\n", 8, "labels.txt: line 2 is empty, expected a label"},
        {"  \nno", 5, "labels.txt: line 1 is empty, expected a label"},
        {"yes\nn\0o\n", 8, "labels.txt: line 2 has a control character"},
        {"yes\n\n\x08wav_data", 14, "labels.txt: line 2 is empty"},
        {"\x08wav_data", 9, "labels.txt: line 1 has a control character"},
        {"yes\0", 4, "labels.txt: line 1 has a control character"},
    };
    ws_text_list labels = {0};
    ws_error err;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_labels(cases[i].bytes, cases[i].size, &labels, &err), WS_EFORMAT);
        if (strstr(err.message, cases[i].sentence) == NULL)
            fail_msg("case %zu: %s", i, err.message);
        ws_text_list_deinit(&labels);
    }
    assert_int_equal(ws_label_file_read("/nowhere/labels.txt", &labels, &err), WS_ENOTFOUND);
    ws_text_list_deinit(&labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_come_first_and_of_equals_the_last),
        cmocka_unit_test(many_scores_come_in_the_order_of_a_plain_selection),
        cmocka_unit_test(labels_are_lines_without_trailing_blanks),
        cmocka_unit_test(bad_label_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
