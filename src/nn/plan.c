#include "nn/plan.h"

#include <string.h>

#include "nn/op.h"

/** Whether kits know such a window. */
static bool is_plain(const ws_window *window)
{
    return window->dilation_h == 1 && window->dilation_w == 1 &&
           window->padding != WS_PADDING_EXPLICIT;
}

/** Whether the node is as old models have them: stages know no other attributes. */
static bool has_plain_attributes(const ws_node *node)
{
    if (node->kind == WS_OP_CONV2D || node->kind == WS_OP_MAX_POOL)
        return is_plain(&node->window);
    if (node->kind == WS_OP_DROPOUT)
        return node->dropout.rate == 0.0 && !node->dropout.is_spatial;
    return true;
}

/** Whether the node at *next is of that kind and reads the one before; if so, goes past it. */
static const ws_node *take(const ws_graph *graph, ws_op_kind kind, size_t *next)
{
    const ws_node *node = &graph->nodes[*next];

    if (*next >= graph->n_nodes || node->kind != kind || node->inputs[0] != *next - 1 ||
        !has_plain_attributes(node))
        return NULL;
    ++*next;
    return node;
}

static void start_stage(ws_stage *stage, const ws_graph *graph, const ws_node *node)
{
    stage->kind = node->kind;
    stage->in = ws_graph_shape_in(graph, node, 0);
    stage->middle = node->shape;
    if (node->kind == WS_OP_CONV2D)
        stage->window = node->window;
    if (node->kind == WS_OP_SVDF)
        stage->rank = node->rank;
    if (node->kind == WS_OP_FAKE_QUANT) {
        stage->range = node->quantizer - 1;
        stage->quantizer = &graph->quantizers[stage->range];
    } else {
        stage->weights = ws_graph_parameter(graph, node, 0);
    }
}

/** The optional operators after the main one. */
static void take_rest(ws_stage *stage, const ws_graph *graph, size_t *next)
{
    const ws_node *node;

    if (stage->kind != WS_OP_FAKE_QUANT) {
        if ((node = take(graph, WS_OP_BIAS_ADD, next)) != NULL)
            stage->bias = ws_graph_parameter(graph, node, 0);
        stage->has_relu = take(graph, WS_OP_RELU, next) != NULL;
    }
    if (take(graph, WS_OP_DROPOUT, next) != NULL)
        stage->dropout_node = *next - 1;
    stage->out = stage->middle;
    if (stage->kind == WS_OP_DENSE || (node = take(graph, WS_OP_MAX_POOL, next)) == NULL)
        return;
    stage->has_pool = true;
    stage->pool = node->window;
    stage->out = node->shape;
}

/** Whether the stage that comes next reads the features, quantised perhaps. */
static bool reads_features(const ws_plan *plan)
{
    return plan->n_stages == 0 || (plan->n_stages == 1 && plan->stages[0].kind == WS_OP_FAKE_QUANT);
}

ws_status ws_plan_init(ws_plan *plan, const ws_graph *graph, ws_error *err)
{
    size_t next = 1; /* after the input */

    memset(plan, 0, sizeof *plan);
    while (next < graph->n_nodes) {
        const ws_node *node = &graph->nodes[next];
        const bool is_main = node->kind == WS_OP_CONV2D || node->kind == WS_OP_DENSE ||
                             node->kind == WS_OP_SVDF || node->kind == WS_OP_FAKE_QUANT;

        if (!is_main || node->inputs[0] != next - 1 || !has_plain_attributes(node) ||
            plan->n_stages == WS_PLAN_MAX_STAGES)
            return ws_fail(err, WS_EINVAL,
                           "the fast engine has no place for operator %zu, %s, after %s; the "
                           "reference engine runs any order",
                           next, ws_op_get(node->kind)->name,
                           ws_op_get(graph->nodes[next - 1].kind)->name);
        if (node->kind == WS_OP_SVDF && !reads_features(plan))
            return ws_fail(err, WS_EINVAL,
                           "the fast engine runs SVDF on features only, not after %s; the "
                           "reference engine runs any order",
                           ws_op_get(graph->nodes[next - 1].kind)->name);
        ws_stage *stage = &plan->stages[plan->n_stages++];
        start_stage(stage, graph, node);
        stage->node = next++;
        take_rest(stage, graph, &next);
        if (stage->has_pool && stage->pool.h * stage->pool.w > WS_PLAN_MAX_POOL)
            return ws_fail(err, WS_EINVAL,
                           "the fast engine pools windows of at most %d elements, not %zux%zu",
                           WS_PLAN_MAX_POOL, stage->pool.h, stage->pool.w);
    }
    return WS_OK;
}
