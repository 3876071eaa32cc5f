#include "support/lanes_networks.h"

static const ws_lanes_node *last(const lanes_network *net)
{
    return &net->program.nodes[net->out];
}

static size_t take_parameters(lanes_network *net, size_t n)
{
    net->n_parameters += n;
    return net->n_parameters - n;
}

static size_t out_size(size_t in, size_t size, size_t stride, size_t dilation, size_t pads)
{
    return (in + pads - (size - 1) * dilation - 1) / stride + 1;
}

/** A window of h x w; zeros of pad_h and pad_w on either side. */
static ws_lanes_window window_of(const lanes_network *net, size_t h, size_t w, size_t pad_h,
                                 size_t pad_w)
{
    return (ws_lanes_window){.h = h,
                             .w = w,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1,
                             .before_h = pad_h,
                             .before_w = pad_w,
                             .out_h = out_size(last(net)->h, h, 1, 1, 2 * pad_h),
                             .out_w = out_size(last(net)->w, w, 1, 1, 2 * pad_w)};
}

static ws_lanes_window with_strides(const lanes_network *net, ws_lanes_window v, size_t stride_h,
                                    size_t stride_w)
{
    v.stride_h = stride_h;
    v.stride_w = stride_w;
    v.out_h = out_size(last(net)->h, v.h, stride_h, 1, 2 * v.before_h);
    v.out_w = out_size(last(net)->w, v.w, stride_w, 1, 2 * v.before_w);
    return v;
}

static void conv(lanes_network *net, ws_lanes_window v, size_t n_out, bool has_bias)
{
    const size_t weights = take_parameters(net, v.h * v.w * last(net)->c * n_out);
    const size_t bias = has_bias ? take_parameters(net, n_out) : WS_LANES_NONE;
    net->out = ws_lanes_push_conv(&net->program, net->out, &v, n_out, weights, bias);
}

static void pointwise(lanes_network *net, size_t n_out, bool has_bias)
{
    conv(net, window_of(net, 1, 1, 0, 0), n_out, has_bias);
}

static void depthwise(lanes_network *net, ws_lanes_window v, bool has_bias)
{
    const size_t weights = take_parameters(net, v.h * v.w * last(net)->c);
    const size_t bias = has_bias ? take_parameters(net, last(net)->c) : WS_LANES_NONE;
    net->out = ws_lanes_push_depthwise(&net->program, net->out, &v, weights, bias);
}

static void norm(lanes_network *net, size_t n_bands)
{
    const size_t n = n_bands * last(net)->c;
    const ws_lanes_norm args = {.n_bands = n_bands,
                                .c = last(net)->c,
                                .gamma = take_parameters(net, n),
                                .beta = take_parameters(net, n),
                                .mean = net->n_state,
                                .variance = net->n_state + n,
                                .momentum = 0.1,
                                .epsilon = 1e-5};
    net->n_state += 2 * n;
    net->out = ws_lanes_push_norm(&net->program, net->out, &args);
}

static void activation(lanes_network *net, ws_lanes_op op)
{
    net->out = ws_lanes_push_activation(&net->program, op, net->out);
}

static void norm_relu(lanes_network *net)
{
    norm(net, 1);
    activation(net, WS_LANES_RELU);
}

static void input(lanes_network *net, size_t h, size_t w, size_t c)
{
    net->out = ws_lanes_push_input(&net->program, h, w, c);
}

static void mean(lanes_network *net)
{
    if (last(net)->w > 1)
        net->out = ws_lanes_push_mean_w(&net->program, net->out);
    net->out = ws_lanes_push_mean_h(&net->program, net->out);
}

static void bc_block(lanes_network *net, size_t n_out, size_t stride, size_t dilation)
{
    const bool is_transition = last(net)->c != n_out;
    const size_t x = net->out;

    if (is_transition) {
        pointwise(net, n_out, false);
        norm_relu(net);
    }
    depthwise(net, with_strides(net, window_of(net, 1, 3, 0, 1), 1, stride), false);
    norm(net, 5);
    const size_t frequencies = net->out;
    net->out = ws_lanes_push_mean_w(&net->program, net->out);
    ws_lanes_window times = window_of(net, 3, 1, 0, 0);
    times.dilation_h = times.before_h = dilation;
    times.out_h = last(net)->h;
    depthwise(net, times, false);
    norm(net, 1);
    activation(net, WS_LANES_SILU);
    pointwise(net, n_out, false);
    net->out = ws_lanes_push_pair(&net->program, WS_LANES_ADD, frequencies, net->out);
    if (!is_transition)
        net->out = ws_lanes_push_pair(&net->program, WS_LANES_ADD, net->out, x);
    activation(net, WS_LANES_RELU);
}

static void bc_resnet(lanes_network *net, size_t base, size_t n_times, size_t n_frequencies)
{
    static const size_t counts[] = {2, 2, 4, 4}, strides[] = {1, 2, 2, 1};
    static const size_t dilations[] = {1, 2, 4, 8};
    const size_t channels[] = {base, base * 3 / 2, base * 2, base * 5 / 2};

    input(net, n_times, n_frequencies, 1);
    conv(net, with_strides(net, window_of(net, 5, 5, 2, 2), 1, 2), 2 * base, false);
    norm_relu(net);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < counts[i]; k++)
            bc_block(net, channels[i], k == 0 ? strides[i] : 1, dilations[i]);
    ws_lanes_window tail = window_of(net, 5, last(net)->w, 2, 0);
    depthwise(net, tail, false);
    pointwise(net, 4 * base, false);
    norm_relu(net);
    mean(net);
    pointwise(net, 12, true);
}

static void bc_resnet_1(lanes_network *net)
{
    bc_resnet(net, 8, 101, 40);
}

static void bc_resnet_2(lanes_network *net)
{
    bc_resnet(net, 16, 101, 40);
}

static void bc_resnet_3(lanes_network *net)
{
    bc_resnet(net, 24, 101, 40);
}

static void ds_cnn_s(lanes_network *net)
{
    input(net, 49, 10, 1);
    ws_lanes_window first = with_strides(net, window_of(net, 10, 4, 4, 1), 2, 2);
    first.out_h = 25; /* an odd zero after the last row */
    conv(net, first, 64, true);
    norm_relu(net);
    for (int i = 0; i < 4; i++) {
        depthwise(net, window_of(net, 3, 3, 1, 1), true);
        norm_relu(net);
        pointwise(net, 64, true);
        norm_relu(net);
    }
    mean(net);
    pointwise(net, 12, true);
}

static void tc_block(lanes_network *net, size_t n_out)
{
    const size_t x = net->out;
    const size_t stride = last(net)->c != n_out ? 2 : 1;
    size_t shortcut = x;

    conv(net, with_strides(net, window_of(net, 9, 1, 4, 0), stride, 1), n_out, false);
    norm_relu(net);
    conv(net, window_of(net, 9, 1, 4, 0), n_out, false);
    norm(net, 1);
    const size_t y = net->out;
    if (stride > 1) {
        net->out = x;
        conv(net, with_strides(net, window_of(net, 1, 1, 0, 0), stride, 1), n_out, false);
        norm_relu(net);
        shortcut = net->out;
    }
    net->out = ws_lanes_push_pair(&net->program, WS_LANES_ADD, y, shortcut);
    activation(net, WS_LANES_RELU);
}

static void tc_resnet_8(lanes_network *net)
{
    input(net, 98, 1, 40);
    conv(net, window_of(net, 3, 1, 1, 0), 16, false);
    activation(net, WS_LANES_RELU);
    tc_block(net, 24);
    tc_block(net, 32);
    tc_block(net, 48);
    mean(net);
    pointwise(net, 12, true);
}

static void mixed_pointwise(lanes_network *net, size_t n_out)
{
    pointwise(net, n_out, false);
    norm_relu(net);
}

/** Depthwise kernels over time: `shorter` over the first half of the channels, of which the last
 *  rows count, and `longer` over the second. */
static void mixed_block(lanes_network *net, size_t shorter, size_t longer, size_t n_out)
{
    const size_t n = last(net)->c, half = n / 2;
    const ws_lanes_window window = window_of(net, longer, 1, 0, 0);
    const ws_lanes_group groups[] = {
        {.n = half, .tap = longer - shorter, .weights = net->n_parameters},
        {.channel = half, .n = n - half, .weights = net->n_parameters + shorter * half}};

    net->n_parameters += shorter * half + longer * (n - half);
    net->out = ws_lanes_push_mixed_depthwise(&net->program, net->out, &window, groups, 2);
    mixed_pointwise(net, n_out);
}

/** The same as slices of channels and rows. */
static void mixed_block_of_slices(lanes_network *net, size_t shorter, size_t longer, size_t n_out)
{
    const size_t x = net->out, n = last(net)->c, half = n / 2;
    const size_t h = last(net)->h - longer + 1;

    net->out = ws_lanes_push_slice(&net->program, x, 0, half);
    depthwise(net, window_of(net, shorter, 1, 0, 0), false);
    const size_t first = ws_lanes_push_rows(&net->program, net->out, last(net)->h - h, h);
    net->out = ws_lanes_push_slice(&net->program, x, half, n - half);
    depthwise(net, window_of(net, longer, 1, 0, 0), false);
    net->out = ws_lanes_push_concat(&net->program, first, net->out);
    mixed_pointwise(net, n_out);
}

static void single_block(lanes_network *net, size_t kernel, size_t n_out)
{
    depthwise(net, window_of(net, kernel, 1, 0, 0), false);
    mixed_pointwise(net, n_out);
}

static void mixednet(lanes_network *net)
{
    input(net, 204, 1, 40);
    conv(net, with_strides(net, window_of(net, 5, 1, 0, 0), 3, 1), 32, false);
    activation(net, WS_LANES_RELU);
    single_block(net, 5, 64);
    mixed_block(net, 7, 11, 64);
    mixed_block(net, 9, 15, 64);
    single_block(net, 23, 64);
    net->out = ws_lanes_push_rows(&net->program, net->out, last(net)->h - 13, 13);
    conv(net, window_of(net, 13, 1, 0, 0), 1, true);
}

/* Small ones, with all that the large ones do not have. */

static void odd_windows(lanes_network *net)
{
    input(net, 23, 9, 3);
    ws_lanes_window v = with_strides(net, window_of(net, 3, 4, 2, 1), 2, 3);
    conv(net, v, 5, true);
    activation(net, WS_LANES_SILU);
    v = window_of(net, 3, 2, 1, 1);
    v.dilation_h = 2;
    v.out_h = out_size(last(net)->h, 3, 1, 2, 2);
    conv(net, v, 7, false);
    norm(net, 1);
    conv(net, with_strides(net, window_of(net, 2, 3, 1, 1), 3, 2), 6, true);
    activation(net, WS_LANES_SIGMOID);
    depthwise(net, with_strides(net, window_of(net, 3, 2, 1, 1), 2, 2), true);
    conv(net, window_of(net, last(net)->h, last(net)->w, 0, 0), 4, true);
}

static void broadcasts(lanes_network *net)
{
    input(net, 11, 6, 4);
    pointwise(net, 6, true);
    norm_relu(net);
    const size_t x = net->out;
    mean(net);
    pointwise(net, 6, true);
    activation(net, WS_LANES_SIGMOID);
    net->out = ws_lanes_push_pair(&net->program, WS_LANES_MULTIPLY, x, net->out);
    const size_t gated = net->out;
    net->out = ws_lanes_push_mean_h(&net->program, gated);
    depthwise(net, window_of(net, 1, 3, 0, 1), false);
    net->out = ws_lanes_push_pair(&net->program, WS_LANES_ADD, gated, net->out);
    norm(net, 3);
    activation(net, WS_LANES_SILU);
    const size_t y = net->out;
    net->out = ws_lanes_push_mean_w(&net->program, y);
    net->out = ws_lanes_push_pair(&net->program, WS_LANES_MULTIPLY, y, net->out);
    net->out = ws_lanes_push_bias(&net->program, net->out, take_parameters(net, 6));
    const ws_lanes_window pool = with_strides(net, window_of(net, 3, 2, 0, 0), 2, 2);
    net->out = ws_lanes_push_average_pool(&net->program, net->out, &pool);
    mean(net);
    pointwise(net, 3, false);
}

/** Fewer rows than bands, one channel, one row. */
static void tiny(lanes_network *net)
{
    input(net, 3, 1, 2);
    conv(net, window_of(net, 3, 1, 1, 0), 1, false);
    norm_relu(net);
    net->out = ws_lanes_push_slice(&net->program, net->out, 0, 1);
    depthwise(net, window_of(net, 3, 1, 0, 0), false);
    norm(net, 1);
    conv(net, window_of(net, 3, 3, 1, 1), 5, true);
    activation(net, WS_LANES_RELU);
    pointwise(net, 2, true);
}

static void bc_resnet_small(lanes_network *net)
{
    bc_resnet(net, 4, 13, 40);
}

static void mixednet_small(lanes_network *net)
{
    input(net, 35, 1, 5);
    conv(net, with_strides(net, window_of(net, 3, 1, 0, 0), 2, 1), 6, false);
    activation(net, WS_LANES_RELU);
    single_block(net, 2, 7);
    mixed_block(net, 3, 4, 8);
    mixed_block_of_slices(net, 1, 2, 6);
    mixed_block(net, 2, 2, 6);
    net->out = ws_lanes_push_rows(&net->program, net->out, last(net)->h - 5, 5);
    conv(net, window_of(net, 5, 1, 0, 0), 2, true);
}

static void tc_resnet_small(lanes_network *net)
{
    input(net, 21, 1, 4);
    conv(net, window_of(net, 3, 1, 1, 0), 3, false);
    activation(net, WS_LANES_RELU);
    tc_block(net, 5);
    tc_block(net, 5);
    tc_block(net, 7);
    mean(net);
    pointwise(net, 4, true);
}

const lanes_network_kind lanes_small_networks[] = {
    {"odd_windows", odd_windows, 4},
    {"broadcasts", broadcasts, 2},
    {"tiny", tiny, 2},
    {"bc_resnet_small", bc_resnet_small, 2},
    {"mixednet_small", mixednet_small, 2},
    {"tc_resnet_small", tc_resnet_small, 3},
    {NULL, NULL, 0},
};

const lanes_network_kind lanes_networks[] = {
    {"bc_resnet_1", bc_resnet_1, 3},
    {"bc_resnet_2", bc_resnet_2, 7},
    {"bc_resnet_3", bc_resnet_3, 11},
    {"ds_cnn_s", ds_cnn_s, 2},
    {"tc_resnet_8", tc_resnet_8, 2},
    {"mixednet", mixednet, 2},
    {NULL, NULL, 0},
};

void lanes_network_init(lanes_network *network, const lanes_network_kind *kind)
{
    *network = (lanes_network){0};
    ws_lanes_program_init(&network->program, kind->n_bands);
    kind->build(network);
    ws_lanes_program_differentiate(&network->program, network->out);
}

void lanes_network_deinit(lanes_network *network)
{
    ws_lanes_program_deinit(&network->program);
}
