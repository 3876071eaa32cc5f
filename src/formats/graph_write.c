#include "formats/graph_write.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/labels_attr.h"
#include "formats/quantizer.h"
#include "nn/op.h"

/* Nodes and their names */

static void fail_memory(ws_graph_writer *writer)
{
    if (writer->status == WS_OK)
        writer->status = ws_fail_memory(writer->err, "a frozen graph");
}

static bool is_taken(const ws_graph_writer *writer, const char *name)
{
    for (size_t i = 0; i < writer->names.n_items; i++)
        if (strcmp(writer->names.items[i], name) == 0)
            return true;
    return false;
}

void ws_graph_writer_take(ws_graph_writer *writer, const char *name)
{
    if (writer->status == WS_OK && is_taken(writer, name))
        writer->status =
            ws_fail(writer->err, WS_EINVAL, "two nodes of a graph would be called \"%s\"", name);
    else if (writer->status == WS_OK && ws_text_list_push(&writer->names, name) != WS_OK)
        fail_memory(writer);
}

void ws_graph_writer_name(ws_graph_writer *writer, const char *base, ws_node_name name)
{
    (void)snprintf(name, sizeof(ws_node_name), "%s", base);
    for (int number = 1; is_taken(writer, name); number++)
        (void)snprintf(name, sizeof(ws_node_name), "%.200s_%d", base, number);
    ws_graph_writer_take(writer, name);
}

void ws_graph_writer_push(ws_graph_writer *writer, const ws_node_spec *node)
{
    if (writer->status != WS_OK)
        return;
    ws_graph_message_push_node(writer->graph, node);
    if (writer->graph->status == WS_ENOMEM)
        fail_memory(writer);
    else if (writer->graph->status != WS_OK)
        writer->status = ws_fail(writer->err, WS_ELIMIT,
                                 "the graph is larger than the %zu bytes that TensorFlow reads",
                                 writer->graph->max_size);
}

static void push_const(ws_graph_writer *writer, const char *name, const ws_tensor *value)
{
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = "Const",
                                     .attrs = {ws_attr_type("dtype", (ws_dtype)value->dtype),
                                               ws_attr_tensor("value", value)},
                                 });
}

/** The name `<owner>/<part>`, with a number if it is taken. */
static void name_part(ws_graph_writer *writer, const char *owner, const char *part,
                      ws_node_name name)
{
    ws_node_name base;
    (void)snprintf(base, sizeof base, "%.200s/%.50s", owner, part);
    ws_graph_writer_name(writer, base, name);
}

void ws_graph_writer_push_wholes(ws_graph_writer *writer, const char *owner, const char *part,
                                 const ws_dims *wholes, size_t n_dims, ws_node_name name)
{
    int32_t elements[WS_TENSOR_MAX_DIMS];

    assert(n_dims == 1 || wholes->n == 1 || (n_dims == 2 && wholes->n % 2 == 0));
    for (size_t i = 0; i < wholes->n; i++)
        elements[i] = (int32_t)wholes->sizes[i];
    name_part(writer, owner, part, name);
    push_const(writer, name,
               &(ws_tensor){
                   .dtype = WS_DTYPE_INT32,
                   .dims = n_dims == 2 ? (ws_dims){.n = 2, .sizes = {(int64_t)wholes->n / 2, 2}}
                                       : (ws_dims){.n = n_dims, .sizes = {(int64_t)wholes->n}},
                   .n_elements = wholes->n,
                   .elements = elements,
                   .n_stored = wholes->n,
               });
}

void ws_graph_writer_push_scalar(ws_graph_writer *writer, const char *owner, const char *part,
                                 float value, ws_node_name name)
{
    name_part(writer, owner, part, name);
    push_const(
        writer, name,
        &(ws_tensor){.dtype = WS_DTYPE_FLOAT, .n_elements = 1, .elements = &value, .n_stored = 1});
}

void ws_graph_writer_push_reshape(ws_graph_writer *writer, const char *x, ws_dtype dtype,
                                  const ws_dims *shape, ws_node_name name)
{
    ws_node_name shape_name;

    ws_graph_writer_name(writer, "Reshape", name);
    ws_graph_writer_push_wholes(writer, name, "shape", shape, 1, shape_name);
    ws_graph_writer_push(
        writer, &(ws_node_spec){
                    .name = name,
                    .op = "Reshape",
                    .inputs = {x, shape_name},
                    .attrs = {ws_attr_type("T", dtype), ws_attr_type("Tshape", WS_DTYPE_INT32)},
                });
}

const char *ws_graph_writer_input_as(ws_graph_writer *writer, const ws_node *node, size_t k,
                                     bool flat, ws_node_name room)
{
    const ws_shape shape = writer->model.graph.nodes[node->inputs[k]].shape;
    const ws_written_value *value = &writer->values[node->inputs[k]];
    const ws_dims image = {.n = 4,
                           .sizes = {-1, (int64_t)shape.h, (int64_t)shape.w, (int64_t)shape.c}};
    const ws_dims vector = {.n = 2, .sizes = {-1, (int64_t)ws_shape_size(shape)}};

    if (value->is_flat == flat)
        return value->name;
    ws_graph_writer_push_reshape(writer, value->name, WS_DTYPE_FLOAT, flat ? &vector : &image,
                                 room);
    return room;
}

const char *ws_graph_writer_value_as(ws_graph_writer *writer, const ws_node *node, bool flat,
                                     ws_node_name room)
{
    return ws_graph_writer_input_as(writer, node, 0, flat, room);
}

void ws_graph_writer_push_floats(ws_graph_writer *writer, const char *name, const ws_dims *dims,
                                 const float *values)
{
    ws_tensor tensor = {.dtype = WS_DTYPE_FLOAT, .dims = *dims, .n_elements = 1};

    for (size_t i = 0; i < dims->n; i++)
        tensor.n_elements *= (size_t)dims->sizes[i];
    tensor.elements = values;
    tensor.n_stored = tensor.n_elements;
    push_const(writer, name, &tensor);
}

void ws_graph_writer_push_parameter(ws_graph_writer *writer, int index, ws_node_name read)
{
    const ws_variable *parameter = &writer->model.graph.parameters[index];
    ws_dims dims = {.n = parameter->n_dims};

    for (size_t i = 0; i < parameter->n_dims; i++)
        dims.sizes[i] = (int64_t)parameter->dims[i];
    ws_graph_writer_push_floats(writer, parameter->name, &dims,
                                writer->model.parameters + parameter->offset);
    name_part(writer, parameter->name, "read", read);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = read,
                                     .op = "Identity",
                                     .inputs = {parameter->name},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
    if (parameter->quantizer > 0)
        ws_quantizer_write(writer, read, &writer->model.graph.quantizers[parameter->quantizer - 1],
                           read);
}

static void write_node(ws_graph_writer *writer, size_t i)
{
    const ws_node *node = &writer->model.graph.nodes[i];
    ws_written_value *value = &writer->values[i];

    ws_write_function *write = ws_write_row_find(node->kind);

    if (write == NULL) {
        writer->status =
            ws_fail(writer->err, WS_EINVAL, "a frozen graph cannot hold the operator %s",
                    ws_op_get(node->kind)->name);
        return;
    }
    value->is_flat = i > 0 && writer->values[node->inputs[0]].is_flat;
    write(writer, node, value);
}

static void push_scores(ws_graph_writer *writer, const char *name, const char *logits)
{
    const char *op = ws_graph_n_labels(&writer->model.graph) == 1 ? "Sigmoid" : "Softmax";
    const bool has_labels = writer->labels != NULL && writer->labels->n_items > 0;
    char *labels = has_labels ? ws_text_list_join(writer->labels, ',') : NULL;
    ws_node_spec node = {
        .name = name, .op = op, .inputs = {logits}, .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)}};

    if (labels != NULL)
        node.attrs[1] = ws_attr_text(WS_LABELS_ATTR, labels);
    else if (has_labels)
        fail_memory(writer);
    ws_graph_writer_push(writer, &node);
    free(labels);
}

static void write_all(ws_graph_writer *writer)
{
    static const char scores[] = "labels_softmax";
    const ws_graph *graph = &writer->model.graph;
    const ws_node last = {.inputs = {graph->n_nodes - 1}, .n_inputs = 1};
    ws_node_name room;

    for (size_t i = 0; i < graph->n_parameters; i++)
        ws_graph_writer_take(writer, graph->parameters[i].name);
    ws_graph_writer_take(writer, scores);
    for (size_t i = 0; i < graph->n_nodes && writer->status == WS_OK; i++)
        write_node(writer, i);
    const char *logits = ws_graph_writer_value_as(writer, &last, true, room);
    push_scores(writer, scores, logits);
    ws_graph_message_push_versions(writer->graph);
}

ws_status ws_graph_write(const ws_frozen *frozen, const ws_text_list *labels, ws_buf *graph,
                         ws_node_name features, ws_error *err)
{
    ws_graph_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return ws_fail_memory(err, "a frozen graph");
    writer->frozen = frozen;
    writer->labels = labels;
    writer->graph = graph;
    writer->err = err;
    writer->status = ws_feature_settings_init(&frozen->features, &writer->settings, err);
    if (writer->status == WS_OK)
        writer->status = ws_fold_batch_norm(&writer->model, &frozen->graph, frozen->parameters,
                                            frozen->states, err);
    if (writer->status == WS_OK) {
        writer->values = calloc(writer->model.graph.n_nodes, sizeof *writer->values);
        if (writer->values == NULL)
            fail_memory(writer);
    }
    if (writer->status == WS_OK) {
        write_all(writer);
        memcpy(features, writer->values[0].name, sizeof writer->values[0].name);
    }
    ws_folded_deinit(&writer->model);
    const ws_status status = writer->status;
    ws_text_list_deinit(&writer->names);
    free(writer->values);
    free(writer);
    return status;
}
