#include "nn/engine/lanes/lower.h"

#include <stdlib.h>

#include "nn/engine/lanes/products.h"
#include "nn/op.h"

typedef struct lowering {
    const ws_graph *graph;
    ws_lanes_lowered *lowered;
    ws_lanes_program *program;
    size_t *values;  /* [graph n_nodes] the program's node of each */
    size_t *readers; /* [graph n_nodes] how many nodes read it */
    bool *is_inner;  /* [graph n_nodes] done by the concatenation that alone reads it */
    size_t i;        /* the node in work */
    ws_error *err;
} lowering;

static const ws_node *node_of(const lowering *l)
{
    return &l->graph->nodes[l->i];
}

static ws_status refuse(const lowering *l, const char *why)
{
    return ws_fail(l->err, WS_EINVAL, "the fast engines cannot run operator %zu, %s: %s", l->i,
                   ws_op_get(node_of(l)->kind)->name, why);
}

/** The program's node of input k. */
static size_t value(const lowering *l, size_t k)
{
    return l->values[node_of(l)->inputs[k]];
}

static size_t offset_of(const lowering *l, size_t slot)
{
    const ws_variable *parameter = ws_graph_parameter(l->graph, node_of(l), slot);
    return parameter != NULL ? parameter->offset : WS_LANES_NONE;
}

static ws_lanes_window window_of(const ws_node *node)
{
    const ws_window *v = &node->window;
    return (ws_lanes_window){.h = v->h,
                             .w = v->w,
                             .stride_h = v->stride_h,
                             .stride_w = v->stride_w,
                             .dilation_h = v->dilation_h,
                             .dilation_w = v->dilation_w,
                             .before_h = v->zeros.before_h,
                             .before_w = v->zeros.before_w,
                             .out_h = node->shape.h,
                             .out_w = node->shape.w};
}

/** The bias that alone reads the node in work: its offset, and its node takes the value of this
 *  one. */
static size_t take_bias(lowering *l, size_t *bias_node)
{
    const ws_graph *graph = l->graph;

    *bias_node = l->i;
    if (l->readers[l->i] != 1)
        return WS_LANES_NONE;
    for (size_t i = l->i + 1; i < graph->n_nodes; i++) {
        const ws_node *reader = &graph->nodes[i];
        if (reader->kind != WS_OP_BIAS_ADD || reader->inputs[0] != l->i)
            continue;
        *bias_node = i;
        return ws_graph_parameter(graph, reader, 0)->offset;
    }
    return WS_LANES_NONE;
}

static ws_status lower_products(lowering *l)
{
    const ws_node *node = node_of(l);
    const ws_shape in = ws_graph_shape_in(l->graph, node, 0);
    const size_t weights = offset_of(l, 0);
    ws_lanes_window window;
    size_t bias_node;
    const size_t bias = take_bias(l, &bias_node);

    if (node->kind == WS_OP_DENSE) { /* a window over all, of which there is one */
        const ws_lanes_node *x = &l->program->nodes[value(l, 0)];
        window = (ws_lanes_window){.h = x->h,
                                   .w = x->w,
                                   .stride_h = x->h,
                                   .stride_w = x->w,
                                   .dilation_h = 1,
                                   .dilation_w = 1,
                                   .out_h = 1,
                                   .out_w = 1};
        if (x->h * x->w * x->c != ws_shape_size(in))
            return refuse(l, "it does not read a whole value");
    } else {
        window = window_of(node);
    }
    const size_t y =
        node->kind == WS_OP_DEPTHWISE
            ? ws_lanes_push_depthwise(l->program, value(l, 0), &window, weights, bias)
            : ws_lanes_push_conv(l->program, value(l, 0), &window, node->shape.c, weights, bias);
    l->values[l->i] = l->values[bias_node] = y;
    return WS_OK;
}

static ws_status lower_bias(lowering *l)
{
    if (l->values[l->i] == WS_LANES_NONE)
        l->values[l->i] = ws_lanes_push_bias(l->program, value(l, 0), offset_of(l, 0));
    return WS_OK;
}

static ws_status lower_norm(lowering *l)
{
    const ws_node *node = node_of(l);
    const ws_variable *states = l->graph->states;
    const ws_lanes_norm norm = {.n_bands = node->norm.n_bands,
                                .c = node->shape.c,
                                .gamma = offset_of(l, WS_NORM_SCALE),
                                .beta = offset_of(l, WS_NORM_OFFSET),
                                .mean = states[node->states[WS_NORM_MEAN]].offset,
                                .variance = states[node->states[WS_NORM_VARIANCE]].offset,
                                .momentum = node->norm.momentum,
                                .epsilon = node->norm.epsilon};
    l->values[l->i] = ws_lanes_push_norm(l->program, value(l, 0), &norm);
    return WS_OK;
}

/** Whether b repeats along h or w, if at all, and a has the shape of both together. */
static bool is_repeated_along(ws_shape a, ws_shape b)
{
    return a.c == b.c && (a.h == b.h || b.h == 1) && (a.w == b.w || b.w == 1);
}

static ws_status lower_pair(lowering *l)
{
    const ws_node *node = node_of(l);
    const ws_shape a = ws_graph_shape_in(l->graph, node, 0);
    const ws_shape b = ws_graph_shape_in(l->graph, node, 1);
    const ws_lanes_op op = node->kind == WS_OP_ADD ? WS_LANES_ADD : WS_LANES_MULTIPLY;

    if (!is_repeated_along(a, b) && !is_repeated_along(b, a))
        return refuse(l, "each of its inputs is repeated along another axis, or along channels");
    l->values[l->i] = ws_lanes_push_pair(l->program, op, value(l, 0), value(l, 1));
    return WS_OK;
}

static ws_status lower_mean(lowering *l)
{
    const ws_node *node = node_of(l);
    size_t x = value(l, 0);

    if ((node->axes & WS_AXIS_W) != 0)
        x = ws_lanes_push_mean_w(l->program, x);
    if ((node->axes & WS_AXIS_H) != 0)
        x = ws_lanes_push_mean_h(l->program, x);
    if ((node->axes & WS_AXIS_C) != 0)
        x = ws_lanes_push_mean_c(l->program, x);
    l->values[l->i] = x;
    return WS_OK;
}

/** An average over a window that leaves the image: zeros count in the program's operator, so what
 * it gives is scaled. */
static ws_status lower_average_pool(lowering *l)
{
    const ws_node *node = node_of(l);
    const ws_shape in = ws_graph_shape_in(l->graph, node, 0);
    const ws_lanes_window v = window_of(node);
    const size_t mean = ws_lanes_push_average_pool(l->program, value(l, 0), &v);

    l->values[l->i] = mean;
    if (v.before_h == 0 && v.before_w == 0 && (v.out_h - 1) * v.stride_h + v.h <= in.h &&
        (v.out_w - 1) * v.stride_w + v.w <= in.w)
        return WS_OK;
    const size_t scale = ws_lanes_push_input(l->program, v.out_h, v.out_w, in.c);
    l->lowered->scales[l->lowered->n_scales++] = (ws_lanes_scale){.node = l->i, .input = scale};
    l->values[l->i] = ws_lanes_push_pair(l->program, WS_LANES_MULTIPLY, mean, scale);
    return WS_OK;
}

/** Whether the first or the last window along an axis of n places covers padding alone. */
static bool meets_zeros_alone(size_t n, size_t size, size_t stride, size_t before, size_t out)
{
    return before >= size || (out - 1) * stride >= before + n;
}

static ws_status lower_max_pool(lowering *l)
{
    const ws_shape in = ws_graph_shape_in(l->graph, node_of(l), 0);
    const ws_lanes_window v = window_of(node_of(l));

    if (meets_zeros_alone(in.h, v.h, v.stride_h, v.before_h, v.out_h) ||
        meets_zeros_alone(in.w, v.w, v.stride_w, v.before_w, v.out_w))
        return refuse(l, "a window lies outside of the image");
    if (v.h * v.w > WS_LANES_MAX_POOLED)
        return refuse(l, "its window has more than 1024 numbers");
    l->values[l->i] = ws_lanes_push_max_pool(l->program, value(l, 0), &v);
    return WS_OK;
}

/** The rows and channels that a part of a concatenation of depthwise convolutions reads: one that
 *  this part alone reads. NULL: the part is something else. */
static const ws_node *slice_of_part(const lowering *l, const ws_node *concat, size_t k)
{
    const size_t part = concat->inputs[k];
    const ws_node *depthwise = &l->graph->nodes[part];

    if (depthwise->kind != WS_OP_DEPTHWISE || l->readers[part] != 1 ||
        l->readers[depthwise->inputs[0]] != 1)
        return NULL;
    const ws_node *slice = &l->graph->nodes[depthwise->inputs[0]];
    const ws_shape in = ws_graph_shape_in(l->graph, slice, 0);
    return slice->kind == WS_OP_SLICE && slice->shape.w == in.w ? slice : NULL;
}

/** Inside of its input, pixel by pixel. */
static bool is_plain(const ws_lanes_window *v)
{
    return v->stride_h == 1 && v->stride_w == 1 && v->dilation_h == 1 && v->dilation_w == 1 &&
           v->before_h == 0 && v->before_w == 0;
}

/**
 * Whether a concatenation is one depthwise convolution whose groups of channels see the last rows
 * of its window (MixConv): its parts read neighbouring channels of one value, all of them, and
 * leave out as many first rows as they see fewer.
 * @param[out] window, groups  [inputs] of that convolution
 */
static bool find_groups(const lowering *l, const ws_node *concat, ws_lanes_window *window,
                        ws_lanes_group *groups)
{
    size_t channel = 0, source = 0, rows = 0;

    for (size_t k = 0; k < concat->n_inputs; k++) {
        const ws_node *slice = slice_of_part(l, concat, k);
        if (slice == NULL)
            return false;
        const ws_node *part = &l->graph->nodes[concat->inputs[k]];
        const ws_lanes_window v = window_of(part);
        if (k == 0) {
            source = slice->inputs[0];
            *window = v;
            rows = slice->first.h + v.h;
        }
        if (!is_plain(&v) || v.w != window->w || v.out_h != window->out_h ||
            v.out_w != window->out_w || v.out_h + v.h - 1 > slice->shape.h ||
            v.out_w + v.w - 1 > slice->shape.w || slice->inputs[0] != source ||
            slice->first.c != channel || slice->first.h + v.h != rows)
            return false;
        groups[k] = (ws_lanes_group){.channel = channel,
                                     .n = part->shape.c,
                                     .tap = slice->first.h,
                                     .weights = ws_graph_parameter(l->graph, part, 0)->offset};
        channel += part->shape.c;
    }
    window->h = rows;
    return channel == l->graph->nodes[source].shape.c;
}

/** Marks what concatenations do with their inputs in one go. */
static void find_inner(lowering *l)
{
    ws_lanes_window window;
    ws_lanes_group groups[WS_NODE_MAX_INPUTS];

    for (size_t i = 0; i < l->graph->n_nodes; i++) {
        const ws_node *node = &l->graph->nodes[i];
        if (node->kind != WS_OP_CONCAT || !find_groups(l, node, &window, groups))
            continue;
        for (size_t k = 0; k < node->n_inputs; k++) {
            l->is_inner[node->inputs[k]] = true;
            l->is_inner[l->graph->nodes[node->inputs[k]].inputs[0]] = true;
        }
    }
}

static ws_status lower_concat(lowering *l)
{
    const ws_node *node = node_of(l);
    ws_lanes_window window;
    ws_lanes_group groups[WS_NODE_MAX_INPUTS];

    if (find_groups(l, node, &window, groups)) {
        const ws_node *slice = slice_of_part(l, node, 0);
        l->values[l->i] = ws_lanes_push_mixed_depthwise(l->program, l->values[slice->inputs[0]],
                                                        &window, groups, node->n_inputs);
        return WS_OK;
    }
    size_t x = value(l, 0);
    for (size_t k = 1; k < node_of(l)->n_inputs; k++)
        x = ws_lanes_push_concat(l->program, x, value(l, k));
    l->values[l->i] = x;
    return WS_OK;
}

static ws_status lower_slice(lowering *l)
{
    const ws_node *node = node_of(l);
    const ws_shape in = ws_graph_shape_in(l->graph, node, 0);
    size_t x = value(l, 0);

    if (node->shape.h != in.h)
        x = ws_lanes_push_rows(l->program, x, node->first.h, node->shape.h);
    if (node->shape.w != in.w) { /* in a row, some columns are some numbers */
        x = ws_lanes_push_reshape(l->program, x, 1, in.w * in.c);
        x = ws_lanes_push_slice(l->program, x, node->first.w * in.c, node->shape.w * in.c);
        x = ws_lanes_push_reshape(l->program, x, node->shape.w, in.c);
    }
    if (node->shape.c != in.c)
        x = ws_lanes_push_slice(l->program, x, node->first.c, node->shape.c);
    l->values[l->i] = x;
    return WS_OK;
}

/** Rows as other rows of the same numbers; or any shape, if only products with the whole of it
 *  follow, which read numbers in their order. */
static ws_status lower_reshape(lowering *l)
{
    const ws_node *node = node_of(l);
    /* what a reshape before this one gave is not in the program */
    const ws_lanes_node *in = &l->program->nodes[value(l, 0)];

    l->values[l->i] = value(l, 0);
    if (node->shape.h == in->h) {
        if (node->shape.c != in->c)
            l->values[l->i] =
                ws_lanes_push_reshape(l->program, value(l, 0), node->shape.w, node->shape.c);
        return WS_OK;
    }
    for (size_t i = l->i + 1; i < l->graph->n_nodes; i++)
        for (size_t k = 0; k < l->graph->nodes[i].n_inputs; k++)
            if (l->graph->nodes[i].inputs[k] == l->i && l->graph->nodes[i].kind != WS_OP_DENSE &&
                l->graph->nodes[i].kind != WS_OP_RESHAPE)
                return refuse(l, "rows become others, and not for a dense layer");
    return WS_OK;
}

static ws_status lower_dropout(lowering *l)
{
    const ws_node *node = node_of(l);
    const bool is_spatial = node->dropout.is_spatial;
    const size_t mask = ws_lanes_push_input(l->program, is_spatial ? 1 : node->shape.h,
                                            is_spatial ? 1 : node->shape.w, node->shape.c);

    l->lowered->masks[l->lowered->n_masks++] = (ws_lanes_mask){.node = l->i, .input = mask};
    l->values[l->i] = ws_lanes_push_pair(l->program, WS_LANES_MULTIPLY, value(l, 0), mask);
    return WS_OK;
}

static ws_status lower_fake_quant(lowering *l)
{
    const size_t quantizer = node_of(l)->quantizer - 1;
    const bool learns = l->graph->quantizers[quantizer].kind != WS_RANGE_FIXED;

    l->values[l->i] = ws_lanes_push_quantize(l->program, value(l, 0), quantizer, learns);
    return WS_OK;
}

static ws_status lower_activation(lowering *l, ws_lanes_op op)
{
    l->values[l->i] = ws_lanes_push_activation(l->program, op, value(l, 0));
    return WS_OK;
}

static ws_status lower_node(lowering *l)
{
    const ws_node *node = node_of(l);
    const bool is_last = l->i + 1 == l->graph->n_nodes;

    if (is_last && (node->shape.h > 1 || node->shape.w > 1))
        return refuse(l, "logits are one row of numbers");
    switch (node->kind) {
    case WS_OP_INPUT:
        l->values[l->i] =
            ws_lanes_push_input(l->program, node->shape.h, node->shape.w, node->shape.c);
        return WS_OK;
    case WS_OP_CONV2D:
    case WS_OP_DEPTHWISE:
    case WS_OP_DENSE:
        return lower_products(l);
    case WS_OP_BIAS_ADD:
        return lower_bias(l);
    case WS_OP_BATCH_NORM:
        return lower_norm(l);
    case WS_OP_RELU:
        return lower_activation(l, WS_LANES_RELU);
    case WS_OP_SILU:
        return lower_activation(l, WS_LANES_SILU);
    case WS_OP_SIGMOID:
        return lower_activation(l, WS_LANES_SIGMOID);
    case WS_OP_ADD:
    case WS_OP_MUL:
        return lower_pair(l);
    case WS_OP_MEAN:
        return lower_mean(l);
    case WS_OP_AVERAGE_POOL:
        return lower_average_pool(l);
    case WS_OP_MAX_POOL:
        return lower_max_pool(l);
    case WS_OP_CONCAT:
        return lower_concat(l);
    case WS_OP_SLICE:
        return lower_slice(l);
    case WS_OP_RESHAPE:
        return lower_reshape(l);
    case WS_OP_DROPOUT:
        return lower_dropout(l);
    case WS_OP_FAKE_QUANT:
        return lower_fake_quant(l);
    default:
        return refuse(l, "use --engine=reference");
    }
}

/** Parts of the rows of a sample that are items of their own: enough for a few threads, and more
 *  where the rows of an item would not fit into a second cache. */
static size_t choose_n_bands(const ws_graph *graph)
{
    enum { LEAST = 2, MOST = 16, ITEM_FLOATS = 128 * 1024 };
    size_t largest = 0;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        const size_t size = ws_shape_size(graph->nodes[i].shape) * WS_LANES;
        largest = size > largest ? size : largest;
    }
    const size_t n = largest / ITEM_FLOATS;
    return n < LEAST ? LEAST : n > MOST ? MOST : n;
}

static ws_status lower_nodes(lowering *l)
{
    ws_status status = WS_OK;

    for (size_t i = 0; i < l->graph->n_nodes; i++) {
        l->values[i] = WS_LANES_NONE;
        for (size_t k = 0; k < l->graph->nodes[i].n_inputs; k++)
            l->readers[l->graph->nodes[i].inputs[k]]++;
    }
    find_inner(l);
    for (l->i = 0; l->i < l->graph->n_nodes && status == WS_OK; l->i++) {
        if (!l->is_inner[l->i])
            status = lower_node(l);
        if (status == WS_OK)
            status = ws_lanes_program_status(l->program, l->err);
    }
    return status;
}

ws_status ws_lanes_lower(ws_lanes_lowered *lowered, const ws_graph *graph, bool is_trained,
                         ws_error *err)
{
    const size_t n = graph->n_nodes;
    lowering l = {.graph = graph, .lowered = lowered, .program = &lowered->program, .err = err};
    ws_status status;

    *lowered = (ws_lanes_lowered){0};
    ws_lanes_program_init(l.program, choose_n_bands(graph));
    lowered->masks = calloc(n, sizeof *lowered->masks);
    lowered->scales = calloc(n, sizeof *lowered->scales);
    l.values = calloc(n, sizeof *l.values);
    l.readers = calloc(n, sizeof *l.readers);
    l.is_inner = calloc(n, sizeof *l.is_inner);
    if (lowered->masks == NULL || lowered->scales == NULL || l.values == NULL ||
        l.readers == NULL || l.is_inner == NULL)
        status = ws_fail_memory(err, "the program of a network");
    else
        status = lower_nodes(&l);
    if (status == WS_OK) {
        l.program->output = l.values[n - 1];
        if (is_trained)
            ws_lanes_program_differentiate(l.program, l.program->output);
        status = ws_lanes_program_status(l.program, err);
    }
    free(l.values);
    free(l.readers);
    free(l.is_inner);
    return status;
}

void ws_lanes_lowered_deinit(ws_lanes_lowered *lowered)
{
    ws_lanes_program_deinit(&lowered->program);
    free(lowered->masks);
    free(lowered->scales);
    *lowered = (ws_lanes_lowered){0};
}
