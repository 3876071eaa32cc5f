/* Writes operators that join or split values; see also ops_write.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/graph_write.h"

/** An operator of one kind of number that reads these values. */
static void push_plain(ws_graph_writer *writer, const char *op, const char *left, const char *right,
                       ws_node_name name)
{
    ws_graph_writer_name(writer, op, name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = op,
                                     .inputs = {left, right},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
}

/** Whether input k is a vector for TensorFlow, and one here. */
static bool is_vector(const ws_graph_writer *writer, const ws_node *node, size_t k)
{
    const ws_shape shape = ws_graph_shape_in(&writer->model.graph, node, k);
    return writer->values[node->inputs[k]].is_flat && shape.h == 1 && shape.w == 1;
}

/** Sum or product. Two vectors stay vectors; otherwise both become images. */
static void write_pair(ws_graph_writer *writer, const ws_node *node, const char *op,
                       ws_written_value *value)
{
    ws_node_name left_room, right_room;
    const bool are_flat = is_vector(writer, node, 0) && is_vector(writer, node, 1);

    const char *left = ws_graph_writer_input_as(writer, node, 0, are_flat, left_room);
    const char *right = ws_graph_writer_input_as(writer, node, 1, are_flat, right_room);
    value->is_flat = are_flat;
    push_plain(writer, op, left, right, value->name);
}

void ws_write_add(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    write_pair(writer, node, "AddV2", value);
}

void ws_write_mul(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    write_pair(writer, node, "Mul", value);
}

void ws_write_sigmoid(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    push_plain(writer, "Sigmoid", writer->values[node->inputs[0]].name, NULL, value->name);
}

void ws_write_silu(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    const char *x = writer->values[node->inputs[0]].name;
    ws_node_name sigmoid;

    push_plain(writer, "Sigmoid", x, NULL, sigmoid);
    push_plain(writer, "Mul", x, sigmoid, value->name);
}

void ws_write_mean(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_dims axes = {.n = 0};
    ws_node_name room, axes_name;

    for (int axis = 0; axis < 3; axis++)
        if (node->axes & 1u << axis)
            axes.sizes[axes.n++] = axis + 1; /* after the batch */
    const char *x = ws_graph_writer_value_as(writer, node, false, room);
    value->is_flat = false;
    ws_graph_writer_name(writer, "Mean", value->name);
    ws_graph_writer_push_wholes(writer, value->name, "axes", &axes, 1, axes_name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = value->name,
                                     .op = "Mean",
                                     .inputs = {x, axes_name},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                                               ws_attr_type("Tidx", WS_DTYPE_INT32),
                                               ws_attr_flag("keep_dims", true)},
                                 });
}

void ws_write_concat(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_node_name rooms[WS_NODE_MAX_INPUTS], axis;
    ws_node_spec spec = {
        .name = value->name,
        .op = "ConcatV2",
        .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT), ws_attr_type("Tidx", WS_DTYPE_INT32),
                  ws_attr_whole("N", (int64_t)node->n_inputs)},
    };

    for (size_t k = 0; k < node->n_inputs; k++)
        spec.inputs[k] = ws_graph_writer_input_as(writer, node, k, false, rooms[k]);
    value->is_flat = false;
    ws_graph_writer_name(writer, "concat", value->name);
    ws_graph_writer_push_wholes(writer, value->name, "axis", &(ws_dims){.n = 1, .sizes = {3}}, 0,
                                axis);
    spec.inputs[node->n_inputs] = axis;
    ws_graph_writer_push(writer, &spec);
}

void ws_write_slice(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    const ws_shape first = node->first, size = node->shape;
    const ws_dims begin = {.n = 4,
                           .sizes = {0, (int64_t)first.h, (int64_t)first.w, (int64_t)first.c}};
    const ws_dims sizes = {.n = 4,
                           .sizes = {-1, (int64_t)size.h, (int64_t)size.w, (int64_t)size.c}};
    ws_node_name room, begin_name, size_name;

    const char *x = ws_graph_writer_value_as(writer, node, false, room);
    value->is_flat = false;
    ws_graph_writer_name(writer, "Slice", value->name);
    ws_graph_writer_push_wholes(writer, value->name, "begin", &begin, 1, begin_name);
    ws_graph_writer_push_wholes(writer, value->name, "size", &sizes, 1, size_name);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = value->name,
                                     .op = "Slice",
                                     .inputs = {x, begin_name, size_name},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                                               ws_attr_type("Index", WS_DTYPE_INT32)},
                                 });
}

void ws_write_reshape(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    const ws_shape shape = node->shape;
    const ws_dims image = {.n = 4,
                           .sizes = {-1, (int64_t)shape.h, (int64_t)shape.w, (int64_t)shape.c}};

    value->is_flat = false;
    ws_graph_writer_push_reshape(writer, writer->values[node->inputs[0]].name, WS_DTYPE_FLOAT,
                                 &image, value->name);
}

/** The numbers of a normalisation for each group: y = x scale + shift.
 *  @param numbers  [2, groups] */
static void find_lines(const ws_folded *model, const ws_node *node, float *numbers, size_t n_groups)
{
    for (size_t g = 0; g < n_groups; g++) {
        const ws_norm_line line =
            ws_norm_find_line(&model->graph, node, model->parameters, model->states, g);
        numbers[g] = (float)line.scale;
        numbers[n_groups + g] = (float)line.shift;
    }
}

/** Expands numbers per group to numbers per frequency: each frequency gets those of its band.
 *  @param out  [w, c] */
static void spread(const float *groups, size_t n_bands, ws_shape shape, float *out)
{
    const size_t width = shape.w / n_bands;

    for (size_t j = 0; j < shape.w; j++)
        memcpy(out + j * shape.c, groups + j / width * shape.c, shape.c * sizeof *out);
}

/** `<name>/gamma` for an offset that is called `<name>/beta`. */
static void name_scale(ws_graph_writer *writer, const ws_node *node, ws_node_name name)
{
    const ws_variable *gamma = ws_graph_parameter(&writer->model.graph, node, WS_NORM_SCALE);
    const ws_variable *beta = ws_graph_parameter(&writer->model.graph, node, WS_NORM_OFFSET);
    const char *slash = strrchr(beta->name, '/');
    char base[WS_VARIABLE_MAX_NAME + 8];

    if (gamma != NULL) {
        (void)snprintf(name, sizeof(ws_node_name), "%s", gamma->name);
        return; /* taken with all parameters */
    }
    const int n = slash != NULL ? (int)(slash - beta->name) : (int)strlen(beta->name);
    (void)snprintf(base, sizeof base, "%.*s/gamma", n, beta->name);
    ws_graph_writer_name(writer, base, name);
}

/** A normalisation that could not be folded: a product and a sum with constants per frequency and
 * channel, or per channel without bands. */
void ws_write_batch_norm(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    const ws_shape shape = node->shape;
    const size_t n_bands = node->norm.n_bands, n_groups = n_bands * shape.c;
    const size_t n = n_bands > 1 ? shape.w * shape.c : shape.c;
    const ws_variable *beta = ws_graph_parameter(&writer->model.graph, node, WS_NORM_OFFSET);
    const ws_dims dims = n_bands > 1
                             ? (ws_dims){.n = 2, .sizes = {(int64_t)shape.w, (int64_t)shape.c}}
                             : (ws_dims){.n = 1, .sizes = {(int64_t)shape.c}};
    ws_node_name room, scale, product;
    float *groups = calloc(2 * n_groups + 2 * n, sizeof *groups);
    float *lines = groups != NULL ? groups + 2 * n_groups : NULL;

    if (groups == NULL) {
        if (writer->status == WS_OK)
            writer->status = ws_fail_memory(writer->err, "a frozen graph");
        return;
    }
    find_lines(&writer->model, node, groups, n_groups);
    for (size_t i = 0; i < 2; i++)
        spread(groups + i * n_groups, n_bands, n_bands > 1 ? shape : (ws_shape){1, 1, shape.c},
               lines + i * n);
    const bool is_flat = n_bands == 1 && is_vector(writer, node, 0);
    const char *x = ws_graph_writer_value_as(writer, node, is_flat, room);
    name_scale(writer, node, scale);
    ws_graph_writer_push_floats(writer, scale, &dims, lines);
    ws_graph_writer_push_floats(writer, beta->name, &dims, lines + n);
    push_plain(writer, "Mul", x, scale, product);
    push_plain(writer, "AddV2", product, beta->name, value->name);
    value->is_flat = is_flat;
    free(groups);
}
