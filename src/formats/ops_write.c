/* Writes the operators of a model as TensorFlow's nodes: a row each. */
#include "formats/graph_write.h"
#include "formats/quantizer.h"
#include "formats/svdf.h"

static void write_input(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    (void)node;
    ws_features_write(writer, value->name);
    value->is_flat = true;
}

static const char *padding_text(ws_padding padding)
{
    return padding == WS_PADDING_SAME ? "SAME" : padding == WS_PADDING_VALID ? "VALID" : "EXPLICIT";
}

/** A list of four for batch, height, width and channels. */
static ws_dims window_list(size_t h, size_t w)
{
    return (ws_dims){.n = 4, .sizes = {1, (int64_t)h, (int64_t)w, 1}};
}

/** Explicit padding: the zeros around the image, two numbers for each of four axes. Otherwise an
 * attribute without effect. */
static ws_attr zeros_attr(const ws_window *window)
{
    const ws_margins *zeros = &window->zeros;
    const ws_dims list = {.n = 8,
                          .sizes = {0, 0, (int64_t)zeros->before_h, (int64_t)zeros->after_h,
                                    (int64_t)zeros->before_w, (int64_t)zeros->after_w, 0, 0}};

    return window->padding == WS_PADDING_EXPLICIT ? ws_attr_list("explicit_paddings", list)
                                                  : (ws_attr){.name = NULL};
}

/**
 * A convolution or pooling of a window.
 *
 * @param x        what it reads; NULL: the node's own input
 * @param weights  NULL: a pooling
 */
static void push_window(ws_graph_writer *writer, const ws_node *node, const char *op, const char *x,
                        const char *weights, ws_written_value *value)
{
    const ws_window *window = &node->window;
    ws_node_name room;

    if (x == NULL)
        x = ws_graph_writer_value_as(writer, node, false, room);
    value->is_flat = false;
    ws_graph_writer_name(writer, op, value->name);
    ws_node_spec spec = {
        .name = value->name,
        .op = op,
        .inputs = {x, weights},
        .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                  ws_attr_list("strides", window_list(window->stride_h, window->stride_w)),
                  ws_attr_text("padding", padding_text(window->padding)), zeros_attr(window)},
    };
    size_t n = spec.attrs[3].name != NULL ? 4 : 3;
    if (weights == NULL)
        spec.attrs[n++] = ws_attr_list("ksize", window_list(window->h, window->w));
    if (window->dilation_h > 1 || window->dilation_w > 1)
        spec.attrs[n] =
            ws_attr_list("dilations", window_list(window->dilation_h, window->dilation_w));
    ws_graph_writer_push(writer, &spec);
}

static void write_conv2d(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_node_name room, weights;

    const char *x = ws_graph_writer_value_as(writer, node, false, room);
    ws_graph_writer_push_parameter(writer, node->parameters[0], weights);
    push_window(writer, node, "Conv2D", x, weights, value);
}

/** The node's input with zeros around it. @param padded  set to the name */
static void push_pad(ws_graph_writer *writer, const ws_node *node, ws_node_name padded)
{
    const ws_margins *zeros = &node->window.zeros;
    const ws_dims pairs = {.n = 8,
                           .sizes = {0, 0, (int64_t)zeros->before_h, (int64_t)zeros->after_h,
                                     (int64_t)zeros->before_w, (int64_t)zeros->after_w, 0, 0}};
    ws_node_name room, paddings;

    const char *x = ws_graph_writer_value_as(writer, node, false, room);
    ws_graph_writer_name(writer, "Pad", padded);
    ws_graph_writer_push_wholes(writer, padded, "paddings", &pairs, 2, paddings);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = padded,
                                     .op = "Pad",
                                     .inputs = {x, paddings},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                                               ws_attr_type("Tpaddings", WS_DTYPE_INT32)},
                                 });
}

/** Explicit zeros are an operator of their own: TensorFlow 2.21 fails on explicit
 *  padding in a DepthwiseConv2dNative. */
static void write_depthwise(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_node_name weights, padded;
    ws_node plain = *node;

    ws_graph_writer_push_parameter(writer, node->parameters[0], weights);
    if (node->window.padding != WS_PADDING_EXPLICIT) {
        push_window(writer, node, "DepthwiseConv2dNative", NULL, weights, value);
        return;
    }
    push_pad(writer, node, padded);
    plain.window.padding = WS_PADDING_VALID;
    push_window(writer, &plain, "DepthwiseConv2dNative", padded, weights, value);
}

static void write_max_pool(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    push_window(writer, node, "MaxPool", NULL, NULL, value);
}

static void write_average_pool(ws_graph_writer *writer, const ws_node *node,
                               ws_written_value *value)
{
    if (node->window.padding == WS_PADDING_EXPLICIT && writer->status == WS_OK)
        writer->status = ws_fail(writer->err, WS_EINVAL,
                                 "a frozen graph cannot hold an average pooling with explicit "
                                 "padding, only SAME and VALID");
    else
        push_window(writer, node, "AvgPool", NULL, NULL, value);
}

static void write_dense(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_node_name room, weights;

    const char *x = ws_graph_writer_value_as(writer, node, true, room);
    ws_graph_writer_push_parameter(writer, node->parameters[0], weights);
    ws_graph_writer_name(writer, "MatMul", value->name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = value->name,
                                     .op = "MatMul",
                                     .inputs = {x, weights},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
    value->is_flat = true;
}

/** `+` of the original's scripts, under its older name, which every TensorFlow knows. */
static void write_bias_add(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_node_name bias;

    ws_graph_writer_push_parameter(writer, node->parameters[0], bias);
    ws_graph_writer_name(writer, "add", value->name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = value->name,
                                     .op = "Add",
                                     .inputs = {writer->values[node->inputs[0]].name, bias},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
}

static void write_relu(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_graph_writer_name(writer, "Relu", value->name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = value->name,
                                     .op = "Relu",
                                     .inputs = {writer->values[node->inputs[0]].name},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
}

/** Only for training: its value is its input. */
static void write_dropout(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    *value = writer->values[node->inputs[0]];
}

static ws_write_function *const rows[WS_N_OP_KINDS] = {
    [WS_OP_INPUT] = write_input,
    [WS_OP_CONV2D] = write_conv2d,
    [WS_OP_BIAS_ADD] = write_bias_add,
    [WS_OP_RELU] = write_relu,
    [WS_OP_DROPOUT] = write_dropout,
    [WS_OP_MAX_POOL] = write_max_pool,
    [WS_OP_DENSE] = write_dense,
    [WS_OP_SVDF] = ws_svdf_write,
    [WS_OP_FAKE_QUANT] = ws_quantizer_write_row,
    [WS_OP_DEPTHWISE] = write_depthwise,
    [WS_OP_BATCH_NORM] = ws_write_batch_norm,
    [WS_OP_SILU] = ws_write_silu,
    [WS_OP_SIGMOID] = ws_write_sigmoid,
    [WS_OP_ADD] = ws_write_add,
    [WS_OP_MUL] = ws_write_mul,
    [WS_OP_MEAN] = ws_write_mean,
    [WS_OP_AVERAGE_POOL] = write_average_pool,
    [WS_OP_CONCAT] = ws_write_concat,
    [WS_OP_SLICE] = ws_write_slice,
    [WS_OP_RESHAPE] = ws_write_reshape,
};

ws_write_function *ws_write_row_find(ws_op_kind kind)
{
    return rows[kind];
}
