#include "nn/passes/rewrite.h"

#include <stdlib.h>
#include <string.h>

/** The number in `to` of a variable of `from`, which is pushed if it is not there yet. */
static int move_variable(ws_rewrite *rewrite, int number, int *map, const ws_variable *variables,
                         int (*push)(ws_graph *graph, const ws_variable *variable))
{
    if (number == WS_NO_VARIABLE)
        return WS_NO_VARIABLE;
    if (map[number] == WS_NO_VARIABLE)
        map[number] = push(rewrite->to, &variables[number]);
    return map[number];
}

size_t ws_rewrite_keep_as(ws_rewrite *rewrite, const ws_node *like)
{
    const ws_graph *from = rewrite->from;
    ws_node node = *like;
    size_t inputs[WS_NODE_MAX_INPUTS];

    for (size_t k = 0; k < node.n_inputs; k++)
        inputs[k] = rewrite->values[node.inputs[k]];
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
        node.parameters[slot] = move_variable(rewrite, node.parameters[slot], rewrite->parameters,
                                              from->parameters, ws_graph_push_parameter);
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        node.states[slot] = move_variable(rewrite, node.states[slot], rewrite->states, from->states,
                                          ws_graph_push_state);
    return ws_graph_push_node(rewrite->to, &node, inputs);
}

size_t ws_rewrite_keep(ws_rewrite *rewrite, size_t i)
{
    return ws_rewrite_keep_as(rewrite, &rewrite->from->nodes[i]);
}

/** An empty graph with the quantizers, scopes and constants of from. */
static ws_status begin(ws_graph *to, const ws_graph *from, ws_error *err)
{
    ws_graph others = *from;

    others.n_nodes = others.n_parameters = others.n_states = 0;
    others.n_weights = others.n_state_numbers = 0;
    others.scope = 0;
    return ws_graph_init_copy(to, &others, err);
}

static int *make_map(size_t n)
{
    int *map = malloc((n + 1) * sizeof *map);

    for (size_t i = 0; map != NULL && i < n; i++)
        map[i] = WS_NO_VARIABLE;
    return map;
}

ws_status ws_rewrite_run(ws_graph *to, const ws_graph *from, ws_rewrite_node *node, void *user,
                         ws_error *err)
{
    ws_rewrite rewrite = {
        .from = from,
        .to = to,
        .values = calloc(from->n_nodes + 1, sizeof *rewrite.values),
        .parameters = make_map(from->n_parameters),
        .states = make_map(from->n_states),
        .user = user,
    };
    ws_status status = begin(to, from, err);

    if (status == WS_OK &&
        (rewrite.values == NULL || rewrite.parameters == NULL || rewrite.states == NULL))
        status = ws_fail_memory(err, "a graph");
    for (size_t i = 0; status == WS_OK && i < from->n_nodes; i++) {
        rewrite.values[i] = node(&rewrite, i);
        status = ws_graph_status(to, err);
    }
    if (status != WS_OK)
        ws_graph_deinit(to);
    free(rewrite.values);
    free(rewrite.parameters);
    free(rewrite.states);
    return status;
}

void ws_rewrite_copy_numbers(const ws_rewrite *rewrite, size_t i, const ws_rewrite_numbers *numbers)
{
    const ws_graph *from = rewrite->from, *to = rewrite->to;
    const ws_node *node = &from->nodes[i];

    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++) {
        const ws_variable *parameter = ws_graph_parameter(from, node, slot);
        if (parameter == NULL)
            continue;
        const int moved = rewrite->parameters[node->parameters[slot]];
        memcpy(numbers->to_parameters + to->parameters[moved].offset,
               numbers->parameters + parameter->offset, parameter->size * sizeof(float));
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++) {
        if (node->states[slot] == WS_NO_VARIABLE)
            continue;
        const ws_variable *state = &from->states[node->states[slot]];
        const int moved = rewrite->states[node->states[slot]];
        memcpy(numbers->to_states + to->states[moved].offset, numbers->states + state->offset,
               state->size * sizeof(float));
    }
}

size_t ws_rewrite_find_reader(const ws_graph *graph, size_t i)
{
    size_t reader = 0;

    for (size_t j = i + 1; j < graph->n_nodes; j++) {
        for (size_t k = 0; k < graph->nodes[j].n_inputs; k++) {
            if (graph->nodes[j].inputs[k] != i)
                continue;
            if (reader != 0)
                return 0;
            reader = j;
        }
    }
    return reader;
}
