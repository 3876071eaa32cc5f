#include "nn/passes/quantize.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "nn/passes/rewrite.h"

/* Ranges before the first training step; contrib's. */
static const ws_quantizer of_weights = {
    .kind = WS_RANGE_LAST, .is_narrow = true, .min = -6.0f, .max = 6.0f};
static const ws_quantizer of_outputs = {.kind = WS_RANGE_AVERAGE, .min = 0.0f, .max = 6.0f};

static const ws_quantizer of_channels = {.kind = WS_RANGE_CHANNELS, .is_narrow = true};
static const ws_quantizer of_sigmoids = {
    .kind = WS_RANGE_FIXED, .min = 0.0f, .max = 255.0f / 256.0f};

/** What is decided about a graph before it is written again. */
typedef struct decisions {
    ws_graph *graph; /* gets the quantizers */
    size_t *after;   /* [n_nodes] number of the quantizer of what a node gives, or 0 */
    bool *is_taken;  /* [n_nodes] part of a layer, of networks with normalisation */
} decisions;

static bool is_layer(const ws_node *node)
{
    return node->parameters[0] != WS_NO_VARIABLE && node->kind != WS_OP_BIAS_ADD &&
           node->kind != WS_OP_BATCH_NORM;
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

static bool has_norm(const ws_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].kind == WS_OP_BATCH_NORM)
            return true;
    return false;
}

/** The node of that kind if it alone reads node i, else i. */
static size_t follow_alone(const ws_graph *graph, size_t i, ws_op_kind kind)
{
    const size_t reader = ws_rewrite_find_reader(graph, i);
    return reader != 0 && graph->nodes[reader].kind == kind ? reader : i;
}

/** The last node of what a runtime does in one go with the layer at node i. */
static size_t find_layer_end(const ws_graph *graph, size_t i)
{
    const size_t bias = follow_alone(graph, i, WS_OP_BIAS_ADD);
    const size_t norm = follow_alone(graph, bias, WS_OP_BATCH_NORM);
    const bool is_folded = norm != bias && graph->nodes[norm].norm.n_bands == 1;

    return follow_alone(graph, is_folded ? norm : bias, WS_OP_RELU);
}

/** Whether a node outside of all layers gives numbers that its input does not have. */
static bool gives_new_numbers(const ws_node *node)
{
    switch (node->kind) {
    case WS_OP_BATCH_NORM:
    case WS_OP_ADD:
    case WS_OP_MUL:
    case WS_OP_MEAN:
    case WS_OP_CONCAT:
    case WS_OP_SILU:
        return true;
    default:
        return false;
    }
}

/** The quantizers of a network with normalisation, in the order of its nodes. */
static void quantize_values(decisions *made)
{
    ws_graph *graph = made->graph;
    size_t n_layers = 0, n_values = 0;

    for (size_t i = 1; i < graph->n_nodes; i++) {
        const ws_node *node = &graph->nodes[i];
        size_t end = i;
        if (node->kind == WS_OP_SIGMOID) {
            made->after[i] = ws_graph_push_quantizer(graph, &of_sigmoids);
            continue;
        }
        if (is_layer(node)) {
            ws_quantizer weights = name_quantizer(&of_channels, "weights_quant", n_layers++);
            weights.n_channels = node->shape.c;
            end = find_layer_end(graph, i);
            made->is_taken[end] = made->is_taken[graph->nodes[end].inputs[0]] = true;
            graph->parameters[node->parameters[0]].quantizer =
                ws_graph_push_quantizer(graph, &weights);
        } else if (gives_new_numbers(node) && !made->is_taken[i]) {
            end = follow_alone(graph, i, WS_OP_RELU);
        } else {
            continue;
        }
        const ws_quantizer value = name_quantizer(&of_outputs, "act_quant", n_values++);
        made->after[end] = ws_graph_push_quantizer(graph, &value);
    }
}

/** A node and, if so decided, the quantisation of what it gives. */
static size_t move_node(ws_rewrite *rewrite, size_t i)
{
    const decisions *made = rewrite->user;
    const size_t value = ws_rewrite_keep(rewrite, i);

    if (made->after[i] == 0)
        return value;
    const size_t levels = ws_graph_push_fake_quant_by(rewrite->to, value, made->after[i]);
    if (ws_graph_status(rewrite->to, NULL) == WS_OK) /* in the same box of a picture */
        rewrite->to->nodes[levels].scope = rewrite->from->nodes[i].scope;
    return levels;
}

/** Writes the copy of a graph again with its quantizers. */
static ws_status quantize_copy(ws_graph *to, ws_graph *copy, float min, float max, ws_error *err)
{
    decisions made = {.graph = copy,
                      .after = calloc(copy->n_nodes, sizeof *made.after),
                      .is_taken = calloc(copy->n_nodes, sizeof *made.is_taken)};

    if (made.after == NULL || made.is_taken == NULL) {
        free(made.after);
        free(made.is_taken);
        return ws_fail_memory(err, "a graph with fake quantisation");
    }
    made.after[0] = ws_graph_push_quantizer(
        copy, &(ws_quantizer){.kind = WS_RANGE_FIXED, .min = min, .max = max});
    if (has_norm(copy))
        quantize_values(&made);
    else
        quantize_layers(&made);
    ws_status status = ws_graph_status(copy, err);
    if (status == WS_OK)
        status = ws_rewrite_run(to, copy, move_node, &made, err);
    free(made.after);
    free(made.is_taken);
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

/** Weights with a range for each channel to their levels. */
static void fix_channels(ws_graph *graph, float *parameters)
{
    for (size_t p = 0; p < graph->n_parameters; p++) {
        ws_variable *parameter = &graph->parameters[p];
        if (parameter->quantizer == 0)
            continue;
        const ws_quantizer *quantizer = &graph->quantizers[parameter->quantizer - 1];
        if (quantizer->kind != WS_RANGE_CHANNELS)
            continue;
        float *x = parameters + parameter->offset;
        ws_quantize_channels(x, parameter->size, quantizer->n_channels, x);
        parameter->quantizer = 0;
    }
}

void ws_graph_fix_ranges(ws_graph *graph, const ws_quant_range *ranges, float *parameters)
{
    fix_channels(graph, parameters);
    for (size_t i = 0; i < graph->n_quantizers; i++) {
        ws_quantizer *quantizer = &graph->quantizers[i];
        if (quantizer->kind == WS_RANGE_FIXED)
            continue;
        if (quantizer->kind == WS_RANGE_CHANNELS) { /* nothing reads through it any more */
            quantizer->kind = WS_RANGE_FIXED;
            continue;
        }
        quantizer->kind = WS_RANGE_FIXED;
        quantizer->min = ranges[i].numbers[WS_RANGE_MIN];
        quantizer->max = ranges[i].numbers[WS_RANGE_MAX];
    }
}
