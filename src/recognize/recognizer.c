#include "recognize/recognizer.h"

#include <omp.h>
#include <string.h>

ws_status ws_recognizer_init(const ws_recognizer_options *options, ws_recognizer *recognizer,
                             ws_error *err)
{
    *recognizer = (ws_recognizer){
        .options = *options,
        .n_threads = options->n_threads > 0 ? (int)options->n_threads : omp_get_num_procs(),
    };
    return ws_front_init(options->model, &recognizer->front, err);
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
