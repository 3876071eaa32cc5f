#include "nn/nonfinite.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/op.h"

size_t ws_nonfinite_find(const float *values, size_t n)
{
    enum { PIECE = 4096 };
    const uint32_t exponent = 0x7f800000;

    for (size_t begin = 0; begin < n; begin += PIECE) {
        const size_t end = n - begin < PIECE ? n : begin + PIECE;
        uint32_t n_bad = 0;
        for (size_t i = begin; i < end; i++) { /* without a way out, so that it vectorises */
            uint32_t bits;
            memcpy(&bits, &values[i], sizeof bits);
            n_bad += (bits & exponent) == exponent;
        }
        for (size_t i = begin; n_bad > 0 && i < end; i++)
            if (!isfinite(values[i]))
                return i;
    }
    return n;
}

const ws_variable *ws_nonfinite_parameter(const ws_graph *graph, size_t i)
{
    size_t p = 0;
    while (i >= graph->parameters[p].offset + graph->parameters[p].size)
        p++;
    assert(p < graph->n_parameters);
    return &graph->parameters[p];
}

/* Tensors are numbered in the order of the computation. A node has its parameters, then its value.
 */
enum { RANKS = WS_NODE_MAX_PARAMETERS + 1 };

static size_t rank_parameter(size_t node, size_t slot)
{
    return RANKS * node + slot;
}

static size_t rank_output(size_t node)
{
    return rank_parameter(node, WS_NODE_MAX_PARAMETERS);
}

static size_t rank_loss(const ws_graph *graph)
{
    return RANKS * graph->n_nodes;
}

static size_t rank_output_gradient(const ws_graph *graph, size_t node)
{
    return rank_loss(graph) + RANKS * (graph->n_nodes - node);
}

static size_t rank_parameter_gradient(const ws_graph *graph, size_t node, size_t slot)
{
    return rank_output_gradient(graph, node) + 1 + slot;
}

/** A tensor that is not finite. */
typedef struct finding {
    size_t rank; /* SIZE_MAX: none */
    size_t sample;
    double value;
} finding;

typedef struct search {
    const ws_nonfinite_step *step;
    finding *samples; /* [batch] the first of each */
    finding first;    /* of all */
} search;

static void keep_first(finding *first, const finding *other)
{
    if (other->rank < first->rank)
        *first = *other;
}

/** Engines compute in double, but what counts is what single precision makes of it. */
static void look(void *user, const ws_tensor_seen *seen)
{
    const search *at = user;
    const ws_graph *graph = at->step->graph;
    finding *first = &at->samples[seen->sample];

    if (first->rank != SIZE_MAX)
        return;
    for (size_t i = 0; i < seen->n; i++) {
        const float value = (float)seen->values[i];
        if (isfinite(value))
            continue;
        *first = (finding){
            .rank = seen->is_gradient ? rank_output_gradient(graph, seen->node)
                                      : rank_output(seen->node),
            .sample = seen->sample,
            .value = (double)value,
        };
        return;
    }
}

/** Looks at a node's part of an array that has a place for each parameter. */
static void look_at_parameter(search *at, size_t node, size_t slot, const float *values,
                              bool is_gradient)
{
    const ws_graph *graph = at->step->graph;
    const ws_variable *parameter = ws_graph_parameter(graph, &graph->nodes[node], slot);

    if (parameter == NULL)
        return;
    const float *numbers = values + parameter->offset;
    const size_t i = ws_nonfinite_find(numbers, parameter->size);
    if (i < parameter->size)
        keep_first(&at->first, &(finding){
                                   .rank = is_gradient ? rank_parameter_gradient(graph, node, slot)
                                                       : rank_parameter(node, slot),
                                   .value = (double)numbers[i],
                               });
}

static void look_at_parameters(search *at, const float *values, bool is_gradient)
{
    for (size_t node = 0; node < at->step->graph->n_nodes; node++)
        for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
            look_at_parameter(at, node, slot, values, is_gradient);
}

/** The name of the node's first parameter, or NULL. */
static const char *name_parameter(const ws_graph *graph, size_t node)
{
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++) {
        const ws_variable *parameter = ws_graph_parameter(graph, &graph->nodes[node], slot);
        if (parameter != NULL)
            return parameter->name;
    }
    return NULL;
}

/** Words for an operator: one without a parameter is named by the last one before it that has. */
static void describe_node(const ws_graph *graph, size_t node, char *text, size_t size)
{
    const char *name = ws_op_get(graph->nodes[node].kind)->name;
    size_t with = node;

    while (with > 0 && name_parameter(graph, with) == NULL)
        with = graph->nodes[with].inputs[0];
    if (node == 0)
        (void)snprintf(text, size, "the features");
    else if (with == 0)
        (void)snprintf(text, size, "the output of %s of the features", name);
    else
        (void)snprintf(text, size, "the output of %s %s\"%s\"", name, with == node ? "" : "after ",
                       name_parameter(graph, with));
}

/** Words for what was found at one of the node's parameters. @return false: it was not there */
static bool describe_parameter(const ws_graph *graph, size_t node, size_t slot,
                               const finding *found, char *text, size_t size)
{
    const ws_variable *parameter = ws_graph_parameter(graph, &graph->nodes[node], slot);

    if (parameter == NULL)
        return false;
    if (found->rank == rank_parameter(node, slot))
        (void)snprintf(text, size, "the variable \"%s\" (%f)", parameter->name, found->value);
    else if (found->rank == rank_parameter_gradient(graph, node, slot))
        (void)snprintf(text, size, "the gradient by the variable \"%s\" (%f)", parameter->name,
                       found->value);
    else
        return false;
    return true;
}

static void describe(const ws_graph *graph, const finding *found, char *text, size_t size)
{
    char output[WS_VARIABLE_MAX_NAME + 96];

    for (size_t node = 0; node < graph->n_nodes; node++) {
        for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
            if (describe_parameter(graph, node, slot, found, text, size))
                return;
        describe_node(graph, node, output, sizeof output);
        if (found->rank == rank_output(node))
            (void)snprintf(text, size, "%s (%f, in clip %zu of the batch)", output, found->value,
                           found->sample + 1);
        else if (found->rank == rank_output_gradient(graph, node))
            (void)snprintf(text, size, "the gradient by %s (%f, in clip %zu of the batch)", output,
                           found->value, found->sample + 1);
    }
    if (found->rank == rank_loss(graph))
        (void)snprintf(text, size, "the cross entropy (%f)", found->value);
}

/** The step itself, with samples and logits there to be filled. */
static ws_status take_step(search *at, float *logits, ws_error *err)
{
    const ws_nonfinite_step *step = at->step;
    const size_t n = step->batch->n;
    const ws_tensor_watch watch = {.push = look, .user = at};
    ws_network *network = NULL;
    const ws_status status = ws_network_create(&network, step->graph,
                                               &(ws_network_options){.max_batch = n,
                                                                     .n_threads = step->n_threads,
                                                                     .engine = WS_ENGINE_REFERENCE},
                                               err);

    if (status != WS_OK)
        return status;
    memcpy(ws_network_parameters(network), step->parameters,
           step->graph->n_weights * sizeof *step->parameters);
    if (step->graph->n_quantizers > 0)
        memcpy(ws_network_ranges(network), step->ranges,
               step->graph->n_quantizers * sizeof *step->ranges);
    for (size_t i = 0; i < n; i++)
        at->samples[i].rank = SIZE_MAX;
    look_at_parameters(at, step->parameters, false);
    ws_network_watch(network, &watch);
    const float loss = (float)ws_network_train(network, step->batch, logits);
    for (size_t i = 0; i < n; i++)
        keep_first(&at->first, &at->samples[i]);
    if (!isfinite(loss))
        keep_first(&at->first, &(finding){.rank = rank_loss(step->graph), .value = (double)loss});
    look_at_parameters(at, ws_network_gradients(network), true);
    ws_network_destroy(network);
    return WS_OK;
}

ws_status ws_nonfinite_search(const ws_nonfinite_step *step, char text[WS_NONFINITE_MAX_TEXT],
                              ws_error *err)
{
    const size_t n = step->batch->n;
    search at = {.step = step, .first = {.rank = SIZE_MAX}};
    float *logits = malloc(n * ws_graph_n_labels(step->graph) * sizeof *logits);
    ws_status status = WS_OK;

    text[0] = '\0';
    at.samples = calloc(n, sizeof *at.samples);
    if (logits == NULL || at.samples == NULL)
        status = ws_fail_memory(err, "the search for what is not finite");
    else
        status = take_step(&at, logits, err);
    if (status == WS_OK && at.first.rank != SIZE_MAX)
        describe(step->graph, &at.first, text, WS_NONFINITE_MAX_TEXT);
    free(at.samples);
    free(logits);
    return status;
}
