#include "unit/network_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/feature_range.h"
#include "nn/passes/quantize.h"
#include "support/check.h"
#include "support/models.h"

static const char run_name[] = "run";

static void build_graph(network_report *f, const network_report_case *tried)
{
    const ws_feature_settings *settings = ws_source_settings(f->data->source);
    const ws_model *model;
    ws_feature_range range;

    assert_int_equal(ws_model_find(&model, tried->model, NULL), WS_OK);
    assert_int_equal(model->build(&f->graph,
                                  &(ws_model_settings){
                                      .n_frames = settings->n_frames,
                                      .width = settings->width,
                                      .n_labels = ws_index_n_labels(f->data->index),
                                      .mixednet = &ws_test_mixednet,
                                  },
                                  NULL),
                     WS_OK);
    if (!tried->is_quantized)
        return;
    assert_int_equal(ws_feature_range_find("mfcc", &range, NULL), WS_OK);
    assert_int_equal(ws_graph_quantize(&f->graph, range.min, range.max, NULL), WS_OK);
}

static void read_validation(network_report *f)
{
    const size_t n = ws_index_n_clips(f->data->index, WS_SET_VALIDATION);
    const size_t n_labels = ws_index_n_labels(f->data->index);
    float *features = malloc(n * f->data->size * sizeof *features);

    f->labels = malloc(n * sizeof *f->labels);
    f->entries = malloc(n * sizeof *f->entries);
    f->logits = malloc(n * n_labels * sizeof *f->logits);
    assert_true(features != NULL && f->labels != NULL && f->entries != NULL && f->logits != NULL);
    ws_evaluation_rows rows = {.features = features, .labels = f->labels, .entries = f->entries};
    assert_int_equal(
        ws_source_read_evaluation(f->data->source, WS_SET_VALIDATION, 0, n, &rows, NULL), WS_OK);
    f->n_clips = rows.n;
    ws_network_predict(f->network, features, rows.n, f->logits);
    free(features);
}

network_report *network_report_open(const network_report_case *tried)
{
    network_report *f = calloc(1, sizeof *f);
    ws_error err;

    assert_non_null(f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    f->data = source_open(&(ws_source_options){.n_threads = 2});
    build_graph(f, tried);
    assert_int_equal(
        ws_network_create(
            &f->network, &f->graph,
            &(ws_network_options){.max_batch = N_ROWS, .n_threads = 2, .engine = tried->engine},
            NULL),
        WS_OK);
    ws_network_init_parameters(f->network, SEED);
    assert_int_equal(ws_confusion_create(ws_index_n_labels(f->data->index), &f->confusion, NULL),
                     WS_OK);
    read_validation(f);
    f->data->lines = (lines){.n = 0};
    const ws_observed_parts parts = {
        .index = f->data->index,
        .source = f->data->source,
        .graph = &f->graph,
        .network = f->network,
        .batch_size = N_ROWS,
        .update_op = "ApplyMomentum",
    };
    if (ws_observed_create(&f->observed, &parts, &err) != WS_OK)
        fail_msg("%s", err.message);
    const ws_report_options options = {
        .summaries_dir = f->dir,
        .run_name = run_name,
        .views = tried->views,
        .first_step = tried->first_step,
        .observation = ws_observed_get(f->observed),
        .command_line = "wordspot train",
        .log = &f->data->log,
    };
    if (ws_report_create(&f->report, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return f;
}

void network_report_finish(network_report *f)
{
    ws_report_destroy(f->report);
    f->report = NULL;
}

void network_report_close(network_report *f)
{
    ws_report_destroy(f->report);
    ws_observed_destroy(f->observed);
    ws_confusion_destroy(f->confusion);
    ws_network_destroy(f->network);
    ws_graph_deinit(&f->graph);
    source_close(f->data);
    free(f->logits);
    free(f->labels);
    free(f->entries);
    ws_test_remove_dir(f->dir);
    free(f);
}

void network_report_push_step(network_report *f, const ws_report_step *step)
{
    float logits[N_ROWS * 16];
    const ws_batch batch = {
        .features = f->data->rows,
        .labels = f->data->labels,
        .n = N_ROWS,
        .dropout = {.rate = 0.5, .seed = SEED, .step = (uint64_t)step->step},
    };

    assert_true(ws_index_n_labels(f->data->index) <= 16);
    source_read_step(f->data, (uint64_t)step->step);
    (void)ws_network_train(f->network, &batch, logits);
    ws_report_step timed = *step;
    ws_observed_time_step(f->observed, &timed);
    ws_report_push_step(f->report, &timed);
}

void network_report_push_evaluation(network_report *f, int64_t step, bool is_last)
{
    ws_confusion_reset(f->confusion);
    ws_confusion_push(f->confusion, f->logits, f->labels, f->n_clips);
    ws_report_push_evaluation(f->report, &(ws_evaluation){
                                             .place = WS_REPORT_VALIDATION,
                                             .step = step,
                                             .is_last = is_last,
                                             .confusion = f->confusion,
                                             .cross_entropy = 1.0,
                                             .n_clips = f->n_clips,
                                             .entries = f->entries,
                                             .labels = f->labels,
                                             .logits = f->logits,
                                         });
}

const char *network_report_path(const network_report *f, const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s/%s", f->dir, run_name, name);
    return path;
}

event_file *network_report_read_events(const network_report *f, const char *place)
{
    size_t n_names;
    char name[512] = "";
    char **names = names_read(network_report_path(f, place), &n_names);

    for (size_t i = 0; i < n_names; i++) {
        if (strstr(names[i], ".tfevents.") == NULL)
            continue;
        assert_string_equal(name, "");
        (void)snprintf(name, sizeof name, "%s/%s", place, names[i]);
    }
    names_destroy(names, n_names);
    return event_file_read(network_report_path(f, name));
}
