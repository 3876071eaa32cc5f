#include "nn/passes/lower.h"

#include <stdlib.h>

#include "nn/passes/drop_dropout.h"
#include "nn/passes/rewrite.h"

static bool takes_bias(ws_op_kind kind)
{
    return kind == WS_OP_CONV2D || kind == WS_OP_DEPTHWISE || kind == WS_OP_DENSE ||
           kind == WS_OP_SVDF;
}

/** Whether an activation can be part of what the operator does. */
static bool takes_activation(ws_op_kind kind)
{
    return takes_bias(kind) || kind == WS_OP_ADD || kind == WS_OP_MUL || kind == WS_OP_BIAS_ADD ||
           kind == WS_OP_BATCH_NORM || kind == WS_OP_MAX_POOL || kind == WS_OP_AVERAGE_POOL;
}

/** Moves layer->value to the one node that reads it, if that is of one of the kinds.
 *  @return the node, or 0 */
static size_t extend(const ws_graph *graph, ws_layer *layer, unsigned kinds)
{
    const size_t reader = ws_rewrite_find_reader(graph, layer->value);

    if (reader == 0 || (kinds & 1u << graph->nodes[reader].kind) == 0)
        return 0;
    layer->value = reader;
    return reader;
}

static ws_layer find_layer(const ws_graph *graph, size_t node, unsigned activations)
{
    const ws_op_kind kind = graph->nodes[node].kind;
    ws_layer layer = {.node = node, .value = node};

    if (kind == WS_OP_FAKE_QUANT || kind == WS_OP_HISTORY) /* of the input; kept as it is */
        return layer;
    if (takes_bias(kind))
        layer.bias = extend(graph, &layer, 1u << WS_OP_BIAS_ADD);
    if (takes_activation(kind))
        layer.activation = extend(graph, &layer, activations);
    layer.fake_quant = extend(graph, &layer, 1u << WS_OP_FAKE_QUANT);
    return layer;
}

static ws_status group(ws_lowered *lowered, unsigned activations, ws_error *err)
{
    const ws_graph *graph = &lowered->model.graph;
    bool *is_taken = calloc(graph->n_nodes, sizeof *is_taken);

    lowered->layers = calloc(graph->n_nodes, sizeof *lowered->layers);
    if (lowered->layers == NULL || is_taken == NULL) {
        free(is_taken);
        return ws_fail_memory(err, "the layers of a model");
    }
    for (size_t i = 1; i < graph->n_nodes; i++) {
        if (is_taken[i])
            continue;
        const ws_layer layer = find_layer(graph, i, activations);
        is_taken[layer.bias] = is_taken[layer.activation] = is_taken[layer.fake_quant] = true;
        lowered->layers[lowered->n_layers++] = layer;
    }
    free(is_taken);
    return WS_OK;
}

ws_status ws_lower(ws_lowered *lowered, const ws_graph *from, const float *parameters,
                   const float *states, unsigned activations, ws_error *err)
{
    ws_graph graph;

    *lowered = (ws_lowered){.n_layers = 0};
    ws_status status = ws_drop_dropout(&graph, from, err);
    if (status != WS_OK)
        return status;
    status = ws_fold_batch_norm(&lowered->model, &graph, parameters, states, err);
    ws_graph_deinit(&graph);
    if (status == WS_OK)
        status = group(lowered, activations, err);
    if (status != WS_OK)
        ws_lowered_deinit(lowered);
    return status;
}

void ws_lowered_deinit(ws_lowered *lowered)
{
    ws_folded_deinit(&lowered->model);
    free(lowered->layers);
    *lowered = (ws_lowered){.n_layers = 0};
}
