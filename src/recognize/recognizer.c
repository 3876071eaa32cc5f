#include "recognize/recognizer.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

ws_status ws_recognizer_init(const ws_recognizer_options *options, ws_recognizer *recognizer,
                             ws_error *err)
{
    *recognizer = (ws_recognizer){
        .options = *options,
        .n_threads = options->n_threads > 0 ? (int)options->n_threads : omp_get_num_procs(),
    };
    const ws_status status = ws_front_init(options->model, &recognizer->front, err);
    if (status == WS_OK && recognizer->front.step > 0)
        return ws_fail(
            err, WS_EUSAGE,
            "the model takes %zu frames of a stream at a time, as a device does: expected "
            "one that judges clips (label_wav and listen take models of streams, too)",
            recognizer->front.step);
    return status;
}

/** A kernel so large, on so many channels, that a batch by FFT takes less time than its clips one
 *  by one: a third for `conv`. */
static bool has_large_kernel(const ws_graph *graph)
{
    enum { ELEMENTS = 32, CHANNELS = 16 };

    for (size_t i = 1; i < graph->n_nodes; i++) {
        const ws_node *node = &graph->nodes[i];
        if (node->kind == WS_OP_CONV2D && node->window.h * node->window.w >= ELEMENTS &&
            ws_graph_shape_in(graph, node, 0).c >= CHANNELS)
            return true;
    }
    return false;
}

/** Whether the first layer is of those that a network of batches can do once for samples that share
 *  rows. */
static bool may_share_rows(const ws_graph *graph)
{
    const ws_node *first = &graph->nodes[1];

    return first->kind == WS_OP_SVDF || (first->kind == WS_OP_CONV2D && first->shape.h == 1);
}

static bool prefers_network(const ws_recognizer *recognizer)
{
    const ws_graph *graph = &recognizer->options.model->graph;

    return recognizer->options.engine == WS_ENGINE_REFERENCE || graph->n_quantizers > 0 ||
           has_large_kernel(graph);
}

static ws_status open_infers(ws_recognizer *recognizer, ws_error *err)
{
    const ws_frozen *model = recognizer->options.model;
    const ws_infer_numbers numbers = {model->parameters, model->states};
    const char *isa = recognizer->options.isa;
    ws_cpu_level level = ws_cpu_level_get_best();
    ws_status status = WS_OK;

    if (isa != NULL && isa[0] != '\0')
        status = ws_cpu_level_find(isa, &level, err);
    if (status != WS_OK)
        return status;
    recognizer->infers = calloc((size_t)recognizer->n_threads, sizeof(ws_infer *));
    if (recognizer->infers == NULL)
        return ws_fail_memory(err, "the network");
    for (int i = 0; i < recognizer->n_threads && status == WS_OK; i++)
        status = ws_infer_create(&recognizer->infers[i], &model->graph, &numbers, level, err);
    return status;
}

static ws_status open_network(ws_recognizer *recognizer, size_t stream_step, ws_error *err)
{
    const ws_recognizer_options *options = &recognizer->options;
    const ws_graph *graph = &options->model->graph;

    const ws_status status = ws_network_create(&recognizer->network, graph,
                                               &(ws_network_options){
                                                   .max_batch = WS_RECOGNIZER_BATCH,
                                                   .n_threads = (unsigned)recognizer->n_threads,
                                                   .engine = options->engine,
                                                   .isa = options->isa,
                                                   .stream_step = stream_step,
                                                   .predicts_only = true,
                                                   .log = options->log,
                                               },
                                               err);
    if (status != WS_OK)
        return status;
    memcpy(ws_network_parameters(recognizer->network), options->model->parameters,
           graph->n_weights * sizeof *options->model->parameters);
    if (graph->n_states > 0)
        memcpy(ws_network_states(recognizer->network), options->model->states,
               graph->n_state_numbers * sizeof *options->model->states);
    return WS_OK;
}

/** A run for each thread. */
static ws_status open_runs(ws_recognizer *recognizer, ws_error *err)
{
    const ws_recognizer_options *options = &recognizer->options;
    const ws_lite_run_options how = {.rounding = options->model->rounding,
                                     .is_reference = options->engine == WS_ENGINE_REFERENCE};
    ws_status status = WS_OK;

    recognizer->runs = calloc((size_t)recognizer->n_threads, sizeof *recognizer->runs);
    if (recognizer->runs == NULL)
        return ws_fail_memory(err, "a model for small runtimes");
    for (int i = 0; i < recognizer->n_threads && status == WS_OK; i++)
        status = ws_lite_run_create(&recognizer->runs[i], options->model->lite, &how, err);
    return status;
}

ws_status ws_recognizer_open_network(ws_recognizer *recognizer, size_t stream_step, ws_error *err)
{
    const ws_frozen *model = recognizer->options.model;
    ws_status status = WS_OK;

    if (model->lite != NULL)
        return open_runs(recognizer, err);
    const bool may_share = stream_step > 0 && may_share_rows(&model->graph);

    if (may_share || prefers_network(recognizer))
        status = open_network(recognizer, stream_step, err);
    if (status != WS_OK || prefers_network(recognizer) || ws_recognizer_shares_rows(recognizer))
        return status;
    ws_network_destroy(recognizer->network);
    recognizer->network = NULL;
    return open_infers(recognizer, err);
}

bool ws_recognizer_shares_rows(const ws_recognizer *recognizer)
{
    return recognizer->network != NULL && ws_network_shares_rows(recognizer->network);
}

bool ws_recognizer_takes_any_batch(const ws_recognizer *recognizer)
{
    return recognizer->infers != NULL || recognizer->runs != NULL;
}

static void run_lite(ws_recognizer *recognizer, const float *features, size_t n, float *logits)
{
    const size_t size = recognizer->front.settings.size, n_labels = recognizer->front.n_labels;

#pragma omp parallel for schedule(dynamic) num_threads(recognizer->n_threads)
    for (size_t i = 0; i < n; i++) {
        ws_lite_run *run = recognizer->runs[omp_get_thread_num()];
        ws_front_run_lite(&recognizer->front, run, features + i * size, logits + i * n_labels);
    }
}

void ws_recognizer_predict(ws_recognizer *recognizer, const float *features, size_t n,
                           float *logits)
{
    const size_t n_inputs = recognizer->front.settings.size;
    const size_t n_labels = recognizer->front.n_labels;

    if (recognizer->runs != NULL) {
        run_lite(recognizer, features, n, logits);
        return;
    }
    if (recognizer->infers == NULL) {
        ws_network_predict(recognizer->network, features, n, logits);
        return;
    }
#pragma omp parallel for schedule(dynamic) num_threads(recognizer->n_threads) if (n > 1)
    for (size_t i = 0; i < n; i++)
        ws_infer_run(recognizer->infers[omp_get_thread_num()], features + i * n_inputs, 1,
                     logits + i * n_labels);
}

void ws_recognizer_deinit(ws_recognizer *recognizer)
{
    for (int i = 0; recognizer->infers != NULL && i < recognizer->n_threads; i++)
        ws_infer_destroy(recognizer->infers[i]);
    free(recognizer->infers);
    for (int i = 0; recognizer->runs != NULL && i < recognizer->n_threads; i++)
        ws_lite_run_destroy(recognizer->runs[i]);
    free(recognizer->runs);
    ws_network_destroy(recognizer->network);
    *recognizer = (ws_recognizer){.network = NULL};
}
