/* The smallest model: one matrix product.
 *
 *     [n_frames, width] -> dense `weights` + `bias` -> n_labels
 */
#include "models/model.h"

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){.name = "weights",
                                             .n_units = settings->n_labels,
                                             .init = {WS_INIT_TRUNCATED_NORMAL, 0.001}});
    (void)ws_graph_push_bias_add(graph, x, "bias");
    return ws_graph_status(graph, err);
}

const ws_model ws_model_single_fc = {.name = "single_fc", .build = build};
