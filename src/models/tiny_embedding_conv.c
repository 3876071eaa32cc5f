/* The smallest convolutional model, for microcontrollers. At 98 frames of 40:
 *
 *     [98, 40, 1]
 *       conv 10x8 stride 2x2 SAME `first_weights` + `first_bias`, ReLU, dropout    [49, 20, 8]
 *       conv 10x8 stride 8x8 SAME `second_weights` + `second_bias`, ReLU, dropout  [7, 3, 8]
 *       dense `final_fc_weights` + `final_fc_bias`                                 n_labels
 */
#include "models/model.h"

static const double deviation = 0.01; /* of all starting weights */

/** A convolution of 8 channels with its bias, ReLU and dropout. */
static size_t push_conv(ws_graph *graph, size_t x, size_t stride, const char *weights,
                        const char *bias)
{
    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = weights,
                                               .kernel_h = 10,
                                               .kernel_w = 8,
                                               .n_channels = 8,
                                               .stride_h = stride,
                                               .stride_w = stride,
                                               .padding = WS_PADDING_SAME,
                                               .init = {WS_INIT_TRUNCATED_NORMAL, deviation}});
    x = ws_graph_push_bias_add(graph, x, bias);
    x = ws_graph_push_relu(graph, x);
    return ws_graph_push_dropout(graph, x);
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});

    x = push_conv(graph, x, 2, "first_weights", "first_bias");
    x = push_conv(graph, x, 8, "second_weights", "second_bias");
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){.name = "final_fc_weights",
                                             .n_units = settings->n_labels,
                                             .init = {WS_INIT_TRUNCATED_NORMAL, deviation}});
    (void)ws_graph_push_bias_add(graph, x, "final_fc_bias");
    return ws_graph_status(graph, err);
}

const ws_model ws_model_tiny_embedding_conv = {.name = "tiny_embedding_conv", .build = build};
