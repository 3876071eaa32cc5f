#include "nn/graph.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "nn/op.h"

size_t ws_shape_size(ws_shape shape)
{
    return shape.h * shape.w * shape.c;
}

void ws_graph_init(ws_graph *graph)
{
    memset(graph, 0, sizeof *graph);
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

/** Appends the node and infers its shape; the index of the new node, or 0 after an error. */
static size_t push_node(ws_graph *graph, ws_node node)
{
    const ws_op *op = ws_op_get(node.kind);
    const bool is_first = graph->n_nodes == 0;

    if (graph->error.status != WS_OK)
        return 0;
    if (graph->n_nodes == WS_GRAPH_MAX_NODES) {
        ws_fail(&graph->error, WS_ELIMIT, "a graph has at most %d operators", WS_GRAPH_MAX_NODES);
        return 0;
    }
    if (is_first != (node.kind == WS_OP_INPUT) || (!is_first && node.input >= graph->n_nodes)) {
        ws_fail(&graph->error, WS_EINVAL,
                "%s: a graph begins with one input, and each operator reads an earlier one",
                op->name);
        return 0;
    }
    const ws_shape in = is_first ? node.shape : graph->nodes[node.input].shape;
    if (op->infer_shape(&node, in, &graph->error) != WS_OK)
        return 0;
    graph->nodes[graph->n_nodes] = node;
    return graph->n_nodes++;
}

/** Appends a parameter of the given dims and returns its index, or WS_NO_PARAMETER after an
 *  error. */
static int push_parameter(ws_graph *graph, const char *name, const size_t *dims, size_t n_dims,
                          double deviation)
{
    if (graph->error.status != WS_OK)
        return WS_NO_PARAMETER;
    if (graph->n_parameters == WS_GRAPH_MAX_PARAMETERS || strlen(name) > WS_PARAMETER_MAX_NAME) {
        ws_fail(&graph->error, WS_ELIMIT,
                "%s: a graph has at most %d parameters with names of %d characters", name,
                WS_GRAPH_MAX_PARAMETERS, WS_PARAMETER_MAX_NAME);
        return WS_NO_PARAMETER;
    }
    ws_parameter *parameter = &graph->parameters[graph->n_parameters];
    *parameter = (ws_parameter){
        .n_dims = n_dims, .size = 1, .offset = graph->n_weights, .deviation = deviation};
    (void)snprintf(parameter->name, sizeof parameter->name, "%s", name);
    for (size_t i = 0; i < n_dims; i++) {
        parameter->dims[i] = dims[i];
        parameter->size *= dims[i];
    }
    graph->n_weights += parameter->size;
    return (int)graph->n_parameters++;
}

/** The shape that a node about to be pushed would read; all ones after an error. */
static ws_shape shape_of(const ws_graph *graph, size_t node)
{
    return node < graph->n_nodes ? graph->nodes[node].shape : (ws_shape){1, 1, 1};
}

size_t ws_graph_push_input(ws_graph *graph, ws_shape shape)
{
    return push_node(graph,
                     (ws_node){.kind = WS_OP_INPUT, .shape = shape, .parameter = WS_NO_PARAMETER});
}

size_t ws_graph_push_conv2d(ws_graph *graph, size_t input, const ws_conv2d_args *args)
{
    const size_t dims[] = {args->kernel_h, args->kernel_w, shape_of(graph, input).c,
                           args->n_channels};
    ws_node node = {
        .kind = WS_OP_CONV2D,
        .input = input,
        .shape = {.c = args->n_channels},
        .window = {.h = args->kernel_h,
                   .w = args->kernel_w,
                   .padding = args->padding,
                   .stride_h = args->stride_h > 0 ? args->stride_h : 1,
                   .stride_w = args->stride_w > 0 ? args->stride_w : 1},
    };
    node.parameter = push_parameter(graph, args->name, dims, 4, args->deviation);
    return push_node(graph, node);
}

size_t ws_graph_push_bias_add(ws_graph *graph, size_t input, const char *name)
{
    const size_t dims[] = {shape_of(graph, input).c};
    ws_node node = {.kind = WS_OP_BIAS_ADD, .input = input};
    node.parameter = push_parameter(graph, name, dims, 1, 0.0);
    return push_node(graph, node);
}

size_t ws_graph_push_relu(ws_graph *graph, size_t input)
{
    return push_node(graph,
                     (ws_node){.kind = WS_OP_RELU, .input = input, .parameter = WS_NO_PARAMETER});
}

size_t ws_graph_push_dropout(ws_graph *graph, size_t input)
{
    return push_node(
        graph, (ws_node){.kind = WS_OP_DROPOUT, .input = input, .parameter = WS_NO_PARAMETER});
}

size_t ws_graph_push_max_pool(ws_graph *graph, size_t input, const ws_max_pool_args *args)
{
    const ws_node node = {
        .kind = WS_OP_MAX_POOL,
        .input = input,
        .window = {.h = args->window_h,
                   .w = args->window_w,
                   .padding = args->padding,
                   .stride_h = args->stride_h > 0 ? args->stride_h : 1,
                   .stride_w = args->stride_w > 0 ? args->stride_w : 1},
        .parameter = WS_NO_PARAMETER,
    };
    return push_node(graph, node);
}

size_t ws_graph_push_dense(ws_graph *graph, size_t input, const ws_dense_args *args)
{
    const size_t dims[] = {ws_shape_size(shape_of(graph, input)), args->n_units};
    ws_node node = {.kind = WS_OP_DENSE, .input = input, .shape = {.c = args->n_units}};
    node.parameter = push_parameter(graph, args->name, dims, 2, args->deviation);
    return push_node(graph, node);
}

size_t ws_graph_push_svdf(ws_graph *graph, size_t input, const ws_svdf_args *args)
{
    const ws_shape in = shape_of(graph, input);
    const size_t n_filters = args->n_units * args->rank;
    ws_node node = {
        .kind = WS_OP_SVDF, .input = input, .shape = {.c = args->n_units}, .rank = args->rank};

    node.parameter = push_parameter(graph, args->frequency_name,
                                    (const size_t[]){in.w * in.c, n_filters}, 2, args->deviation);
    (void)push_parameter(graph, args->time_name, (const size_t[]){n_filters, in.h}, 2,
                         args->deviation);
    return push_node(graph, node);
}

void ws_graph_push_constant(ws_graph *graph, const ws_constant *constant)
{
    if (graph->error.status != WS_OK)
        return;
    if (graph->n_constants == WS_GRAPH_MAX_CONSTANTS)
        ws_fail(&graph->error, WS_ELIMIT, "%s: a graph has at most %d constants", constant->name,
                WS_GRAPH_MAX_CONSTANTS);
    else
        graph->constants[graph->n_constants++] = *constant;
}

size_t ws_graph_push_quantizer(ws_graph *graph, const ws_quantizer *quantizer)
{
    if (graph->error.status != WS_OK)
        return 0;
    if (graph->n_quantizers == WS_GRAPH_MAX_QUANTIZERS) {
        ws_fail(&graph->error, WS_ELIMIT, "a graph has at most %d fake quantisations",
                WS_GRAPH_MAX_QUANTIZERS);
        return 0;
    }
    graph->quantizers[graph->n_quantizers] = *quantizer;
    return ++graph->n_quantizers;
}

size_t ws_graph_push_fake_quant(ws_graph *graph, size_t input, const ws_quantizer *quantizer)
{
    return push_node(graph, (ws_node){.kind = WS_OP_FAKE_QUANT,
                                      .input = input,
                                      .parameter = WS_NO_PARAMETER,
                                      .quantizer = ws_graph_push_quantizer(graph, quantizer)});
}
