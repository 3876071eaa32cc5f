/* Kim, Chang, Lee and Sung: "Broadcasted Residual Learning for Efficient Keyword Spotting" (2021),
 * in six widths. With b = 8 tau channels, at 101 frames of 40 (--preprocess=log_mel):
 *
 *     [101, 40, 1]
 *       head: conv 5x5 stride 1x2, norm, ReLU                              [101, 20, 2b]
 *       stage 1: transition block, 1 normal block, dilation 1              [101, 20, b]
 *       stage 2: transition block stride 1x2, 1 normal block, dilation 2   [101, 10, 1.5b]
 *       stage 3: transition block stride 1x2, 3 normal blocks, dilation 4  [101, 5, 2b]
 *       stage 4: transition block, 3 normal blocks, dilation 8             [101, 5, 2.5b]
 *       tail: depthwise 5x5, no zeros along frequency                      [101, 1, 2.5b]
 *             conv 1x1, norm, ReLU                                         [101, 1, 4b]
 *       mean over time, dense                                              n_labels
 *
 * A block, with x what it reads (after conv 1x1, norm, ReLU in a transition block):
 *
 *       a = depthwise 1x3 along frequency, sub-spectral norm of 5 bands
 *       t = mean over frequency of a, depthwise 3x1 along time, norm, SiLU, conv 1x1, dropout
 *       ReLU(a + t), or ReLU(a + t + x) in a normal block
 *
 * where t is added to each frequency. Dropout is 0.1 of the channels. Starting weights are
 * PyTorch's, with which the paper's networks were trained. */
#include "models/layers.h"
#include "models/model.h"

#include <math.h>
#include <stdio.h>

enum { N_STAGES = 4, N_BANDS = 5, MAX_SCOPE = 32 };

static const ws_init fan_in = {WS_INIT_UNIFORM_FAN_IN, 0.0};

static const ws_model_features features = {"log_mel", 1000, 30.0, 10.0, 40};

static const struct {
    size_t n_blocks, stride, dilation;
} stages[N_STAGES] = {{2, 1, 1}, {2, 2, 2}, {4, 2, 4}, {4, 1, 8}};

/** Channels of the head and of each stage; the last is those before the labels. */
typedef struct widths {
    size_t head, stage[N_STAGES], tail;
} widths;

static widths widths_of(double tau)
{
    const size_t b = (size_t)(8.0 * tau);

    return (widths){2 * b, {b, b * 3 / 2, 2 * b, b * 5 / 2}, 4 * b};
}

static ws_conv2d_args conv_1x1(size_t n_channels)
{
    return (ws_conv2d_args){.kernel_h = 1,
                            .kernel_w = 1,
                            .n_channels = n_channels,
                            .init = fan_in,
                            .padding = WS_PADDING_VALID};
}

/** Depthwise 1x3 along frequency, then sub-spectral norm. */
static size_t push_frequency(ws_graph *graph, size_t x, size_t stride)
{
    x = ws_push_depthwise_open(graph, x, "frequency",
                               (ws_conv2d_args){.kernel_h = 1,
                                                .kernel_w = 3,
                                                .stride_w = stride,
                                                .padding = WS_PADDING_EXPLICIT,
                                                .zeros = {.before_w = 1, .after_w = 1},
                                                .init = fan_in});
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "norm", .n_bands = N_BANDS});
    ws_graph_close_scope(graph);
    return x;
}

/** The term added to each frequency: the mean over them, then a convolution along time. */
static size_t push_time(ws_graph *graph, size_t x, size_t dilation, size_t n_channels)
{
    x = ws_graph_push_mean(graph, x, WS_AXIS_W);
    x = ws_push_depthwise_open(
        graph, x, "time",
        (ws_conv2d_args){.kernel_h = 3,
                         .kernel_w = 1,
                         .dilation_h = dilation,
                         .padding = WS_PADDING_EXPLICIT,
                         .zeros = {.before_h = dilation, .after_h = dilation},
                         .init = fan_in});
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "norm"});
    x = ws_graph_push_silu(graph, x);
    ws_graph_close_scope(graph);

    ws_conv2d_args pointwise = conv_1x1(n_channels);
    pointwise.name = "pointwise/weights";
    x = ws_graph_push_conv2d(graph, x, &pointwise);
    return ws_graph_push_dropout_of(graph, x, &(ws_dropout_args){.rate = 0.1, .is_spatial = true});
}

static size_t push_block(ws_graph *graph, size_t input, size_t stage, size_t block,
                         size_t n_channels)
{
    const bool is_transition = block == 0;
    char scope[MAX_SCOPE];

    snprintf(scope, sizeof scope, "block_%zu", block + 1);
    ws_graph_open_scope(graph, scope);
    size_t x = input;
    if (is_transition)
        x = ws_push_conv_norm_relu(graph, x, "transition", conv_1x1(n_channels), NULL);
    x = push_frequency(graph, x, is_transition ? stages[stage].stride : 1);
    x = ws_graph_push_add(graph, x, push_time(graph, x, stages[stage].dilation, n_channels));
    if (!is_transition)
        x = ws_graph_push_add(graph, x, input);
    x = ws_graph_push_relu(graph, x);
    ws_graph_close_scope(graph);
    return x;
}

/** One filter over all remaining frequencies, and the layer before the labels. */
static size_t push_tail(ws_graph *graph, size_t x, size_t n_channels)
{
    x = ws_push_depthwise_open(graph, x, "tail",
                               (ws_conv2d_args){.kernel_h = 5,
                                                .kernel_w = 5,
                                                .padding = WS_PADDING_EXPLICIT,
                                                .zeros = {.before_h = 2, .after_h = 2},
                                                .init = fan_in});
    x = ws_push_conv_norm_relu(graph, x, "pointwise", conv_1x1(n_channels), NULL);
    ws_graph_close_scope(graph);
    return x;
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, double tau,
                       ws_error *err)
{
    const widths w = widths_of(tau);
    char scope[MAX_SCOPE];

    ws_graph_init(graph);
    if (settings->width % (8 * N_BANDS) != 0)
        return ws_fail(err, WS_EUSAGE,
                       "bc_resnet needs a multiple of %d features a frame, not %zu; "
                       "--preprocess=log_mel makes 40",
                       8 * N_BANDS, settings->width);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});
    x = ws_push_conv_norm_relu(graph, x, "head",
                               (ws_conv2d_args){.kernel_h = 5,
                                                .kernel_w = 5,
                                                .n_channels = w.head,
                                                .stride_w = 2,
                                                .padding = WS_PADDING_EXPLICIT,
                                                .zeros = {2, 2, 2, 2},
                                                .init = fan_in},
                               NULL);
    for (size_t s = 0; s < N_STAGES; s++) {
        snprintf(scope, sizeof scope, "stage_%zu", s + 1);
        ws_graph_open_scope(graph, scope);
        for (size_t k = 0; k < stages[s].n_blocks; k++)
            x = push_block(graph, x, s, k, w.stage[s]);
        ws_graph_close_scope(graph);
    }
    x = push_tail(graph, x, w.tail);
    const ws_init bias = {WS_INIT_UNIFORM, 1.0 / sqrt((double)w.tail)};
    (void)ws_push_mean_and_labels(graph, x, settings->n_labels, fan_in, bias);
    return ws_graph_status(graph, err);
}

/** One row of the table of models. */
#define BC_RESNET(id, title, tau)                                                                  \
    static ws_status build_##id(ws_graph *graph, const ws_model_settings *settings, ws_error *err) \
    {                                                                                              \
        return build(graph, settings, tau, err);                                                   \
    }                                                                                              \
    const ws_model ws_model_bc_resnet_##id = {                                                     \
        .name = title, .build = build_##id, .features = &features}

BC_RESNET(1, "bc_resnet_1", 1.0);
BC_RESNET(1_5, "bc_resnet_1.5", 1.5);
BC_RESNET(2, "bc_resnet_2", 2.0);
BC_RESNET(3, "bc_resnet_3", 3.0);
BC_RESNET(6, "bc_resnet_6", 6.0);
BC_RESNET(8, "bc_resnet_8", 8.0);
