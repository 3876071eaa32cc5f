#include "formats/graph_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/labels_attr.h"
#include "formats/quantizer.h"

/** The result of a node that was read. */
typedef struct ws_read_value {
    enum { NOT_READ, BEING_READ, READ } state;
    size_t value; /* node of frozen->graph */
    bool is_flat;
} ws_read_value;

/** Finds the softmax: the node with the original's name (of a model of one label a sigmoid), or
 * else the only one. */
static ws_status find_scores(const ws_graph_reader *reader, const ws_node_message **scores,
                             ws_error *err)
{
    const char *path = ws_graph_message_path(reader->message);
    size_t n_nodes = 0;
    const ws_node_message *nodes = ws_graph_message_nodes(reader->message, &n_nodes);
    const ws_node_message *found = ws_graph_message_find(reader->message, "labels_softmax");

    if (found != NULL && (strcmp(found->op, "Softmax") == 0 || strcmp(found->op, "Sigmoid") == 0)) {
        *scores = found;
        return WS_OK;
    }
    found = NULL;
    for (size_t i = 0; i < n_nodes; i++) {
        if (strcmp(nodes[i].op, "Softmax") != 0)
            continue;
        if (found != NULL)
            return ws_fail(err, WS_EFORMAT,
                           "%s: has more than one Softmax node (\"%s\", \"%s\"), expected "
                           "one, or one called labels_softmax",
                           path, found->name, nodes[i].name);
        found = &nodes[i];
    }
    if (found == NULL)
        return ws_fail(err, WS_EFORMAT,
                       "%s: has no Softmax node, expected one that gives the label scores", path);
    *scores = found;
    return WS_OK;
}

ws_status ws_graph_reader_finish(ws_graph_reader *reader, const ws_node_message *node,
                                 size_t pushed, ws_error *err)
{
    const ws_graph *graph = &reader->frozen->graph;

    if (graph->error.status == WS_ENOMEM)
        return ws_fail(err, WS_ENOMEM, "%s", graph->error.message);
    if (graph->error.status != WS_OK)
        return ws_node_fail(node, err, "cannot be taken over: %s", graph->error.message);
    const ws_shape shape = graph->nodes[pushed].shape;
    if (shape.h > WS_GRAPH_READ_MAX_NUMBERS || shape.w > WS_GRAPH_READ_MAX_NUMBERS / shape.h ||
        shape.c > WS_GRAPH_READ_MAX_NUMBERS / shape.h / shape.w)
        return ws_node_fail(node, err, "gives more than %d numbers", WS_GRAPH_READ_MAX_NUMBERS);
    reader->value = pushed;
    return WS_OK;
}

ws_status ws_stored_arrays_set(ws_stored_arrays *arrays, size_t index, const ws_stored_array *array,
                               ws_error *err)
{
    if (index >= arrays->n) {
        const size_t n = 2 * index + 16;
        ws_stored_array *grown = realloc(arrays->items, n * sizeof *grown);
        if (grown == NULL)
            return ws_fail_memory(err, "the weights of a graph");
        for (size_t i = arrays->n; i < n; i++)
            grown[i] = (ws_stored_array){.name = NULL};
        *arrays = (ws_stored_arrays){grown, n};
    }
    arrays->items[index] = *array;
    return WS_OK;
}

ws_status ws_graph_reader_find_weights(ws_graph_reader *reader, const ws_node_message *node,
                                       size_t k, size_t n_dims, ws_stored_array *array,
                                       ws_error *err)
{
    const size_t n = reader->frozen->graph.n_parameters;

    const ws_status status = ws_graph_reader_find_floats(reader, node, k, n_dims, array, err);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        if (strcmp(reader->parameters.items[i].name, array->name) == 0)
            return ws_node_fail(node, err, "reads \"%s\", which another operator also reads",
                                array->name);
    return ws_stored_arrays_set(&reader->parameters, n, array, err);
}

/** Fills the states: from the file, or with initial values, where the scales of a normalisation
 *  include what it has learned. */
static ws_status copy_states(const ws_graph_reader *reader, ws_error *err)
{
    const ws_frozen *frozen = reader->frozen;
    ws_status status = WS_OK;

    for (size_t i = 0; i < frozen->graph.n_states && status == WS_OK; i++) {
        const ws_variable *state = &frozen->graph.states[i];
        float *numbers = frozen->states + state->offset;
        if (i < reader->states.n && reader->states.items[i].name != NULL) {
            status = ws_graph_reader_copy_array(reader, &reader->states.items[i], numbers, err);
            continue;
        }
        for (size_t k = 0; k < state->size; k++)
            numbers[k] = state->init.kind == WS_INIT_VALUE ? (float)state->init.value : 0.0f;
    }
    return status;
}

static ws_status copy_parameters(const ws_graph_reader *reader, ws_error *err)
{
    ws_frozen *frozen = reader->frozen;
    ws_graph *graph = &frozen->graph;

    for (size_t i = 0; i < graph->n_parameters; i++)
        if (reader->parameters.items[i].is_quantized)
            graph->parameters[i].quantizer =
                ws_graph_push_quantizer(graph, &reader->parameters.items[i].quantizer);
    ws_status status = ws_graph_status(graph, err);
    if (status != WS_OK)
        return status;

    frozen->parameters = calloc(frozen->graph.n_weights + 1, sizeof *frozen->parameters);
    frozen->states = calloc(frozen->graph.n_state_numbers + 1, sizeof *frozen->states);
    if (frozen->parameters == NULL || frozen->states == NULL)
        return ws_fail_memory(err, "the weights of a graph");
    status = copy_states(reader, err);
    for (size_t i = 0; i < frozen->graph.n_parameters && status == WS_OK; i++)
        status = ws_graph_reader_copy_array(reader, &reader->parameters.items[i],
                                            frozen->parameters + frozen->graph.parameters[i].offset,
                                            err);
    return status;
}

/** Reads the node that the features come from; there must be exactly one. */
static ws_status read_features(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    ws_graph *graph = &reader->frozen->graph;
    ws_shape shape;

    if (graph->n_nodes > 0)
        return ws_node_fail(node, err, "is not supported between the features and the scores");
    const ws_status status = ws_features_read(reader, node, &shape, err);
    if (status != WS_OK)
        return status;
    reader->value = ws_graph_push_input(graph, shape);
    reader->is_flat = false;
    return ws_graph_status(graph, err);
}

/** Makes values that were read before the inputs of the next operator. */
static ws_status take_inputs(ws_graph_reader *reader, const ws_node_message *node,
                             const ws_read_data *data, ws_error *err)
{
    for (size_t k = 0; k < data->n; k++) {
        const ws_read_value *value = &reader->values[data->nodes[k] - reader->nodes];
        if (k > 0 && value->is_flat != reader->is_flat)
            return ws_node_fail(node, err,
                                "reads a vector and an image, expected two vectors or two images");
        reader->inputs[k] = value->value;
        reader->is_flat = value->is_flat;
    }
    reader->n_inputs = data->n;
    reader->value = reader->inputs[0];
    return WS_OK;
}

/** Reads a node after all its inputs, unless it was read already.
 *  @param depth  nodes between it and the scores */
static ws_status read_node(ws_graph_reader *reader, const ws_node_message *node, size_t depth,
                           ws_error *err)
{
    const ws_read_row *row = ws_read_row_find(reader, node);
    ws_read_value *value = &reader->values[node - reader->nodes];
    ws_read_data data = {.n = 0};
    ws_status status = WS_OK;

    if (value->state == READ)
        return WS_OK;
    if (value->state == BEING_READ || depth == WS_GRAPH_READ_MAX_STEPS)
        return ws_node_fail(node, err, "comes after more than %d operators, or is in a circle",
                            WS_GRAPH_READ_MAX_STEPS);
    value->state = BEING_READ;
    if (row != NULL)
        status = row->find_data(reader, node, &data, err);
    for (size_t k = 0; k < data.n && status == WS_OK; k++)
        status = read_node(reader, data.nodes[k], depth + 1, err);
    if (status == WS_OK && row != NULL)
        status = take_inputs(reader, node, &data, err);
    if (status == WS_OK)
        status = row != NULL ? row->read(reader, node, err) : read_features(reader, node, err);
    *value = (ws_read_value){READ, reader->value, reader->is_flat};
    return status;
}

/** The operators up to the logits, then their weights. */
static ws_status build(ws_graph_reader *reader, const ws_node_message *logits,
                       const ws_node_message *scores, ws_error *err)
{
    ws_graph_init(&reader->frozen->graph);
    ws_status status = read_node(reader, logits, 0, err);
    if (status == WS_OK && !reader->is_flat)
        return ws_node_fail(logits, err, "gives scores that are not vectors");
    if (status == WS_OK && strcmp(scores->op, "Sigmoid") == 0 &&
        ws_graph_n_labels(&reader->frozen->graph) != 1)
        return ws_node_fail(scores, err,
                            "gives the scores of several labels, expected a Softmax node");
    if (status == WS_OK)
        status = copy_parameters(reader, err);
    return status;
}

/** The names of the scores, where the node says them. */
static ws_status read_labels(const ws_node_message *scores, ws_text_list *labels, ws_error *err)
{
    char *text;
    ws_status status = ws_node_get_text(scores, WS_LABELS_ATTR, &text, err);

    if (text != NULL && ws_text_list_push_split(labels, text, ',') != WS_OK)
        status = ws_fail_memory(err, "labels");
    free(text);
    return status;
}

static ws_status read_message(ws_graph_reader *reader, ws_error *err)
{
    const ws_node_message *scores = NULL;
    const ws_node_message *logits = NULL;
    int output = 0;
    ws_status status = find_scores(reader, &scores, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow(reader, scores, 0, &logits, &output, err);
    if (status == WS_OK && output != 0)
        status = ws_node_fail(scores, err, "has no input from a supported operator");
    if (status == WS_OK)
        status = build(reader, logits, scores, err);
    if (status == WS_OK)
        status = read_labels(scores, &reader->frozen->labels, err);
    if (status == WS_OK)
        (void)snprintf(reader->frozen->scores_output, sizeof reader->frozen->scores_output, "%s",
                       scores->name);
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
        reader->values = calloc(n_nodes + 1, sizeof *reader->values);
        status =
            reader->values != NULL ? read_message(reader, err) : ws_fail_memory(err, "a graph");
    }
    if (status != WS_OK)
        ws_frozen_deinit(frozen);
    ws_graph_message_close(message);
    free(reader->parameters.items);
    free(reader->states.items);
    free(reader->values);
    free(reader);
    return status;
}
