#include "nn/quantize.h"

#include <assert.h>
#include <stdio.h>

/* Ranges before the first training step; contrib's. */
static const ws_quantizer of_weights = {
    .kind = WS_RANGE_LAST, .is_narrow = true, .min = -6.0f, .max = 6.0f};
static const ws_quantizer of_outputs = {.kind = WS_RANGE_AVERAGE, .min = 0.0f, .max = 6.0f};

/** A graph being written anew. */
typedef struct rewriting {
    const ws_graph *from;
    ws_graph *to;
    size_t moved[WS_GRAPH_MAX_NODES]; /* where what a node of from gave stands in to */
    /* [from->n_nodes] number in to->quantizers of what is quantised behind a node, or 0 */
    size_t behind[WS_GRAPH_MAX_NODES];
} rewriting;

static bool is_layer(const ws_node *node)
{
    return node->parameter != WS_NO_PARAMETER && node->kind != WS_OP_BIAS_ADD;
}

/** The node of that kind that reads node i, or i if there is none. */
static size_t follow(const ws_graph *graph, size_t i, ws_op_kind kind)
{
    for (size_t j = i + 1; j < graph->n_nodes; j++)
        if (graph->nodes[j].kind == kind && graph->nodes[j].input == i)
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
static void quantize_layer(rewriting *work, size_t i, size_t end, size_t layer)
{
    const ws_quantizer weights = name_quantizer(&of_weights, "weights_quant", layer);
    const ws_quantizer outputs = name_quantizer(&of_outputs, "act_quant", layer);

    work->to->parameters[work->from->nodes[i].parameter].quantizer =
        ws_graph_push_quantizer(work->to, &weights);
    work->behind[end] = ws_graph_push_quantizer(work->to, &outputs);
}

static void quantize_layers(rewriting *work)
{
    size_t n_layers = 0;

    for (int has_relu = 1; has_relu >= 0; has_relu--) {
        for (size_t i = 1; i < work->from->n_nodes; i++) {
            if (!is_layer(&work->from->nodes[i]))
                continue;
            const size_t bias = follow(work->from, i, WS_OP_BIAS_ADD);
            const size_t end = follow(work->from, bias, WS_OP_RELU);
            if ((end != bias) == (has_relu == 1))
                quantize_layer(work, i, end, n_layers++);
        }
    }
}

/** Appends a node and, if so decided, the quantisation of what it gives. */
static void move_node(rewriting *work, size_t i)
{
    ws_graph *to = work->to;
    const size_t quantizer = work->behind[i];

    if (to->n_nodes + 2 > WS_GRAPH_MAX_NODES) {
        ws_fail(&to->error, WS_ELIMIT, "a graph with fake quantisation has at most %d operators",
                WS_GRAPH_MAX_NODES);
        return;
    }
    work->moved[i] = to->n_nodes;
    to->nodes[to->n_nodes] = work->from->nodes[i];
    to->nodes[to->n_nodes++].input = i > 0 ? work->moved[work->from->nodes[i].input] : 0;
    if (quantizer == 0)
        return;
    to->nodes[to->n_nodes] = (ws_node){
        .kind = WS_OP_FAKE_QUANT,
        .input = work->moved[i],
        .shape = work->from->nodes[i].shape,
        .parameter = WS_NO_PARAMETER,
        .quantizer = quantizer,
    };
    work->moved[i] = to->n_nodes++;
}

ws_status ws_graph_quantize(ws_graph *graph, float min, float max, ws_error *err)
{
    const ws_graph from = *graph;
    rewriting work = {.from = &from, .to = graph};

    assert(from.error.status == WS_OK && from.n_nodes > 1 && from.n_quantizers == 0);
    assert(min <= 0.0f && max >= 0.0f && min < max);
    graph->n_nodes = 0;
    work.behind[0] = ws_graph_push_quantizer(
        graph, &(ws_quantizer){.kind = WS_RANGE_FIXED, .min = min, .max = max});
    quantize_layers(&work);
    for (size_t i = 0; i < from.n_nodes && graph->error.status == WS_OK; i++)
        move_node(&work, i);
    const ws_status status = ws_graph_status(graph, err);
    if (status != WS_OK)
        *graph = from;
    return status;
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
