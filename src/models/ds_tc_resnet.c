/* The topology of Majumdar and Ginsburg: "MatchboxNet: 1D Time-Channel Separable Convolutional
 * Neural Network Architecture for Speech Commands Recognition" (2020), in the size that Google
 * Research's kws_streaming calls ds_tc_resnet. Frequencies are channels. At 98 frames of 40:
 *
 *     [98, 1, 40]
 *       six blocks: depthwise kx1, conv 1x1, norm, [+ norm(conv 1x1(x))], ReLU   [98, 1, 128]
 *       mean over time, dense                                                    n_labels
 *
 *     block       1    2    3    4    5            6
 *     k           11   13   15   17   29           1
 *     channels    128  64   64   64   128          128
 *     in brackets no   yes  yes  yes  no           no
 *     dilation    1    1    1    1    2            1
 *
 * All paddings are SAME. Starting weights are the original's (Keras). */
#include "models/layers.h"
#include "models/model.h"

#include <stdio.h>

enum { MAX_SCOPE = 32 };

static const ws_init glorot = {WS_INIT_UNIFORM_GLOROT, 0.0};
static const ws_norm_args norm = {.epsilon = 1e-3, .momentum = 0.01};

typedef struct block {
    size_t n_channels, kernel, dilation;
    bool has_residual;
} block;

static const block blocks[] = {
    {128, 11, 1, false}, {64, 13, 1, true},   {64, 15, 1, true},
    {64, 17, 1, true},   {128, 29, 2, false}, {128, 1, 1, false},
};
enum { N_BLOCKS = sizeof blocks / sizeof *blocks };

static size_t push_block(ws_graph *graph, size_t input, size_t number)
{
    const block *b = &blocks[number];
    const ws_conv2d_args pointwise = {
        .kernel_h = 1, .kernel_w = 1, .n_channels = b->n_channels, .init = glorot};
    char scope[MAX_SCOPE];

    snprintf(scope, sizeof scope, "block_%zu", number + 1);
    ws_graph_open_scope(graph, scope);
    size_t x = ws_push_depthwise_open(graph, input, "depthwise",
                                      (ws_conv2d_args){.kernel_h = b->kernel,
                                                       .kernel_w = 1,
                                                       .dilation_h = b->dilation,
                                                       .padding = WS_PADDING_SAME,
                                                       .init = glorot});
    ws_graph_close_scope(graph);
    x = ws_push_conv_norm(graph, x, "pointwise", pointwise, &norm);
    if (b->has_residual)
        x = ws_graph_push_add(graph, x,
                              ws_push_conv_norm(graph, input, "shortcut", pointwise, &norm));
    x = ws_graph_push_relu(graph, x);
    ws_graph_close_scope(graph);
    return x;
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, 1, settings->width});

    for (size_t i = 0; i < N_BLOCKS; i++)
        x = push_block(graph, x, i);
    (void)ws_push_mean_and_labels(graph, x, settings->n_labels, glorot,
                                  (ws_init){WS_INIT_ZEROS, 0.0});
    return ws_graph_status(graph, err);
}

const ws_model ws_model_ds_tc_resnet = {.name = "ds_tc_resnet", .build = build};
