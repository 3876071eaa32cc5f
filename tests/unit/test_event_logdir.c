/* inspect/check_logdir: faults between several runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "inspect/check_logdir.h"
#include "unit/event_file.h"
#include "unit/event_findings.h"

static tbe_writer *open_run(const char *name)
{
    char path[512];
    const tbe_options options = fixed_options(1000);
    (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, name);
    return tbe_open(path, &options);
}

static void close_run(tbe_writer *writer)
{
    char message[256];
    assert_int_equal(tbe_close(writer, message, sizeof message), TBE_OK);
}

/** An experiment of one hyperparameter and one metric. */
static void make_experiment(const char *run, const char *hparam, const char *group,
                            const char *metric)
{
    tbe_hparam_info info = {.name = hparam, .kind = TBE_HPARAM_NUMBER};
    tbe_metric_info metric_info = {.tag = metric, .group = group};
    tbe_experiment experiment;
    tbe_writer *writer = open_run(run);
    tbe_experiment_init(&experiment, sizeof experiment, sizeof(tbe_hparam_info),
                        sizeof(tbe_metric_info));
    experiment.hparams = &info;
    experiment.n_hparams = 1;
    experiment.metrics = &metric_info;
    experiment.n_metrics = 1;
    assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_OK);
    close_run(writer);
}

/** A run with a hyperparameter and a scalar. */
static void make_session(const char *run, const char *hparam, const char *tag)
{
    const tbe_hparam value = {.name = hparam, .kind = TBE_HPARAM_NUMBER, .number = 1};
    tbe_session session;
    tbe_writer *writer = open_run(run);
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = &value;
    session.n_hparams = 1;
    assert_int_equal(tbe_add_session_start(writer, &session), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 1, tag, 1), TBE_OK);
    close_run(writer);
}

static void make_scalar(const char *run, const char *tag)
{
    tbe_writer *writer = open_run(run);
    assert_int_equal(tbe_add_scalar(writer, 1, tag, 1), TBE_OK);
    close_run(writer);
}

static findings check(void)
{
    ws_event_runs runs = {.items = NULL};
    findings all = {{0}, {.path = NULL}};
    ws_error err;
    assert_int_equal(ws_event_runs_find(&runs, scratch_dir, &err), WS_OK);
    assert_int_equal(ws_event_check_logdir(&runs, findings_take, &all, &err), WS_OK);
    ws_event_runs_deinit(&runs);
    return all;
}
#define EXPECT(...)                                                           \
    do {                                                                      \
        const findings all = check();                                         \
        expect_in(&all, (const ws_event_rule_id[]){__VA_ARGS__, WS_N_RULES}); \
    } while (0)

static void one_sweep_is_right(void **state)
{
    (void)state;
    make_experiment("a", "rate", "validation", "accuracy");
    make_session("a/1", "rate", "loss");
    make_scalar("a/1/validation", "accuracy");
    EXPECT(nothing);
}

static void two_sweeps_have_to_agree(void **state)
{
    (void)state;
    make_experiment("a", "rate", NULL, "loss");
    make_session("a/1", "rate", "loss");
    make_experiment("b", "rate", NULL, "loss"); /* of the same columns */
    make_session("b/1", "rate", "loss");
    EXPECT(nothing);
    make_experiment("c", "width", NULL, "loss");
    make_session("c/1", "width", "loss");
    EXPECT(WS_RULE_TWO_EXPERIMENTS);
}

static void metrics_have_to_be_there(void **state)
{
    (void)state;
    make_experiment("a", "rate", "validation", "accuracy");
    EXPECT(nothing); /* before the first run */
    make_session("a/1", "rate", "accuracy");
    EXPECT(WS_RULE_METRIC_MISSING);
}

static void hyperparameters_have_to_be_listed(void **state)
{
    (void)state;
    make_experiment("a", "rate", NULL, "loss");
    make_session("a/1", "width", "loss");
    make_session("b", "depth", "loss"); /* not below it */
    EXPECT(WS_RULE_HPARAM_HIDDEN);
}

static void chart_tags_have_no_brackets(void **state)
{
    static const char *const tags[] = {"loss"};
    static const tbe_chart chart = {"a", "b", TBE_CHART_LINES, tags, 1};
    tbe_layout layout;
    (void)state;
    make_scalar("a", "loss (mean)");
    EXPECT(nothing);
    tbe_writer *writer = open_run("b");
    tbe_layout_init(&layout, sizeof layout, sizeof(tbe_chart));
    layout.charts = &chart;
    layout.n_charts = 1;
    assert_int_equal(tbe_add_layout(writer, &layout), TBE_OK);
    close_run(writer);
    EXPECT(WS_RULE_CHART_TAG);
}

/** A value of the Images page, of the older form. */
static void make_picture(const char *run, const char *tag)
{
    char path[512], name[256];
    made_file file = {.size = 0};
    Tbproto__Summary__Value value;
    Tbproto__Summary__Value *const list[] = {&value};
    Tbproto__Summary__Image image;
    ws_error err;
    (void)snprintf(name, sizeof name, "%s", tag);
    tbproto__summary__value__init(&value);
    tbproto__summary__image__init(&image);
    image.encoded_image_string = (ProtobufCBinaryData){3, (uint8_t[]){0xff, 0xd8, 0xff}};
    value.tag = name;
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_IMAGE;
    value.image = &image;
    made_begin(&file);
    made_push_values(&file, 1, list, 1);
    (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, run);
    assert_int_equal(ws_dir_create_all(path, &err), WS_OK);
    (void)snprintf(path, sizeof path, "%s/%s/" GOOD_NAME, scratch_dir, run);
    assert_int_equal(ws_file_write(path, file.bytes, file.size, &err), WS_OK);
    const made_file *const files[] = {&file};
    const findings all = findings_of(files, 1, GOOD_NAME);
    assert_int_equal(all.n[WS_RULE_BLOB_NAME], strpbrk(tag, "\"\\") != NULL);
}

static void names_of_pictures_have_no_quotes(void **state)
{
    (void)state;
    make_scalar("q\"s", "a/\"b"); /* only files are not served */
    make_picture("plain", "m/a'b(c)<d>&?#%");
    EXPECT(nothing);
    make_picture("a\"b", "m/a\\b");
    EXPECT(WS_RULE_BLOB_RUN);
    make_picture("a\\b", "m/a\"b");
    EXPECT(WS_RULE_BLOB_RUN, WS_RULE_BLOB_RUN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(one_sweep_is_right),          SCRATCH_TEST(two_sweeps_have_to_agree),
        SCRATCH_TEST(metrics_have_to_be_there),    SCRATCH_TEST(hyperparameters_have_to_be_listed),
        SCRATCH_TEST(chart_tags_have_no_brackets), SCRATCH_TEST(names_of_pictures_have_no_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
