#include "train/step_graph.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/cost.h"
#include "nn/op.h"
#include "train/node_notes.h"

enum {
    N_OTHER_NODES = 16, /* features, loss and what else is not an operator */
    MAX_SCOPE = WS_VARIABLE_MAX_NAME + 1,
};

/** An operator in the list. */
typedef struct drawn_operator {
    size_t drawn;          /* where it stands */
    bool is_vector;        /* what it gives has no places any more */
    char scope[MAX_SCOPE]; /* the box that it is in; "" for none */
} drawn_operator;

/** Nodes under way. */
typedef struct drawing {
    const ws_graph *graph;
    const ws_feature_settings *settings;
    const char *update_op;
    ws_plan plan;
    ws_step_graph *nodes;
    ws_node_list *list;
    drawn_operator *operators; /* [graph->n_nodes] */
    size_t n_layers;
} drawing;

/* ---- before the network ---- */

/** A node of the features, which reads the one before. */
static void push_feature(drawing *d, const char *op, int64_t n_rows, int64_t n_columns)
{
    const size_t before = d->list->n_nodes - 1;

    d->nodes->input = ws_node_list_push(d->list, op, "features/%s", op);
    ws_node_list_push_input(d->list, before);
    ws_node_list_set_shape(d->list, 3, (const int64_t[]){-1, n_rows, n_columns});
}

static void push_spectrogram(drawing *d, const ws_feature_settings *settings)
{
    push_feature(d, "AudioSpectrogram", (int64_t)settings->n_frames,
                 (int64_t)settings->fft_length / 2 + 1);
    ws_node_list_push_integer(d->list, "window_size", (int64_t)settings->window_samples);
    ws_node_list_push_integer(d->list, "stride", (int64_t)settings->stride_samples);
    ws_node_list_push_bool(d->list, "magnitude_squared", true);
}

static void push_features(drawing *d)
{
    const ws_feature_settings *settings = d->settings;
    const char *kind = ws_feature_settings_name(settings);
    const bool is_micro = strcmp(kind, "micro") == 0 || strcmp(kind, "micro_device") == 0;

    (void)ws_node_list_push(d->list, "Placeholder", "features/wav_data");
    push_feature(d, "DecodeWav", (int64_t)settings->desired_samples, 1);
    ws_node_list_push_integer(d->list, "sample_rate", settings->sample_rate_hz);
    if (!is_micro)
        push_spectrogram(d, settings);
    push_feature(d,
                 is_micro                       ? "AudioMicrofrontend"
                 : strcmp(kind, "average") == 0 ? "AvgPool"
                 : strcmp(kind, "log_mel") == 0 ? "LogMel"
                                                : "Mfcc",
                 (int64_t)settings->n_frames, (int64_t)settings->width);
    ws_node_list_push_text(d->list, "compute_time",
                           "reading, mixing and the features of a batch, as a whole");
}

/* ---- the network ---- */

/** What the box of a layer is called; NULL for other operators. */
static const char *layer_name(ws_op_kind kind)
{
    switch (kind) {
    case WS_OP_CONV2D:
        return "conv";
    case WS_OP_DEPTHWISE:
        return "depthwise";
    case WS_OP_DENSE:
        return "dense";
    case WS_OP_SVDF:
        return "svdf";
    default:
        return NULL;
    }
}

/** The box of operator i: the part of the model that it is in, or else that of the layer that it
 *  begins or follows. What joins several values is in none. */
static void find_scope(drawing *d, size_t i)
{
    const ws_node *node = &d->graph->nodes[i];
    const char *layer = layer_name(node->kind);
    char *scope = d->operators[i].scope;

    if (node->scope > 0)
        (void)snprintf(scope, MAX_SCOPE, "%s", d->graph->scopes[node->scope].name);
    else if (node->kind == WS_OP_INPUT)
        (void)snprintf(scope, MAX_SCOPE, "input");
    else if (layer != NULL)
        (void)snprintf(scope, MAX_SCOPE, "%s_%zu", layer, ++d->n_layers);
    else if (node->n_inputs == 1 && d->graph->nodes[node->inputs[0]].scope == 0)
        memcpy(scope, d->operators[node->inputs[0]].scope, MAX_SCOPE);
}

static const char *op_name(const drawing *d, size_t i)
{
    const ws_node *node = &d->graph->nodes[i];

    if (node->kind == WS_OP_INPUT)
        return "Reshape";
    if (node->kind == WS_OP_FAKE_QUANT &&
        d->graph->quantizers[node->quantizer - 1].kind == WS_RANGE_FIXED)
        return "FakeQuantWithMinMaxArgs";
    return ws_op_get(node->kind)->name;
}

/** A weight matrix read through a quantizer is a node of its own; others are attributes.
 *  @return whether it is there, as the last node */
static bool push_weight_quantizer(drawing *d, size_t i, int parameter)
{
    const ws_variable *weights = &d->graph->parameters[parameter];
    int64_t dims[WS_VARIABLE_MAX_DIMS];

    if (weights->quantizer == 0)
        return false;
    const ws_quantizer *quantizer = &d->graph->quantizers[weights->quantizer - 1];
    (void)ws_node_list_push(d->list, "FakeQuantWithMinMaxVars", "%s/%s/FakeQuantWithMinMaxVars",
                            d->operators[i].scope, quantizer->name);
    for (size_t k = 0; k < weights->n_dims; k++)
        dims[k] = (int64_t)weights->dims[k];
    ws_node_list_set_shape(d->list, weights->n_dims, dims);
    ws_node_list_push_text(d->list, "reads", "%s", weights->name);
    ws_node_notes_push_quantizer(d->list, quantizer);
    return true;
}

/** The first operator of stage s; of the last one and beyond, the end of the graph. */
static size_t begin_of_stage(const drawing *d, size_t s)
{
    if (d->plan.n_stages == 0) /* the whole network is one */
        return s == 0 ? 1 : d->graph->n_nodes;
    return s < d->plan.n_stages ? d->plan.stages[s].node : d->graph->n_nodes;
}

/** A stage is done as a whole: its time stands at its first operator. */
static void push_stage_note(drawing *d, size_t i)
{
    size_t s = d->nodes->n_stages;

    while (s > 0 && begin_of_stage(d, s - 1) > i)
        s--;
    if (s == 0)
        return;
    const size_t first = begin_of_stage(d, s - 1), end = begin_of_stage(d, s);
    if (i > first)
        ws_node_list_push_text(d->list, "compute_time", "with %s",
                               d->list->nodes[d->operators[first].drawn].name);
    else
        ws_node_list_push_text(
            d->list, "compute_time", "forward%s%s%s", end - first > 1 ? ", all from here to " : "",
            end - first > 1 ? op_name(d, end - 1) : "", end - first > 1 ? " together" : "");
}

static void push_attributes(drawing *d, size_t i)
{
    const ws_node *node = &d->graph->nodes[i];
    const double n_products = ws_graph_count_products(d->graph, i);

    ws_node_notes_push_variables(d->list, d->graph, node);
    if (n_products > 0.0)
        ws_node_list_push_integer(d->list, "multiplications_per_clip", (int64_t)n_products);
    ws_node_notes_push_kind(d->list, d->graph, node);
    push_stage_note(d, i);
}

static void set_operator_shape(drawing *d, size_t i)
{
    const ws_shape shape = d->graph->nodes[i].shape;
    const int64_t h = (int64_t)shape.h, w = (int64_t)shape.w, c = (int64_t)shape.c;

    d->operators[i].is_vector = d->graph->nodes[i].kind == WS_OP_DENSE ||
                                d->graph->nodes[i].kind == WS_OP_SVDF ||
                                (i > 0 && d->operators[d->graph->nodes[i].inputs[0]].is_vector);
    if (d->operators[i].is_vector)
        ws_node_list_set_shape(d->list, 2, (const int64_t[]){-1, c});
    else
        ws_node_list_set_shape(d->list, 4, (const int64_t[]){-1, h, w, c});
}

/** How many operators of that name are in the same box before operator i. */
static size_t count_before(const drawing *d, size_t i)
{
    size_t n = 0;

    for (size_t k = 0; k < i; k++)
        n += strcmp(d->operators[k].scope, d->operators[i].scope) == 0 &&
             strcmp(op_name(d, k), op_name(d, i)) == 0;
    return n;
}

/** TensorFlow's way to name nodes: Conv2D, Conv2D_1, ... in each box. */
static size_t push_named(drawing *d, size_t i)
{
    const size_t n_before = count_before(d, i);
    const char *op = op_name(d, i), *scope = d->operators[i].scope;
    const char *slash = scope[0] != '\0' ? "/" : "";

    return n_before == 0 ? ws_node_list_push(d->list, op, "%s%s%s", scope, slash, op)
                         : ws_node_list_push(d->list, op, "%s%s%s_%zu", scope, slash, op, n_before);
}

static void push_operator(drawing *d, size_t i)
{
    const ws_node *node = &d->graph->nodes[i];
    size_t n_quantizers = 0;

    find_scope(d, i);
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
        if (node->parameters[slot] != WS_NO_VARIABLE)
            n_quantizers += push_weight_quantizer(d, i, node->parameters[slot]);
    d->operators[i].drawn = push_named(d, i);
    if (i == 0)
        ws_node_list_push_input(d->list, d->nodes->input);
    for (size_t k = 0; k < node->n_inputs; k++)
        ws_node_list_push_input(d->list, d->operators[node->inputs[k]].drawn);
    for (size_t q = n_quantizers; q > 0; q--)
        ws_node_list_push_input(d->list, d->operators[i].drawn - q);
    set_operator_shape(d, i);
    push_attributes(d, i);
}

/* ---- after the network ---- */

static void push_loss(drawing *d, size_t logits)
{
    const int64_t n_labels = (int64_t)ws_graph_n_labels(d->graph);
    const size_t labels = ws_node_list_push(d->list, "Placeholder", "labels");

    ws_node_list_set_shape(d->list, 1, (const int64_t[]){-1});
    (void)ws_node_list_push(d->list, "Softmax", "Softmax");
    ws_node_list_push_input(d->list, logits);
    ws_node_list_set_shape(d->list, 2, (const int64_t[]){-1, n_labels});
    ws_node_list_push_text(d->list, "compute_time", "none: only needed to label clips");
    d->nodes->loss = ws_node_list_push(d->list, "SparseSoftmaxCrossEntropyWithLogits",
                                       "loss/SparseSoftmaxCrossEntropyWithLogits");
    ws_node_list_push_input(d->list, logits);
    ws_node_list_push_input(d->list, labels);
    ws_node_list_set_shape(d->list, 1, (const int64_t[]){-1});
    ws_node_list_push_text(d->list, "compute_time", "all of a step that is no other node's");
    (void)ws_node_list_push(d->list, "Mean", "loss/Mean");
    ws_node_list_push_input(d->list, d->nodes->loss);
    ws_node_list_set_shape(d->list, 0, NULL);
}

/** The way back of a network whose engine has no stages: one node for all of it. */
static void push_network_gradient(drawing *d)
{
    const size_t before = d->list->n_nodes - 1;

    d->nodes->backward[0] = ws_node_list_push(d->list, "NetworkGrad", "gradients/network");
    ws_node_list_push_input(d->list, before);
    ws_node_list_push_text(d->list, "compute_time", "backward through the whole network");
}

static const char *gradient_op(ws_op_kind kind)
{
    switch (kind) {
    case WS_OP_CONV2D:
        return "Conv2DGrad";
    case WS_OP_DENSE:
        return "MatMulGrad";
    case WS_OP_SVDF:
        return "SVDFGrad";
    default:
        return "FakeQuantWithMinMaxVarsGradient";
    }
}

/** The way back, a node a stage; nobody needs it through the quantised features. */
static void push_gradients(drawing *d)
{
    for (size_t s = d->plan.n_stages; s > 0; s--) {
        const ws_stage *stage = &d->plan.stages[s - 1];
        const size_t before = d->list->n_nodes - 1;
        const bool is_quant = stage->kind == WS_OP_FAKE_QUANT;
        if (s == 1 && is_quant)
            break;
        d->nodes->backward[s - 1] =
            ws_node_list_push(d->list, gradient_op(stage->kind), "gradients/%s%s",
                              d->operators[stage->node].scope, is_quant ? "_quant" : "");
        ws_node_list_push_input(d->list, before);
        ws_node_list_push_text(d->list, "compute_time",
                               "backward through all that was forward at %s",
                               d->list->nodes[d->operators[stage->node].drawn].name);
    }
}

static void push_update(drawing *d)
{
    const char *op = d->update_op;

    d->nodes->update = ws_node_list_push(d->list, op, "update/%s", op);
    if (d->plan.n_stages == 0)
        ws_node_list_push_input(d->list, d->nodes->backward[0]);
    for (size_t s = d->plan.n_stages; s > 0; s--)
        if (d->nodes->backward[s - 1] != 0 && d->plan.stages[s - 1].weights != NULL)
            ws_node_list_push_input(d->list, d->nodes->backward[s - 1]);
    ws_node_list_push_integer(d->list, "numbers", (int64_t)d->graph->n_weights);
}

static void draw(drawing *d)
{
    ws_step_graph *nodes = d->nodes;

    nodes->n_stages = d->plan.n_stages > 0 ? d->plan.n_stages : 1;
    push_features(d);
    for (size_t i = 0; i < d->graph->n_nodes; i++)
        push_operator(d, i);
    push_loss(d, d->operators[d->graph->n_nodes - 1].drawn);
    if (d->plan.n_stages > 0)
        push_gradients(d);
    else
        push_network_gradient(d);
    push_update(d);
    for (size_t s = 0; s < nodes->n_stages; s++)
        nodes->forward[s] = d->operators[begin_of_stage(d, s)].drawn;
}

/** The order in which parts of a step run. */
static void list_timed(ws_step_graph *nodes)
{
    size_t n = 0;

    nodes->timed[n++] = nodes->input;
    for (size_t s = 0; s < nodes->n_stages; s++)
        nodes->timed[n++] = nodes->forward[s];
    nodes->timed[n++] = nodes->loss;
    for (size_t s = nodes->n_stages; s > 0; s--)
        if (nodes->backward[s - 1] != 0)
            nodes->timed[n++] = nodes->backward[s - 1];
    nodes->timed[n++] = nodes->update;
    nodes->n_timed = n;
}

ws_status ws_step_graph_create(ws_step_graph **drawn, const ws_graph *graph,
                               const ws_feature_settings *settings, const char *update_op,
                               ws_error *err)
{
    const size_t max_nodes =
        graph->n_nodes + graph->n_quantizers + WS_PLAN_MAX_STAGES + N_OTHER_NODES;
    size_t max_inputs = 3 * max_nodes;
    drawing *d = calloc(1, sizeof *d);
    ws_step_graph *made = calloc(1, sizeof *made);
    ws_status status =
        d == NULL || made == NULL ? ws_fail_memory(err, "the graph for TensorBoard") : WS_OK;
    for (size_t i = 0; i < graph->n_nodes; i++)
        max_inputs += graph->nodes[i].n_inputs;
    if (status == WS_OK) {
        d->operators = calloc(graph->n_nodes, sizeof *d->operators);
        if (d->operators == NULL)
            status = ws_fail_memory(err, "the graph for TensorBoard");
    }
    if (status == WS_OK)
        status = ws_node_list_init(&made->list, max_nodes, max_inputs, err);
    if (status == WS_OK) {
        d->graph = graph;
        d->settings = settings;
        d->update_op = update_op;
        d->nodes = made;
        d->list = &made->list;
        if (ws_plan_init(&d->plan, graph, NULL) != WS_OK)
            d->plan.n_stages = 0;
        draw(d);
        list_timed(made);
        if (made->list.status != WS_OK)
            status = ws_fail_memory(err, "the graph for TensorBoard");
    }
    if (d != NULL)
        free(d->operators);
    free(d);
    if (status == WS_OK)
        *drawn = made;
    else
        ws_step_graph_destroy(made);
    return status;
}

void ws_step_graph_destroy(ws_step_graph *drawn)
{
    if (drawn == NULL)
        return;
    ws_node_list_deinit(&drawn->list);
    free(drawn);
}

const double *ws_step_graph_time(ws_step_graph *drawn, const ws_network *network,
                                 const ws_report_step *step)
{
    double forward[WS_PLAN_MAX_STAGES] = {0}, backward[WS_PLAN_MAX_STAGES] = {0};
    double rest = step->seconds - step->input_seconds - step->update_seconds;
    const size_t n_phases = ws_network_phases(network, drawn->phases);
    size_t n = 0;

    if (n_phases == 0)
        return NULL;
    for (size_t i = 0; i < n_phases; i++) {
        const ws_phase_time *phase = &drawn->phases[i];
        /* an engine that knows no stages numbers its phases; here they are one stage */
        const size_t s = phase->stage < drawn->n_stages ? phase->stage : 0;
        const bool is_own = !phase->is_backward || drawn->backward[s] != 0;
        (phase->is_backward ? backward : forward)[s] += phase->seconds;
        rest -= is_own ? phase->seconds : 0.0;
    }
    drawn->seconds[n++] = step->input_seconds;
    for (size_t s = 0; s < drawn->n_stages; s++)
        drawn->seconds[n++] = forward[s];
    drawn->seconds[n++] = rest > 0.0 ? rest : 0.0;
    for (size_t s = drawn->n_stages; s > 0; s--)
        if (drawn->backward[s - 1] != 0)
            drawn->seconds[n++] = backward[s - 1];
    drawn->seconds[n++] = step->update_seconds;
    return drawn->seconds;
}
