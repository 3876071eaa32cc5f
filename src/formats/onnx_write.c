#include "formats/onnx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "formats/onnx_writer.h"

static const char model_doc[] = "A keyword spotter made by Wordspot: from features to scores. The "
                                "metadata says how the features are made.";
static const char input_doc[] = "Features of a batch of clips: [N, frames, features of a frame].";
static const char output_doc[] = "A score for each label: [N, labels].";

enum { SIGN_BIT = 0x80 }; /* between a number of 8 bits of TFLite and ours */

void ws_onnx_writer_fail(ws_onnx_writer *w, const ws_lite_node *node, const char *why)
{
    if (w->status == WS_OK)
        w->status = ws_fail(w->err, WS_EINVAL, "an ONNX model cannot hold %s %s",
                            ws_lite_kind_name(node->kind), why);
}

static void fail_memory(ws_onnx_writer *w)
{
    if (w->status == WS_OK)
        w->status = ws_fail_memory(w->err, "an ONNX model");
}

bool ws_onnx_has_order(const ws_lite_tensor *image)
{
    return image->n_dims == WS_ONNX_IMAGE_DIMS && image->dims[3] > 1 &&
           image->dims[1] * image->dims[2] > 1;
}

/* Names */

const char *ws_onnx_writer_name(ws_onnx_writer *w, const char *wanted, const char *suffix)
{
    char *name = ws_text_format("%s%s", wanted, suffix);

    for (size_t i = 2; name != NULL && ws_text_list_has(&w->names, name); i++) {
        free(name);
        name = ws_text_format("%s%s_%zu", wanted, suffix, i);
    }
    if (name == NULL || ws_text_list_push(&w->names, name) != WS_OK) {
        free(name);
        fail_memory(w);
        return "";
    }
    free(name);
    return w->names.items[w->names.n_items - 1];
}

/* Constants */

static const char *push_constant(ws_onnx_writer *w, const char *name, ws_onnx_type type,
                                 const int64_t *dims, size_t n_dims, const void *data)
{
    ws_onnx_tensor tensor = {.name = name, .type = type, .n_dims = n_dims, .data = data};

    memcpy(tensor.dims, dims, n_dims * sizeof *dims);
    if (w->status == WS_OK)
        ws_onnx_graph_push_constant(&w->to, &tensor);
    return name;
}

const char *ws_onnx_writer_wholes(ws_onnx_writer *w, const char *name, const int64_t *wholes,
                                  size_t n)
{
    return push_constant(w, ws_onnx_writer_name(w, name, ""), WS_ONNX_INT64,
                         (int64_t[]){(int64_t)n}, 1, wholes);
}

static ws_onnx_type type_of(ws_lite_type type)
{
    switch (type) {
    case WS_LITE_INT8:
    case WS_LITE_UINT8:
        return WS_ONNX_UINT8;
    case WS_LITE_INT32:
        return WS_ONNX_INT32;
    default:
        assert(type == WS_LITE_FLOAT32);
        return WS_ONNX_FLOAT;
    }
}

/** The scale of a tensor, and the zero point, as inputs of a node; none for 32 bits. */
static void push_scale(ws_onnx_writer *w, const ws_lite_tensor *tensor, ws_onnx_node *node)
{
    const ws_lite_scale *scale = &tensor->scale;
    const int64_t n = (int64_t)scale->n;
    const size_t n_dims = n > 1 ? 1 : 0;
    const unsigned zero =
        (unsigned)(scale->zero_point + (tensor->type == WS_LITE_INT8 ? SIGN_BIT : 0));
    unsigned char *zeros = malloc(scale->n + 1);

    if (zeros == NULL) {
        fail_memory(w);
        return;
    }
    memset(zeros, (int)zero, scale->n);
    node->inputs[1] = push_constant(w, ws_onnx_writer_name(w, tensor->name, "_scale"),
                                    WS_ONNX_FLOAT, &n, n_dims, scale->scales);
    node->n_inputs = 2;
    if (type_of(tensor->type) == WS_ONNX_UINT8) {
        node->inputs[2] = push_constant(w, ws_onnx_writer_name(w, tensor->name, "_zero"),
                                        WS_ONNX_UINT8, &n, n_dims, zeros);
        node->n_inputs = 3;
    }
    if (n_dims > 0) /* of weights: their first axis is the outputs' in ONNX */
        node->attrs[node->n_attrs++] = (ws_onnx_attr){.name = "axis", .wholes = {0}};
    free(zeros);
}

static const char *dequantize(ws_onnx_writer *w, const ws_lite_tensor *tensor, const char *value,
                              const char *name)
{
    ws_onnx_node node = {.op = "DequantizeLinear", .inputs = {value}};

    push_scale(w, tensor, &node);
    return ws_onnx_writer_push(w, name, &node);
}

/** A constant in floating point, from the numbers of a tensor in another order. */
static const char *push_numbers(ws_onnx_writer *w, const ws_lite_tensor *tensor, void *numbers,
                                const int64_t *dims, size_t n_dims)
{
    const ws_onnx_type type = type_of(tensor->type);
    unsigned char *bytes = numbers;

    if (tensor->type == WS_LITE_INT8)
        for (size_t i = 0; i < ws_lite_tensor_size(tensor); i++)
            bytes[i] ^= SIGN_BIT;
    const char *name =
        push_constant(w, ws_onnx_writer_name(w, tensor->name, ""), type, dims, n_dims, numbers);
    return type == WS_ONNX_FLOAT
               ? name
               : dequantize(w, tensor, name, ws_onnx_writer_name(w, tensor->name, "_real"));
}

static const char *push_weights(ws_onnx_writer *w, const ws_lite_tensor *weights,
                                const size_t from[4], const size_t order[4], const int64_t *dims,
                                size_t n_dims)
{
    const size_t n_bytes = ws_lite_type_bytes(weights->type);
    const size_t strides[] = {from[1] * from[2] * from[3], from[2] * from[3], from[3], 1};
    const char *data = weights->data;
    char *moved = malloc(ws_lite_tensor_bytes(weights) + 1), *at = moved;
    size_t n[4], step[4];
    const char *name = "";

    for (size_t k = 0; k < 4; k++) {
        n[k] = from[order[k]];
        step[k] = strides[order[k]];
    }
    for (size_t a = 0; moved != NULL && a < n[0]; a++)
        for (size_t b = 0; b < n[1]; b++)
            for (size_t c = 0; c < n[2]; c++)
                for (size_t d = 0; d < n[3]; d++, at += n_bytes)
                    memcpy(at,
                           data + n_bytes * (a * step[0] + b * step[1] + c * step[2] + d * step[3]),
                           n_bytes);
    if (moved == NULL)
        fail_memory(w);
    else
        name = push_numbers(w, weights, moved, dims, n_dims);
    free(moved);
    return name;
}

const char *ws_onnx_writer_weights(ws_onnx_writer *w, int tensor, const size_t from[4],
                                   const size_t order[4], const int64_t *dims, size_t n_dims)
{
    return push_weights(w, &w->from->tensors[tensor], from, order, dims, n_dims);
}

const char *ws_onnx_writer_reals(ws_onnx_writer *w, int tensor, const size_t from[4],
                                 const size_t order[4], const int64_t *dims, size_t n_dims)
{
    const ws_lite_tensor *weights = &w->from->tensors[tensor];
    const size_t n = ws_lite_tensor_size(weights);
    ws_lite_tensor real = {
        .name = weights->name, .type = WS_LITE_FLOAT32, .dims = {n}, .n_dims = 1};
    const char *name = "";

    if (weights->type == WS_LITE_FLOAT32)
        return push_weights(w, weights, from, order, dims, n_dims);
    float *numbers = calloc(n + 1, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < n; i++) {
        const double whole = weights->type == WS_LITE_INT8 ? ((const int8_t *)weights->data)[i]
                                                           : ((const int32_t *)weights->data)[i];
        numbers[i] = (float)((whole - weights->scale.zero_point) *
                             ws_lite_tensor_scale(weights, weights->scale.n > 1 ? i : 0));
    }
    real.data = numbers;
    if (numbers == NULL)
        fail_memory(w);
    else
        name = push_weights(w, &real, from, order, dims, n_dims);
    free(numbers);
    return name;
}

const char *ws_onnx_writer_constant(ws_onnx_writer *w, int tensor, const int64_t *dims,
                                    size_t n_dims)
{
    const size_t n[] = {1, 1, 1, ws_lite_tensor_size(&w->from->tensors[tensor])};

    return ws_onnx_writer_weights(w, tensor, n, (size_t[]){0, 1, 2, 3}, dims, n_dims);
}

/* Nodes */

const char *ws_onnx_writer_push(ws_onnx_writer *w, const char *name, const ws_onnx_node *node)
{
    ws_onnx_node named = *node;

    named.output = name;
    if (w->status == WS_OK)
        ws_onnx_graph_push_node(&w->to, &named);
    return name;
}

const char *ws_onnx_writer_read(ws_onnx_writer *w, int tensor)
{
    ws_onnx_value *value = &w->values[tensor];

    if (w->status != WS_OK)
        return "";
    assert(value->name != NULL);
    if (value->real == NULL)
        ws_onnx_writer_unround(w, tensor, ws_onnx_writer_name(w, value->name, "_real"));
    return value->real;
}

void ws_onnx_writer_unround(ws_onnx_writer *w, int tensor, const char *name)
{
    ws_onnx_value *value = &w->values[tensor];

    value->real = dequantize(w, &w->from->tensors[tensor], value->name, name);
}

void ws_onnx_writer_round(ws_onnx_writer *w, int tensor, const char *real, const char *name)
{
    ws_onnx_node node = {.op = "QuantizeLinear", .inputs = {real}};

    push_scale(w, &w->from->tensors[tensor], &node);
    w->values[tensor] = (ws_onnx_value){.name = ws_onnx_writer_push(w, name, &node)};
}

static void push_activation(ws_onnx_writer *w, const ws_lite_node *from, const char *name,
                            const char *value)
{
    if (from->options.activation != WS_LITE_ACTIVATION_RELU)
        ws_onnx_writer_fail(w, from, "with an activation other than RELU");
    (void)ws_onnx_writer_push(w, name,
                              &(ws_onnx_node){.op = "Relu", .inputs = {value}, .n_inputs = 1});
}

void ws_onnx_writer_give(ws_onnx_writer *w, const ws_lite_node *from, const ws_onnx_node *node)
{
    const int tensor = from->outputs[0];
    const ws_lite_tensor *to = &w->from->tensors[tensor];
    const bool is_rounded = to->type != WS_LITE_FLOAT32;
    const bool is_active = from->options.activation != WS_LITE_NO_ACTIVATION;
    const char *name = ws_onnx_writer_name(w, to->name, "");
    const char *real = is_rounded ? ws_onnx_writer_name(w, to->name, "_exact") : name;
    const char *sum = is_active ? ws_onnx_writer_name(w, to->name, "_sum") : real;

    (void)ws_onnx_writer_push(w, sum, node);
    if (is_active)
        push_activation(w, from, real, sum);
    if (is_rounded)
        ws_onnx_writer_round(w, tensor, real, name);
    else
        w->values[tensor] = (ws_onnx_value){.name = name, .real = name};
}

void ws_onnx_writer_move(ws_onnx_writer *w, const ws_lite_node *from, const ws_onnx_node *node)
{
    const int tensor = from->outputs[0];
    const ws_lite_tensor *to = &w->from->tensors[tensor];
    const char *name = ws_onnx_writer_push(w, ws_onnx_writer_name(w, to->name, ""), node);

    w->values[tensor] =
        (ws_onnx_value){.name = name, .real = to->type == WS_LITE_FLOAT32 ? name : NULL};
}

const char *ws_onnx_writer_turn(ws_onnx_writer *w, const char *value, bool is_to_channels_first)
{
    static const ws_onnx_attr first = {"perm", 4, {0, 3, 1, 2}}, last = {"perm", 4, {0, 2, 3, 1}};

    return ws_onnx_writer_push(w, ws_onnx_writer_name(w, value, "_turned"),
                               &(ws_onnx_node){.op = "Transpose",
                                               .inputs = {value},
                                               .n_inputs = 1,
                                               .attrs = {is_to_channels_first ? first : last},
                                               .n_attrs = 1});
}

/* The whole model */

/** The input is [n, h, w * c], as features are made. */
static void write_input(ws_onnx_writer *w)
{
    const int tensor = w->from->inputs[0];
    const ws_lite_tensor *input = &w->from->tensors[tensor];
    const bool is_turned = ws_onnx_has_order(input);
    const int64_t h = (int64_t)input->dims[1], v = (int64_t)input->dims[2];
    const int64_t c = (int64_t)input->dims[3];
    const int64_t image[] = {0, is_turned ? h : c, is_turned ? v : h, is_turned ? c : v};
    const ws_onnx_tensor end = {.name = ws_onnx_writer_name(w, input->name, ""),
                                .doc = input_doc,
                                .type = type_of(input->type),
                                .dims = {0, h, v * c},
                                .n_dims = 3};

    assert(input->n_dims == WS_ONNX_IMAGE_DIMS);
    ws_onnx_graph_push_input(&w->to, &end);
    const char *value = ws_onnx_writer_push(
        w, ws_onnx_writer_name(w, input->name, "_image"),
        &(ws_onnx_node){.op = "Reshape",
                        .inputs = {end.name, ws_onnx_writer_wholes(w, "image", image, 4)},
                        .n_inputs = 2});
    if (is_turned)
        value = ws_onnx_writer_turn(w, value, true);
    w->values[tensor] =
        (ws_onnx_value){.name = value, .real = input->type == WS_LITE_FLOAT32 ? value : NULL};
}

static void write_output(ws_onnx_writer *w)
{
    const int tensor = w->from->outputs[0];
    const ws_lite_tensor *output = &w->from->tensors[tensor];
    const ws_onnx_tensor end = {.name = w->values[tensor].name,
                                .doc = output_doc,
                                .type = type_of(output->type),
                                .dims = {0, (int64_t)output->dims[1]},
                                .n_dims = 2};

    assert(output->n_dims == 2);
    if (w->status == WS_OK)
        ws_onnx_graph_push_output(&w->to, &end);
}

static void write_nodes(ws_onnx_writer *w)
{
    size_t n;

    for (size_t i = 0; i < w->from->n_nodes && w->status == WS_OK; i += n) {
        const ws_lite_node *node = &w->from->nodes[i];
        ws_onnx_row *row = ws_onnx_row_find(node->kind);
        n = 1;
        if (row == NULL)
            ws_onnx_writer_fail(w, node, "as an operator");
        else
            n = row(w, i);
    }
}

ws_status ws_onnx_write(const ws_lite *lite, ws_buf *file, ws_error *err)
{
    ws_onnx_writer w = {.from = &lite->graphs[0], .err = err};
    ws_onnx_about about = {.doc = model_doc, .n_notes = lite->n_notes};

    assert(lite->n_graphs == 1 && lite->n_notes <= WS_ONNX_MAX_NOTES);
    w.values = calloc(w.from->n_tensors + 1, sizeof *w.values);
    if (w.values == NULL)
        return ws_fail_memory(err, "an ONNX model");
    ws_onnx_graph_init(&w.to);
    write_input(&w);
    write_nodes(&w);
    write_output(&w);
    for (size_t i = 0; i < lite->n_notes; i++) {
        about.notes[i].name = lite->notes[i].name;
        about.notes[i].text = lite->notes[i].text;
    }
    if (w.status == WS_OK)
        w.status = ws_onnx_graph_write(&w.to, &about, file, err);
    ws_onnx_graph_deinit(&w.to);
    ws_text_list_deinit(&w.names);
    free(w.values);
    return w.status;
}
