#include "train/node_notes.h"

#include <stdio.h>

void ws_node_notes_push_quantizer(ws_node_list *list, const ws_quantizer *quantizer)
{
    ws_node_list_push_integer(list, "num_bits", 8);
    ws_node_list_push_bool(list, "narrow_range", quantizer->is_narrow);
    if (quantizer->kind == WS_RANGE_FIXED) {
        ws_node_list_push_number(list, "min", (double)quantizer->min);
        ws_node_list_push_number(list, "max", (double)quantizer->max);
    } else if (quantizer->kind == WS_RANGE_CHANNELS) {
        ws_node_list_push_text(list, "range", "of each of %zu output channels",
                               quantizer->n_channels);
    } else {
        ws_node_list_push_text(list, "range", "%s/min to %s/max: %s", quantizer->name,
                               quantizer->name,
                               quantizer->kind == WS_RANGE_LAST ? "of the weights as they are"
                                                                : "an average over batches");
    }
}

/** A variable's name and shape. */
static void push_variable(ws_node_list *list, const char *what, const ws_variable *variable)
{
    char dims[WS_NODE_LIST_MAX_TEXT];
    size_t used = 0;

    for (size_t k = 0; k < variable->n_dims; k++)
        used += (size_t)snprintf(dims + used, sizeof dims - used, "%s%zu", k > 0 ? ", " : "",
                                 variable->dims[k]);
    ws_node_list_push_text(list, what, "%s [%s]", variable->name, dims);
}

void ws_node_notes_push_variables(ws_node_list *list, const ws_graph *graph, const ws_node *node)
{
    static const char *const states[] = {"running_mean", "running_variance"};
    size_t n_numbers = 0;

    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++) {
        const ws_variable *parameter = ws_graph_parameter(graph, node, slot);
        if (parameter == NULL)
            continue;
        push_variable(list, slot == 0 ? "variable" : "second_variable", parameter);
        n_numbers += parameter->size;
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        if (node->states[slot] != WS_NO_VARIABLE)
            push_variable(list, states[slot], &graph->states[node->states[slot]]);
    if (n_numbers > 0)
        ws_node_list_push_integer(list, "parameters", (int64_t)n_numbers);
}

static void push_window(ws_node_list *list, const ws_node *node)
{
    const ws_window *window = &node->window;
    const ws_margins *zeros = &window->zeros;

    ws_node_list_push_text(
        list, node->kind == WS_OP_CONV2D || node->kind == WS_OP_DEPTHWISE ? "kernel" : "ksize",
        "%zu x %zu", window->h, window->w);
    ws_node_list_push_text(list, "strides", "%zu x %zu", window->stride_h, window->stride_w);
    if (window->dilation_h > 1 || window->dilation_w > 1)
        ws_node_list_push_text(list, "dilations", "%zu x %zu", window->dilation_h,
                               window->dilation_w);
    if (window->padding == WS_PADDING_EXPLICIT)
        ws_node_list_push_text(list, "padding", "rows %zu and %zu, columns %zu and %zu",
                               zeros->before_h, zeros->after_h, zeros->before_w, zeros->after_w);
    else
        ws_node_list_push_text(list, "padding", "%s",
                               window->padding == WS_PADDING_SAME ? "SAME" : "VALID");
}

void ws_node_notes_push_kind(ws_node_list *list, const ws_graph *graph, const ws_node *node)
{
    switch (node->kind) {
    case WS_OP_CONV2D:
    case WS_OP_DEPTHWISE:
    case WS_OP_MAX_POOL:
    case WS_OP_AVERAGE_POOL:
        push_window(list, node);
        break;
    case WS_OP_SVDF:
        ws_node_list_push_integer(list, "rank", (int64_t)node->rank);
        break;
    case WS_OP_FAKE_QUANT:
        ws_node_notes_push_quantizer(list, &graph->quantizers[node->quantizer - 1]);
        break;
    case WS_OP_BATCH_NORM:
        ws_node_list_push_number(list, "epsilon", node->norm.epsilon);
        ws_node_list_push_number(list, "momentum", node->norm.momentum);
        if (node->norm.n_bands > 1)
            ws_node_list_push_integer(list, "bands", (int64_t)node->norm.n_bands);
        break;
    case WS_OP_DROPOUT:
        if (node->dropout.rate > 0.0)
            ws_node_list_push_number(list, "rate", node->dropout.rate);
        if (node->dropout.is_spatial)
            ws_node_list_push_text(list, "drops", "whole channels");
        break;
    case WS_OP_MEAN:
        ws_node_list_push_text(list, "over", "%s%s%s", node->axes & WS_AXIS_H ? "time " : "",
                               node->axes & WS_AXIS_W ? "frequency " : "",
                               node->axes & WS_AXIS_C ? "channels" : "");
        break;
    default:
        break;
    }
}
