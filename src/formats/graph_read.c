#include "formats/graph_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/quantizer.h"

/** The nodes of the model, from the scores back to the features. */
typedef struct chain {
    const ws_node_message *nodes[WS_GRAPH_READ_MAX_STEPS];
    size_t n;
    const ws_node_message *features; /* the node behind the last one */
} chain;

/** The softmax: the original's name for it, or else the only one. */
static ws_status find_scores(const ws_graph_reader *reader, const ws_node_message **scores,
                             ws_error *err)
{
    const char *path = ws_graph_message_path(reader->message);
    size_t n_nodes = 0;
    const ws_node_message *nodes = ws_graph_message_nodes(reader->message, &n_nodes);
    const ws_node_message *found = ws_graph_message_find(reader->message, "labels_softmax");

    if (found != NULL && strcmp(found->op, "Softmax") == 0) {
        *scores = found;
        return WS_OK;
    }
    found = NULL;
    for (size_t i = 0; i < n_nodes; i++) {
        if (strcmp(nodes[i].op, "Softmax") != 0)
            continue;
        if (found != NULL)
            return ws_fail(err, WS_EFORMAT,
                           "%s: has more than one Softmax node (\"%s\", \"%s\"), and none is "
                           "called labels_softmax",
                           path, found->name, nodes[i].name);
        found = &nodes[i];
    }
    if (found == NULL)
        return ws_fail(err, WS_EFORMAT,
                       "%s: has no Softmax node, as which the scores of the labels are expected",
                       path);
    *scores = found;
    return WS_OK;
}

static ws_status trace(const ws_graph_reader *reader, const ws_node_message *node, chain *model,
                       ws_error *err)
{
    for (;;) {
        const ws_read_row *row = ws_read_row_find(node->op);

        if (row == NULL) {
            model->features = node;
            return WS_OK;
        }
        if (model->n == WS_GRAPH_READ_MAX_STEPS)
            return ws_node_fail(node, err,
                                "is the end of more than %d operators, or of a circle of them",
                                WS_GRAPH_READ_MAX_STEPS);
        model->nodes[model->n++] = node;
        const ws_status status = row->find_data(reader, node, &node, err);
        if (status != WS_OK)
            return status;
    }
}

ws_status ws_graph_reader_finish(ws_graph_reader *reader, const ws_node_message *node,
                                 size_t pushed, ws_error *err)
{
    const ws_graph *graph = &reader->frozen->graph;

    if (graph->error.status != WS_OK)
        return ws_node_fail(node, err, "cannot be taken over: %s", graph->error.message);
    reader->value = pushed;
    return WS_OK;
}

ws_status ws_graph_reader_set_array(ws_graph_reader *reader, size_t index,
                                    const ws_stored_array *array, ws_error *err)
{
    if (index >= reader->room_for_arrays) {
        const size_t room = 2 * index + 16;
        ws_stored_array *grown = realloc(reader->arrays, room * sizeof *grown);
        if (grown == NULL)
            return ws_fail_memory(err, "the weights of a graph");
        reader->arrays = grown;
        reader->room_for_arrays = room;
    }
    reader->arrays[index] = *array;
    return WS_OK;
}

ws_status ws_graph_reader_find_weights(ws_graph_reader *reader, const ws_node_message *node,
                                       size_t k, size_t n_dims, ws_stored_array *array,
                                       ws_error *err)
{
    const ws_graph *graph = &reader->frozen->graph;

    const ws_node_message *source = NULL;
    int output = 0;

    ws_quantizer quantizer = {.name = ""};
    bool is_quantized = false;

    ws_status status = ws_graph_reader_follow(reader, node, k, &source, &output, err);
    if (status == WS_OK && ws_quantizer_is_op(source->op)) {
        is_quantized = true;
        status = ws_quantizer_read(reader, source, &quantizer, err);
        node = source;
        k = 0;
    }
    if (status == WS_OK)
        status = ws_graph_reader_find_array(reader, node, k, array, err);
    if (status != WS_OK)
        return status;
    array->is_quantized = is_quantized;
    array->quantizer = quantizer;
    if (array->dtype != WS_DTYPE_FLOAT || array->dims.n != n_dims || array->n_elements == 0)
        return ws_node_fail(node, err,
                            "reads \"%s\", expected numbers (float32) of %zu dimension%s",
                            array->name, n_dims, n_dims == 1 ? "" : "s");
    if (array->n_elements + graph->n_weights > WS_GRAPH_READ_MAX_NUMBERS)
        return ws_node_fail(node, err, "makes it more than the %d weights that are read",
                            WS_GRAPH_READ_MAX_NUMBERS);
    for (size_t i = 0; i < graph->n_parameters; i++)
        if (strcmp(graph->parameters[i].name, array->name) == 0)
            return ws_node_fail(node, err, "reads \"%s\", which another operator reads already",
                                array->name);
    return ws_graph_reader_set_array(reader, graph->n_parameters, array, err);
}

static ws_status copy_parameters(const ws_graph_reader *reader, ws_error *err)
{
    ws_frozen *frozen = reader->frozen;
    ws_graph *graph = &frozen->graph;

    for (size_t i = 0; i < graph->n_parameters; i++)
        if (reader->arrays[i].is_quantized)
            graph->parameters[i].quantizer =
                ws_graph_push_quantizer(graph, &reader->arrays[i].quantizer);
    ws_status status = ws_graph_status(graph, err);
    if (status != WS_OK)
        return status;

    frozen->parameters = calloc(frozen->graph.n_weights + 1, sizeof *frozen->parameters);
    if (frozen->parameters == NULL)
        return ws_fail_memory(err, "the weights of a graph");
    for (size_t i = 0; i < frozen->graph.n_parameters && status == WS_OK; i++)
        status = ws_graph_reader_copy_array(reader, &reader->arrays[i],
                                            frozen->parameters + frozen->graph.parameters[i].offset,
                                            err);
    return status;
}

/** The operators in their order, then their weights. */
static ws_status build(ws_graph_reader *reader, const chain *model, ws_error *err)
{
    ws_graph *graph = &reader->frozen->graph;
    ws_shape shape;

    ws_status status = ws_features_read(reader, model->features, &shape, err);
    if (status != WS_OK)
        return status;
    ws_graph_init(graph);
    reader->value = ws_graph_push_input(graph, shape);
    reader->is_flat = false;
    status = ws_graph_status(graph, err);
    for (size_t i = model->n; i-- > 0 && status == WS_OK;)
        status = ws_read_row_find(model->nodes[i]->op)->read(reader, model->nodes[i], err);
    if (status == WS_OK && !reader->is_flat)
        return ws_node_fail(model->features, err, "leads to scores that are no vectors");
    if (status == WS_OK)
        status = copy_parameters(reader, err);
    return status;
}

static ws_status read_message(ws_graph_reader *reader, ws_error *err)
{
    const ws_node_message *scores = NULL;
    const ws_node_message *logits = NULL;
    int output = 0;
    chain *model = calloc(1, sizeof *model);

    if (model == NULL)
        return ws_fail_memory(err, "a graph");
    ws_status status = find_scores(reader, &scores, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow(reader, scores, 0, &logits, &output, err);
    if (status == WS_OK && output != 0)
        status = ws_node_fail(scores, err, "reads no data that is understood here");
    if (status == WS_OK)
        status = trace(reader, logits, model, err);
    if (status == WS_OK)
        status = build(reader, model, err);
    if (status == WS_OK)
        (void)snprintf(reader->frozen->scores_output, sizeof reader->frozen->scores_output, "%s",
                       scores->name);
    free(model);
    return status;
}

ws_status ws_graph_read(const ws_graph_source *source, ws_frozen *frozen, ws_error *err)
{
    ws_graph_message *message = NULL;
    ws_graph_reader *reader = calloc(1, sizeof *reader);
    size_t n_nodes;

    memset(frozen, 0, sizeof *frozen);
    if (reader == NULL)
        return ws_fail_memory(err, "a graph");
    ws_status status =
        ws_graph_message_open(source->path, source->bytes, source->size, &message, err);
    if (status == WS_OK) {
        reader->message = message;
        reader->nodes = ws_graph_message_nodes(message, &n_nodes);
        reader->variables = source->variables;
        reader->assumed_rate_hz = source->assumed_rate_hz;
        reader->frozen = frozen;
        status = read_message(reader, err);
    }
    if (status != WS_OK)
        ws_frozen_deinit(frozen);
    ws_graph_message_close(message);
    free(reader->arrays);
    free(reader);
    return status;
}
