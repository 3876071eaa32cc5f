#include "train/step_graph.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/cost.h"
#include "nn/op.h"

enum { N_OTHER_NODES = 16, MAX_SCOPE = 32 }; /* features, loss and what else is no operator */

/** An operator in the list. */
typedef struct drawn_operator {
    size_t drawn;          /* where it stands */
    bool is_vector;        /* what it gives has no places any more */
    char scope[MAX_SCOPE]; /* the box that it is in */
} drawn_operator;

/** Nodes under way. */
typedef struct drawing {
    const ws_graph *graph;
    const ws_feature_settings *settings;
    const char *optimizer;
    ws_plan plan;
    ws_step_graph *nodes;
    ws_node_list *list;
    drawn_operator *operators; /* [graph->n_nodes] */
    size_t n_layers;
} drawing;

/* ---- in front of the network ---- */

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
    const bool is_micro = strcmp(kind, "micro") == 0;

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

static bool is_layer(ws_op_kind kind)
{
    return kind == WS_OP_CONV2D || kind == WS_OP_DENSE || kind == WS_OP_SVDF;
}

/** The box of operator i: of the layer that it begins or follows. */
static void find_scope(drawing *d, size_t i)
{
    const ws_op_kind kind = d->graph->nodes[i].kind;

    if (is_layer(kind))
        (void)snprintf(d->operators[i].scope, MAX_SCOPE, "%s_%zu",
                       kind == WS_OP_CONV2D  ? "conv"
                       : kind == WS_OP_DENSE ? "dense"
                                             : "svdf",
                       ++d->n_layers);
    else if (kind == WS_OP_INPUT)
        (void)snprintf(d->operators[i].scope, MAX_SCOPE, "input");
    else
        memcpy(d->operators[i].scope, d->operators[d->graph->nodes[i].inputs[0]].scope, MAX_SCOPE);
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

static void push_quantizer(drawing *d, const ws_quantizer *quantizer)
{
    ws_node_list_push_integer(d->list, "num_bits", 8);
    ws_node_list_push_bool(d->list, "narrow_range", quantizer->is_narrow);
    if (quantizer->kind == WS_RANGE_FIXED) {
        ws_node_list_push_number(d->list, "min", (double)quantizer->min);
        ws_node_list_push_number(d->list, "max", (double)quantizer->max);
    } else {
        ws_node_list_push_text(d->list, "range", "%s/min to %s/max: %s", quantizer->name,
                               quantizer->name,
                               quantizer->kind == WS_RANGE_LAST ? "of the weights as they are"
                                                                : "an average over batches");
    }
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
    push_quantizer(d, quantizer);
    return true;
}

/** Its variables: names, shapes and how many numbers. */
static void push_parameters(drawing *d, const ws_node *node)
{
    const size_t first = (size_t)node->parameters[0];
    const size_t n = node->kind == WS_OP_SVDF ? 2 : 1;
    size_t n_numbers = 0;

    for (size_t p = first; p < first + n; p++) {
        const ws_variable *parameter = &d->graph->parameters[p];
        char dims[WS_NODE_LIST_MAX_TEXT];
        size_t used = 0;
        for (size_t k = 0; k < parameter->n_dims; k++)
            used += (size_t)snprintf(dims + used, sizeof dims - used, "%s%zu", k > 0 ? ", " : "",
                                     parameter->dims[k]);
        ws_node_list_push_text(d->list, p == first ? "variable" : "second_variable", "%s [%s]",
                               parameter->name, dims);
        n_numbers += parameter->size;
    }
    ws_node_list_push_integer(d->list, "parameters", (int64_t)n_numbers);
}

static void push_window(drawing *d, const ws_node *node)
{
    const ws_window *window = &node->window;

    ws_node_list_push_text(d->list, node->kind == WS_OP_CONV2D ? "kernel" : "ksize", "%zu x %zu",
                           window->h, window->w);
    ws_node_list_push_text(d->list, "strides", "%zu x %zu", window->stride_h, window->stride_w);
    ws_node_list_push_text(d->list, "padding", "%s",
                           window->padding == WS_PADDING_SAME ? "SAME" : "VALID");
}

/** A stage is done as a whole: its time stands at its first operator. */
static void push_stage_note(drawing *d, size_t i)
{
    size_t s = d->plan.n_stages;

    while (s > 0 && d->plan.stages[s - 1].node > i)
        s--;
    if (s == 0)
        return;
    const size_t first = d->plan.stages[s - 1].node;
    const size_t end = s < d->plan.n_stages ? d->plan.stages[s].node : d->graph->n_nodes;
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

    if (node->parameters[0] != WS_NO_VARIABLE)
        push_parameters(d, node);
    if (n_products > 0.0)
        ws_node_list_push_integer(d->list, "multiplications_per_clip", (int64_t)n_products);
    if (node->kind == WS_OP_CONV2D || node->kind == WS_OP_MAX_POOL)
        push_window(d, node);
    if (node->kind == WS_OP_SVDF)
        ws_node_list_push_integer(d->list, "rank", (int64_t)node->rank);
    if (node->kind == WS_OP_FAKE_QUANT)
        push_quantizer(d, &d->graph->quantizers[node->quantizer - 1]);
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

static void push_operator(drawing *d, size_t i)
{
    const ws_node *node = &d->graph->nodes[i];
    const size_t before = i > 0 ? d->operators[node->inputs[0]].drawn : d->nodes->input;
    size_t n_quantizers = 0;

    find_scope(d, i);
    for (size_t p = 0; node->parameters[0] != WS_NO_VARIABLE && p <= (node->kind == WS_OP_SVDF);
         p++)
        n_quantizers += push_weight_quantizer(d, i, node->parameters[0] + (int)p);
    const char *op = op_name(d, i);
    d->operators[i].drawn = ws_node_list_push(d->list, op, "%s/%s", d->operators[i].scope, op);
    ws_node_list_push_input(d->list, before);
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
    const char *op =
        strcmp(d->optimizer, "momentum") == 0 ? "ApplyMomentum" : "ApplyGradientDescent";

    d->nodes->update = ws_node_list_push(d->list, op, "update/%s", op);
    for (size_t s = d->plan.n_stages; s > 0; s--)
        if (d->nodes->backward[s - 1] != 0 && d->plan.stages[s - 1].weights != NULL)
            ws_node_list_push_input(d->list, d->nodes->backward[s - 1]);
    ws_node_list_push_integer(d->list, "numbers", (int64_t)d->graph->n_weights);
}

static void draw(drawing *d)
{
    ws_step_graph *nodes = d->nodes;

    push_features(d);
    for (size_t i = 0; i < d->graph->n_nodes; i++)
        push_operator(d, i);
    push_loss(d, d->operators[d->graph->n_nodes - 1].drawn);
    push_gradients(d);
    push_update(d);
    nodes->n_stages = d->plan.n_stages;
    for (size_t s = 0; s < nodes->n_stages; s++)
        nodes->forward[s] = d->operators[d->plan.stages[s].node].drawn;
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
                               const ws_feature_settings *settings, const char *optimizer,
                               ws_error *err)
{
    const size_t max_nodes =
        graph->n_nodes + graph->n_quantizers + WS_PLAN_MAX_STAGES + N_OTHER_NODES;
    drawing *d = calloc(1, sizeof *d);
    ws_step_graph *made = calloc(1, sizeof *made);
    ws_status status =
        d == NULL || made == NULL ? ws_fail_memory(err, "the graph for TensorBoard") : WS_OK;
    if (status == WS_OK) {
        d->operators = calloc(graph->n_nodes, sizeof *d->operators);
        if (d->operators == NULL)
            status = ws_fail_memory(err, "the graph for TensorBoard");
    }
    if (status == WS_OK)
        status = ws_node_list_init(&made->list, max_nodes, 3 * max_nodes, err);
    if (status == WS_OK) {
        d->graph = graph;
        d->settings = settings;
        d->optimizer = optimizer;
        d->nodes = made;
        d->list = &made->list;
        /* a graph that only the reference engine runs is drawn without a way back */
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
        const bool is_own = !phase->is_backward || drawn->backward[phase->stage] != 0;
        (phase->is_backward ? backward : forward)[phase->stage] += phase->seconds;
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
