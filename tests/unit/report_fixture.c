#include "unit/report_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/check.h"

/* Also no UTF-8, a control character, what means something to Markdown. */
static const char *const labels[REPORT_N_LABELS] = {
    "_silence_", "_unknown_", "yes", "caf\xE9", "caf?", "a|b_c", "x`y\tz", "\xE6\x97\xA5", "*<b>*"};
static const size_t n_label_clips[REPORT_N_LABELS][WS_N_REPORT_PLACES] = {
    {0, 12, 1, 2}, {0, 14, 2, 1}, {0, 16, 2, 2}, {0, 17, 1, 2}, {0, 15, 3, 2},
    {0, 13, 4, 3}, {0, 20, 0, 0}, {0, 16, 2, 2}, {0, 17, 1, 2}};
static const ws_report_variable variables[] = {
    {"w", 0, REPORT_N_INPUTS *REPORT_N_LABELS},
    {"b", REPORT_N_INPUTS *REPORT_N_LABELS, REPORT_N_LABELS}};

static void keep_line(void *user, ws_log_level level, const char *line)
{
    report_fixture *f = user;
    (void)level;
    strncat(f->lines, line, sizeof f->lines - strlen(f->lines) - 1);
}

static ws_observation observe(const report_fixture *f)
{
    ws_observation seen = {
        .labels = labels,
        .n_labels = REPORT_N_LABELS,
        .n_fixed_labels = 2,
        .n_label_clips = n_label_clips,
        .n_files = 160,
        .variables = variables,
        .n_variables = sizeof variables / sizeof *variables,
        .weights = f->weights,
        .gradients = f->gradients,
        .n_weights = REPORT_N_WEIGHTS,
        .batch_size = REPORT_BATCH,
    };
    for (size_t i = 0; i < REPORT_N_LABELS; i++)
        for (size_t place = 0; place < WS_N_REPORT_PLACES; place++)
            seen.n_clips[place] += n_label_clips[i][place];
    return seen;
}

int report_fixture_make(void **state)
{
    static char logs[300];
    report_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    (void)snprintf(logs, sizeof logs, "%s/logs", f->dir);
    for (size_t i = 0; i < REPORT_N_WEIGHTS; i++)
        f->weights[i] = 0.1f * (float)(i % 7) - 0.3f;
    f->n_labels = REPORT_N_LABELS;
    f->observation = observe(f);
    assert_int_equal(ws_confusion_create(f->n_labels, &f->confusion, NULL), WS_OK);
    f->logits = calloc(REPORT_N_CLIPS * f->n_labels, sizeof *f->logits);
    assert_non_null(f->logits);
    f->log = (ws_log){WS_LOG_DEBUG, keep_line, f};
    f->options = (ws_report_options){
        .summaries_dir = logs,
        .run_name = "run",
        .first_step = 1,
        .observation = &f->observation,
        .log = &f->log,
    };
    *state = f;
    return 0;
}

int report_fixture_remove(void **state)
{
    report_fixture *f = *state;
    free(f->logits);
    ws_confusion_destroy(f->confusion);
    ws_test_remove_dir(f->dir);
    free(f);
    return 0;
}

ws_report *report_open(report_fixture *f, const char *views)
{
    ws_error err = {.message = ""};
    ws_report *report = NULL;
    f->options.views = views;
    if (ws_report_create(&report, &f->options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return report;
}

void report_step(report_fixture *f, ws_report *report, int64_t step)
{
    for (size_t i = 0; i < REPORT_N_WEIGHTS; i++)
        f->gradients[i] = (float)(i % 5) / (float)(1 + step);
    ws_report_push_step(
        report,
        &(ws_report_step){
            .step = step, .rate = 0.5, .accuracy = 0.25, .cross_entropy = 2.0, .seconds = 0.016});
}

void report_evaluate(report_fixture *f, ws_report *report, ws_report_place place, int64_t step)
{
    ws_confusion_reset(f->confusion);
    ws_confusion_push(f->confusion, f->logits, f->labels, REPORT_N_CLIPS);
    ws_report_push_evaluation(report, &(ws_evaluation){
                                          .place = place,
                                          .step = step,
                                          .confusion = f->confusion,
                                          .cross_entropy = 1.5,
                                          .n_clips = REPORT_N_CLIPS,
                                          .entries = f->entries,
                                          .labels = f->labels,
                                          .logits = f->logits,
                                      });
}

void report_read(const report_fixture *f, const char *place, report_values *values)
{
    char dir[400];
    (void)snprintf(dir, sizeof dir, "%s/logs/run%s", f->dir, place);
    report_values_read(values, dir);
}
