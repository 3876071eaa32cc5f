#include "nn/cost.h"

#include "nn/op.h"

double ws_graph_count_products(const ws_graph *graph, size_t node)
{
    const ws_node *counted = &graph->nodes[node];
    const ws_op *op = ws_op_get(counted->kind);
    ws_shape in[WS_NODE_MAX_INPUTS];

    if (op->count_products == NULL)
        return 0.0;
    for (size_t i = 0; i < counted->n_inputs; i++)
        in[i] = ws_graph_shape_in(graph, counted, i);
    return op->count_products(counted, in);
}

double ws_graph_count_all_products(const ws_graph *graph)
{
    double n = 0.0;

    for (size_t i = 0; i < graph->n_nodes; i++)
        n += ws_graph_count_products(graph, i);
    return n;
}

double ws_graph_count_training_operations(const ws_graph *graph)
{
    bool is_first = true;
    double n_products = 0.0;

    for (size_t node = 0; node < graph->n_nodes; node++) {
        const double n = ws_graph_count_products(graph, node);
        if (n == 0.0)
            continue;
        n_products += n * (is_first ? 2.0 : 3.0);
        is_first = false;
    }
    return 2.0 * n_products;
}
