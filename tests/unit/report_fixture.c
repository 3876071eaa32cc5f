#include "unit/report_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/check.h"
#include "support/sound_file.h"

const char report_words[] = "yes,caf\xE9,caf?,a|b_c,x`y\tz,\xE6\x97\xA5,*<b>*";
static const char *const folders[] = {"yes",    "caf\xE9",      "caf?",  "a|b_c",
                                      "x`y\tz", "\xE6\x97\xA5", "*<b>*", "other"};

static void make_data(const char *dir)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/data", dir);
    assert_int_equal(mkdir(path, 0777), 0);
    for (size_t folder = 0; folder < sizeof folders / sizeof *folders; folder++) {
        (void)snprintf(path, sizeof path, "%s/data/%s", dir, folders[folder]);
        assert_int_equal(mkdir(path, 0777), 0);
        for (size_t clip = 0; clip < 20; clip++) {
            (void)snprintf(path, sizeof path, "%s/data/%s/%08zx_nohash_0.wav", dir, folders[folder],
                           clip * 7919 + folder);
            ws_test_file_write(path, "", 0); /* the index opens no clip */
        }
    }
}

static void keep_line(void *user, ws_log_level level, const char *line)
{
    report_fixture *f = user;
    (void)level;
    strncat(f->lines, line, sizeof f->lines - strlen(f->lines) - 1);
}

static void make_network(report_fixture *f)
{
    ws_graph_init(&f->graph);
    const size_t input = ws_graph_push_input(&f->graph, (ws_shape){3, 2, 1});
    const size_t dense = ws_graph_push_dense(
        &f->graph, input, &(ws_dense_args){.name = "w", .n_units = f->n_labels, .deviation = 0.1});
    (void)ws_graph_push_bias_add(&f->graph, dense, "b");
    const ws_network_options options = {.max_batch = REPORT_BATCH, .n_threads = 1};
    assert_int_equal(ws_network_create(&f->network, &f->graph, &options, NULL), WS_OK);
    ws_network_init_parameters(f->network, 1);
}

int report_fixture_make(void **state)
{
    static char data[300], logs[300];
    report_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    make_data(f->dir);
    (void)snprintf(data, sizeof data, "%s/data", f->dir);
    (void)snprintf(logs, sizeof logs, "%s/logs", f->dir);
    const ws_index_options index = {.data_dir = data,
                                    .wanted_words = report_words,
                                    .silence_percentage = 10,
                                    .unknown_percentage = 10,
                                    .testing_percentage = 10,
                                    .validation_percentage = 10};
    assert_int_equal(ws_index_create(&index, &f->index, NULL), WS_OK);
    f->n_labels = ws_index_n_labels(f->index);
    make_network(f);
    assert_int_equal(ws_confusion_create(f->n_labels, &f->confusion, NULL), WS_OK);
    f->logits = calloc(REPORT_N_CLIPS * f->n_labels, sizeof *f->logits);
    assert_non_null(f->logits);
    f->log = (ws_log){WS_LOG_DEBUG, keep_line, f};
    f->options = (ws_report_options){
        .summaries_dir = logs,
        .run_name = "run",
        .first_step = 1,
        .index = f->index,
        .graph = &f->graph,
        .network = f->network,
        .batch_size = REPORT_BATCH,
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
    ws_network_destroy(f->network);
    ws_index_destroy(f->index);
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
    float features[REPORT_BATCH * 6], logits[REPORT_BATCH * 16];
    int32_t labels[REPORT_BATCH];
    for (size_t i = 0; i < REPORT_BATCH * 6; i++)
        features[i] = (float)(i % 5) - (float)step;
    for (size_t i = 0; i < REPORT_BATCH; i++)
        labels[i] = (int32_t)(i % f->n_labels);
    const ws_batch batch = {features, labels, REPORT_BATCH, {.rate = 0.0}};
    const double loss = ws_network_train(f->network, &batch, logits);
    ws_report_push_step(
        report,
        &(ws_report_step){
            .step = step, .rate = 0.5, .accuracy = 0.25, .cross_entropy = loss, .seconds = 0.016});
}

void report_evaluate(report_fixture *f, ws_report *report, ws_set set, int64_t step)
{
    ws_confusion_reset(f->confusion);
    ws_confusion_push(f->confusion, f->logits, f->labels, REPORT_N_CLIPS);
    ws_report_push_evaluation(report, &(ws_evaluation){
                                          .set = set,
                                          .step = step,
                                          .confusion = f->confusion,
                                          .cross_entropy = ws_cross_entropy(
                                              f->logits, f->labels, REPORT_N_CLIPS, f->n_labels),
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
