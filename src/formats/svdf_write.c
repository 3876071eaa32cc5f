#include "formats/svdf.h"

#define FLOAT ws_attr_type("T", WS_DTYPE_FLOAT)

/** Inserts a dimension of 1 into x. */
static void push_expanded(ws_graph_writer *writer, const char *x, int64_t dim, ws_node_name name)
{
    const ws_dims dims = {.n = 1, .sizes = {dim}};
    ws_node_name constant;

    ws_graph_writer_name(writer, "ExpandDims", name);
    ws_graph_writer_push_wholes(writer, name, "dim", &dims, 0, constant);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = "ExpandDims",
                                     .inputs = {x, constant},
                                     .attrs = {FLOAT, ws_attr_type("Tdim", WS_DTYPE_INT32)},
                                 });
}

static void push_transposed(ws_graph_writer *writer, const char *x, const ws_dims *perm,
                            ws_node_name name)
{
    ws_node_name constant;

    ws_graph_writer_name(writer, "transpose", name);
    ws_graph_writer_push_wholes(writer, name, "perm", perm, 1, constant);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = "Transpose",
                                     .inputs = {x, constant},
                                     .attrs = {FLOAT, ws_attr_type("Tperm", WS_DTYPE_INT32)},
                                 });
}

/** x [batch, frames * frequencies] to [filters, batch, frames]. */
static void push_frequencies(ws_graph_writer *writer, const ws_node *node, const char *x,
                             ws_node_name name)
{
    const ws_shape in = writer->model.graph.nodes[node->inputs[0]].shape;
    const ws_dims strides = {.n = 4, .sizes = {1, 1, (int64_t)(in.w * in.c), 1}};
    const ws_dims perm = {.n = 3, .sizes = {2, 0, 1}};
    ws_node_name row, image, weights, column, kernel, conv, squeezed;

    push_expanded(writer, x, 2, row);
    push_expanded(writer, row, 1, image);
    ws_graph_writer_push_parameter(writer, node->parameters[0], weights);
    push_expanded(writer, weights, 1, column);
    push_expanded(writer, column, 0, kernel);
    ws_graph_writer_name(writer, "conv1d", conv);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = conv,
                                     .op = "Conv2D",
                                     .inputs = {image, kernel},
                                     .attrs = {FLOAT, ws_attr_list("strides", strides),
                                               ws_attr_text("padding", "VALID")},
                                 });
    ws_graph_writer_name(writer, "Squeeze", squeezed);
    ws_graph_writer_push(writer,
                         &(ws_node_spec){
                             .name = squeezed,
                             .op = "Squeeze",
                             .inputs = {conv},
                             .attrs = {FLOAT, ws_attr_list("squeeze_dims", (ws_dims){1, {1}})},
                         });
    push_transposed(writer, squeezed, &perm, name);
}

/** x [filters, batch, frames] to [filters, batch, 1]. */
static void push_times(ws_graph_writer *writer, const ws_node *node, const char *x,
                       ws_node_name name)
{
    ws_node_name weights, column;

    ws_graph_writer_push_parameter(writer, node->parameters[0] + 1, weights);
    push_expanded(writer, weights, 2, column);
    ws_graph_writer_name(writer, "MatMul", name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = "BatchMatMul",
                                     .inputs = {x, column},
                                     .attrs = {FLOAT},
                                 });
}

/** x [filters, batch, 1] to [batch, units]. */
static void push_units(ws_graph_writer *writer, const ws_node *node, const char *x,
                       ws_node_name name)
{
    const ws_dims shape = {.n = 3, .sizes = {(int64_t)node->shape.c, (int64_t)node->rank, -1}};
    const ws_dims filters = {.n = 1, .sizes = {1}}, perm = {.n = 2, .sizes = {1, 0}};
    ws_node_name grouped, sum, indices;

    ws_graph_writer_push_reshape(writer, x, WS_DTYPE_FLOAT, &shape, grouped);
    ws_graph_writer_name(writer, "Sum", sum);
    ws_graph_writer_push_wholes(writer, sum, "reduction_indices", &filters, 0, indices);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = sum,
                                     .op = "Sum",
                                     .inputs = {grouped, indices},
                                     .attrs = {FLOAT, ws_attr_type("Tidx", WS_DTYPE_INT32)},
                                 });
    push_transposed(writer, sum, &perm, name);
}

void ws_svdf_write(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_node_name room, frequencies, times;

    const char *x = ws_graph_writer_value_as(writer, node, true, room);
    push_frequencies(writer, node, x, frequencies);
    push_times(writer, node, frequencies, times);
    push_units(writer, node, times, value->name);
    value->is_flat = true;
}
