#include "kernels/branching_graphs.h"

static const ws_init weights = {WS_INIT_UNIFORM_FAN_IN, 0.0};

static size_t conv(ws_graph *g, size_t x, const char *name, size_t h, size_t w, size_t n,
                   size_t stride, size_t pad_h, size_t pad_w)
{
    return ws_graph_push_conv2d(g, x,
                                &(ws_conv2d_args){.name = name,
                                                  .kernel_h = h,
                                                  .kernel_w = w,
                                                  .n_channels = n,
                                                  .stride_h = stride,
                                                  .padding = WS_PADDING_EXPLICIT,
                                                  .zeros = {pad_h, pad_h, pad_w, pad_w},
                                                  .init = weights});
}

static size_t depthwise(ws_graph *g, size_t x, const char *name, size_t h, size_t w,
                        size_t stride_w, size_t dilation_h, size_t pad_h, size_t pad_w)
{
    return ws_graph_push_depthwise(g, x,
                                   &(ws_conv2d_args){.name = name,
                                                     .kernel_h = h,
                                                     .kernel_w = w,
                                                     .stride_w = stride_w,
                                                     .dilation_h = dilation_h,
                                                     .padding = WS_PADDING_EXPLICIT,
                                                     .zeros = {pad_h, pad_h, pad_w, pad_w},
                                                     .init = weights});
}

static size_t norm(ws_graph *g, size_t x, const char *name, size_t n_bands)
{
    return ws_graph_push_batch_norm(g, x, &(ws_norm_args){.name = name, .n_bands = n_bands});
}

static size_t dense(ws_graph *g, size_t x, size_t n_units)
{
    const ws_dense_args args = {.name = "dense", .n_units = n_units, .init = weights};
    return ws_graph_push_bias_add(g, ws_graph_push_dense(g, x, &args), "dense_bias");
}

/** Broadcasted residuals, sub-spectral normalisation, dilation, channel dropout. */
static size_t bc_block(ws_graph *g, size_t x, const char *name, size_t n_out, size_t stride_w)
{
    const bool is_transition = g->nodes[x].shape.c != n_out;
    size_t y = x;

    ws_graph_open_scope(g, name);
    if (is_transition)
        y = ws_graph_push_relu(g, norm(g, conv(g, x, "pw", 1, 1, n_out, 1, 0, 0), "n1", 1));
    y = norm(g, depthwise(g, y, "f", 1, 3, stride_w, 1, 0, 1), "n2", 5);
    size_t f = ws_graph_push_mean(g, y, WS_AXIS_W);
    f = ws_graph_push_silu(g, norm(g, depthwise(g, f, "t", 3, 1, 1, 2, 2, 0), "n3", 1));
    f = ws_graph_push_dropout_of(g, conv(g, f, "pw2", 1, 1, n_out, 1, 0, 0),
                                 &(ws_dropout_args){.rate = 0.1, .is_spatial = true});
    y = ws_graph_push_add(g, y, f);
    if (!is_transition)
        y = ws_graph_push_add(g, y, x);
    ws_graph_close_scope(g);
    return ws_graph_push_relu(g, y);
}

static void build_broadcast(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){17, 20, 1});
    x = ws_graph_push_relu(g, norm(g, conv(g, x, "head", 5, 5, 6, 1, 2, 2), "head_norm", 1));
    x = bc_block(g, x, "a", 4, 2);
    x = bc_block(g, x, "b", 4, 1);
    x = bc_block(g, x, "c", 4, 1);
    x = ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W);
    (void)ws_graph_push_bias_add(g, conv(g, x, "out", 1, 1, 5, 1, 0, 0), "out_bias");
}

/** Frequencies as channels, kernels over time, strided shortcuts, dropout. */
static void build_temporal(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){23, 6, 1});
    x = ws_graph_push_reshape(g, x, (ws_shape){23, 1, 6});
    x = ws_graph_push_relu(g, conv(g, x, "first", 3, 1, 5, 1, 1, 0));
    size_t y = ws_graph_push_relu(g, norm(g, conv(g, x, "a", 9, 1, 7, 2, 4, 0), "na", 1));
    y = norm(g, conv(g, y, "b", 9, 1, 7, 1, 4, 0), "nb", 1);
    x = ws_graph_push_relu(g, norm(g, conv(g, x, "s", 1, 1, 7, 2, 0, 0), "ns", 1));
    x = ws_graph_push_relu(g, ws_graph_push_add(g, y, x));
    x = ws_graph_push_dropout(g, ws_graph_push_mean(g, x, WS_AXIS_H));
    (void)dense(g, x, 4);
}

/** Splits into kernels of two lengths, last rows, flattened. */
static void build_mixed(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){30, 1, 5});
    x = ws_graph_push_relu(g, conv(g, x, "first", 5, 1, 6, 2, 0, 0));
    const size_t h = g->nodes[x].shape.h - 4;
    size_t parts[] = {ws_graph_push_slice(g, x, (ws_shape){0, 0, 0}, (ws_shape){0, 0, 2}),
                      ws_graph_push_slice(g, x, (ws_shape){0, 0, 2}, (ws_shape){0, 0, 0}), x};
    parts[0] = depthwise(g, parts[0], "short", 3, 1, 1, 1, 0, 0);
    parts[0] = ws_graph_push_slice(g, parts[0], (ws_shape){2, 0, 0}, (ws_shape){h, 0, 0});
    parts[1] = depthwise(g, parts[1], "long", 5, 1, 1, 1, 0, 0);
    parts[2] = ws_graph_push_slice(g, x, (ws_shape){4, 0, 1}, (ws_shape){h, 0, 3});
    x = ws_graph_push_concat(g, parts, 3);
    x = ws_graph_push_relu(g, norm(g, conv(g, x, "pw", 1, 1, 8, 1, 0, 0), "n", 1));
    x = ws_graph_push_reshape(g, x, (ws_shape){1, 1, h * 8});
    (void)dense(g, x, 3);
}

/** Kernels of three lengths, each over some channels. @param first  rows that the shortest leaves
 *  out */
static size_t lengths(ws_graph *g, size_t x, const char *const *names, size_t first)
{
    const ws_shape in = g->nodes[x].shape;
    size_t parts[] = {
        ws_graph_push_slice(g, x, (ws_shape){first, 0, 0}, (ws_shape){in.h - 3, 0, 2}),
        ws_graph_push_slice(g, x, (ws_shape){1, 0, 2}, (ws_shape){in.h - 1, 0, 1}),
        ws_graph_push_slice(g, x, (ws_shape){0, 0, 3}, (ws_shape){0, 0, 0})};

    parts[0] = depthwise(g, parts[0], names[0], 2, 2, 1, 1, 0, 0);
    parts[1] = depthwise(g, parts[1], names[1], 4, 2, 1, 1, 0, 0);
    parts[2] = depthwise(g, parts[2], names[2], 5, 2, 1, 1, 0, 0);
    return ws_graph_push_concat(g, parts, 3);
}

/** The last rows of a window for some channels, which is one convolution, and others, which are
 *  not. */
static void build_grouped(ws_graph *g)
{
    static const char *const a[] = {"a2", "a4", "a5"}, *const b[] = {"b2", "b4", "b5"};
    size_t x = ws_graph_push_input(g, (ws_shape){21, 7, 2});

    x = ws_graph_push_relu(g, conv(g, x, "first", 3, 3, 6, 1, 1, 1));
    x = ws_graph_push_relu(g, norm(g, lengths(g, x, a, 3), "n", 1));
    x = ws_graph_push_silu(g, lengths(g, x, b, 2));
    x = ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W);
    (void)dense(g, x, 3);
}

/** Some columns and rows, means over channels, and averages over windows that leave the image. */
static void build_parts(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){14, 11, 2});

    x = ws_graph_push_silu(g, conv(g, x, "first", 3, 3, 5, 1, 1, 1));
    size_t middle = ws_graph_push_slice(g, x, (ws_shape){0, 3, 0}, (ws_shape){14, 6, 5});
    middle = ws_graph_push_relu(g, norm(g, conv(g, middle, "middle", 3, 3, 4, 1, 1, 1), "n", 2));
    size_t corner = ws_graph_push_slice(g, x, (ws_shape){5, 2, 1}, (ws_shape){9, 9, 3});
    corner = ws_graph_push_sigmoid(g, ws_graph_push_mean(g, corner, WS_AXIS_C));
    corner = ws_graph_push_relu(g, conv(g, corner, "corner", 3, 3, 4, 1, 0, 0));
    middle = ws_graph_push_average_pool(g, middle,
                                        &(ws_pool_args){.window_h = 3,
                                                        .window_w = 4,
                                                        .stride_h = 2,
                                                        .stride_w = 1,
                                                        .padding = WS_PADDING_SAME});
    middle = ws_graph_push_silu(g, middle);
    size_t means[] = {ws_graph_push_mean(g, middle, WS_AXIS_H | WS_AXIS_W),
                      ws_graph_push_mean(g, corner, WS_AXIS_H | WS_AXIS_W),
                      ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W | WS_AXIS_C)};
    (void)dense(g, ws_graph_push_concat(g, means, 3), 4);
}

/** Products, sigmoids, averages, biases by themselves, strides along both axes. */
static void build_gated(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){13, 12, 2});
    x = ws_graph_push_bias_add(g, conv(g, x, "first", 4, 3, 5, 2, 1, 1), "bias");
    const size_t gate = ws_graph_push_sigmoid(
        g, conv(g, ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W), "gate", 1, 1, 5, 1, 0, 0));
    x = ws_graph_push_bias_add(g, ws_graph_push_mul(g, gate, x), "bias2");
    x = ws_graph_push_mul(g, x, ws_graph_push_silu(g, norm(g, x, "n", 3)));
    x = ws_graph_push_add(g, ws_graph_push_mean(g, x, WS_AXIS_H), x);
    x = ws_graph_push_dropout(g, depthwise(g, x, "dw", 3, 3, 2, 1, 1, 1));
    x = ws_graph_push_average_pool(g, x,
                                   &(ws_pool_args){.window_h = 2,
                                                   .window_w = 3,
                                                   .stride_h = 2,
                                                   .stride_w = 3,
                                                   .padding = WS_PADDING_VALID});
    (void)dense(g, x, 6);
}

static size_t max_pool(ws_graph *g, size_t x, size_t h, size_t w, size_t stride_h, size_t stride_w,
                       ws_padding padding)
{
    return ws_graph_push_max_pool(g, x,
                                  &(ws_pool_args){.window_h = h,
                                                  .window_w = w,
                                                  .stride_h = stride_h,
                                                  .stride_w = stride_w,
                                                  .padding = padding});
}

/** Max pooling with windows that overlap, leave the image, or leave out pixels. */
static void build_pooled(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){23, 11, 2});

    x = ws_graph_push_silu(g, norm(g, conv(g, x, "first", 3, 3, 7, 1, 1, 1), "n", 1));
    const size_t y = max_pool(g, x, 3, 3, 1, 1, WS_PADDING_SAME);
    x = ws_graph_push_relu(g, norm(g, depthwise(g, y, "dw", 3, 3, 1, 1, 1, 1), "n2", 1));
    x = ws_graph_push_add(g, x, y);
    x = max_pool(g, x, 4, 2, 3, 2, WS_PADDING_SAME);
    x = ws_graph_push_silu(g, conv(g, x, "second", 1, 1, 5, 1, 0, 0));
    x = max_pool(g, x, 1, 2, 1, 3, WS_PADDING_VALID);
    x = ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W);
    (void)dense(g, x, 4);
}

const branching_graph branching_graphs[N_BRANCHING_GRAPHS] = {
    {"broadcast", build_broadcast}, {"temporal", build_temporal}, {"mixed", build_mixed},
    {"gated", build_gated},         {"grouped", build_grouped},   {"parts", build_parts},
    {"pooled", build_pooled},
};
