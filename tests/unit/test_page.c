/* The report: what is read from event files, what the page, the text and the JSON make of it, and
 * that no text of a file becomes markup. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "page/curves.h"
#include "page/det.h"
#include "page/page.h"
#include "tbevents/tbevents.h"
#include "unit/page_runs.h"
#include "unit/run_content.h"

static const ws_page_about about = {"runs <b>", "1.2", "today"};

static void make_three(void)
{
    page_runs_make("a", "one", "0.1", 0.5);
    page_runs_make("b", "one", "0.1", 0.25);
    page_runs_make("c", "two", "0.2", 0.125);
}

static void runs_are_ranked_and_grouped(void **state)
{
    page_reading r;

    (void)state;
    make_three();
    page_reading_init(&r);
    assert_int_equal(r.summary.n_results, 3);
    assert_int_equal(r.summary.n_groups, 2);
    const ws_page_group *first = &r.summary.groups[0];
    assert_int_equal(first->n_members, 2);
    assert_true(fabs(first->test - 0.375) < 1e-6);
    assert_true(fabs(first->test_spread - sqrt(0.03125)) < 1e-6);
    assert_true(isnan(r.summary.groups[1].test_spread));
    const ws_page_result *best = &r.summary.results[first->members[0]];
    assert_string_equal(best->run->name, "a");
    assert_true(fabs(best->best - 0.8) < 1e-6);
    assert_int_equal(best->best_step, 400);
    assert_true(fabs(best->last - 0.5) < 1e-6);
    assert_int_equal(best->n_steps, 1000);
    assert_int_equal(r.summary.differing.n_items, 1);
    assert_string_equal(r.summary.differing.items[0], "learning_rate");
    assert_string_equal(ws_page_group_setting(&r.summary, first, "learning_rate"), "0.1");
    page_reading_deinit(&r);
}

static void the_matrix_is_exact(void **state)
{
    static const uint64_t wanted[] = {8, 2, 1, 4};
    page_reading r;

    (void)state;
    page_runs_make("a", "one", "0.1", 0.5);
    page_reading_init(&r);
    const ws_page_matrix *matrix = &r.summary.results[0].matrix;
    assert_int_equal(matrix->words.n_items, 2);
    assert_string_equal(matrix->words.items[1], "<i>no");
    assert_memory_equal(matrix->counts, wanted, sizeof wanted);
    assert_int_equal(ws_page_matrix_said(matrix, 0), 10);
    assert_int_equal(ws_page_matrix_heard(matrix, 0), 9);
    assert_true(fabs(ws_page_matrix_recall(matrix, 1) - 0.8) < 1e-12);
    assert_true(fabs(ws_page_matrix_precision(matrix, 1) - 4.0 / 6) < 1e-12);
    assert_int_equal(r.summary.results[0].n_mistakes, 1);
    assert_string_equal(r.summary.results[0].mistakes[0].clip, "no/<script>.wav");
    page_reading_deinit(&r);
}

/** Few points, whose mean is that of all values; and of a group the mean over its runs. */
static void curves_are_means(void **state)
{
    ws_page_mean mean;
    page_reading r;

    (void)state;
    make_three();
    page_reading_init(&r);
    const ws_page_run *run = r.summary.results[r.summary.groups[0].members[0]].run;
    const ws_page_curve *curve =
        ws_page_curve_find(ws_page_part_find(run, "train"), "eval/accuracy");
    assert_non_null(curve);
    assert_true(curve->n <= WS_PAGE_CURVE_POINTS && curve->n > WS_PAGE_CURVE_POINTS / 2);
    assert_int_equal(curve->n_values, 1000);
    for (size_t i = 0; i < curve->n; i++) /* a straight line stays one */
        assert_true(fabs(curve->points[i].value - 0.5 - curve->points[i].step / 2000) < 1e-6);
    assert_int_equal(
        ws_page_mean_init(&mean, &r.summary, &r.summary.groups[0], "train", "eval/accuracy"),
        WS_OK);
    assert_int_equal(mean.n, curve->n);
    for (size_t i = 0; i < mean.n; i++) {
        assert_true(fabs(mean.points[i].value - 0.375 - mean.points[i].step / 2000) < 1e-6);
        assert_true(fabs(mean.spreads[i] - sqrt(0.03125)) < 1e-5);
    }
    ws_page_mean_deinit(&mean);
    page_reading_deinit(&r);
}

/** The spread of values that hardly differ, and an accuracy that is no share. */
static void large_values_keep_their_spread(void **state)
{
    ws_page_mean mean;
    page_reading r;

    (void)state;
    page_runs_make("a", "seeds", "0.1", 1e9);
    page_runs_make("b", "seeds", "0.1", 1e9 + 64);
    page_reading_init(&r);
    assert_true(isnan(r.summary.groups[0].test) && isnan(r.summary.groups[0].best));
    assert_int_equal(
        ws_page_mean_init(&mean, &r.summary, &r.summary.groups[0], "train", "eval/accuracy"),
        WS_OK);
    assert_true(mean.n > 0);
    for (size_t i = 0; i < mean.n; i++)
        assert_true(fabs(mean.spreads[i] - 64 / sqrt(2)) < 1e-3);
    ws_page_mean_deinit(&mean);
    page_reading_deinit(&r);
}

/** A run of another program: scalars alone, in one folder. @param tags  NULL after the last one
 *  @param levels  their last values; the first ones are half of that */
static void make_other(const char *name, const char *const *tags, const double *levels)
{
    tbe_writer *writer = page_runs_open(name, "");

    for (int step = 0; step <= 20; step += 20)
        for (size_t i = 0; tags[i] != NULL; i++)
            (void)tbe_add_scalar(writer, step, tags[i],
                                 (float)(step == 20 ? levels[i] : levels[i] / 2));
    page_runs_close(writer);
}

/** Tags say what was judged, and values whether they are percentages. */
static void accuracies_of_other_programs_are_found(void **state)
{
    static const struct {
        const char *tags[4];
        double levels[3];
        double test, best; /* NaN: none */
    } cases[] = {
        {{"train_accuracy", "val_accuracy"}, {0.99, 0.75}, (double)NAN, 0.75},
        {{"Accuracy/train", "Accuracy/val"}, {99, 75}, (double)NAN, 0.75},
        {{"Accuracy/test", "Accuracy/train", "Accuracy/dev"}, {50, 99, 75}, 0.5, 0.75},
        {{"train/acc", "eval/acc"}, {1, 0.5}, (double)NAN, 0.5},
        {{"train_acc"}, {0.5}, (double)NAN, (double)NAN},
        {{"BinaryAccuracy"}, {0.5}, (double)NAN, 0.5},
        {{"latest_accuracy"}, {0.5}, (double)NAN, 0.5},
        {{"testAcc", "valAcc"}, {0.25, 0.5}, 0.25, 0.5},
        {{"acceleration", "loss"}, {0.5, 0.5}, (double)NAN, (double)NAN},
        {{"accuracy"}, {250}, (double)NAN, (double)NAN},
        {{"accuracy"}, {-0.5}, (double)NAN, (double)NAN},
    };
    enum { N_CASES = sizeof cases / sizeof *cases };
    char name[N_CASES][16], *text = NULL, *html = NULL;
    page_reading r;

    (void)state;
    for (size_t i = 0; i < N_CASES; i++) {
        (void)snprintf(name[i], sizeof name[i], "case%02zu", i);
        make_other(name[i], cases[i].tags, cases[i].levels);
    }
    page_reading_init(&r);
    assert_int_equal(r.summary.n_results, N_CASES);
    for (size_t k = 0; k < N_CASES; k++) {
        const ws_page_result *result = &r.summary.results[k];
        size_t i = 0;
        while (strcmp(name[i], result->run->name) != 0)
            i++;
        assert_int_equal(isnan(result->test), isnan(cases[i].test));
        assert_int_equal(isnan(result->best), isnan(cases[i].best));
        assert_true(isnan(cases[i].test) || fabs(result->test - cases[i].test) < 1e-6);
        assert_true(isnan(cases[i].best) || fabs(result->best - cases[i].best) < 1e-6);
        assert_int_equal(result->n_steps, 20);
        assert_int_equal(result->run->end, WS_PAGE_END_NONE);
    }
    assert_int_equal(ws_page_write_text(&r.summary, &about, &text, NULL), WS_OK);
    assert_non_null(strstr(text, "acceleration=0.5  loss=0.5"));
    assert_null(strstr(text, "Accuracy/val"));
    assert_null(strstr(text, "no end"));
    assert_int_equal(ws_page_write_html(&r.summary, &about, &html, NULL), WS_OK);
    assert_non_null(strstr(html, "<th scope=\"row\">Accuracy/val</th><td class=\"number\">2</td>"));
    assert_null(strstr(html, "no end"));
    assert_null(strstr(html, ">-0<")); /* steps of an axis */
    free(text);
    free(html);
    page_reading_deinit(&r);
}

/** The training's folder of a run by itself has no accuracy of validation. */
static void a_part_alone_is_what_its_folder_says(void **state)
{
    (void)state;
    page_runs_make("a", "one", "0.1", 0.5);
    for (int i = 0; i < 2; i++) {
        char *path = ws_text_format("%s/a/%s", run_logs, i == 0 ? "train" : "validation");
        page_reading r;
        page_reading_init_path(&r, path);
        assert_int_equal(r.summary.n_results, 1);
        assert_true(isnan(r.summary.results[0].test));
        assert_int_equal(isnan(r.summary.results[0].best), i == 0);
        page_reading_deinit(&r);
        free(path);
    }
}

/** What a run came to before it failed is not a result; where all failed, there is nothing better.
 */
static void failed_seeds_are_not_in_means(void **state)
{
    page_reading r;
    char *text = NULL;

    (void)state;
    make_three();
    page_runs_make("d", "one", "0.1", 0.75);
    page_runs_end("d", TBE_SESSION_FAILURE);
    page_runs_end("a", TBE_SESSION_SUCCESS);
    page_runs_end("c", TBE_SESSION_FAILURE);
    page_reading_init(&r);
    const ws_page_group *first = &r.summary.groups[0], *second = &r.summary.groups[1];
    assert_int_equal(first->n_members, 3);
    assert_string_equal(r.summary.results[first->members[0]].run->name, "a");
    assert_string_equal(r.summary.results[first->members[2]].run->name, "d");
    assert_int_equal(first->n_counted, 2);
    assert_true(fabs(first->test - 0.375) < 1e-6);
    assert_true(fabs(first->test_spread - sqrt(0.03125)) < 1e-6);
    assert_int_equal(second->n_counted, 1);
    assert_true(fabs(second->test - 0.125) < 1e-6);
    ws_page_mean mean;
    assert_int_equal(ws_page_mean_init(&mean, &r.summary, first, "train", "eval/accuracy"), WS_OK);
    assert_true(mean.n > 0);
    for (size_t i = 0; i < mean.n; i++)
        assert_true(fabs(mean.points[i].value - 0.375 - mean.points[i].step / 2000) < 1e-6);
    ws_page_mean_deinit(&mean);
    assert_int_equal(ws_page_write_text(&r.summary, &about, &text, NULL), WS_OK);
    assert_non_null(strstr(text, "2 of 3 seeds"));
    assert_non_null(strstr(text, "The best run: a\n"));
    free(text);
    assert_int_equal(ws_page_write_html(&r.summary, &about, &text, NULL), WS_OK);
    assert_non_null(strstr(text, "2 of 3 seeds"));
    assert_non_null(strstr(text, "a and 1 more seed"));
    free(text);
    ws_json *json = ws_page_write_json(&r.summary, &about);
    text = ws_json_write(json, (ws_json_style){17, false});
    assert_non_null(text);
    assert_non_null(strstr(text, "\"runs_in_means\":2,"));
    ws_json_destroy(json);
    free(text);
    page_reading_deinit(&r);
}

/** The largest values of all seeds are not the best run. */
static void aggregates_of_a_sweep_are_left_out(void **state)
{
    static const char *const names[] = {"aggregate/0000-rate=0.1/mean",
                                        "aggregate/0000-rate=0.1/largest",
                                        "old/aggregate/0000-rate=0.1/least"};
    static const char *const tags[] = {"eval/accuracy", NULL};
    char *alone = ws_text_format("%s/aggregate", run_logs);
    page_reading r;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        make_other(names[i], tags, (const double[]){0.99});
    page_reading_init(&r);
    assert_int_equal(r.summary.n_results, 3); /* there is nothing else */
    page_reading_deinit(&r);
    page_runs_make("logs/trial-0000", "one", "0.1", 0.5);
    make_other("aggregate/notes/curves", tags, (const double[]){0.25}); /* somebody's own folder */
    page_reading_init(&r);
    assert_int_equal(r.summary.n_results, 2);
    assert_string_equal(r.summary.results[0].run->name, "logs/trial-0000");
    page_reading_deinit(&r);
    page_reading_init_path(&r, alone); /* as it is asked for */
    assert_int_equal(r.summary.n_results, 3);
    page_reading_deinit(&r);
    free(alone);
}

static void the_page_has_all_and_no_foreign_markup(void **state)
{
    static const char *const wanted[] = {
        "runs &lt;b&gt;",       "href=\"#run1-mistake1\"",
        "id=\"run1-mistake1\"", "id=\"run1-word1\"",
        "&lt;i&gt;no",          "2 seeds",
        "class=\"band c0\"",    "wordspot train &lt;x&gt;",
        "learning_rate",
    };
    char *html = NULL;
    page_reading r;

    (void)state;
    make_three();
    page_reading_init(&r);
    assert_int_equal(ws_page_write_html(&r.summary, &about, &html, NULL), WS_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(html, wanted[i]) == NULL)
            fail_msg("the page lacks %s", wanted[i]);
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<i>"));
    assert_null(strstr(html, "http"));
    free(html);
    page_reading_deinit(&r);
}

static void the_text_fits_its_columns(void **state)
{
    char *text = NULL;
    page_reading r;

    (void)state;
    make_three();
    page_runs_make(
        "a_run_with_a_name_that_is_much_longer_than_any_column_of_this_table_could_ever_be",
        "three",
        "a_value_that_goes_on_and_on_and_on_beyond_the_hundredth_column_of_the_page_"
        "and_further_still",
        0.75);
    page_reading_init(&r);
    assert_int_equal(ws_page_write_text(&r.summary, &about, &text, NULL), WS_OK);
    for (const char *line = text; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        assert_true(n <= WS_PAGE_TEXT_COLUMNS);
        line += n + (line[n] == '\n');
    }
    assert_non_null(strstr(text, "2 seeds"));
    assert_non_null(strstr(text, "37.5 % +- 17.7"));
    free(text);
    page_reading_deinit(&r);
}

static void the_json_can_be_read(void **state)
{
    ws_json *read = NULL;
    page_reading r;

    (void)state;
    make_three();
    page_reading_init(&r);
    ws_json *json = ws_page_write_json(&r.summary, &about);
    char *text = ws_json_write(json, (ws_json_style){17, false});
    assert_non_null(text);
    assert_int_equal(ws_json_read(text, strlen(text), "it", &read, NULL), WS_OK);
    assert_string_equal(ws_json_get_text(read, "version"), "1.2");
    assert_non_null(strstr(text, "\"counts\""));
    ws_json_destroy(read);
    ws_json_destroy(json);
    free(text);
    page_reading_deinit(&r);
}

/** Files without anything to show, and a matrix of another form, are no fault of a program. */
static void odd_files_show_less(void **state)
{
    static const char *const texts[] = {"no table", "| said |\n", "| a | b | c | d |\n| 1 | 2 |\n",
                                        "| said | x | clips | recall |\n| x | -5 | 1 | 1 |\n",
                                        "| said | x | clips | recall |\n| x | 1e9 | 1 | 1 |\n"};
    ws_event_runs found = {.items = NULL};
    ws_page_runs runs;
    ws_page_summary summary;
    ws_error err = {.message = ""};

    (void)state;
    page_runs_close(page_runs_open("empty", ""));
    assert_int_equal(ws_event_runs_find(&found, run_logs, NULL), WS_OK);
    assert_int_equal(ws_page_runs_read(&runs, &found, NULL, NULL), WS_OK);
    assert_int_equal(ws_page_summary_init(&summary, &runs, "logs", &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "logs: no event file holds anything"));
    ws_page_summary_deinit(&summary);
    ws_page_runs_deinit(&runs);
    ws_event_runs_deinit(&found);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "run%zu", i);
        tbe_writer *writer = page_runs_open(name, "test");
        (void)tbe_add_text(writer, 1, "confusion/matrix", texts[i]);
        (void)tbe_add_text(writer, 1, "review/mistakes", texts[i]);
        page_runs_close(writer);
    }
    page_reading r;
    char *html = NULL, *text = NULL;
    page_reading_init(&r);
    assert_int_equal(ws_page_write_html(&r.summary, &about, &html, NULL), WS_OK);
    assert_int_equal(ws_page_write_text(&r.summary, &about, &text, NULL), WS_OK);
    free(html);
    free(text);
    page_reading_deinit(&r);
}

/** The cutoffs of a wake word: a curve and a table, which leave out lines that are no figures. */
static void cutoffs_become_a_curve(void **state)
{
    static const char table[] =
        "Test after step 9: 40 phrases and 2 hours of other sound. A row is the lowest.\n\n"
        "| cutoff | false accepts | an hour | phrases missed | share |\n|---|---|---|---|---|\n"
        "| 0.0000 | 900 | 450 | 0 | 0.00 % |\n| 0.2500 | 9 | 4.5 | 2 | 5.00 % |\n"
        "| 7 | 1 | 1 | 1 | 1 % |\n| x | 1 | 1 | 1 | 1 % |\n| 0.5 | 1 | nan | 1 | 1 % |\n"
        "| 0.7500 | 1 | 0.5 | 10 | 25.00 % |\n| 0.9961 | 0 | 0 | 40 | 100.00 % |\n";
    char *html = NULL, *text = NULL;
    page_reading r;

    (void)state;
    tbe_writer *writer = page_runs_open("wake", "test");
    (void)tbe_add_text(writer, 9, "wake_word/cutoffs", table);
    page_runs_close(writer);
    page_reading_init(&r);
    ws_page_det det;
    assert_int_equal(ws_page_det_read(&det, r.summary.results[0].run), WS_OK);
    assert_int_equal(det.n, 4);
    assert_true(ws_page_det_find(&det, 5)->cutoff == 0.25);
    assert_true(ws_page_det_find(&det, 5)->misses == 0.05);
    assert_true(ws_page_det_find(&det, 0.5)->cutoff == 0.75);
    assert_true(ws_page_det_find(&det, 0.4)->misses == 1.0);
    assert_true(ws_page_det_find(&det, 1000)->cutoff == 0.0);
    ws_page_det_deinit(&det);
    assert_int_equal(ws_page_write_html(&r.summary, &about, &html, NULL), WS_OK);
    assert_int_equal(ws_page_write_text(&r.summary, &about, &text, NULL), WS_OK);
    /* 450 an hour lie at the end of the scale, 0 at its begin */
    assert_non_null(strstr(html, "missed phrases, 100 an hour: 0.00 %"));
    assert_non_null(strstr(html, "missed phrases, 4.5 an hour: 5.00 %"));
    assert_non_null(strstr(html, "missed phrases, 0.1 an hour: 100.00 %"));
    assert_non_null(strstr(html, "40 phrases and 2 hours"));
    assert_non_null(strstr(text, "       0.5    0.750       0.5    25.0 %\n"));
    ws_json *json = ws_page_det_write_json(r.summary.results[0].run);
    assert_non_null(json);
    ws_json_destroy(json);
    free(html);
    free(text);
    page_reading_deinit(&r);
}

#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, run_logs_set_up, run_logs_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(cutoffs_become_a_curve),
        RUN_TEST(runs_are_ranked_and_grouped),
        RUN_TEST(the_matrix_is_exact),
        RUN_TEST(curves_are_means),
        RUN_TEST(large_values_keep_their_spread),
        RUN_TEST(accuracies_of_other_programs_are_found),
        RUN_TEST(a_part_alone_is_what_its_folder_says),
        RUN_TEST(failed_seeds_are_not_in_means),
        RUN_TEST(aggregates_of_a_sweep_are_left_out),
        RUN_TEST(the_page_has_all_and_no_foreign_markup),
        RUN_TEST(the_text_fits_its_columns),
        RUN_TEST(the_json_can_be_read),
        RUN_TEST(odd_files_show_less),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
