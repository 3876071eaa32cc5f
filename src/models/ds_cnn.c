/* Zhang, Suda, Lai and Chandra: "Hello Edge: Keyword Spotting on Microcontrollers" (2017):
 * depthwise separable convolutions, in three sizes. At 49 frames of 10 (--window_size_ms=40
 * --window_stride_ms=20 --feature_bin_count=10) the small one is:
 *
 *     [49, 10, 1]
 *       conv 10x4 stride 2x2 with bias, norm, ReLU                         [25, 5, 64]
 *       4 blocks: depthwise 3x3 with bias, norm, ReLU,
 *                 conv 1x1 with bias, norm, ReLU                           [25, 5, 64]
 *       mean over all places, dense                                        n_labels
 *
 * The others have stride 2x1 in the first convolution and 2x2 in the first block. All paddings are
 * SAME. As in the original, normalisations have no scale, and the layers before them have a bias.
 * Starting weights are the original's (TensorFlow's slim). */
#include "models/layers.h"
#include "models/model.h"

#include <stdio.h>

enum { MAX_SCOPE = 32 };

static const ws_init glorot = {WS_INIT_UNIFORM_GLOROT, 0.0};

static const ws_model_features features = {"mfcc", 1000, 40.0, 20.0, 10};

typedef struct sizes {
    size_t n_channels;
    size_t stride_h, stride_w;             /* of the first convolution */
    size_t block_stride_h, block_stride_w; /* of the first block */
    size_t n_blocks;
} sizes;

/** What follows each convolution. */
static size_t push_rest(ws_graph *graph, size_t x)
{
    x = ws_graph_push_bias_add(graph, x, "bias");
    x = ws_graph_push_batch_norm(
        graph, x,
        &(ws_norm_args){.name = "norm", .epsilon = 1e-3, .momentum = 0.04, .has_no_scale = true});
    x = ws_graph_push_relu(graph, x);
    ws_graph_close_scope(graph);
    return x;
}

static size_t push_conv(ws_graph *graph, size_t x, const char *scope, ws_conv2d_args conv)
{
    ws_graph_open_scope(graph, scope);
    conv.name = "weights";
    conv.padding = WS_PADDING_SAME;
    conv.init = glorot;
    return push_rest(graph, ws_graph_push_conv2d(graph, x, &conv));
}

static size_t push_block(ws_graph *graph, size_t x, const sizes *s, size_t block)
{
    char scope[MAX_SCOPE];

    snprintf(scope, sizeof scope, "block_%zu", block + 1);
    ws_graph_open_scope(graph, scope);
    x = ws_push_depthwise_open(graph, x, "depthwise",
                               (ws_conv2d_args){.kernel_h = 3,
                                                .kernel_w = 3,
                                                .stride_h = block == 0 ? s->block_stride_h : 1,
                                                .stride_w = block == 0 ? s->block_stride_w : 1,
                                                .padding = WS_PADDING_SAME,
                                                .init = glorot});
    x = push_rest(graph, x);
    x = push_conv(graph, x, "pointwise",
                  (ws_conv2d_args){.kernel_h = 1, .kernel_w = 1, .n_channels = s->n_channels});
    ws_graph_close_scope(graph);
    return x;
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, const sizes *s,
                       ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});

    x = push_conv(graph, x, "conv_1",
                  (ws_conv2d_args){.kernel_h = 10,
                                   .kernel_w = 4,
                                   .n_channels = s->n_channels,
                                   .stride_h = s->stride_h,
                                   .stride_w = s->stride_w});
    for (size_t i = 0; i < s->n_blocks; i++)
        x = push_block(graph, x, s, i);
    (void)ws_push_mean_and_labels(graph, x, settings->n_labels, glorot,
                                  (ws_init){WS_INIT_ZEROS, 0.0});
    return ws_graph_status(graph, err);
}

static ws_status build_s(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &(sizes){64, 2, 2, 1, 1, 4}, err);
}

static ws_status build_m(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &(sizes){172, 2, 1, 2, 2, 4}, err);
}

static ws_status build_l(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    return build(graph, settings, &(sizes){276, 2, 1, 2, 2, 5}, err);
}

const ws_model ws_model_ds_cnn_s = {.name = "ds_cnn_s", .build = build_s, .features = &features};
const ws_model ws_model_ds_cnn_m = {.name = "ds_cnn_m", .build = build_m, .features = &features};
const ws_model ws_model_ds_cnn_l = {.name = "ds_cnn_l", .build = build_l, .features = &features};
