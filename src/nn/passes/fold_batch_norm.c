#include "nn/passes/fold_batch_norm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/passes/rewrite.h"

/** The operators that become one layer with a bias. */
typedef struct fold {
    size_t bias; /* 0: none */
    size_t norm; /* 0: the layer stays as it is */
} fold;

typedef struct folding {
    const ws_graph *from;
    const float *parameters, *states; /* of from */
    ws_folded *to;
    fold *folds;   /* [n_nodes] of the layer at that node */
    bool *is_gone; /* [n_nodes] the node is part of a layer */
} folding;

static bool is_layer(const ws_node *node)
{
    return node->kind == WS_OP_CONV2D || node->kind == WS_OP_DEPTHWISE || node->kind == WS_OP_DENSE;
}

/** The one node that reads value i, if it is of that kind; else 0. */
static size_t find_only(const ws_graph *graph, size_t i, ws_op_kind kind)
{
    const size_t reader = ws_rewrite_find_reader(graph, i);
    return reader != 0 && graph->nodes[reader].kind == kind ? reader : 0;
}

static void decide(folding *work)
{
    const ws_graph *from = work->from;

    for (size_t i = 1; i < from->n_nodes; i++) {
        if (!is_layer(&from->nodes[i]))
            continue;
        const size_t bias = find_only(from, i, WS_OP_BIAS_ADD);
        const size_t norm = find_only(from, bias != 0 ? bias : i, WS_OP_BATCH_NORM);
        if (norm == 0 || from->nodes[norm].norm.n_bands > 1)
            continue;
        work->folds[i] = (fold){bias, norm};
        work->is_gone[bias] = bias != 0;
        work->is_gone[norm] = true;
    }
}

ws_norm_line ws_norm_find_line(const ws_graph *graph, const ws_node *norm, const float *parameters,
                               const float *states, size_t group)
{
    const ws_variable *gamma = ws_graph_parameter(graph, norm, WS_NORM_SCALE);
    const ws_variable *beta = ws_graph_parameter(graph, norm, WS_NORM_OFFSET);
    const size_t mean_at = graph->states[norm->states[WS_NORM_MEAN]].offset;
    const size_t variance_at = graph->states[norm->states[WS_NORM_VARIANCE]].offset;
    const double deviation = sqrt((double)states[variance_at + group] + norm->norm.epsilon);
    const double scale =
        (gamma != NULL ? (double)parameters[gamma->offset + group] : 1.0) / deviation;

    return (ws_norm_line){
        .scale = scale,
        .shift = (double)parameters[beta->offset + group] - (double)states[mean_at + group] * scale,
    };
}

static ws_rewrite_numbers numbers_of(const folding *work)
{
    return (ws_rewrite_numbers){work->parameters, work->states, work->to->parameters,
                                work->to->states};
}

/** Scales the weights of the layer, which are in the new graph, and fills its bias. */
static void fill_layer(const folding *work, size_t i, const ws_variable *weights,
                       const ws_variable *bias)
{
    const ws_graph *from = work->from;
    const fold *of = &work->folds[i];
    const size_t n_channels = bias->size; /* of all weights the last that differ */
    float *w = work->to->parameters + weights->offset;
    float *b = work->to->parameters + bias->offset;
    const ws_variable *old =
        of->bias != 0 ? ws_graph_parameter(from, &from->nodes[of->bias], 0) : NULL;

    for (size_t c = 0; c < n_channels; c++) {
        const ws_norm_line norm =
            ws_norm_find_line(from, &from->nodes[of->norm], work->parameters, work->states, c);
        for (size_t k = c; k < weights->size; k += n_channels)
            w[k] = (float)((double)w[k] * norm.scale);
        const double before = old != NULL ? (double)work->parameters[old->offset + c] : 0.0;
        b[c] = (float)(before * norm.scale + norm.shift);
    }
}

/** The layer at node i with its bias. */
static size_t push_layer(ws_rewrite *rewrite, size_t i)
{
    const folding *work = rewrite->user;
    const ws_rewrite_numbers numbers = numbers_of(work);
    const fold *of = &work->folds[i];
    const ws_node *named = &work->from->nodes[of->bias != 0 ? of->bias : of->norm];
    const ws_variable *like =
        ws_graph_parameter(work->from, named, of->bias != 0 ? 0 : WS_NORM_OFFSET);
    const size_t layer = ws_rewrite_keep(rewrite, i);
    ws_node bias = work->from->nodes[of->norm];

    if (rewrite->to->error.status != WS_OK)
        return 0;
    ws_rewrite_copy_numbers(rewrite, i, &numbers);
    bias.kind = WS_OP_BIAS_ADD;
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
        bias.parameters[slot] = WS_NO_VARIABLE;
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        bias.states[slot] = WS_NO_VARIABLE;
    bias.parameters[0] = ws_graph_push_parameter(rewrite->to, like);
    const size_t value = ws_graph_push_node(rewrite->to, &bias, &layer);
    if (rewrite->to->error.status == WS_OK)
        fill_layer(work, i, ws_graph_parameter(rewrite->to, &rewrite->to->nodes[layer], 0),
                   ws_graph_parameter(rewrite->to, &rewrite->to->nodes[value], 0));
    return value;
}

static size_t move_node(ws_rewrite *rewrite, size_t i)
{
    const folding *work = rewrite->user;
    const ws_rewrite_numbers numbers = numbers_of(work);

    if (work->is_gone[i]) /* its layer gives what it gave */
        return rewrite->values[work->from->nodes[i].inputs[0]];
    if (work->folds[i].norm != 0)
        return push_layer(rewrite, i);
    const size_t value = ws_rewrite_keep(rewrite, i);
    if (rewrite->to->error.status == WS_OK)
        ws_rewrite_copy_numbers(rewrite, i, &numbers);
    return value;
}

ws_status ws_fold_batch_norm(ws_folded *folded, const ws_graph *from, const float *parameters,
                             const float *states, ws_error *err)
{
    folding work = {
        .from = from,
        .parameters = parameters,
        .states = states,
        .to = folded,
        .folds = calloc(from->n_nodes, sizeof *work.folds),
        .is_gone = calloc(from->n_nodes, sizeof *work.is_gone),
    };
    ws_status status = WS_OK;

    *folded = (ws_folded){.parameters = NULL};
    /* a bias takes the place of an offset, so that there is no more than before */
    folded->parameters = calloc(from->n_weights + 1, sizeof *folded->parameters);
    folded->states = calloc(from->n_state_numbers + 1, sizeof *folded->states);
    if (work.folds == NULL || work.is_gone == NULL || folded->parameters == NULL ||
        folded->states == NULL)
        status = ws_fail_memory(err, "a graph without batch normalisation");
    if (status == WS_OK) {
        decide(&work);
        status = ws_rewrite_run(&folded->graph, from, move_node, &work, err);
    }
    free(work.folds);
    free(work.is_gone);
    if (status != WS_OK)
        ws_folded_deinit(folded);
    return status;
}

void ws_folded_deinit(ws_folded *folded)
{
    ws_graph_deinit(&folded->graph);
    free(folded->parameters);
    free(folded->states);
    *folded = (ws_folded){.parameters = NULL};
}
