/* Choi and others: "Temporal Convolution for Real-time Keyword Spotting on Mobile Devices" (2019):
 * frequencies are channels, and convolutions run only along time. At 98 frames of 40:
 *
 *     [98, 1, 40]
 *       conv 3x1, norm, ReLU                                   [98, 1, 16]
 *       a block for each further number of channels            [13, 1, 48]
 *       mean over time, dropout of a half, dense               n_labels
 *
 * A block with as many channels as its input:
 *
 *       ReLU(x + norm(conv 9x1(ReLU(norm(conv 9x1(x))))))
 *
 * Any other block has stride 2 in its first convolution, and ReLU(norm(conv 1x1 stride 2(x)))
 * replaces x in the sum. All paddings are SAME. Starting weights are the original's (TensorFlow's
 * slim). */
#include "models/layers.h"
#include "models/model.h"

#include <stdio.h>

enum { MAX_BLOCKS = 6, MAX_SCOPE = 32 };

static const ws_init glorot = {WS_INIT_UNIFORM_GLOROT, 0.0};
static const ws_norm_args norm = {.epsilon = 1e-3, .momentum = 0.003};

typedef struct widths {
    size_t first;
    size_t blocks[MAX_BLOCKS]; /* 0: no further block */
} widths;

static const widths widths_8 = {16, {24, 32, 48}};
static const widths widths_14 = {16, {24, 24, 32, 32, 48, 48}};

static ws_conv2d_args conv(size_t kernel, size_t stride, size_t n_channels)
{
    return (ws_conv2d_args){.kernel_h = kernel,
                            .kernel_w = 1,
                            .stride_h = stride,
                            .n_channels = n_channels,
                            .padding = WS_PADDING_SAME,
                            .init = glorot};
}

static size_t push_block(ws_graph *graph, size_t input, size_t block, size_t n_in, size_t n_out)
{
    const size_t stride = n_in == n_out ? 1 : 2;
    size_t shortcut = input;
    char scope[MAX_SCOPE];

    snprintf(scope, sizeof scope, "block_%zu", block + 1);
    ws_graph_open_scope(graph, scope);
    if (stride != 1)
        shortcut = ws_push_conv_norm_relu(graph, input, "shortcut", conv(1, stride, n_out), &norm);
    size_t x = ws_push_conv_norm_relu(graph, input, "conv_1", conv(9, stride, n_out), &norm);
    x = ws_push_conv_norm(graph, x, "conv_2", conv(9, 1, n_out), &norm);
    x = ws_graph_push_relu(graph, ws_graph_push_add(graph, x, shortcut));
    ws_graph_close_scope(graph);
    return x;
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, const widths *w,
                       double factor, ws_error *err)
{
    size_t n = (size_t)((double)w->first * factor);

    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, 1, settings->width});
    x = ws_push_conv_norm_relu(graph, x, "conv_1", conv(3, 1, n), &norm);
    for (size_t i = 0; i < MAX_BLOCKS && w->blocks[i] != 0; i++) {
        const size_t n_out = (size_t)((double)w->blocks[i] * factor);

        x = push_block(graph, x, i, n, n_out);
        n = n_out;
    }
    /* of whole channels: the same as a dropout after the mean */
    x = ws_graph_push_dropout_of(graph, x, &(ws_dropout_args){.rate = 0.5, .is_spatial = true});
    (void)ws_push_mean_and_labels(graph, x, settings->n_labels, glorot,
                                  (ws_init){WS_INIT_ZEROS, 0.0});
    return ws_graph_status(graph, err);
}

static ws_status build_8(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &widths_8, 1.0, err);
}

static ws_status build_8_1_5(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &widths_8, 1.5, err);
}

static ws_status build_14(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &widths_14, 1.0, err);
}

static ws_status build_14_1_5(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &widths_14, 1.5, err);
}

const ws_model ws_model_tc_resnet_8 = {.name = "tc_resnet_8", .build = build_8};
const ws_model ws_model_tc_resnet_8_1_5 = {.name = "tc_resnet_8_1.5", .build = build_8_1_5};
const ws_model ws_model_tc_resnet_14 = {.name = "tc_resnet_14", .build = build_14};
const ws_model ws_model_tc_resnet_14_1_5 = {.name = "tc_resnet_14_1.5", .build = build_14_1_5};
