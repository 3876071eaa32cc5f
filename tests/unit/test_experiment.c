/* What a sweep says on the HParams page in the place of its runs: which settings they differ in,
 * and that a run has failed which could not say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "report/experiment.h"
#include "report/failed_run.h"
#include "report/hparams_list.h"
#include "unit/run_content.h"

/* ---- the experiment ---- */

enum { N_SETTINGS = 6 };

/** The experiment of all runs, except for the changed parts. */
static void set_settings(ws_setting *settings)
{
    static const ws_setting common[N_SETTINGS] = {
        {"learning_rate", "0.001", "0.001", WS_SETTING_TEXT, true, true},
        {"how_many_training_steps", "100", "100", WS_SETTING_TEXT, true, true},
        {"optimizer", "momentum", "momentum", WS_SETTING_TEXT, true, true},
        {"batch_size", "100", "100", WS_SETTING_NUMBER, true, true},
        {"quantize", "false", "false", WS_SETTING_BOOL, true, true},
        {"threads", "1", "1", WS_SETTING_NUMBER, false, true},
    };
    memcpy(settings, common, sizeof common);
}

static void push(ws_experiment *experiment, const char *views, size_t i, const char *value)
{
    ws_setting settings[N_SETTINGS];

    set_settings(settings);
    settings[i].value = value;
    assert_int_equal(ws_experiment_push(experiment, views, settings, N_SETTINGS, NULL), WS_OK);
}

/** Writes it, and what came of it as "name kind values, ..."; "" if there is no file. */
static void write_experiment(ws_experiment *experiment, char *text, size_t size)
{
    ws_text_list names = {.items = NULL};
    tbe_record record;
    size_t n = 0;

    text[0] = '\0';
    assert_int_equal(ws_experiment_write(experiment, run_logs, NULL), WS_OK);
    ws_experiment_deinit(experiment);
    assert_int_equal(ws_dir_list(run_logs, &names, NULL), WS_OK);
    assert_true(names.n_items <= 1);
    assert_int_equal(ws_experiment_exists(run_logs), names.n_items);
    char *path = names.n_items > 0 ? ws_path_join(run_logs, names.items[0]) : NULL;
    tbe_reader *reader = path != NULL ? tbe_reader_open(path, NULL) : NULL;
    tbe_record_init(&record, sizeof record);
    while (reader != NULL && tbe_reader_read(reader, &record) == TBE_OK) {
        if (record.n_values == 0)
            continue;
        assert_string_equal(record.values[0].tag, "_hparams_/experiment");
        Tbproto__HParamsPluginData *message = tbproto__hparams_plugin_data__unpack(
            NULL, record.values[0].content.size, record.values[0].content.data);
        assert_non_null(message);
        assert_int_equal(message->experiment->n_metric_infos, 5);
        for (size_t i = 0; i < message->experiment->n_hparam_infos; i++) {
            const Tbproto__HParamInfo *info = message->experiment->hparam_infos[i];
            assert_string_equal(info->display_name, strrchr(info->name, '/') != NULL
                                                        ? strrchr(info->name, '/') + 1
                                                        : info->name);
            n += (size_t)snprintf(text + n, size - n, "%s%s:%d", n > 0 ? " " : "", info->name,
                                  (int)info->type);
            if (info->domain_case == TBPROTO__HPARAM_INFO__DOMAIN_DOMAIN_DISCRETE)
                n += (size_t)snprintf(text + n, size - n, "/%zu", info->domain_discrete->n_values);
        }
        tbproto__hparams_plugin_data__free_unpacked(message, NULL);
    }
    if (reader != NULL)
        tbe_reader_close(reader);
    free(path);
    ws_text_list_deinit(&names);
}

static void what_differs_is_a_column(void **state)
{
    static const struct {
        size_t setting;
        const char *values[2];
        const char *columns; /* name:type, and /number of values; types: 1 text, 2 bool, 3 number */
    } cases[] = {
        {0, {"0.001", "0.01"}, "learning_rate:3"}, /* the last rate says the same */
        {0, {"0.001,0.01", "0.001,0.02"}, "setting/learning_rate_last:3"},
        {0, {"0.002,0.01", "0.001,0.02"}, "learning_rate:3 setting/learning_rate_last:3"},
        {0, {"0.002,0.002", "0.001,0.002"}, "learning_rate:3"},
        {0, {"0.001", "1e-3"}, ""}, /* the same */
        {1, {"100", "50,50"}, "setting/how_many_training_steps_first:3"},
        {2, {"momentum", "gradient_descent"}, "optimizer:1/2"},
        {3, {"50", "100"}, "batch_size:3"},
        {4, {"true", "false"}, "setting/quantize:2/2"},
        {5, {"1", "2"}, ""}, /* it is no hyperparameter */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_experiment experiment = {.columns = NULL};
        char columns[256];
        run_logs_set_up(NULL);
        push(&experiment, "all", cases[i].setting, cases[i].values[0]);
        push(&experiment, "all", cases[i].setting, cases[i].values[1]);
        write_experiment(&experiment, columns, sizeof columns);
        assert_string_equal(columns, cases[i].columns);
        run_logs_tear_down(NULL);
    }
}

static void there_is_one_experiment(void **state)
{
    char columns[256];
    (void)state;
    for (int round = 0; round < 2; round++) { /* the second one finds that of the first */
        ws_experiment experiment = {.columns = NULL};
        push(&experiment, "all", 3, "1");
        push(&experiment, "scalars,hparams", round == 0 ? 3 : 2, "other");
        write_experiment(&experiment, columns, sizeof columns);
        assert_string_equal(columns, "batch_size:3");
    }
}

static void runs_that_are_not_on_the_page_have_no_address(void **state)
{
    ws_experiment experiment = {.columns = NULL};
    ws_setting settings[N_SETTINGS];
    char columns[256];

    (void)state;
    push(&experiment, "none", 3, "1");
    push(&experiment, "scalars", 3, "2");
    write_experiment(&experiment, columns, sizeof columns);
    assert_string_equal(columns, "");
    set_settings(settings);
    assert_int_equal(ws_experiment_push(&experiment, "?", settings, N_SETTINGS, NULL), WS_EUSAGE);
    ws_experiment_deinit(&experiment);
}

static void an_experiment_that_cannot_be_written_is_an_error(void **state)
{
    ws_experiment experiment = {.columns = NULL};
    ws_error err = {.message = ""};
    char *below = ws_text_format("%s/file/logs", run_logs);
    char *file = ws_text_format("%s/file", run_logs);

    (void)state;
    push(&experiment, "all", 3, "1");
    push(&experiment, "all", 3, "2");
    assert_int_equal(ws_file_write(file, "", 0, NULL), WS_OK);
    assert_int_equal(ws_experiment_write(&experiment, below, &err), WS_EEXISTS);
    assert_non_null(strstr(err.message, "/file"));
    ws_experiment_deinit(&experiment);
    free(below);
    free(file);
}

/* ---- runs that failed ---- */

static void mark(const char *views)
{
    ws_setting settings[N_SETTINGS];
    ws_error err = {.message = ""};

    set_settings(settings);
    const ws_failed_run run = {
        .summaries_dir = run_logs,
        .run_name = "run",
        .views = views,
        .settings = settings,
        .n_settings = N_SETTINGS,
    };
    if (ws_failed_run_mark(&run, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static tbe_writer *open_run(int64_t step)
{
    tbe_options options;
    char *dir = ws_path_join(run_logs, "run");

    tbe_options_init(&options, sizeof options);
    options.start_step = step;
    tbe_writer *writer = tbe_open(dir, &options);
    free(dir);
    return writer;
}

static void assert_marked(int64_t step)
{
    const run_content found = run_content_read(run_logs, "run");

    assert_int_equal(run_content_count(&found, "_hparams_/session_start_info"), 1);
    assert_int_equal(run_content_count(&found, "_hparams_/session_end_info"), 1);
    assert_int_equal(run_content_last_of(&found, "_hparams_/session_end_info")->ended,
                     TBPROTO__SESSION_END_INFO__STATUS__FAILURE);
    run_content_assert_last(&found, "eval-run/unfinished", step, 1);
    assert_int_equal(found.n_own_files, 1); /* which a resuming process deletes */
}

static void a_run_without_a_folder_gets_a_row(void **state)
{
    ws_setting settings[N_SETTINGS];
    ws_hparams_list list;

    (void)state;
    mark("all");
    assert_marked(1);
    mark("all"); /* and no second one */
    assert_marked(1);
    const run_content found = run_content_read(run_logs, "run");
    set_settings(settings);
    assert_int_equal(
        ws_hparams_list_init(&list, settings, N_SETTINGS, &(ws_run_extent){NULL, 0}, NULL), WS_OK);
    assert_string_equal(found.group, list.group_name);
    ws_hparams_list_deinit(&list);
}

static void a_run_that_was_killed_gets_an_end(void **state)
{
    tbe_session session;
    tbe_writer *writer = open_run(1);

    (void)state;
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.group_name = "own";
    assert_int_equal(tbe_add_session_start(writer, &session), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 1, "eval-run/unfinished", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 40, "eval-run/last_accuracy", 0.5f), TBE_OK);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    mark("hparams");
    mark("hparams");
    assert_marked(41); /* it drops nothing */
    const run_content found = run_content_read(run_logs, "run");
    assert_string_equal(found.group, "own");
}

static void a_run_that_has_an_end_is_as_it_was(void **state)
{
    tbe_writer *writer = open_run(1);

    (void)state;
    assert_int_equal(tbe_add_session_end(writer, TBE_SESSION_SUCCESS, 0), TBE_OK);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    mark("all");
    const run_content found = run_content_read(run_logs, "run");
    assert_int_equal(found.n, 1);
}

static void a_run_without_the_view_is_as_it_was(void **state)
{
    char *dir = ws_path_join(run_logs, "run");

    (void)state;
    mark("scalars");
    assert_false(ws_dir_exists(dir));
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_differs_is_a_column),
        cmocka_unit_test_setup_teardown(there_is_one_experiment, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(runs_that_are_not_on_the_page_have_no_address,
                                        run_logs_set_up, run_logs_tear_down),
        cmocka_unit_test_setup_teardown(an_experiment_that_cannot_be_written_is_an_error,
                                        run_logs_set_up, run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_without_a_folder_gets_a_row, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_was_killed_gets_an_end, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_has_an_end_is_as_it_was, run_logs_set_up,
                                        run_logs_tear_down),
        cmocka_unit_test_setup_teardown(a_run_without_the_view_is_as_it_was, run_logs_set_up,
                                        run_logs_tear_down),
    };
    return cmocka_run_group_tests_name("experiment", tests, NULL, NULL);
}
