/* report: curves, the layout of their charts, histograms and precision-recall curves, read back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/norm.h"
#include "report/label_tags.h"
#include "unit/report_fixture.h"

/* What becomes of the labels in tags, in the order of the labels. */
static const char *const shown[] = {"_silence_", "_unknown_", "yes",          "caf? #3", "caf? #4",
                                    "a|b_c",     "x`y?z #6",  "\xE6\x97\xA5", "*<b>*"};
enum { N_LABELS = sizeof shown / sizeof *shown, YES = 2 };

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.9g instead of %.9g", got, want);
}

static void odd_labels_make_tags_that_differ(void **state)
{
    const report_fixture *f = *state;
    ws_text_list tags = {.items = NULL};

    assert_int_equal(ws_label_tags_push(&tags, &f->observation, "g", NULL), WS_OK);
    assert_int_equal(tags.n_items, N_LABELS);
    for (size_t i = 0; i < N_LABELS; i++) {
        assert_memory_equal(tags.items[i], "g/", 2);
        assert_string_equal(tags.items[i] + 2, shown[i]);
    }
    ws_text_list_deinit(&tags);
}

/** The page of custom scalars takes what follows the first "(" of a tag for the name of a run. */
static void labels_lose_what_a_page_fails_at(void **state)
{
    static const char *const labels[] = {"on (left)", "on [left)", "on ?left)"};
    static const char *const wanted[] = {"g/on ?left) #0", "g/on [left)", "g/on ?left) #2"};
    const ws_observation observation = {.labels = labels, .n_labels = 3};
    ws_text_list tags = {.items = NULL};

    (void)state;
    assert_int_equal(ws_label_tags_push(&tags, &observation, "g", NULL), WS_OK);
    assert_int_equal(tags.n_items, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(tags.items[i], wanted[i]);
    ws_text_list_deinit(&tags);
}

/** Clip i has label i % 8, so that label 8 has no clip; every fifth is labelled 2 by mistake. */
static void fill_scores(report_fixture *f)
{
    for (size_t i = 0; i < REPORT_N_CLIPS; i++) {
        f->entries[i] = i;
        f->labels[i] = (int32_t)(i % 8);
        for (size_t label = 0; label < f->n_labels; label++)
            f->logits[i * f->n_labels + label] = 0.0f;
        f->logits[i * f->n_labels + (i % 5 == 0 ? YES : i % 8)] = 2.0f;
    }
}

static void steps_make_curves(void **state)
{
    report_fixture *f = *state;
    report_values values;
    ws_report *report = report_open(f, "scalars");
    double norm = 0.0;

    for (int64_t step = 1; step <= 3; step++)
        report_step(f, report, step);
    norm = ws_norm_get(f->gradients, REPORT_N_WEIGHTS);
    ws_report_destroy(report);
    report_read(f, "/train", &values);
    assert_int_equal(values.n, 18);
    assert_near(report_values_find(&values, "eval/accuracy", 3)->scalar, 0.25, 0);
    assert_near(report_values_find(&values, "eval/learning_rate", 3)->scalar, 0.5, 0);
    assert_true(norm > 0.0);
    assert_near(report_values_find(&values, "steps/gradient_norm", 3)->scalar, norm, 1e-5 * norm);
    assert_near(report_values_find(&values, "steps/clips_per_second", 3)->scalar, 500.0, 1e-3);
    assert_near(report_values_find(&values, "steps/epoch", 3)->scalar,
                3.0 * REPORT_BATCH / (double)f->observation.n_clips[WS_REPORT_TRAIN], 1e-6);
    for (size_t i = 0; i < 6; i++) /* the first of each tag */
        assert_true(strlen(values.items[i].description) > 20);
    report_values_deinit(&values);
    assert_string_equal(f->lines, "");
}

static void evaluations_make_curves_of_words(void **state)
{
    report_fixture *f = *state;
    report_values values;
    char tag[64];

    fill_scores(f);
    ws_report *report = report_open(f, "scalars");
    report_evaluate(f, report, WS_REPORT_VALIDATION, 10);
    report_evaluate(f, report, WS_REPORT_TEST, 10);
    ws_report_destroy(report);
    for (int set = 0; set < 2; set++) {
        double sum = 0.0;
        report_read(f, set == 0 ? "/validation" : "/test", &values);
        for (size_t i = 0; i < 8; i++) {
            (void)snprintf(tag, sizeof tag, "eval_recall/%s", shown[i]);
            const report_value *value = report_values_find(&values, tag, 10);
            assert_near(value->scalar, (i == YES ? 5.0 : 4.0) / 5.0, 1e-6);
            sum += value->scalar;
        }
        assert_near(report_values_find(&values, "eval/macro_recall", 10)->scalar, sum / 8, 1e-6);
        assert_near(report_values_find(&values, "word_precision/yes", 10)->scalar, 5.0 / 12, 1e-6);
        /* no clip has or gets this label: no points */
        assert_int_equal(values.n, 3 + 2 * 8);
        assert_non_null(
            strstr(report_values_find(&values, "eval_recall/_silence_", 10)->description,
                   "of `_silence_` that"));
        assert_non_null(strstr(report_values_find(&values, "eval_recall/a|b_c", 10)->description,
                               "<code>&#97;&#124;&#98;&#95;&#99;</code>"));
        report_values_deinit(&values);
    }
    assert_string_equal(f->lines, "");
}

static void charts_join_runs_and_words(void **state)
{
    report_fixture *f = *state;
    report_values values;

    ws_report_destroy(report_open(f, "scalars"));
    report_read(f, "", &values);
    assert_int_equal(values.n, 1);
    assert_int_equal(values.items[0].kind, TBE_VALUE_LAYOUT);
    assert_non_null(strstr(values.items[0].blob, "eval/accuracy$"));
    assert_non_null(strstr(values.items[0].blob, "eval_recall/"));
    report_values_deinit(&values);
}

static double n_counted(const report_value *histogram)
{
    double n = 0.0;
    for (size_t i = 2; i < histogram->n_numbers; i += 3)
        n += histogram->numbers[i];
    return n;
}

static void variables_have_histograms(void **state)
{
    report_fixture *f = *state;
    report_values values;
    ws_report *report = report_open(f, "histograms");

    report_evaluate(f, report, WS_REPORT_TEST, 0); /* no step was made: there are no gradients */
    report_step(f, report, 1);
    report_evaluate(f, report, WS_REPORT_VALIDATION, 1);
    report_evaluate(f, report, WS_REPORT_TEST, 1); /* the same weights */
    report_step(f, report, 2);
    report_evaluate(f, report, WS_REPORT_TEST, 2); /* no validation before it */
    ws_report_destroy(report);
    report_read(f, "/train", &values);
    assert_int_equal(values.n, 8);
    assert_int_equal(report_values_n_of_kind(&values, TBE_VALUE_HISTOGRAM), 8);
    for (int64_t step = 1; step <= 2; step++) {
        const size_t n = 6 * f->n_labels;
        assert_near(n_counted(report_values_find(&values, "weights/w", step)), (double)n, 0);
        assert_near(n_counted(report_values_find(&values, "weights_gradients/w", step)), (double)n,
                    0);
        assert_near(n_counted(report_values_find(&values, "weights_gradients/b", step)),
                    (double)f->n_labels, 0);
    }
    assert_non_null(strstr(report_values_find(&values, "weights/b", 1)->description, "`b`"));
    report_values_deinit(&values);
    assert_string_equal(f->lines, "");
}

static void numbers_that_are_not_finite_are_counted(void **state)
{
    report_fixture *f = *state;
    report_values values;
    ws_report *report = report_open(f, "histograms");

    report_step(f, report, 1);
    f->weights[0] = NAN;
    for (size_t i = 0; i < f->n_labels; i++) /* all of b: nothing is left of it */
        f->weights[f->observation.variables[1].offset + i] = INFINITY;
    report_evaluate(f, report, WS_REPORT_VALIDATION, 1);
    ws_report_destroy(report);
    report_read(f, "/train", &values);
    assert_int_equal(report_values_n_of_kind(&values, TBE_VALUE_HISTOGRAM), 3);
    assert_near(n_counted(report_values_find(&values, "weights/w", 1)),
                (double)(6 * f->n_labels - 1), 0);
    assert_near(report_values_find(&values, "steps/not_finite", 1)->scalar,
                (double)f->n_labels + 1.0, 0);
    report_values_deinit(&values);
    assert_string_equal(f->lines, "");
}

static void words_have_precision_recall_curves(void **state)
{
    enum { N = 201 };
    report_fixture *f = *state;
    report_values values;

    fill_scores(f);
    f->logits[1] = NAN; /* the first clip has no probabilities then: it is never taken for any */
    ws_report *report = report_open(f, "pr_curves");
    report_evaluate(f, report, WS_REPORT_VALIDATION, 10);
    ws_report_destroy(report);
    report_read(f, "/validation", &values);
    assert_int_equal(values.n, 6); /* of 7 words one has no clip */
    const report_value *yes = report_values_find(&values, "pr/yes", 10);
    assert_int_equal(yes->kind, TBE_VALUE_PR_CURVE);
    assert_int_equal(yes->n_numbers, 6 * N);
    /* at threshold 0 all are taken for it; at a third those that it is the likeliest of */
    assert_near(yes->numbers[0], 5, 0);
    assert_near(yes->numbers[N], REPORT_N_CLIPS - 5, 0);
    assert_near(yes->numbers[N / 3], 5, 0);
    assert_near(yes->numbers[N + N / 3], 6, 0);
    assert_non_null(strstr(yes->description, "for `yes` where"));
    (void)report_values_find(&values, "pr/caf? #3", 10);
    report_values_deinit(&values);
    assert_string_equal(f->lines, "");
}

#define REPORT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, report_fixture_make, report_fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPORT_TEST(odd_labels_make_tags_that_differ),
        REPORT_TEST(labels_lose_what_a_page_fails_at),
        REPORT_TEST(steps_make_curves),
        REPORT_TEST(evaluations_make_curves_of_words),
        REPORT_TEST(charts_join_runs_and_words),
        REPORT_TEST(variables_have_histograms),
        REPORT_TEST(numbers_that_are_not_finite_are_counted),
        REPORT_TEST(words_have_precision_recall_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
