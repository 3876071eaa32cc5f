/* Layers to steps. What a step does at its end, such as the sum with a residual, is decided first:
 * a layer whose only reader takes it along is left for that reader to emit. */
#include <assert.h>
#include <stdlib.h>

#include "nn/infer/program.h"
#include "nn/infer/winograd.h"
#include "nn/passes/rewrite.h"

typedef struct compiler {
    ws_infer *infer;
    const ws_graph *graph;
    const ws_layer *layers;
    size_t *layer_of; /* [n_nodes] the layer that gives the value, counted from 1; 0: none */
    bool *is_left;    /* [n_layers] its reader emits it */
    size_t *values;   /* [n_nodes] the value of a layer that was emitted */
    size_t copied;    /* value that is a copy of the features; 0: none yet */
} compiler;

static const ws_node *node_of(const compiler *c, size_t layer)
{
    return &c->graph->nodes[c->layers[layer].node];
}

static bool same_shape(ws_shape a, ws_shape b)
{
    return a.h == b.h && a.w == b.w && a.c == b.c;
}

/** The layer that gives a value which only the layer `reader` reads, and which ends without an
 *  activation or a range; counted from 1; 0: missing, or of another kind. */
static size_t find_taken(const compiler *c, size_t reader, size_t input, ws_op_kind kind)
{
    const size_t layer = c->layer_of[node_of(c, reader)->inputs[input]];

    if (layer == 0)
        return 0;
    const ws_layer *l = &c->layers[layer - 1];
    const bool is_taken = node_of(c, layer - 1)->kind == kind && l->activation == 0 &&
                          l->fake_quant == 0 &&
                          ws_rewrite_find_reader(c->graph, l->value) == c->layers[reader].node;
    return is_taken ? layer : 0;
}

/** Whether the sum at the layer is the end of a convolution. @return that layer from 1, or 0;
 *  other: the input that is the residual */
static size_t find_summed(const compiler *c, size_t sum, size_t *other)
{
    const ws_node *node = node_of(c, sum);

    for (size_t k = 0; k < 2; k++) {
        const size_t layer = find_taken(c, sum, k, WS_OP_CONV2D);
        const size_t residual = node->inputs[1 - k];
        if (layer == 0 || residual == 0 ||
            !same_shape(c->graph->nodes[residual].shape, node->shape) ||
            !same_shape(node_of(c, layer - 1)->shape, node->shape))
            continue;
        *other = residual;
        return layer;
    }
    return 0;
}

static size_t count_terms(const compiler *c, size_t sum)
{
    size_t n = 0;

    for (size_t k = 0; k < 2; k++) {
        const size_t layer = c->layer_of[node_of(c, sum)->inputs[k]];
        n += layer != 0 && c->is_left[layer - 1] ? count_terms(c, layer - 1) : 1;
    }
    return n;
}

/** Leaves layers that the sum at the layer takes along. */
static void decide_sum(compiler *c, size_t sum)
{
    size_t other;
    const size_t summed = find_summed(c, sum, &other);

    if (summed != 0) {
        c->is_left[summed - 1] = true;
        return;
    }
    for (size_t k = 0; k < 2; k++) {
        const size_t layer = find_taken(c, sum, k, WS_OP_ADD);
        if (layer == 0 || find_summed(c, layer - 1, &other) != 0 ||
            !same_shape(node_of(c, layer - 1)->shape, node_of(c, sum)->shape))
            continue;
        if (count_terms(c, sum) - 1 + count_terms(c, layer - 1) <= WS_INFER_MAX_TERMS)
            c->is_left[layer - 1] = true;
    }
}

static void decide(compiler *c)
{
    for (size_t i = 0; i < c->infer->lowered.n_layers; i++) {
        if (node_of(c, i)->kind == WS_OP_ADD)
            decide_sum(c, i);
        if (node_of(c, i)->kind == WS_OP_BATCH_NORM) {
            const size_t layer = find_taken(c, i, 0, WS_OP_DEPTHWISE);
            if (layer != 0)
                c->is_left[layer - 1] = true;
        }
    }
}

static size_t push_value(compiler *c, ws_shape shape)
{
    c->infer->values[c->infer->n_values] = (ws_infer_value){.shape = shape, .first = SIZE_MAX};
    return c->infer->n_values++;
}

static ws_infer_step *push_step(compiler *c, ws_infer_kind kind, const ws_node *node)
{
    ws_infer_step *step = &c->infer->steps[c->infer->n_steps++];

    *step = (ws_infer_step){.kind = kind, .node = node};
    return step;
}

/** The value of a node, which kernels may read beyond its end. */
static size_t value_of(compiler *c, size_t node)
{
    if (node != 0)
        return c->values[node];
    if (c->copied == 0) {
        ws_infer_step *copy = push_step(c, WS_INFER_PAD, &c->graph->nodes[0]);
        copy->n_in = 1;
        copy->out = c->copied = push_value(c, c->graph->nodes[0].shape);
    }
    return c->copied;
}

/** A step that reads the node's first input and gives a new value. */
static ws_infer_step *push_unary(compiler *c, ws_infer_kind kind, const ws_node *node,
                                 ws_shape shape)
{
    const bool is_copy = kind == WS_INFER_COPY || kind == WS_INFER_HISTORY;
    const size_t in = is_copy ? c->values[node->inputs[0]] : value_of(c, node->inputs[0]);
    ws_infer_step *step = push_step(c, kind, node);

    step->in[0] = in;
    step->n_in = 1;
    step->out = push_value(c, shape);
    return step;
}

/** Activation and range of a layer whose operator gave a value. */
static void finish_layer(compiler *c, const ws_layer *layer, size_t value, bool is_activated)
{
    if (layer->activation != 0 && !is_activated) {
        ws_infer_step *step = push_step(c, WS_INFER_ACTIVATE, &c->graph->nodes[layer->activation]);
        step->activation = step->node->kind;
        step->in[0] = step->out = value;
        step->n_in = 1;
    }
    if (layer->fake_quant != 0) {
        ws_infer_step *step = push_step(c, WS_INFER_QUANTIZE, &c->graph->nodes[layer->fake_quant]);
        step->in[0] = step->out = value;
        step->n_in = 1;
    }
    c->values[layer->value] = value;
}

static bool ends_in_relu(const compiler *c, const ws_layer *layer)
{
    return layer->activation != 0 && c->graph->nodes[layer->activation].kind == WS_OP_RELU;
}

/** Zeros after the image that a window reads, in one direction. */
static size_t zeros_read(size_t out, size_t stride, size_t size, size_t dilation, size_t before,
                         size_t in)
{
    const size_t end = (out - 1) * stride + (size - 1) * dilation + 1;
    return end > before + in ? end - before - in : 0;
}

static ws_window fit_window(const ws_node *node, ws_shape in)
{
    ws_window w = node->window;

    w.zeros.after_h =
        zeros_read(node->shape.h, w.stride_h, w.h, w.dilation_h, w.zeros.before_h, in.h);
    w.zeros.after_w =
        zeros_read(node->shape.w, w.stride_w, w.w, w.dilation_w, w.zeros.before_w, in.w);
    return w;
}

/** The value that a convolution reads, with columns of zeros around it. */
static size_t pad(compiler *c, size_t node, const ws_margins *zeros)
{
    const bool has_columns = zeros->before_w + zeros->after_w > 0;
    const bool has_rows = zeros->before_h + zeros->after_h > 0;
    ws_shape shape = c->graph->nodes[node].shape;

    if (!has_columns && (node != 0 || !has_rows))
        return c->values[node];
    shape.w += zeros->before_w + zeros->after_w;
    ws_infer_step *step = push_step(c, WS_INFER_PAD, &c->graph->nodes[node]);
    step->in[0] = c->values[node];
    step->n_in = 1;
    step->window.zeros = *zeros;
    step->out = push_value(c, shape);
    return step->out;
}

/** Whether a convolution is done at points (winograd.h). Not with fake quantisation: there a small
 *  rounding error can move a number to another level. */
static bool is_at_points(const compiler *c, const ws_node *node)
{
    return c->graph->n_quantizers == 0 &&
           ws_winograd_fits(&node->window, ws_graph_shape_in(c->graph, node, 0), node->shape);
}

/** @param end, residual  as of emit_conv */
static void emit_at_points(compiler *c, size_t i, const ws_layer *end, size_t residual)
{
    const ws_node *node = node_of(c, i);
    const ws_shape in = ws_graph_shape_in(c->graph, node, 0);
    const size_t width = ws_winograd_n_columns(node->window.w, node->shape.w);
    ws_infer_step *there = push_unary(c, WS_INFER_TO_POINTS, node, (ws_shape){in.h, width, in.c});
    ws_infer_step *step = push_step(c, WS_INFER_PRODUCT, node);
    ws_infer_step *back = push_step(c, WS_INFER_FROM_POINTS, node);

    there->window = step->window = fit_window(node, in);
    step->window.zeros.before_w = step->window.zeros.after_w = 0;
    step->is_at_points = true;
    step->in[0] = there->out;
    step->out = back->in[0] = push_value(c, (ws_shape){node->shape.h, width, node->shape.c});
    step->weights = c->layers[i].node;
    back->out = push_value(c, node->shape);
    back->bias_node = c->layers[i].bias;
    back->residual = residual;
    back->has_relu = ends_in_relu(c, end);
    step->n_in = back->n_in = 1;
    finish_layer(c, end, back->out, back->has_relu);
}

/** @param end  the layer that it ends with: its own, or a sum's
 *  @param residual  a value, or WS_INFER_NO_VALUE */
static void emit_conv(compiler *c, size_t i, const ws_layer *end, size_t residual)
{
    const ws_node *node = node_of(c, i);

    if (is_at_points(c, node)) {
        emit_at_points(c, i, end, residual);
        return;
    }
    ws_window window = fit_window(node, ws_graph_shape_in(c->graph, node, 0));
    const size_t in = pad(c, node->inputs[0], &window.zeros);
    ws_infer_step *step = push_step(c, WS_INFER_PRODUCT, node);

    window.zeros.before_w = window.zeros.after_w = 0;
    step->window = window;
    step->in[0] = in;
    step->n_in = 1;
    step->out = push_value(c, node->shape);
    step->weights = c->layers[i].node;
    step->bias_node = c->layers[i].bias;
    step->residual = residual;
    step->has_relu = ends_in_relu(c, end);
    finish_layer(c, end, step->out, step->has_relu);
}

static void emit_taps(compiler *c, size_t i, const ws_layer *end)
{
    const ws_node *node = node_of(c, i);
    ws_infer_step *step = push_unary(c, WS_INFER_TAPS, node, node->shape);

    step->window = fit_window(node, ws_graph_shape_in(c->graph, node, 0));
    step->weights = c->layers[i].node;
    step->bias_node = c->layers[i].bias;
    step->norm = end == &c->layers[i] ? 0 : end->node;
    step->has_relu = ends_in_relu(c, end);
    finish_layer(c, end, step->out, step->has_relu);
}

static void emit_dense(compiler *c, size_t i)
{
    enum { MAX_DOTS = 16 }; /* outputs up to which lanes are better along the inputs */
    const ws_layer *layer = &c->layers[i];
    const ws_node *node = node_of(c, i);
    const bool is_svdf = node->kind == WS_OP_SVDF;
    const ws_infer_kind kind = is_svdf                     ? WS_INFER_SVDF
                               : node->shape.c <= MAX_DOTS ? WS_INFER_DOTS
                                                           : WS_INFER_PRODUCT;
    ws_infer_step *step = push_step(c, kind, node);

    step->in[0] = c->values[node->inputs[0]];
    step->n_in = 1;
    step->out = push_value(c, node->shape);
    step->weights = layer->node;
    step->bias_node = layer->bias;
    step->has_relu = ends_in_relu(c, layer);
    finish_layer(c, layer, step->out, step->has_relu);
}

/** Appends the terms of a sum to a step that is being filled. */
static void collect_terms(compiler *c, size_t sum, size_t terms[WS_INFER_MAX_TERMS], size_t *n)
{
    for (size_t k = 0; k < 2; k++) {
        const size_t input = node_of(c, sum)->inputs[k], layer = c->layer_of[input];
        if (layer != 0 && c->is_left[layer - 1])
            collect_terms(c, layer - 1, terms, n);
        else
            terms[(*n)++] = value_of(c, input);
    }
}

static void emit_sum(compiler *c, size_t i)
{
    const ws_layer *layer = &c->layers[i];
    size_t other, n = 0, terms[WS_INFER_MAX_TERMS];
    const size_t summed = find_summed(c, i, &other);

    if (summed != 0) {
        emit_conv(c, summed - 1, layer, c->values[other]);
        return;
    }
    collect_terms(c, i, terms, &n);
    ws_infer_step *step = push_step(c, WS_INFER_ADD, node_of(c, i));
    for (size_t k = 0; k < n; k++)
        step->in[k] = terms[k];
    step->n_in = n;
    step->out = push_value(c, step->node->shape);
    step->has_relu = ends_in_relu(c, layer);
    finish_layer(c, layer, step->out, step->has_relu);
}

static void emit_mul(compiler *c, size_t i)
{
    const ws_node *node = node_of(c, i);
    const size_t left = value_of(c, node->inputs[0]), right = value_of(c, node->inputs[1]);
    ws_infer_step *step = push_step(c, WS_INFER_MUL, node);

    step->in[0] = left;
    step->in[1] = right;
    step->n_in = 2;
    step->out = push_value(c, node->shape);
    finish_layer(c, &c->layers[i], step->out, false);
}

/** A normalisation, by itself or as the end of a depthwise convolution; or a bias by itself. */
static void emit_scale(compiler *c, size_t i)
{
    const ws_layer *layer = &c->layers[i];
    const ws_node *node = node_of(c, i);
    const size_t taken = c->layer_of[node->inputs[0]];

    if (taken != 0 && c->is_left[taken - 1]) {
        emit_taps(c, taken - 1, layer);
        return;
    }
    ws_infer_step *step = push_unary(c, WS_INFER_SCALE, node, node->shape);
    if (node->kind == WS_OP_BATCH_NORM)
        step->norm = layer->node;
    else
        step->bias_node = layer->node;
    step->has_relu = ends_in_relu(c, layer);
    finish_layer(c, layer, step->out, step->has_relu);
}

/** Each input goes beside the one before. */
static void emit_concat(compiler *c, size_t i)
{
    const ws_node *node = node_of(c, i);
    const size_t out = push_value(c, node->shape);
    ws_shape to = {0, 0, 0};

    for (size_t k = 0; k < node->n_inputs; k++) {
        ws_infer_step *step = push_step(c, WS_INFER_COPY, node);
        step->in[0] = c->values[node->inputs[k]];
        step->n_in = 1;
        step->out = out;
        step->to = to;
        step->size = ws_graph_shape_in(c->graph, node, k);
        to.c += step->size.c;
    }
    finish_layer(c, &c->layers[i], out, false);
}

static void emit_copy(compiler *c, size_t i)
{
    const ws_node *node = node_of(c, i);
    ws_infer_step *step = push_unary(c, WS_INFER_COPY, node, node->shape);

    if (node->kind == WS_OP_SLICE)
        step->from = node->first;
    step->size = node->shape;
    finish_layer(c, &c->layers[i], step->out, false);
}

/** An operator by itself that reads one value. */
static void emit_unary(compiler *c, size_t i, ws_infer_kind kind)
{
    const ws_node *node = node_of(c, i);
    ws_infer_step *step = push_unary(c, kind, node, node->shape);

    step->activation = node->kind;
    if (kind == WS_INFER_POOL)
        step->window = node->window;
    finish_layer(c, &c->layers[i], step->out, false);
}

static void emit(compiler *c, size_t i)
{
    switch (node_of(c, i)->kind) {
    case WS_OP_CONV2D:
        emit_conv(c, i, &c->layers[i], WS_INFER_NO_VALUE);
        break;
    case WS_OP_DEPTHWISE:
        emit_taps(c, i, &c->layers[i]);
        break;
    case WS_OP_DENSE:
    case WS_OP_SVDF:
        emit_dense(c, i);
        break;
    case WS_OP_ADD:
        emit_sum(c, i);
        break;
    case WS_OP_MUL:
        emit_mul(c, i);
        break;
    case WS_OP_BATCH_NORM:
    case WS_OP_BIAS_ADD:
        emit_scale(c, i);
        break;
    case WS_OP_CONCAT:
        emit_concat(c, i);
        break;
    case WS_OP_SLICE:
    case WS_OP_RESHAPE:
    case WS_OP_DROPOUT:
        emit_copy(c, i);
        break;
    case WS_OP_RELU:
    case WS_OP_SILU:
    case WS_OP_SIGMOID:
        emit_unary(c, i, WS_INFER_ACTIVATE);
        break;
    case WS_OP_MEAN:
        emit_unary(c, i, WS_INFER_MEAN);
        break;
    case WS_OP_MAX_POOL:
    case WS_OP_AVERAGE_POOL:
        emit_unary(c, i, WS_INFER_POOL);
        break;
    case WS_OP_FAKE_QUANT:
        emit_unary(c, i, WS_INFER_QUANTIZE);
        break;
    case WS_OP_HISTORY:
        emit_unary(c, i, WS_INFER_HISTORY);
        c->infer->values[c->infer->n_values - 1].is_kept = true;
        break;
    case WS_OP_INPUT:
    case WS_N_OP_KINDS:
        assert(false);
    }
}

/** Room for all steps and values: of each node its copies, padding, operator, activation. */
static ws_status make_room(compiler *c, ws_error *err)
{
    const size_t n_nodes = c->graph->n_nodes, most = 1 + n_nodes * (WS_NODE_MAX_INPUTS + 4);
    ws_infer *infer = c->infer;

    infer->steps = calloc(most, sizeof *infer->steps);
    infer->values = calloc(most, sizeof *infer->values);
    c->layer_of = calloc(n_nodes, sizeof *c->layer_of);
    c->values = calloc(n_nodes, sizeof *c->values);
    c->is_left = calloc(n_nodes, sizeof *c->is_left);
    if (infer->steps == NULL || infer->values == NULL || c->layer_of == NULL || c->values == NULL ||
        c->is_left == NULL)
        return ws_fail_memory(err, "the steps of a network");
    return WS_OK;
}

ws_status ws_infer_compile(ws_infer *infer, ws_error *err)
{
    compiler c = {
        .infer = infer, .graph = &infer->lowered.model.graph, .layers = infer->lowered.layers};
    const size_t n_layers = infer->lowered.n_layers;

    ws_status status = make_room(&c, err);
    if (status == WS_OK) {
        (void)push_value(&c, c.graph->nodes[0].shape);
        for (size_t i = 0; i < n_layers; i++)
            c.layer_of[c.layers[i].value] = i + 1;
        decide(&c);
        for (size_t i = 0; i < n_layers; i++)
            if (!c.is_left[i])
                emit(&c, i);
        infer->output = c.values[c.layers[n_layers - 1].value];
    }
    free(c.layer_of);
    free(c.values);
    free(c.is_left);
    return status;
}
