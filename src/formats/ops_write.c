/* The operators of a model in TensorFlow's terms: a row each. */
#include "formats/graph_write.h"
#include "formats/quantizer.h"
#include "formats/svdf.h"

static void write_input(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    (void)node;
    ws_features_write(writer, value->name);
    value->is_flat = true;
}

static void write_conv2d(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    const ws_window *window = &node->window;
    const ws_dims strides = {.n = 4,
                             .sizes = {1, (int64_t)window->stride_h, (int64_t)window->stride_w, 1}};
    ws_node_name room, weights;

    const char *x = ws_graph_writer_value_as(writer, node, false, room);
    value->is_flat = false;
    ws_graph_writer_push_parameter(writer, node->parameters[0], weights);
    ws_graph_writer_name(writer, "Conv2D", value->name);
    ws_graph_writer_push(
        writer, &(ws_node_spec){
                    .name = value->name,
                    .op = "Conv2D",
                    .inputs = {x, weights},
                    .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT), ws_attr_list("strides", strides),
                              ws_attr_text("padding",
                                           window->padding == WS_PADDING_SAME ? "SAME" : "VALID")},
                });
}

static void write_max_pool(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    const ws_window *window = &node->window;
    const ws_dims size = {.n = 4, .sizes = {1, (int64_t)window->h, (int64_t)window->w, 1}};
    const ws_dims strides = {.n = 4,
                             .sizes = {1, (int64_t)window->stride_h, (int64_t)window->stride_w, 1}};
    ws_node_name room;

    const char *x = ws_graph_writer_value_as(writer, node, false, room);
    value->is_flat = false;
    ws_graph_writer_name(writer, "MaxPool", value->name);
    ws_graph_writer_push(
        writer, &(ws_node_spec){
                    .name = value->name,
                    .op = "MaxPool",
                    .inputs = {x},
                    .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT), ws_attr_list("ksize", size),
                              ws_attr_list("strides", strides),
                              ws_attr_text("padding",
                                           window->padding == WS_PADDING_SAME ? "SAME" : "VALID")},
                });
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

/** `+` of the original's scripts, of which every TensorFlow knows the older name. */
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

/** Only for training: whoever reads it reads what it reads. */
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
};

ws_write_function *ws_write_row_find(ws_op_kind kind)
{
    return rows[kind];
}
