/* The view of hyperparameters: what it writes for settings, which files it leaves, and what a
 * resumed run reads from the files of the earlier process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "report/best_figures.h"
#include "report/hparams_list.h"
#include "report/report.h"
#include "unit/run_content.h"

enum { N_LABELS = 2 };

static const ws_setting settings[] = {
    {"data_dir", "data", "elsewhere", WS_SETTING_TEXT, false, true},
    {"epochs", "", "", WS_SETTING_TEXT, true, true},
    {"how_many_training_steps", "15000,3000", "15000,3000", WS_SETTING_TEXT, true, true},
    {"learning_rate", "0.001,0.0001", "0.1", WS_SETTING_TEXT, true, true},
    {"model_architecture", "conv", "conv", WS_SETTING_TEXT, true, true},
    {"wanted_words", "one,two,three,four,five,six", "yes", WS_SETTING_TEXT, true, true},
    {"quantize", "true", "false", WS_SETTING_BOOL, true, true},
    {"preset", "tutorial", "tutorial", WS_SETTING_TEXT, true, true},
    {"batch_size", "100", "100", WS_SETTING_NUMBER, true, true},
    {"warmup", "0.1", "0", WS_SETTING_NUMBER, true, true},
    {"adam_beta1", "0.9", "0.9", WS_SETTING_NUMBER, true, false},
    {"seed", "59185", "1", WS_SETTING_NUMBER, false, true},
};
enum { N_SETTINGS = sizeof settings / sizeof *settings, N_HPARAMS = 13 };

static const ws_observation observation = {.n_clips = {0, 80, 10, 10}, .n_steps = 18000};

static ws_report_options options_of(const ws_setting *list)
{
    return (ws_report_options){
        .summaries_dir = run_logs,
        .run_name = "run",
        .views = "hparams",
        .first_step = 1,
        .observation = &observation,
        .settings = list,
        .n_settings = N_SETTINGS,
    };
}

/* ---- settings ---- */

/** The list of the settings, one of which is another. */
static void init_list(ws_hparams_list *list, const char *name, const char *value, int64_t n_steps)
{
    ws_setting changed[N_SETTINGS];
    const ws_run_extent extent = {observation.n_clips, n_steps};

    memcpy(changed, settings, sizeof settings);
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (strcmp(changed[i].name, name) == 0)
            changed[i].value = value;
    assert_int_equal(ws_hparams_list_init(list, changed, N_SETTINGS, &extent, NULL), WS_OK);
}

/** @return free() */
static char *group_with(const char *name, const char *value)
{
    ws_hparams_list list;

    init_list(&list, name, value, 0);
    char *group = ws_text_copy(list.group_name);
    ws_hparams_list_deinit(&list);
    return group;
}

static const tbe_hparam *find_item(const ws_hparams_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static void settings_become_hyperparameters(void **state)
{
    static const tbe_hparam wanted[N_HPARAMS] = {
        {"setting/epochs", TBE_HPARAM_TEXT, 0, ""},
        {"how_many_training_steps", TBE_HPARAM_NUMBER, 18000, NULL},
        {"setting/how_many_training_steps_first", TBE_HPARAM_NUMBER, 15000, NULL},
        {"learning_rate", TBE_HPARAM_NUMBER, 0.001, NULL},
        {"setting/learning_rate_last", TBE_HPARAM_NUMBER, 0.0001, NULL},
        {"model_architecture", TBE_HPARAM_TEXT, 0, "conv"},
        {"setting/wanted_words", TBE_HPARAM_TEXT, 0, "one,two,three,four,five,six"},
        {"setting/quantize", TBE_HPARAM_BOOL, 1, NULL},
        {"preset", TBE_HPARAM_TEXT, 0, "tutorial"},
        {"batch_size", TBE_HPARAM_NUMBER, 100, NULL},
        {"setting/warmup", TBE_HPARAM_NUMBER, 0.1, NULL},
        {"setting/adam_beta1", TBE_HPARAM_NUMBER, 0.9, NULL},
        /* what has a column of its own is not there; settings of data are last */
        {"changed", TBE_HPARAM_TEXT, 0,
         "warmup=0.1 quantize=true wanted_words=one,two,three,four,five,six"},
    };
    ws_hparams_list list;

    (void)state;
    init_list(&list, "", "", 18000);
    assert_int_equal(list.n, N_HPARAMS);
    for (size_t i = 0; i < N_HPARAMS; i++) {
        assert_string_equal(list.items[i].name, wanted[i].name);
        assert_int_equal(list.items[i].kind, wanted[i].kind);
        assert_true(list.items[i].number == wanted[i].number);
        if (wanted[i].kind == TBE_HPARAM_TEXT)
            assert_string_equal(list.items[i].text, wanted[i].text);
    }
    assert_int_equal(strncmp(list.group_name, "conv-", 5), 0);
    assert_int_equal(strlen(list.group_name), 5 + 6);
    ws_hparams_list_deinit(&list);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const tbe_hparam *)a)->name, ((const tbe_hparam *)b)->name);
}

/** The page ticks the first five names. */
static void what_matters_has_the_first_names(void **state)
{
    static const char *const wanted[] = {"batch_size", "changed", "how_many_training_steps",
                                         "learning_rate", "model_architecture"};
    ws_hparams_list list;

    (void)state;
    init_list(&list, "", "", 0);
    qsort(list.items, list.n, sizeof *list.items, compare_names);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_string_equal(list.items[i].name, wanted[i]);
    assert_int_equal(strncmp(list.items[list.n - 1].name, "setting/", 8), 0);
    ws_hparams_list_deinit(&list);
}

static void nothing_changed_is_none(void **state)
{
    ws_setting usual[N_SETTINGS];
    const ws_run_extent extent = {.n_clips = NULL};
    ws_hparams_list list;

    (void)state;
    memcpy(usual, settings, sizeof settings);
    for (size_t i = 0; i < N_SETTINGS; i++)
        usual[i].value = usual[i].usual;
    assert_int_equal(ws_hparams_list_init(&list, usual, N_SETTINGS, &extent, NULL), WS_OK);
    assert_string_equal(find_item(&list, "changed")->text, "none");
    ws_hparams_list_deinit(&list);
}

static void epochs_are_steps(void **state)
{
    ws_hparams_list list;

    (void)state;
    init_list(&list, "epochs", "3,1", 800);
    assert_true(find_item(&list, "how_many_training_steps")->number == 800);
    assert_true(find_item(&list, "setting/how_many_training_steps_first")->number == 600);
    assert_string_equal(find_item(&list, "setting/epochs")->text, "3,1");
    assert_non_null(strstr(find_item(&list, "changed")->text, "epochs=3,1"));
    ws_hparams_list_deinit(&list);
}

static void groups_are_runs_that_differ_in_the_seed(void **state)
{
    static const struct {
        const char *name, *value;
        bool is_same;
    } cases[] = {
        {"seed", "1", true},
        {"data_dir", "elsewhere", true},
        {"learning_rate", "1e-3,1E-4", true},
        {"learning_rate", "0.001,0.0002", false},
        {"learning_rate", "0.001", false},
        {"how_many_training_steps", "15000,3001", false},
        {"model_architecture", "tiny_conv", false},
        {"quantize", "false", false},
        {"batch_size", "101", false},
        {"warmup", "0.2", false},
        {"adam_beta1", "0.8", true}, /* it is not read */
    };
    char *group = group_with("", "");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *other = group_with(cases[i].name, cases[i].value);
        assert_int_equal(strcmp(group, other) == 0, cases[i].is_same);
        free(other);
    }
    free(group);
}

/** The same settings with other clips, or with unknown clips, are another group. */
static void groups_have_the_same_clips(void **state)
{
    static const size_t counts[][WS_N_REPORT_PLACES] = {
        {0, 80, 10, 10}, {0, 81, 10, 10}, {0, 80, 11, 10}, {0, 80, 10, 11}};
    enum { N = sizeof counts / sizeof *counts };
    ws_hparams_list lists[N + 1];

    (void)state;
    for (size_t i = 0; i <= N; i++)
        assert_int_equal(ws_hparams_list_init(&lists[i], settings, N_SETTINGS,
                                              &(ws_run_extent){i < N ? counts[i] : NULL, 0}, NULL),
                         WS_OK);
    for (size_t i = 0; i <= N; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(lists[i].group_name, lists[j].group_name);
    for (size_t i = 0; i <= N; i++)
        ws_hparams_list_deinit(&lists[i]);
}

/* ---- runs ---- */

static ws_report *open_run(int64_t first_step)
{
    ws_report *report = NULL;
    ws_error err = {.message = ""};
    ws_report_options options = options_of(settings);

    options.first_step = first_step;
    if (ws_report_create(&report, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return report;
}

static void push_step(ws_report *report, int64_t step)
{
    ws_report_push_step(report, &(ws_report_step){.step = step, .accuracy = 0.5});
}

/** @param n_right  of ten clips */
static void push_evaluation(ws_report *report, ws_report_place place, int64_t step,
                            unsigned n_right, double cross_entropy)
{
    ws_confusion *confusion = NULL;
    assert_int_equal(ws_confusion_create(N_LABELS, &confusion, NULL), WS_OK);
    confusion->counts[0] = n_right;
    confusion->counts[1] = 10 - n_right;
    ws_report_push_evaluation(report, &(ws_evaluation){
                                          .place = place,
                                          .step = step,
                                          .confusion = confusion,
                                          .cross_entropy = cross_entropy,
                                          .n_clips = 10,
                                      });
    ws_confusion_destroy(confusion);
}

static void end_run(ws_report *report, int64_t step, const char *reason)
{
    ws_report_push_end(report, &(ws_report_end){.step = step, .reason = reason});
    ws_report_destroy(report);
}

static void a_run_shows_its_figures_and_its_end(void **state)
{
    ws_report *report = open_run(1);
    (void)state;
    for (int64_t step = 1; step <= 3; step++)
        push_step(report, step);
    push_evaluation(report, WS_REPORT_VALIDATION, 1, 4, 1.5);
    push_evaluation(report, WS_REPORT_VALIDATION, 2, 7, 1.25);
    push_evaluation(report, WS_REPORT_VALIDATION, 3, 7, 1.0);
    push_evaluation(report, WS_REPORT_TEST, 3, 6, 2.0);
    end_run(report, 3, NULL);

    const run_content found = run_content_read(run_logs, "run");
    assert_int_equal(found.n_own_files, 2);
    run_content_assert_last(&found, WS_BEST_ACCURACY_TAG, 3, 0.7);
    run_content_assert_last(&found, WS_BEST_CROSS_ENTROPY_TAG, 3,
                            1.25); /* the first of equal ones is best */
    run_content_assert_last(&found, "eval-run/last_accuracy", 3, 0.7);
    run_content_assert_last(&found, "eval-run/accuracy_test", 4, 0.6);
    run_content_assert_last(&found, "eval-run/unfinished", 4, 0);
    assert_int_equal(run_content_last_of(&found, "_hparams_/session_end_info")->ended,
                     TBPROTO__SESSION_END_INFO__STATUS__SUCCESS);
    char *group = group_with("", "");
    assert_string_equal(found.group, group);
    free(group);
}

static void a_run_that_fails_says_so(void **state)
{
    ws_report *report = open_run(1);
    (void)state;
    push_step(report, 1);
    ws_report_flush(report);
    const run_content before = run_content_read(run_logs, "run");
    assert_null(run_content_last_of(
        &before, "_hparams_/session_end_info")); /* as of one that is killed now */
    run_content_assert_last(&before, "eval-run/unfinished", 1, 1);
    end_run(report, 1, "no luck");

    const run_content found = run_content_read(run_logs, "run");
    run_content_assert_last(&found, "eval-run/unfinished", 2, 1);
    assert_null(run_content_last_of(&found, "eval-run/accuracy_test"));
    assert_int_equal(run_content_last_of(&found, "_hparams_/session_end_info")->ended,
                     TBPROTO__SESSION_END_INFO__STATUS__FAILURE);
}

/* What TensorBoard sees of a later start it drops from that step on: not the texts of this one. */
static void a_run_without_a_step_keeps_its_start(void **state)
{
    ws_report *report = open_run(21);
    (void)state;
    end_run(report, 20, "stopped");
    run_content found = run_content_read(run_logs, "run");
    run_content_assert_last(&found, "eval-run/unfinished", 22, 1);

    report = open_run(21); /* resumes, and drops that end */
    push_step(report, 21);
    end_run(report, 21, NULL);
    found = run_content_read(run_logs, "run");
    run_content_assert_last(&found, "eval-run/unfinished", 22, 0);
}

static void a_run_that_resumes_replaces_its_end(void **state)
{
    ws_report *report = open_run(1);
    (void)state;
    push_step(report, 1);
    push_evaluation(report, WS_REPORT_VALIDATION, 1, 8, 1.5);
    push_evaluation(report, WS_REPORT_VALIDATION, 2, 9, 1.0); /* after the checkpoint: dropped */
    end_run(report, 2, "stopped");

    report = open_run(2);
    run_content found = run_content_read(run_logs, "run");
    assert_int_equal(found.n_own_files, 1);
    assert_null(run_content_last_of(&found, "_hparams_/session_end_info"));
    push_step(report, 2);
    push_evaluation(report, WS_REPORT_VALIDATION, 2, 7, 1.25);
    end_run(report, 2, NULL);

    found = run_content_read(run_logs, "run");
    assert_int_equal(found.n_own_files, 2);
    run_content_assert_last(&found, WS_BEST_ACCURACY_TAG, 2, 0.8);
    run_content_assert_last(&found, WS_BEST_CROSS_ENTROPY_TAG, 2, 1.5);
    run_content_assert_last(&found, "eval-run/last_accuracy", 2, 0.7);
    run_content_assert_last(&found, "eval-run/unfinished", 3, 0);
}

static void the_last_of_all_steps_is_within_32_bits(void **state)
{
    ws_report *report = open_run(INT32_MAX);
    (void)state;
    push_evaluation(report, WS_REPORT_TEST, INT32_MAX, 5, 1.0);
    end_run(report, INT32_MAX, NULL);
    const run_content found = run_content_read(run_logs, "run");
    run_content_assert_last(&found, "eval-run/accuracy_test", INT32_MAX, 0.5);
}

/* ---- files that exist already ---- */

static void add_best(tbe_writer *writer, int64_t step, float accuracy)
{
    static const char *const tags[] = {WS_BEST_ACCURACY_TAG, WS_BEST_CROSS_ENTROPY_TAG};
    assert_int_equal(
        tbe_add_scalars(writer, step, 2, tags, (const float[]){accuracy, 1 - accuracy}), TBE_OK);
}

static void assert_best(int64_t first_step, bool is_known, float accuracy)
{
    ws_best_figures best;
    assert_int_equal(ws_best_figures_read(run_logs, first_step, &best, NULL), WS_OK);
    assert_int_equal(best.is_known, is_known);
    assert_true(best.accuracy == accuracy);
    assert_true(!is_known || best.cross_entropy == 1 - accuracy);
}

static void figures_are_those_before_a_step(void **state)
{
    tbe_options options;
    ws_best_figures best;
    (void)state;
    assert_best(100, false, 0);
    assert_int_equal(ws_best_figures_read("nowhere/at/all", 1, &best, NULL), WS_OK);
    assert_false(best.is_known);

    tbe_writer *writer = tbe_open(run_logs, NULL);
    add_best(writer, 10, 0.25f);
    add_best(writer, 20, 0.5f);
    add_best(writer, 30, 0.75f);
    assert_int_equal(tbe_add_scalar(writer, 40, WS_BEST_ACCURACY_TAG, 1), TBE_OK); /* alone */
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    assert_best(10, false, 0);
    assert_best(11, true, 0.25f);
    assert_best(30, true, 0.5f);
    assert_best(1000, true, 0.75f);

    tbe_options_init(&options, sizeof options);
    options.start_step = 20; /* a later process gave up what was there from 20 on */
    writer = tbe_open(run_logs, &options);
    assert_best(1000, true, 0.25f);
    add_best(writer, 25, 0.375f);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    assert_best(1000, true, 0.375f);
}

static void damaged_files_say_what_is_whole(void **state)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    (void)state;
    tbe_writer *writer = tbe_open(run_logs, NULL);
    add_best(writer, 10, 0.25f);
    add_best(writer, 20, 0.5f);
    char *path = ws_text_copy(tbe_get_path(writer));
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    assert_int_equal(ws_file_read(path, 1 << 20, &bytes, &size, NULL), WS_OK);
    assert_int_equal(ws_file_write(path, bytes, size - 1, NULL), WS_OK);
    assert_best(1000, true, 0.25f);
    bytes[size - 10] ^= 1;
    assert_int_equal(ws_file_write(path, bytes, size, NULL), WS_OK);
    assert_best(1000, true, 0.25f);
    assert_int_equal(ws_file_write(path, "tfevents of a kind", 18, NULL), WS_OK);
    assert_best(1000, false, 0);
    free(bytes);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_become_hyperparameters),
        cmocka_unit_test(what_matters_has_the_first_names),
        cmocka_unit_test(nothing_changed_is_none),
        cmocka_unit_test(epochs_are_steps),
        cmocka_unit_test(groups_are_runs_that_differ_in_the_seed),
        cmocka_unit_test(groups_have_the_same_clips),
        cmocka_unit_test_setup_teardown(a_run_shows_its_figures_and_its_end, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_fails_says_so, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_without_a_step_keeps_its_start, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_resumes_replaces_its_end, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(the_last_of_all_steps_is_within_32_bits, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(figures_are_those_before_a_step, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(damaged_files_say_what_is_whole, run_logs_set_up,
                                        run_logs_tear_down),
    };
    return cmocka_run_group_tests_name("hparams", tests, NULL, NULL);
}
