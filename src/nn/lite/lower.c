#include "nn/lite/lower.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/fake_quant.h"
#include "nn/lite/lowering.h"
#include "nn/op.h"

void ws_lite_lowering_fail(ws_lite_lowering *low, const ws_node *node, const char *why)
{
    if (low->status == WS_OK)
        low->status =
            ws_fail(low->err, WS_EINVAL, "a model for small runtimes cannot hold the %s %s",
                    ws_op_get(node->kind)->name, why);
}

/* Tensors and nodes */

int ws_lite_lowering_push_value(ws_lite_lowering *low, const ws_node *node, const char *suffix,
                                const size_t *dims, size_t n_dims)
{
    char name[WS_LITE_MAX_NAME + 1];
    ws_lite_tensor tensor = {.type = WS_LITE_FLOAT32, .n_dims = n_dims};
    const ws_graph *graph = &low->model.model.graph;
    const char *scope = node->scope < graph->n_scopes ? graph->scopes[node->scope].name : "";

    (void)snprintf(name, sizeof name, "%s%s%s%s_%zu", scope, scope[0] != '\0' ? "/" : "",
                   ws_op_get(node->kind)->name, suffix, low->to->n_nodes);
    memcpy(tensor.dims, dims, n_dims * sizeof *dims);
    return ws_lite_push_tensor(low->lite, low->to, name, &tensor, NULL);
}

int ws_lite_lowering_push_image(ws_lite_lowering *low, const ws_node *node, const char *suffix,
                                ws_shape shape)
{
    return ws_lite_lowering_push_value(low, node, suffix, (size_t[]){1, shape.h, shape.w, shape.c},
                                       4);
}

int ws_lite_lowering_push_floats(ws_lite_lowering *low, const char *name, const size_t *dims,
                                 size_t n_dims, const float *values)
{
    ws_lite_tensor tensor = {.type = WS_LITE_FLOAT32, .n_dims = n_dims};

    memcpy(tensor.dims, dims, n_dims * sizeof *dims);
    return ws_lite_push_tensor(low->lite, low->to, name, &tensor, values);
}

/** Appends a constant of whole numbers, or finds the same one that another node has. */
static int share_wholes(ws_lite_lowering *low, const char *name, const ws_lite_tensor *like,
                        const int32_t *values)
{
    for (size_t i = 0; low->lite->status == WS_OK && i < low->to->n_tensors; i++) {
        const ws_lite_tensor *t = &low->to->tensors[i];
        if (t->type == WS_LITE_INT32 && t->data != NULL && strcmp(t->name, name) == 0 &&
            t->n_dims == like->n_dims &&
            memcmp(t->dims, like->dims, like->n_dims * sizeof *t->dims) == 0 &&
            memcmp(t->data, values, ws_lite_tensor_bytes(t)) == 0)
            return (int)i;
    }
    return ws_lite_push_tensor(low->lite, low->to, name, like, values);
}

int ws_lite_lowering_push_wholes(ws_lite_lowering *low, const char *name, const int32_t *values,
                                 size_t n)
{
    const ws_lite_tensor tensor = {.type = WS_LITE_INT32, .dims = {n}, .n_dims = 1};

    return share_wholes(low, name, &tensor, values);
}

static int push_paddings(ws_lite_lowering *low, const int32_t zeros[8])
{
    const ws_lite_tensor tensor = {.type = WS_LITE_INT32, .dims = {4, 2}, .n_dims = 2};

    return share_wholes(low, "paddings", &tensor, zeros);
}

int ws_lite_lowering_push(ws_lite_lowering *low, ws_lite_kind kind, const int *inputs,
                          size_t n_inputs, int output, const ws_lite_options *options)
{
    ws_lite_node node = {.kind = kind, .n_inputs = n_inputs, .outputs = {output}, .n_outputs = 1};

    memcpy(node.inputs, inputs, n_inputs * sizeof *inputs);
    if (options != NULL)
        node.options = *options;
    (void)ws_lite_push_node(low->lite, low->to, &node);
    return output;
}

int ws_lite_lowering_reshape(ws_lite_lowering *low, const ws_node *node, int tensor,
                             const char *suffix, const size_t *dims, size_t n_dims)
{
    int32_t wholes[WS_LITE_MAX_DIMS];

    for (size_t i = 0; i < n_dims; i++)
        wholes[i] = (int32_t)dims[i];
    const int shape = ws_lite_lowering_push_wholes(low, "shape", wholes, n_dims);
    const int output = ws_lite_lowering_push_value(low, node, suffix, dims, n_dims);
    return ws_lite_lowering_push(low, WS_LITE_RESHAPE, (int[]){tensor, shape}, 2, output, NULL);
}

static bool has_dims(const ws_lite_tensor *tensor, const size_t *dims, size_t n_dims)
{
    return tensor->n_dims == n_dims && memcmp(tensor->dims, dims, n_dims * sizeof *dims) == 0;
}

int ws_lite_lowering_input(ws_lite_lowering *low, const ws_node *node, size_t k, ws_shape shape)
{
    const int tensor = low->values[node->inputs[k]];
    const size_t dims[] = {1, shape.h, shape.w, shape.c};

    if (low->lite->status != WS_OK || has_dims(&low->to->tensors[tensor], dims, 4))
        return tensor;
    return ws_lite_lowering_reshape(low, node, tensor, "_in", dims, 4);
}

ws_lite_activation ws_lite_lowering_activation(const ws_layer *layer)
{
    return layer->activation != 0 ? WS_LITE_ACTIVATION_RELU : WS_LITE_NO_ACTIVATION;
}

const float *ws_lite_lowering_weights(ws_lite_lowering *low, const ws_variable *parameter)
{
    const ws_graph *graph = &low->model.model.graph;
    const float *from = low->model.model.parameters + parameter->offset;
    ws_levels levels;

    memcpy(low->weights, from, parameter->size * sizeof *from);
    if (parameter->quantizer == 0)
        return low->weights;
    ws_levels_init_fixed(&levels, &graph->quantizers[parameter->quantizer - 1]);
    for (size_t i = 0; i < parameter->size; i++) {
        const float inside = fminf(fmaxf(from[i], levels.min), levels.max);
        low->weights[i] =
            levels.scale > 0.0f
                ? floorf((inside - levels.min) / levels.scale - levels.zero + 0.5f) * levels.scale
                : 0.0f;
    }
    return low->weights;
}

int ws_lite_lowering_bias(ws_lite_lowering *low, const ws_layer *layer, size_t n)
{
    const ws_graph *graph = &low->model.model.graph;
    const ws_variable *bias =
        layer->bias != 0 ? ws_graph_parameter(graph, &graph->nodes[layer->bias], 0) : NULL;
    float *zeros = calloc(n, sizeof *zeros);
    int tensor = 0;

    if (zeros == NULL)
        low->lite->status = WS_ENOMEM;
    else
        tensor = ws_lite_lowering_push_floats(
            low, bias != NULL ? bias->name : "no_bias", &n, 1,
            bias != NULL ? low->model.model.parameters + bias->offset : zeros);
    free(zeros);
    return tensor;
}

/* Windows */

/** One direction of a window. */
typedef struct span {
    size_t in, out, size, stride, dilation, before, after;
} span;

static size_t extent_of(const span *s)
{
    return (s->size - 1) * s->dilation + 1;
}

static bool is_same(const span *s)
{
    const size_t needed = (s->out - 1) * s->stride + extent_of(s);
    const size_t zeros = needed > s->in ? needed - s->in : 0;

    return s->out == (s->in + s->stride - 1) / s->stride && s->before == zeros / 2;
}

static bool is_valid(const span *s)
{
    return s->before == 0 && s->in >= extent_of(s) &&
           s->out == (s->in - extent_of(s)) / s->stride + 1;
}

/** Zeros after the image that the last window reads. */
static int32_t zeros_after(const span *s)
{
    const size_t needed = (s->out - 1) * s->stride + extent_of(s);

    return needed > s->in + s->before ? (int32_t)(needed - s->in - s->before) : 0;
}

ws_lite_options ws_lite_lowering_window(ws_lite_lowering *low, const ws_layer *layer,
                                        const ws_node *node, ws_shape in, int *image)
{
    const ws_window *win = &node->window;
    const span h = {
        in.h, node->shape.h, win->h, win->stride_h, win->dilation_h, win->zeros.before_h, 0};
    const span w = {
        in.w, node->shape.w, win->w, win->stride_w, win->dilation_w, win->zeros.before_w, 0};
    ws_lite_options options = {
        .padding = WS_LITE_VALID,
        .activation = (int32_t)ws_lite_lowering_activation(layer),
        .stride_h = (int32_t)win->stride_h,
        .stride_w = (int32_t)win->stride_w,
        .dilation_h = (int32_t)win->dilation_h,
        .dilation_w = (int32_t)win->dilation_w,
        .filter_h = (int32_t)win->h,
        .filter_w = (int32_t)win->w,
    };

    if (is_valid(&h) && is_valid(&w))
        return options;
    if (is_same(&h) && is_same(&w)) {
        options.padding = WS_LITE_SAME;
        return options;
    }
    if (node->kind == WS_OP_MAX_POOL || node->kind == WS_OP_AVERAGE_POOL) {
        ws_lite_lowering_fail(low, node, "with zeros around its image that are not SAME's");
        return options;
    }
    const int32_t zeros[] = {
        0, 0, (int32_t)h.before, zeros_after(&h), (int32_t)w.before, zeros_after(&w), 0, 0};
    const int paddings = push_paddings(low, zeros);
    const ws_shape padded = {in.h + (size_t)(zeros[2] + zeros[3]),
                             in.w + (size_t)(zeros[4] + zeros[5]), in.c};
    const int output = ws_lite_lowering_push_image(low, node, "_pad", padded);
    *image = ws_lite_lowering_push(low, WS_LITE_PAD, (int[]){*image, paddings}, 2, output, NULL);
    return options;
}

/* The whole model */

static ws_lite_tensor *tensor_of(ws_lite_lowering *low, int tensor)
{
    return &low->to->tensors[tensor];
}

/** Notes the range of a tensor, or rounds it. @return the tensor of the rounded numbers */
static int apply_quantizer(ws_lite_lowering *low, const ws_node *node, int tensor)
{
    ws_levels levels;

    ws_levels_init_fixed(&levels, &low->model.model.graph.quantizers[node->quantizer - 1]);
    if (low->lite->status != WS_OK || levels.scale <= 0.0f)
        return tensor;
    if (!low->options->rounds) {
        tensor_of(low, tensor)->range = (ws_lite_range){true, levels.min, levels.max};
        return tensor;
    }
    const ws_lite_tensor like = *tensor_of(low, tensor);
    const int whole = ws_lite_lowering_push_value(low, node, "_q", like.dims, like.n_dims);
    if (low->lite->status == WS_OK) {
        tensor_of(low, whole)->type = WS_LITE_INT8;
        ws_lite_set_scales(low->lite, tensor_of(low, whole), &levels.scale, 1, 0,
                           (int32_t)levels.zero - 128);
    }
    (void)ws_lite_lowering_push(low, WS_LITE_QUANTIZE, &tensor, 1, whole, NULL);
    const int output = ws_lite_lowering_push_value(low, node, "", like.dims, like.n_dims);
    return ws_lite_lowering_push(low, WS_LITE_DEQUANTIZE, &whole, 1, output, NULL);
}

static void lower_input(ws_lite_lowering *low)
{
    const ws_graph *graph = &low->model.model.graph;
    const ws_node *node = &graph->nodes[0];
    const size_t size = ws_shape_size(node->shape);
    const size_t image[] = {1, node->shape.h, node->shape.w, node->shape.c};
    ws_lite_tensor tensor = {.type = WS_LITE_FLOAT32, .n_dims = 4};

    memcpy(tensor.dims, image, sizeof image);
    if (low->options->input == WS_LITE_INPUT_FLAT) {
        tensor.n_dims = 2;
        tensor.dims[1] = size;
    } else if (low->options->input == WS_LITE_INPUT_ROWS) {
        tensor.n_dims = 3;
        tensor.dims[2] = node->shape.w * node->shape.c;
    }
    low->values[0] = ws_lite_push_tensor(low->lite, low->to, "features", &tensor, NULL);
    low->to->inputs[0] = low->values[0];
    low->to->n_inputs = 1;
    for (size_t i = 0; i < graph->n_nodes && low->init == NULL; i++)
        if (graph->nodes[i].kind == WS_OP_HISTORY)
            ws_lite_lowering_push_begin(low);
}

static void lower_layer(ws_lite_lowering *low, const ws_layer *layer)
{
    const ws_graph *graph = &low->model.model.graph;
    const ws_node *node = &graph->nodes[layer->node];
    int value = 0;

    if (node->kind == WS_OP_FAKE_QUANT) {
        low->values[layer->value] = apply_quantizer(low, node, low->values[node->inputs[0]]);
        return;
    }
    ws_lite_lower_row *row = ws_lite_lower_row_find(node->kind);
    if (row == NULL)
        ws_lite_lowering_fail(low, node, "operator");
    else
        value = row(low, layer, node);
    if (layer->fake_quant != 0)
        value = apply_quantizer(low, &graph->nodes[layer->fake_quant], value);
    low->values[layer->value] = value;
}

static void lower_scores(ws_lite_lowering *low)
{
    const ws_graph *graph = &low->model.model.graph;
    const size_t n = ws_graph_n_labels(graph);
    const size_t dims[] = {1, n};
    const bool is_one = n == 1 && low->options->scores != WS_LITE_SCORES_LOGITS;
    int value = low->values[graph->n_nodes - 1];
    const ws_lite_tensor scores = {.type = WS_LITE_FLOAT32, .dims = {1, n}, .n_dims = 2};

    if (low->lite->status == WS_OK && !has_dims(tensor_of(low, value), dims, 2))
        value = ws_lite_lowering_reshape(low, &graph->nodes[graph->n_nodes - 1], value, "_flat",
                                         dims, 2);
    if (low->options->scores == WS_LITE_SCORES_SOFTMAX || is_one) {
        const int output = ws_lite_push_tensor(low->lite, low->to, "scores", &scores, NULL);
        value = ws_lite_lowering_push(low, is_one ? WS_LITE_LOGISTIC : WS_LITE_SOFTMAX, &value, 1,
                                      output, &(ws_lite_options){.beta = is_one ? 0.0f : 1.0f});
    } else if (low->options->scores == WS_LITE_SCORES_LAST) {
        value = ws_lite_lowering_push_last_score(low, value, n);
    }
    low->to->outputs[0] = value;
    low->to->n_outputs = 1;
}

static ws_status prepare(ws_lite_lowering *low)
{
    const ws_graph *graph = &low->model.model.graph;
    size_t largest = 1;

    for (size_t i = 0; i < graph->n_parameters; i++)
        if (graph->parameters[i].size > largest)
            largest = graph->parameters[i].size;
    low->values = calloc(graph->n_nodes, sizeof *low->values);
    low->weights = calloc(largest, sizeof *low->weights);
    low->to = ws_lite_push_graph(low->lite);
    return low->values != NULL && low->weights != NULL
               ? WS_OK
               : ws_fail_memory(low->err, "a model for small runtimes");
}

ws_status ws_lite_lower(ws_lite *lite, const ws_graph *graph, const float *parameters,
                        const float *states, const ws_lite_lower_options *options, ws_error *err)
{
    ws_lite_lowering low = {.options = options, .lite = lite, .err = err};

    *lite = (ws_lite){.n_graphs = 0};
    ws_status status = ws_lower(&low.model, graph, parameters, states, 1u << WS_OP_RELU, err);
    if (status != WS_OK)
        return status;
    low.status = prepare(&low);
    if (low.status == WS_OK)
        lower_input(&low);
    for (size_t i = 0; i < low.model.n_layers && low.status == WS_OK && lite->status == WS_OK; i++)
        lower_layer(&low, &low.model.layers[i]);
    if (low.status == WS_OK && lite->status == WS_OK)
        lower_scores(&low);
    if (low.status == WS_OK)
        low.status = ws_lite_status(lite, err);
    free(low.values);
    free(low.weights);
    ws_lowered_deinit(&low.model);
    if (low.status != WS_OK)
        ws_lite_deinit(lite);
    return low.status;
}
