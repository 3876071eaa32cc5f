/* The small model for microcontrollers. At 98 frames of 40:
 *
 *     [98, 40, 1]
 *       conv 10x8 stride 2x2 SAME `first_weights` + `first_bias`, ReLU, dropout  [49, 20, 8]
 *       dense `final_fc_weights` + `final_fc_bias`                               n_labels
 */
#include "models/model.h"

static const double deviation = 0.01; /* of all starting weights */

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});

    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "first_weights",
                                               .kernel_h = 10,
                                               .kernel_w = 8,
                                               .n_channels = 8,
                                               .stride_h = 2,
                                               .stride_w = 2,
                                               .padding = WS_PADDING_SAME,
                                               .init = {WS_INIT_TRUNCATED_NORMAL, deviation}});
    x = ws_graph_push_bias_add(graph, x, "first_bias");
    x = ws_graph_push_relu(graph, x);
    x = ws_graph_push_dropout(graph, x);

    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){.name = "final_fc_weights",
                                             .n_units = settings->n_labels,
                                             .init = {WS_INIT_TRUNCATED_NORMAL, deviation}});
    (void)ws_graph_push_bias_add(graph, x, "final_fc_bias");
    return ws_graph_status(graph, err);
}

const ws_model ws_model_tiny_conv = {.name = "tiny_conv", .build = build};
