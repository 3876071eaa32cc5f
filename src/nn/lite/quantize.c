#include "nn/lite/quantize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WEIGHT_MAX = 127, N_LEVELS = 255 };

static const double bias_max = 1073741824.0; /* half of what 32 bits hold */
static const float probability_scale = 1.0f / 256.0f;

/** What a tensor's numbers become. */
typedef struct choice {
    int group; /* the first tensor of those that have the same scale */
    bool is_probability;
    ws_lite_range range;
    float scale;
    int32_t zero_point;
} choice;

typedef struct quantizing {
    const ws_lite_graph *from;
    ws_lite *lite;
    ws_lite_graph *to;
    choice *choices; /* [tensors] */
    ws_error *err;
} quantizing;

/* Scales */

static int group_of(const quantizing *q, int tensor)
{
    while (q->choices[tensor].group != tensor)
        tensor = q->choices[tensor].group;
    return tensor;
}

static bool is_activation(const ws_lite_tensor *tensor)
{
    return tensor->type == WS_LITE_FLOAT32 && tensor->data == NULL;
}

/** Whether an operator gives numbers of what it reads, or means of them. */
static bool keeps_scale(ws_lite_kind kind)
{
    switch (kind) {
    case WS_LITE_AVERAGE_POOL_2D:
    case WS_LITE_CONCATENATION:
    case WS_LITE_EXPAND_DIMS:
    case WS_LITE_MAX_POOL_2D:
    case WS_LITE_PACK:
    case WS_LITE_PAD:
    case WS_LITE_RESHAPE:
    case WS_LITE_SPLIT:
    case WS_LITE_SPLIT_V:
    case WS_LITE_SQUEEZE:
    case WS_LITE_STRIDED_SLICE:
    case WS_LITE_TRANSPOSE:
        return true;
    default:
        return false;
    }
}

/** Whether what a node gives lies from 0 to 1: products of probabilities, too. */
static bool gives_probability(const quantizing *q, const ws_lite_node *node)
{
    return node->kind == WS_LITE_SOFTMAX || node->kind == WS_LITE_LOGISTIC ||
           (node->kind == WS_LITE_MUL && q->choices[group_of(q, node->inputs[0])].is_probability &&
            q->choices[group_of(q, node->inputs[1])].is_probability);
}

static void join(quantizing *q, int group, int other)
{
    q->choices[other].is_probability |= q->choices[group].is_probability;
    q->choices[group].group = other;
}

static void join_groups(quantizing *q)
{
    for (size_t i = 0; i < q->from->n_tensors; i++)
        q->choices[i].group = (int)i;
    for (size_t i = 0; i < q->from->n_nodes; i++) {
        const ws_lite_node *node = &q->from->nodes[i];
        if (gives_probability(q, node))
            q->choices[group_of(q, node->outputs[0])].is_probability = true;
        if (!keeps_scale(node->kind))
            continue;
        for (size_t k = 0; k < node->n_inputs + node->n_outputs; k++) {
            const int edge =
                k < node->n_inputs ? node->inputs[k] : node->outputs[k - node->n_inputs];
            if (edge >= 0 && is_activation(&q->from->tensors[edge]))
                join(q, group_of(q, edge), group_of(q, node->outputs[0]));
        }
    }
}

/** A group's range takes in those of all its tensors. */
static void join_ranges(quantizing *q)
{
    for (size_t i = 0; i < q->from->n_tensors; i++) {
        const ws_lite_range *range = &q->from->tensors[i].range;
        choice *group = &q->choices[group_of(q, (int)i)];
        group->is_probability |= q->choices[i].is_probability;
        if (!range->is_known || !is_activation(&q->from->tensors[i]))
            continue;
        group->range.min = fminf(group->range.min, range->min);
        group->range.max = fmaxf(group->range.max, range->max);
        group->range.is_known = true;
    }
}

static void choose(choice *c)
{
    if (c->is_probability) {
        c->scale = probability_scale;
        c->zero_point = -128;
        return;
    }
    const double min = fmin((double)c->range.min, 0.0), max = fmax((double)c->range.max, 0.0);
    c->scale = (float)((max - min) / N_LEVELS);
    if (!(c->scale > 0.0f)) /* nothing but zero was seen */
        c->scale = 1.0f;
    c->zero_point = (int32_t)fmin(fmax(round(-128.0 - min / (double)c->scale), -128.0), 127.0);
}

/** LiteRT's product wraps around where its scales make more than one step of the result's. */
static void widen_products(quantizing *q)
{
    for (size_t i = 0; i < q->from->n_nodes; i++) {
        const ws_lite_node *node = &q->from->nodes[i];
        if (node->kind != WS_LITE_MUL)
            continue;
        const float step = q->choices[group_of(q, node->inputs[0])].scale *
                           q->choices[group_of(q, node->inputs[1])].scale;
        choice *out = &q->choices[group_of(q, node->outputs[0])];
        if (!out->is_probability && out->scale <= step)
            out->scale = step * 1.001f;
    }
}

static ws_status choose_scales(quantizing *q)
{
    join_groups(q);
    join_ranges(q);
    for (size_t i = 0; i < q->from->n_tensors; i++) {
        const ws_lite_tensor *tensor = &q->from->tensors[i];
        choice *c = &q->choices[i];
        if (tensor->type != WS_LITE_FLOAT32 || group_of(q, (int)i) != (int)i)
            continue;
        if (tensor->data != NULL) { /* an operand, perhaps: by its own numbers */
            const float *numbers = tensor->data;
            for (size_t k = 0; k < ws_lite_tensor_size(tensor); k++) {
                c->range.min = fminf(c->range.min, numbers[k]);
                c->range.max = fmaxf(c->range.max, numbers[k]);
            }
        } else if (!c->range.is_known && !c->is_probability) {
            return ws_fail(q->err, WS_EFORMAT,
                           "the range of tensor \"%s\" is not known: train with --quantize, or "
                           "give clips with --calibration_clips",
                           tensor->name);
        }
        choose(c);
    }
    widen_products(q);
    return WS_OK;
}

/* Constants */

/** Where the weights of channel c are: first + i * step. */
typedef struct channels {
    size_t n, axis; /* n 1: all weights are one */
    size_t step, run, n_each;
} channels;

/**
 * Layers have a scale a channel, but for a depthwise convolution of 1x1 (a normalisation that could
 * not be folded) and dense layers. The former multiplies each number once, and calibration gives
 * its channels one size (equalize.h): with one scale for all its weights, rounding them then moves
 * an output by about half a level of the output's own scale, and a file needs 8 bytes less a
 * channel.
 */
static channels channels_of(ws_lite_kind kind, const ws_lite_tensor *weights)
{
    const size_t size = ws_lite_tensor_size(weights);

    if (kind == WS_LITE_DEPTHWISE_CONV_2D && weights->dims[1] == 1 && weights->dims[2] == 1)
        return (channels){1, 0, 1, size, size};
    if (kind == WS_LITE_CONV_2D)
        return (channels){weights->dims[0], 0, 1, size / weights->dims[0], size / weights->dims[0]};
    if (kind == WS_LITE_DEPTHWISE_CONV_2D)
        return (channels){weights->dims[3], 3, weights->dims[3], 1, size / weights->dims[3]};
    return (channels){1, 0, 1, size, size};
}

static float weight_at(const float *weights, const channels *ch, size_t c, size_t i)
{
    return weights[c * ch->run + i * ch->step];
}

/** The scale of a channel's weights: fine enough for them, coarse enough for its bias. */
static float scale_of(const float *weights, const channels *ch, size_t c, float largest_bias,
                      float input_scale)
{
    float most = 0.0f;

    for (size_t i = 0; i < ch->n_each; i++)
        most = fmaxf(most, fabsf(weight_at(weights, ch, c, i)));
    const double needed = fabs((double)largest_bias) / (double)input_scale / bias_max;
    const float scale = fmaxf(most / (float)WEIGHT_MAX, (float)needed);
    return scale > 0.0f ? scale : 1.0f;
}

/** Replaces a constant of the new graph by whole numbers. */
static void set_whole(quantizing *q, int tensor, ws_lite_type type, void *data, const float *scales,
                      size_t n, size_t axis, int32_t zero_point)
{
    ws_lite_tensor *t = &q->to->tensors[tensor];

    free(t->data);
    t->data = data;
    t->type = type;
    ws_lite_set_scales(q->lite, t, scales, n, axis, zero_point);
}

static int8_t nearest(double x, double zero_point)
{
    return (int8_t)fmin(fmax(round(x) + zero_point, -128.0), 127.0);
}

static void quantize_weights(quantizing *q, const ws_lite_node *node)
{
    const ws_lite_tensor *weights = &q->from->tensors[node->inputs[1]];
    const ws_lite_tensor *bias = &q->from->tensors[node->inputs[2]];
    const float input_scale = q->choices[group_of(q, node->inputs[0])].scale;
    const channels ch = channels_of(node->kind, weights);
    const size_t n_biases = ws_lite_tensor_size(bias);
    const float *w = weights->data, *b = bias->data;
    int8_t *whole = calloc(ws_lite_tensor_size(weights), 1);
    int32_t *whole_bias = calloc(n_biases, sizeof *whole_bias);
    float *scales = calloc(n_biases, sizeof *scales),
          *products = calloc(n_biases, sizeof *products);
    float largest = 0.0f;

    for (size_t i = 0; i < n_biases; i++)
        largest = fmaxf(largest, fabsf(b[i]));
    if (whole == NULL || whole_bias == NULL || scales == NULL || products == NULL) {
        q->lite->status = WS_ENOMEM;
        free(whole);
        free(whole_bias);
    } else {
        for (size_t c = 0; c < ch.n; c++) {
            scales[c] = scale_of(w, &ch, c, ch.n == 1 ? largest : b[c], input_scale);
            products[c] = input_scale * scales[c];
            for (size_t i = 0; i < ch.n_each; i++)
                whole[c * ch.run + i * ch.step] =
                    nearest((double)weight_at(w, &ch, c, i) / (double)scales[c], 0.0);
        }
        for (size_t i = 0; i < n_biases; i++)
            whole_bias[i] = (int32_t)round((double)b[i] / (double)products[ch.n == 1 ? 0 : i]);
        set_whole(q, node->inputs[1], WS_LITE_INT8, whole, scales, ch.n, ch.axis, 0);
        set_whole(q, node->inputs[2], WS_LITE_INT32, whole_bias, products, ch.n, 0, 0);
    }
    free(scales);
    free(products);
}

/** A constant that an operator adds or multiplies. */
static void quantize_operand(quantizing *q, int tensor)
{
    const ws_lite_tensor *operand = &q->from->tensors[tensor];
    const choice *c = &q->choices[tensor];
    const size_t n = ws_lite_tensor_size(operand);
    int8_t *whole = calloc(n, 1);

    if (whole == NULL) {
        q->lite->status = WS_ENOMEM;
        return;
    }
    for (size_t i = 0; i < n; i++)
        whole[i] = nearest((double)((const float *)operand->data)[i] / (double)c->scale,
                           (double)c->zero_point);
    set_whole(q, tensor, WS_LITE_INT8, whole, &c->scale, 1, 0, c->zero_point);
}

static void quantize_constants(quantizing *q, const ws_lite_node *node)
{
    const bool has_weights = node->kind == WS_LITE_CONV_2D ||
                             node->kind == WS_LITE_DEPTHWISE_CONV_2D ||
                             node->kind == WS_LITE_FULLY_CONNECTED;

    if (has_weights) {
        quantize_weights(q, node);
        return;
    }
    for (size_t k = 0; k < node->n_inputs && q->lite->status == WS_OK; k++) {
        const ws_lite_tensor *tensor = &q->to->tensors[node->inputs[k]];
        if (tensor->type == WS_LITE_FLOAT32 && tensor->data != NULL)
            quantize_operand(q, node->inputs[k]);
    }
}

/* The graph */

static void quantize_tensors(quantizing *q)
{
    for (size_t i = 0; i < q->from->n_tensors; i++) {
        const ws_lite_tensor *old = &q->from->tensors[i];
        const choice *c = &q->choices[group_of(q, (int)i)];
        (void)ws_lite_push_tensor(q->lite, q->to, old->name, old, old->data);
        if (q->lite->status != WS_OK || !is_activation(old))
            continue;
        q->to->tensors[i].type = WS_LITE_INT8;
        ws_lite_set_scales(q->lite, &q->to->tensors[i], &c->scale, 1, 0, c->zero_point);
    }
}

/** A tensor of the type with the numbers of an int8 one; uint8 counts from 0. */
static int push_end(quantizing *q, int tensor, ws_lite_type type)
{
    ws_lite_tensor like = q->to->tensors[tensor];
    const int32_t zero_point = like.scale.zero_point + 128;
    const float scale = like.scale.scales[0];

    like.type = type;
    like.scale = (ws_lite_scale){.n = 0};
    const int made = ws_lite_push_tensor(q->lite, q->to, like.name, &like, NULL);
    if (q->lite->status == WS_OK && type == WS_LITE_UINT8)
        ws_lite_set_scales(q->lite, &q->to->tensors[made], &scale, 1, 0, zero_point);
    return made;
}

static void push_change(quantizing *q, ws_lite_kind kind, int from, int to)
{
    (void)ws_lite_push_node(
        q->lite, q->to,
        &(ws_lite_node){
            .kind = kind, .inputs = {from}, .n_inputs = 1, .outputs = {to}, .n_outputs = 1});
}

static void quantize_graph(quantizing *q, const ws_lite_quantize_options *options)
{
    q->to = ws_lite_push_graph(q->lite);
    quantize_tensors(q);
    if (q->lite->status != WS_OK)
        return;
    q->to->n_inputs = q->to->n_outputs = 1;
    q->to->inputs[0] = q->from->inputs[0];
    q->to->outputs[0] = q->from->outputs[0];
    if (options->input_type != WS_LITE_INT8) {
        q->to->inputs[0] = push_end(q, q->from->inputs[0], options->input_type);
        push_change(q, WS_LITE_QUANTIZE, q->to->inputs[0], q->from->inputs[0]);
    }
    for (size_t i = 0; i < q->from->n_nodes && q->lite->status == WS_OK; i++) {
        (void)ws_lite_push_node(q->lite, q->to, &q->from->nodes[i]);
        quantize_constants(q, &q->from->nodes[i]);
    }
    if (options->output_type != WS_LITE_INT8 && q->lite->status == WS_OK) {
        q->to->outputs[0] = push_end(q, q->from->outputs[0], options->output_type);
        push_change(q,
                    options->output_type == WS_LITE_FLOAT32 ? WS_LITE_DEQUANTIZE : WS_LITE_QUANTIZE,
                    q->from->outputs[0], q->to->outputs[0]);
    }
}

/* Variables */

/** The tensor of the main graph that reads the variable; -1: none does. */
static int find_reader(const ws_lite_graph *graph, const char *variable)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_lite_node *handle = &graph->nodes[i];
        if (handle->kind != WS_LITE_VAR_HANDLE || strcmp(handle->variable, variable) != 0)
            continue;
        for (size_t k = i + 1; k < graph->n_nodes; k++)
            if (graph->nodes[k].kind == WS_LITE_READ_VARIABLE &&
                graph->nodes[k].inputs[0] == handle->outputs[0])
                return graph->nodes[k].outputs[0];
    }
    return -1;
}

/** What a variable begins with, in the scale of its readers. */
static void quantize_start(quantizing *q, ws_lite_graph *init, int tensor, const char *variable)
{
    const int reader = find_reader(q->from, variable);
    const ws_lite_graph *main_graph = q->to;

    if (reader < 0 || q->lite->status != WS_OK)
        return;
    const ws_lite_tensor *like = &main_graph->tensors[reader];
    const float scale = like->scale.scales[0];
    const int32_t zero_point = like->scale.zero_point;
    q->to = init;
    int8_t *whole = calloc(ws_lite_tensor_size(&init->tensors[tensor]), 1);
    if (whole == NULL) {
        q->lite->status = WS_ENOMEM;
    } else {
        const float *old = init->tensors[tensor].data;
        for (size_t i = 0; i < ws_lite_tensor_size(&init->tensors[tensor]); i++)
            whole[i] = nearest((double)old[i] / (double)scale, (double)zero_point);
        set_whole(q, tensor, WS_LITE_INT8, whole, &scale, 1, 0, zero_point);
    }
    q->to = &q->lite->graphs[0];
}

/** The second graph of a stream: VAR_HANDLE and ASSIGN_VARIABLE, pair after pair. */
static void quantize_init(quantizing *q, const ws_lite_graph *from)
{
    ws_lite_graph *init = ws_lite_push_graph(q->lite);

    for (size_t i = 0; i < from->n_tensors; i++)
        (void)ws_lite_push_tensor(q->lite, init, from->tensors[i].name, &from->tensors[i],
                                  from->tensors[i].data);
    for (size_t i = 0; i < from->n_nodes; i++)
        (void)ws_lite_push_node(q->lite, init, &from->nodes[i]);
    for (size_t i = 1; i < from->n_nodes && q->lite->status == WS_OK; i++)
        if (from->nodes[i].kind == WS_LITE_ASSIGN_VARIABLE)
            quantize_start(q, init, from->nodes[i].inputs[1], from->nodes[i - 1].variable);
}

ws_status ws_lite_quantize(ws_lite *to, const ws_lite *from,
                           const ws_lite_quantize_options *options, ws_error *err)
{
    quantizing q = {.from = &from->graphs[0], .lite = to, .err = err};

    *to = (ws_lite){.n_graphs = 0};
    q.choices = calloc(q.from->n_tensors, sizeof *q.choices);
    ws_status status =
        q.choices != NULL ? choose_scales(&q) : ws_fail_memory(err, "the scales of a model");
    if (status == WS_OK) {
        quantize_graph(&q, options);
        if (from->n_graphs > 1)
            quantize_init(&q, &from->graphs[1]);
        for (size_t i = 0; i < from->n_notes; i++)
            ws_lite_push_note(to, from->notes[i].name, from->notes[i].text);
        status = ws_lite_status(to, err);
    }
    free(q.choices);
    if (status != WS_OK)
        ws_lite_deinit(to);
    return status;
}
