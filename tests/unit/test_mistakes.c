/* metrics/mistakes and metrics/confusion_focus: which clips and which labels are worth a look. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "metrics/confusion_focus.h"
#include "metrics/mistakes.h"

static void the_surest_mistakes_come_first(void **state)
{
    static const float logits[] = {
        0,   2,   0, /* wrong, e^2 / (2 + e^2) */
        5,   0,   0, /* right */
        0,   0,   9, /* wrong, the worst */
        1,   1,   1, /* the lowest of equals is 0: wrong, a third */
        0,   2,   0, /* as sure as the first: comes after it */
        800, -50, 0, /* would overflow without care; right */
    };
    static const int32_t labels[] = {0, 0, 1, 2, 2, 0};
    static const size_t rows[] = {2, 0, 4, 3};
    const ws_predictions predictions = {6, 3, labels, logits};
    ws_mistake mistakes[6];
    (void)state;
    for (size_t n_wanted = 0; n_wanted <= 6; n_wanted++) {
        const size_t n = ws_mistakes_find(&predictions, n_wanted, mistakes);
        assert_int_equal(n, n_wanted < 4 ? n_wanted : 4);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(mistakes[i].row, rows[i]);
    }
    assert_int_equal(mistakes[0].said, 1);
    assert_int_equal(mistakes[0].heard, 2);
    assert_true(fabs(mistakes[0].sureness - 1 / (1 + 2 * exp(-9))) < 1e-12);
    assert_true(fabs(mistakes[1].sureness - exp(2) / (2 + exp(2))) < 1e-12);
    assert_true(fabs(mistakes[3].sureness - 1.0 / 3) < 1e-12);
}

/* The confidence rounds to 1 for all, but their order is known. */
static void certain_mistakes_are_told_apart(void **state)
{
    static const float logits[] = {0, 60, 0, 90, 0, 75};
    static const int32_t labels[] = {0, 0, 0};
    const ws_predictions predictions = {3, 2, labels, logits};
    ws_mistake mistakes[3];
    (void)state;
    assert_int_equal(ws_mistakes_find(&predictions, 3, mistakes), 3);
    assert_int_equal(mistakes[0].row, 1);
    assert_int_equal(mistakes[1].row, 2);
    assert_int_equal(mistakes[2].row, 0);
    assert_true(mistakes[2].sureness == 1);
}

static void nan_comes_last(void **state)
{
    const float logits[] = {
        NAN,       NAN,       NAN,       /* counts as 0: wrong */
        -INFINITY, 1,         INFINITY,  /* 2, surely: wrong */
        0,         NAN,       3,         /* 2: wrong, the confidence is NaN */
        -1,        -1,        -0.5f,     /* 2, hardly: wrong */
        INFINITY,  INFINITY,  0,         /* 0: wrong, no number */
        -INFINITY, -INFINITY, -INFINITY, /* 0: right */
    };
    static const int32_t labels[] = {1, 1, 1, 0, 2, 0};
    static const size_t rows[] = {1, 3, 0, 2, 4};
    const ws_predictions predictions = {6, 3, labels, logits};
    ws_mistake mistakes[6];
    (void)state;
    assert_int_equal(ws_mistakes_find(&predictions, 6, mistakes), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(mistakes[i].row, rows[i]);
        assert_true(mistakes[i].sureness >= 0 && mistakes[i].sureness <= 1);
        assert_true((mistakes[i].sureness == 0) == (i >= 2));
    }
}

/* Against all mistakes, sorted. */
static void a_selection_is_the_beginning_of_all(void **state)
{
    enum { N = 300, N_LABELS = 2 }; /* no sums, which might round one way or the other */
    static float logits[N * N_LABELS];
    static int32_t labels[N];
    static ws_mistake all[N], few[6];
    const ws_predictions predictions = {N, N_LABELS, labels, logits};
    ws_random random;
    (void)state;
    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N * N_LABELS; i++)
        logits[i] = (float)(int)(8 * ws_random_uniform(&random)); /* with equal ones */
    for (size_t i = 0; i < N; i++)
        labels[i] = (int32_t)ws_random_below(&random, N_LABELS);
    const size_t n = ws_mistakes_find(&predictions, N, all);
    assert_true(n > N / 3);
    for (size_t i = 1; i < n; i++) {
        assert_true(all[i].sureness <= all[i - 1].sureness);
        assert_true(all[i].sureness < all[i - 1].sureness || all[i].row > all[i - 1].row);
    }
    assert_int_equal(ws_mistakes_find(&predictions, 6, few), 6);
    assert_memory_equal(few, all, sizeof few);
}

static ws_confusion *make_confusion(size_t n_labels)
{
    ws_confusion *confusion;
    assert_int_equal(ws_confusion_create(n_labels, &confusion, NULL), WS_OK);
    for (size_t i = 0; i < n_labels; i++)
        confusion->counts[i * (n_labels + 1)] = 1000;
    return confusion;
}

static void focus_is_on_the_largest_confusions(void **state)
{
    ws_confusion *confusion = make_confusion(30);
    size_t labels[4];
    (void)state;
    confusion->counts[20 * 30 + 3] = 9; /* 20 taken for 3 */
    confusion->counts[7 * 30 + 20] = 8;
    confusion->counts[25 * 30 + 26] = 7; /* two labels: there is room for only one then */
    confusion->counts[3 * 30 + 11] = 2;
    assert_int_equal(ws_confusion_focus_find(confusion, 4, labels), 4);
    assert_memory_equal(labels, ((size_t[]){3, 7, 11, 20}), sizeof labels);

    confusion->counts[3 * 30 + 11] = 0;
    assert_int_equal(ws_confusion_focus_find(confusion, 4, labels), 3);
    assert_memory_equal(labels, ((size_t[]){3, 7, 20}), 3 * sizeof *labels);
    ws_confusion_destroy(confusion);
}

static void a_focus_of_nothing_is_the_beginning(void **state)
{
    ws_confusion *confusion = make_confusion(3);
    size_t labels[5];
    (void)state;
    assert_int_equal(ws_confusion_focus_find(confusion, 2, labels), 2);
    assert_memory_equal(labels, ((size_t[]){0, 1}), 2 * sizeof *labels);
    assert_int_equal(ws_confusion_focus_find(confusion, 5, labels), 3);
    ws_confusion_destroy(confusion);
}

static void no_confusion_gets_lost_in_the_focus(void **state)
{
    enum { N = 9, N_CHOSEN = 3 };
    static const size_t labels[N_CHOSEN] = {0, 4, 8};
    ws_confusion *confusion = make_confusion(N);
    uint64_t counts[(N_CHOSEN + 1) * (N_CHOSEN + 1)];
    uint64_t expected[(N_CHOSEN + 1) * (N_CHOSEN + 1)] = {0};
    (void)state;
    for (size_t row = 0; row < N; row++) {
        for (size_t column = 0; column < N; column++) {
            if (row == column)
                continue;
            const size_t to_row = row % 4 == 0 ? row / 4 : N_CHOSEN;
            const size_t to_column = column % 4 == 0 ? column / 4 : N_CHOSEN;
            confusion->counts[row * N + column] = 100 * row + column;
            expected[to_row * (N_CHOSEN + 1) + to_column] += 100 * row + column;
        }
    }
    ws_confusion_focus_get(confusion, labels, N_CHOSEN, counts);
    assert_memory_equal(counts, expected, sizeof counts);
    for (size_t i = 0; i < N_CHOSEN; i++)
        assert_int_equal(counts[i * (N_CHOSEN + 2)], 0);
    ws_confusion_destroy(confusion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_surest_mistakes_come_first),
        cmocka_unit_test(certain_mistakes_are_told_apart),
        cmocka_unit_test(nan_comes_last),
        cmocka_unit_test(a_selection_is_the_beginning_of_all),
        cmocka_unit_test(focus_is_on_the_largest_confusions),
        cmocka_unit_test(a_focus_of_nothing_is_the_beginning),
        cmocka_unit_test(no_confusion_gets_lost_in_the_focus),
    };
    return cmocka_run_group_tests_name("mistakes", tests, NULL, NULL);
}
