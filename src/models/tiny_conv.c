/* The small model for microcontrollers. At 98 frames of 40:
 *
 *     [98, 40, 1]
 *       conv 10x8 stride 2x2 SAME `first_weights` + `first_bias`, ReLU, dropout  [49, 20, 8]
 *       dense `final_fc_weights` + `final_fc_bias`                               n_labels
 */
#include "models/layers.h"
#include "models/model.h"

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
                                               .init = ws_original_init});
    x = ws_push_bias_relu_dropout(graph, x, "first_bias");

    (void)ws_push_final_dense(graph, x, settings->n_labels);
    return ws_graph_status(graph, err);
}

const ws_model ws_model_tiny_conv = {.name = "tiny_conv", .build = build};
