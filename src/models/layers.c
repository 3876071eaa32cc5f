#include "models/layers.h"

const ws_init ws_original_init = {WS_INIT_TRUNCATED_NORMAL, 0.01};

size_t ws_push_bias_relu_dropout(ws_graph *graph, size_t input, const char *bias)
{
    const size_t x = ws_graph_push_relu(graph, ws_graph_push_bias_add(graph, input, bias));
    return ws_graph_push_dropout(graph, x);
}

static size_t push_dense(ws_graph *graph, size_t input, size_t n_units, const char *weights,
                         const char *bias)
{
    const size_t x = ws_graph_push_dense(
        graph, input,
        &(ws_dense_args){.name = weights, .n_units = n_units, .init = ws_original_init});
    return ws_graph_push_bias_add(graph, x, bias);
}

size_t ws_push_dense_dropout(ws_graph *graph, size_t input, size_t n_units, const char *weights,
                             const char *bias)
{
    return ws_graph_push_dropout(graph, push_dense(graph, input, n_units, weights, bias));
}

size_t ws_push_final_dense(ws_graph *graph, size_t input, size_t n_labels)
{
    return push_dense(graph, input, n_labels, "final_fc_weights", "final_fc_bias");
}

static size_t push_conv_norm_open(ws_graph *graph, size_t input, const char *scope,
                                  ws_conv2d_args conv, const ws_norm_args *norm)
{
    ws_norm_args named = norm != NULL ? *norm : (ws_norm_args){.n_bands = 1};

    ws_graph_open_scope(graph, scope);
    conv.name = "weights";
    named.name = "norm";
    const size_t x = ws_graph_push_conv2d(graph, input, &conv);
    return ws_graph_push_batch_norm(graph, x, &named);
}

size_t ws_push_conv_norm(ws_graph *graph, size_t input, const char *scope, ws_conv2d_args conv,
                         const ws_norm_args *norm)
{
    const size_t x = push_conv_norm_open(graph, input, scope, conv, norm);

    ws_graph_close_scope(graph);
    return x;
}

size_t ws_push_conv_norm_relu(ws_graph *graph, size_t input, const char *scope, ws_conv2d_args conv,
                              const ws_norm_args *norm)
{
    size_t x = push_conv_norm_open(graph, input, scope, conv, norm);

    x = ws_graph_push_relu(graph, x);
    ws_graph_close_scope(graph);
    return x;
}

size_t ws_push_depthwise_open(ws_graph *graph, size_t input, const char *scope, ws_conv2d_args conv)
{
    ws_graph_open_scope(graph, scope);
    conv.name = "depthwise_weights";
    return ws_graph_push_depthwise(graph, input, &conv);
}

size_t ws_push_mean_and_labels(ws_graph *graph, size_t input, size_t n_labels, ws_init weights,
                               ws_init bias)
{
    ws_graph_open_scope(graph, "labels");
    size_t x = ws_graph_push_mean(graph, input, WS_AXIS_H | WS_AXIS_W);
    x = ws_graph_push_dense(
        graph, x, &(ws_dense_args){.name = "weights", .n_units = n_labels, .init = weights});
    x = ws_graph_push_bias_add_init(graph, x, "bias", bias);
    ws_graph_close_scope(graph);
    return x;
}
