#include "recognize/recognizer.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/softmax.h"

/* The factor by which the micro features multiply samples. */
static const float micro_scale = 32768.0f;

static ws_status check_model(const ws_frozen *model, const ws_feature_settings *settings,
                             ws_error *err)
{
    const size_t n_inputs = ws_shape_size(ws_graph_input_shape(&model->graph));

    if (n_inputs != settings->size)
        return ws_fail(
            err, WS_EFORMAT,
            "the model's network takes %zu numbers, but its features are %zu (%zu frames "
            "of %zu)",
            n_inputs, settings->size, settings->n_frames, settings->width);
    for (size_t i = 0; i < model->graph.n_weights; i++) {
        if (!isfinite(model->parameters[i]))
            return ws_fail(err, WS_EFORMAT,
                           "the model's weights are not all finite numbers: its training went "
                           "wrong");
    }
    return WS_OK;
}

ws_status ws_recognizer_init(const ws_recognizer_options *options, ws_recognizer *recognizer,
                             ws_error *err)
{
    const ws_frozen *model = options->model;

    *recognizer = (ws_recognizer){
        .options = *options,
        .n_labels = ws_graph_n_labels(&model->graph),
        .n_threads = options->n_threads > 0 ? (int)options->n_threads : omp_get_num_procs(),
        .sample_scale =
            model->micro_sample_scale > 0.0f ? model->micro_sample_scale / micro_scale : 1.0f,
    };
    const ws_status status = ws_feature_settings_init(&model->features, &recognizer->settings, err);
    return status == WS_OK ? check_model(model, &recognizer->settings, err) : status;
}

ws_status ws_recognizer_open_network(ws_recognizer *recognizer, size_t stream_step, ws_error *err)
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

void ws_recognizer_deinit(ws_recognizer *recognizer)
{
    ws_network_destroy(recognizer->network);
    *recognizer = (ws_recognizer){.network = NULL};
}

bool ws_recognizer_find_scores(const ws_recognizer *recognizer, const float *logits, float *scores)
{
    double largest;
    const double sum = ws_softmax_sum(logits, recognizer->n_labels, &largest);

    for (size_t k = 0; k < recognizer->n_labels; k++)
        scores[k] = (float)(exp((double)logits[k] - largest) / sum);
    return isfinite(sum);
}
