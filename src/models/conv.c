/* The tutorial's model, after cnn-trad-fpool3 of Sainath and Parada: "Convolutional Neural
 * Networks for Small-footprint Keyword Spotting" (2015). At 98 frames of 40:
 *
 *     [98, 40, 1]
 *       conv 20x8 `first_weights` + `first_bias`, ReLU, dropout    [98, 40, 64]
 *       max pool 2x2                                               [49, 20, 64]
 *       conv 10x4 `second_weights` + `second_bias`, ReLU, dropout  [49, 20, 64]
 *       dense `final_fc_weights` + `final_fc_bias`                 n_labels
 *
 * All paddings are SAME. There is only one pooling. */
#include "models/layers.h"
#include "models/model.h"

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});

    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "first_weights",
                                               .kernel_h = 20,
                                               .kernel_w = 8,
                                               .n_channels = 64,
                                               .padding = WS_PADDING_SAME,
                                               .init = ws_original_init});
    x = ws_push_bias_relu_dropout(graph, x, "first_bias");
    x = ws_graph_push_max_pool(graph, x,
                               &(ws_pool_args){.window_h = 2,
                                               .window_w = 2,
                                               .stride_h = 2,
                                               .stride_w = 2,
                                               .padding = WS_PADDING_SAME});

    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "second_weights",
                                               .kernel_h = 10,
                                               .kernel_w = 4,
                                               .n_channels = 64,
                                               .padding = WS_PADDING_SAME,
                                               .init = ws_original_init});
    x = ws_push_bias_relu_dropout(graph, x, "second_bias");

    (void)ws_push_final_dense(graph, x, settings->n_labels);
    return ws_graph_status(graph, err);
}

const ws_model ws_model_conv = {.name = "conv", .build = build};
