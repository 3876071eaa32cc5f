#include "nn/passes/quantize.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "nn/passes/rewrite.h"

/* Ranges before the first training step; contrib's. */
static const ws_quantizer of_weights = {
    .kind = WS_RANGE_LAST, .is_narrow = true, .min = -6.0f, .max = 6.0f};
static const ws_quantizer of_outputs = {.kind = WS_RANGE_AVERAGE, .min = 0.0f, .max = 6.0f};

/** What is decided about a graph before it is written again. */
typedef struct decisions {
    ws_graph *graph; /* gets the quantizers */
    size_t *after;   /* [n_nodes] number of the quantizer of what a node gives, or 0 */
} decisions;

static bool is_layer(const ws_node *node)
{
    return node->parameters[0] != WS_NO_VARIABLE && node->kind != WS_OP_BIAS_ADD;
}

/** The node of that kind that reads node i; i if no node does. */
static size_t follow(const ws_graph *graph, size_t i, ws_op_kind kind)
{
    for (size_t j = i + 1; j < graph->n_nodes; j++)
        if (graph->nodes[j].kind == kind && graph->nodes[j].inputs[0] == i)
            return j;
    return i;
}

static ws_quantizer name_quantizer(const ws_quantizer *like, const char *name, size_t layer)
{
    ws_quantizer made = *like;

    if (layer == 0)
        (void)snprintf(made.name, sizeof made.name, "%s", name);
    else
        (void)snprintf(made.name, sizeof made.name, "%s_%zu", name, layer);
    return made;
}

/** The quantizers of the layer at node i, which is the layer-th, and ends at node `end`. */
static void quantize_layer(decisions *made, size_t i, size_t end, size_t layer)
{
    const ws_quantizer weights = name_quantizer(&of_weights, "weights_quant", layer);
    const ws_quantizer outputs = name_quantizer(&of_outputs, "act_quant", layer);
    ws_graph *graph = made->graph;

    graph->parameters[graph->nodes[i].parameters[0]].quantizer =
        ws_graph_push_quantizer(graph, &weights);
    made->after[end] = ws_graph_push_quantizer(graph, &outputs);
}

static void quantize_layers(decisions *made)
{
    const ws_graph *graph = made->graph;
    size_t n_layers = 0;

    for (int has_relu = 1; has_relu >= 0; has_relu--) {
        for (size_t i = 1; i < graph->n_nodes; i++) {
            if (!is_layer(&graph->nodes[i]))
                continue;
            const size_t bias = follow(graph, i, WS_OP_BIAS_ADD);
            const size_t end = follow(graph, bias, WS_OP_RELU);
            if ((end != bias) == (has_relu == 1))
                quantize_layer(made, i, end, n_layers++);
        }
    }
}

/** A node and, if so decided, the quantisation of what it gives. */
static size_t move_node(ws_rewrite *rewrite, size_t i)
{
    const decisions *made = rewrite->user;
    const size_t value = ws_rewrite_keep(rewrite, i);

    if (made->after[i] == 0)
        return value;
    return ws_graph_push_fake_quant_by(rewrite->to, value, made->after[i]);
}

/** Writes the copy of a graph again with its quantizers. */
static ws_status quantize_copy(ws_graph *to, ws_graph *copy, float min, float max, ws_error *err)
{
    decisions made = {.graph = copy, .after = calloc(copy->n_nodes, sizeof *made.after)};

    if (made.after == NULL)
        return ws_fail_memory(err, "a graph with fake quantisation");
    made.after[0] = ws_graph_push_quantizer(
        copy, &(ws_quantizer){.kind = WS_RANGE_FIXED, .min = min, .max = max});
    quantize_layers(&made);
    ws_status status = ws_graph_status(copy, err);
    if (status == WS_OK)
        status = ws_rewrite_run(to, copy, move_node, &made, err);
    free(made.after);
    return status;
}

ws_status ws_graph_quantize(ws_graph *graph, float min, float max, ws_error *err)
{
    ws_graph copy, quantized;

    assert(graph->error.status == WS_OK && graph->n_nodes > 1 && graph->n_quantizers == 0);
    assert(min <= 0.0f && max >= 0.0f && min < max);
    ws_status status = ws_graph_init_copy(&copy, graph, err);
    if (status != WS_OK)
        return status;
    status = quantize_copy(&quantized, &copy, min, max, err);
    ws_graph_deinit(&copy);
    if (status != WS_OK)
        return status;
    ws_graph_deinit(graph);
    *graph = quantized;
    return WS_OK;
}

void ws_graph_fix_ranges(ws_graph *graph, const ws_quant_range *ranges)
{
    for (size_t i = 0; i < graph->n_quantizers; i++) {
        ws_quantizer *quantizer = &graph->quantizers[i];
        if (quantizer->kind == WS_RANGE_FIXED)
            continue;
        quantizer->kind = WS_RANGE_FIXED;
        quantizer->min = ranges[i].numbers[WS_RANGE_MIN];
        quantizer->max = ranges[i].numbers[WS_RANGE_MAX];
    }
}
