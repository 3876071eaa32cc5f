#include "nn/graph.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/graph_storage.h"

size_t ws_shape_size(ws_shape shape)
{
    return shape.h * shape.w * shape.c;
}

void ws_graph_init(ws_graph *graph)
{
    *graph = (ws_graph){.n_nodes = 0};
}

void ws_graph_deinit(ws_graph *graph)
{
    free(graph->nodes);
    free(graph->parameters);
    free(graph->states);
    free(graph->constants);
    free(graph->quantizers);
    free(graph->scopes);
    ws_graph_init(graph);
}

ws_status ws_graph_status(const ws_graph *graph, ws_error *err)
{
    if (graph->error.status != WS_OK && err != NULL)
        *err = graph->error;
    return graph->error.status;
}

ws_shape ws_graph_input_shape(const ws_graph *graph)
{
    assert(graph->n_nodes > 0);
    return graph->nodes[0].shape;
}

size_t ws_graph_n_labels(const ws_graph *graph)
{
    assert(graph->n_nodes > 0);
    return ws_shape_size(graph->nodes[graph->n_nodes - 1].shape);
}

ws_shape ws_graph_shape_in(const ws_graph *graph, const ws_node *node, size_t i)
{
    assert(i < node->n_inputs);
    return graph->nodes[node->inputs[i]].shape;
}

const ws_variable *ws_graph_parameter(const ws_graph *graph, const ws_node *node, size_t slot)
{
    assert(slot < WS_NODE_MAX_PARAMETERS);
    const int p = node->parameters[slot];
    return p != WS_NO_VARIABLE ? &graph->parameters[p] : NULL;
}

void *ws_graph_append(ws_graph *graph, void *array, size_t *n, const void *element, size_t size)
{
    enum { FIRST = 16 };
    unsigned char *grown = array;

    if (graph->error.status != WS_OK)
        return array;
    /* room doubles at each power of two, so that it need not be kept */
    if (*n == 0 || (*n >= FIRST && (*n & (*n - 1)) == 0)) {
        grown = realloc(array, (*n == 0 ? FIRST : 2 * *n) * size);
        if (grown == NULL) {
            (void)ws_fail_memory(&graph->error, "a graph");
            return array;
        }
    }
    memcpy(grown + *n * size, element, size);
    ++*n;
    return grown;
}

/** A copy of n elements with room as ws_graph_append expects it; NULL for none, or in lack of
 *  memory. */
static void *copy_array(const void *from, size_t n, size_t size)
{
    size_t room = 16;

    if (n == 0)
        return NULL;
    while (room < n)
        room *= 2;
    void *to = malloc(room * size);
    if (to != NULL)
        memcpy(to, from, n * size);
    return to;
}

ws_status ws_graph_init_copy(ws_graph *to, const ws_graph *from, ws_error *err)
{
    *to = *from;
    to->nodes = copy_array(from->nodes, from->n_nodes, sizeof *from->nodes);
    to->parameters = copy_array(from->parameters, from->n_parameters, sizeof *from->parameters);
    to->states = copy_array(from->states, from->n_states, sizeof *from->states);
    to->constants = copy_array(from->constants, from->n_constants, sizeof *from->constants);
    to->quantizers = copy_array(from->quantizers, from->n_quantizers, sizeof *from->quantizers);
    to->scopes = copy_array(from->scopes, from->n_scopes, sizeof *from->scopes);
    if ((to->nodes == NULL && from->n_nodes > 0) ||
        (to->parameters == NULL && from->n_parameters > 0) ||
        (to->states == NULL && from->n_states > 0) ||
        (to->constants == NULL && from->n_constants > 0) ||
        (to->quantizers == NULL && from->n_quantizers > 0) ||
        (to->scopes == NULL && from->n_scopes > 0)) {
        ws_graph_deinit(to);
        return ws_fail_memory(err, "a graph");
    }
    return WS_OK;
}
