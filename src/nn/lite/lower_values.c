/* Operators that join, part or change values, without weights. */
#include <stdlib.h>

#include "nn/lite/lowering.h"

static int lower_join(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node,
                      ws_lite_kind kind)
{
    const ws_graph *graph = &low->model.model.graph;
    const int inputs[] = {
        ws_lite_lowering_input(low, node, 0, ws_graph_shape_in(graph, node, 0)),
        ws_lite_lowering_input(low, node, 1, ws_graph_shape_in(graph, node, 1)),
    };
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    const ws_lite_options options = {.activation = (int32_t)ws_lite_lowering_activation(layer)};

    return ws_lite_lowering_push(low, kind, inputs, 2, output, &options);
}

static int lower_add(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    return lower_join(low, layer, node, WS_LITE_ADD);
}

static int lower_mul(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    return lower_join(low, layer, node, WS_LITE_MUL);
}

static int lower_unary(ws_lite_lowering *low, const ws_node *node, ws_lite_kind kind)
{
    const int input = ws_lite_lowering_input(low, node, 0, node->shape);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);

    return ws_lite_lowering_push(low, kind, &input, 1, output, NULL);
}

static int lower_relu(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    (void)layer;
    return lower_unary(low, node, WS_LITE_RELU);
}

static int lower_sigmoid(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    (void)layer;
    return lower_unary(low, node, WS_LITE_LOGISTIC);
}

static int lower_silu(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const int input = ws_lite_lowering_input(low, node, 0, node->shape);
    const int gate = ws_lite_lowering_push_image(low, node, "_gate", node->shape);

    (void)layer;
    (void)ws_lite_lowering_push(low, WS_LITE_LOGISTIC, &input, 1, gate, NULL);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    return ws_lite_lowering_push(low, WS_LITE_MUL, (int[]){input, gate}, 2, output,
                                 &(ws_lite_options){.activation = WS_LITE_NO_ACTIVATION});
}

static int lower_pool(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node,
                      ws_lite_kind kind)
{
    const ws_shape in = ws_graph_shape_in(&low->model.model.graph, node, 0);
    int image = ws_lite_lowering_input(low, node, 0, in);
    const ws_lite_options options = ws_lite_lowering_window(low, layer, node, in, &image);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);

    return ws_lite_lowering_push(low, kind, &image, 1, output, &options);
}

static int lower_max_pool(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    return lower_pool(low, layer, node, WS_LITE_MAX_POOL_2D);
}

static int lower_average_pool(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    return lower_pool(low, layer, node, WS_LITE_AVERAGE_POOL_2D);
}

/** Means as a depthwise convolution, whose weights are all one part. */
static int push_weighed(ws_lite_lowering *low, const ws_node *node, ws_shape in, int image,
                        const ws_lite_options *window)
{
    const size_t h = (size_t)window->filter_h, w = (size_t)window->filter_w;
    const ws_layer no_bias = {.bias = 0};
    ws_lite_options options = *window;
    float *parts = calloc(h * w * in.c, sizeof *parts);

    if (parts == NULL) {
        low->lite->status = WS_ENOMEM;
        return 0;
    }
    for (size_t i = 0; i < h * w * in.c; i++)
        parts[i] = 1.0f / (float)(h * w);
    const int weights =
        ws_lite_lowering_push_floats(low, "parts", (size_t[]){1, h, w, in.c}, 4, parts);
    free(parts);
    const int zeros = ws_lite_lowering_bias(low, &no_bias, in.c);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    options.dilation_h = options.dilation_w = options.depth_multiplier = 1;
    return ws_lite_lowering_push(low, WS_LITE_DEPTHWISE_CONV_2D, (int[]){image, weights, zeros}, 3,
                                 output, &options);
}

/** A pooling over all of h or w: MEAN of 8 bits is rounded differently by each runtime. A pooling
 *  of 8 bits has the scale of what it reads, though means are smaller; those of a part of the
 * image, which later layers compute with, have a scale of their own as a depthwise convolution. */
static int lower_mean(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_shape in = ws_graph_shape_in(&low->model.model.graph, node, 0);
    const int image = ws_lite_lowering_input(low, node, 0, in);
    const ws_lite_options options = {
        .padding = WS_LITE_VALID,
        .stride_h = 1,
        .stride_w = 1,
        .filter_h = (node->axes & WS_AXIS_H) != 0 ? (int32_t)in.h : 1,
        .filter_w = (node->axes & WS_AXIS_W) != 0 ? (int32_t)in.w : 1,
    };

    (void)layer;
    if ((node->axes & WS_AXIS_C) != 0) {
        ws_lite_lowering_fail(low, node, "over channels");
        return 0;
    }
    if (!low->options->rounds && node->shape.h * node->shape.w > 1)
        return push_weighed(low, node, in, image, &options);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    return ws_lite_lowering_push(low, WS_LITE_AVERAGE_POOL_2D, &image, 1, output, &options);
}

static int lower_concat(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_graph *graph = &low->model.model.graph;
    int inputs[WS_NODE_MAX_INPUTS];

    (void)layer;
    for (size_t k = 0; k < node->n_inputs; k++)
        inputs[k] = ws_lite_lowering_input(low, node, k, ws_graph_shape_in(graph, node, k));
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    return ws_lite_lowering_push(low, WS_LITE_CONCATENATION, inputs, node->n_inputs, output,
                                 &(ws_lite_options){.axis = 3});
}

static int lower_slice(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_shape in = ws_graph_shape_in(&low->model.model.graph, node, 0);
    const ws_shape at = node->first, n = node->shape;
    const int image = ws_lite_lowering_input(low, node, 0, in);
    const int32_t begin[] = {0, (int32_t)at.h, (int32_t)at.w, (int32_t)at.c};
    const int32_t end[] = {1, (int32_t)(at.h + n.h), (int32_t)(at.w + n.w), (int32_t)(at.c + n.c)};
    const int32_t strides[] = {1, 1, 1, 1};
    const int inputs[] = {
        image,
        ws_lite_lowering_push_wholes(low, "begin", begin, 4),
        ws_lite_lowering_push_wholes(low, "end", end, 4),
        ws_lite_lowering_push_wholes(low, "strides", strides, 4),
    };

    (void)layer;
    const int output = ws_lite_lowering_push_image(low, node, "", n);
    return ws_lite_lowering_push(low, WS_LITE_STRIDED_SLICE, inputs, 4, output, NULL);
}

static int lower_reshape(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_shape n = node->shape;

    (void)layer;
    return ws_lite_lowering_reshape(low, node, low->values[node->inputs[0]], "",
                                    (size_t[]){1, n.h, n.w, n.c}, 4);
}

ws_lite_lower_row *ws_lite_lower_row_find(ws_op_kind kind)
{
    static ws_lite_lower_row *const rows[WS_N_OP_KINDS] = {
        [WS_OP_ADD] = lower_add,
        [WS_OP_AVERAGE_POOL] = lower_average_pool,
        [WS_OP_BATCH_NORM] = ws_lite_lower_batch_norm,
        [WS_OP_BIAS_ADD] = ws_lite_lower_bias_add,
        [WS_OP_CONCAT] = lower_concat,
        [WS_OP_CONV2D] = ws_lite_lower_conv2d,
        [WS_OP_DENSE] = ws_lite_lower_dense,
        [WS_OP_DEPTHWISE] = ws_lite_lower_depthwise,
        [WS_OP_HISTORY] = ws_lite_lower_history,
        [WS_OP_MAX_POOL] = lower_max_pool,
        [WS_OP_MEAN] = lower_mean,
        [WS_OP_MUL] = lower_mul,
        [WS_OP_RELU] = lower_relu,
        [WS_OP_RESHAPE] = lower_reshape,
        [WS_OP_SIGMOID] = lower_sigmoid,
        [WS_OP_SILU] = lower_silu,
        [WS_OP_SLICE] = lower_slice,
        [WS_OP_SVDF] = ws_lite_lower_svdf,
    };
    return rows[kind];
}
