/* Operators of TFLite as ONNX has them: a row for each that our graphs are lowered to. */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx_writer.h"

static const ws_lite_tensor *tensor_of(const ws_onnx_writer *w, int tensor)
{
    return &w->from->tensors[tensor];
}

static ws_onnx_attr list_of(const char *name, size_t n, const int64_t *wholes)
{
    ws_onnx_attr attr = {.name = name, .n_wholes = n};

    memcpy(attr.wholes, wholes, n * sizeof *wholes);
    return attr;
}

/** How often a tensor is read. */
static size_t count_readers(const ws_lite_graph *graph, int tensor)
{
    size_t n = 0;

    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->nodes[i].n_inputs; k++)
            n += graph->nodes[i].inputs[k] == tensor;
    return n;
}

/* Windows */

typedef struct span {
    int64_t before, after;
} span;

/** Zeros around the image in one direction: SAME's, with one more after it if they are odd. */
static span zeros_of(int32_t padding, size_t in, size_t out, int32_t size, int32_t stride,
                     int32_t dilation)
{
    const int64_t extent = (int64_t)(size - 1) * dilation + 1;
    const int64_t needed = ((int64_t)out - 1) * stride + extent - (int64_t)in;

    if (padding == WS_LITE_VALID || needed <= 0)
        return (span){0, 0};
    return (span){needed / 2, needed - needed / 2};
}

/** Attributes of a window over an image. @param size_h, size_w  of the window */
static void fill_window(const ws_onnx_writer *w, const ws_lite_node *node, size_t size_h,
                        size_t size_w, ws_onnx_node *to)
{
    const ws_lite_options *o = &node->options;
    const ws_lite_tensor *in = tensor_of(w, node->inputs[0]), *out = tensor_of(w, node->outputs[0]);
    const int64_t *zeros = w->values[node->inputs[0]].zeros;
    const int32_t dilation_h = o->dilation_h > 0 ? o->dilation_h : 1;
    const int32_t dilation_w = o->dilation_w > 0 ? o->dilation_w : 1;
    const span h =
        zeros_of(o->padding, in->dims[1], out->dims[1], (int32_t)size_h, o->stride_h, dilation_h);
    const span v =
        zeros_of(o->padding, in->dims[2], out->dims[2], (int32_t)size_w, o->stride_w, dilation_w);

    to->attrs[to->n_attrs++] =
        list_of("kernel_shape", 2, (int64_t[]){(int64_t)size_h, (int64_t)size_w});
    to->attrs[to->n_attrs++] = list_of("pads", 4,
                                       (int64_t[]){h.before + zeros[0], v.before + zeros[1],
                                                   h.after + zeros[2], v.after + zeros[3]});
    to->attrs[to->n_attrs++] = list_of("strides", 2, (int64_t[]){o->stride_h, o->stride_w});
    if (dilation_h > 1 || dilation_w > 1)
        to->attrs[to->n_attrs++] = list_of("dilations", 2, (int64_t[]){dilation_h, dilation_w});
}

static const char *read_bias(ws_onnx_writer *w, const ws_lite_node *node)
{
    const int64_t n = (int64_t)ws_lite_tensor_size(tensor_of(w, node->inputs[2]));

    return ws_onnx_writer_constant(w, node->inputs[2], &n, 1);
}

static size_t write_conv(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const size_t *n = tensor_of(w, node->inputs[1])->dims; /* [out, h, w, in] */
    ws_onnx_node to = {
        .op = "Conv",
        .inputs = {ws_onnx_writer_read(w, node->inputs[0]),
                   ws_onnx_writer_weights(
                       w, node->inputs[1], n, (size_t[]){0, 3, 1, 2},
                       (int64_t[]){(int64_t)n[0], (int64_t)n[3], (int64_t)n[1], (int64_t)n[2]}, 4),
                   read_bias(w, node)},
        .n_inputs = 3,
    };

    fill_window(w, node, n[1], n[2], &to);
    ws_onnx_writer_give(w, node, &to);
    return 1;
}

static size_t write_depthwise(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const size_t *n = tensor_of(w, node->inputs[1])->dims; /* [1, h, w, out] */
    ws_onnx_node to = {
        .op = "Conv",
        .inputs = {ws_onnx_writer_read(w, node->inputs[0]),
                   ws_onnx_writer_weights(
                       w, node->inputs[1], n, (size_t[]){3, 0, 1, 2},
                       (int64_t[]){(int64_t)n[3], 1, (int64_t)n[1], (int64_t)n[2]}, 4),
                   read_bias(w, node)},
        .n_inputs = 3,
    };

    fill_window(w, node, n[1], n[2], &to);
    to.attrs[to.n_attrs++] = (ws_onnx_attr){
        .name = "group", .wholes = {(int64_t)tensor_of(w, node->inputs[0])->dims[3]}};
    ws_onnx_writer_give(w, node, &to);
    return 1;
}

static size_t write_pool(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const bool is_max = node->kind == WS_LITE_MAX_POOL_2D;
    const ws_lite_tensor *in = tensor_of(w, node->inputs[0]);
    const size_t h = (size_t)node->options.filter_h, v = (size_t)node->options.filter_w;
    ws_onnx_node to = {.op = is_max ? "MaxPool" : "AveragePool",
                       .inputs = {ws_onnx_writer_read(w, node->inputs[0])},
                       .n_inputs = 1};

    if (!is_max && h == in->dims[1] && v == in->dims[2] && node->options.padding == WS_LITE_VALID)
        to.op = "GlobalAveragePool";
    else /* zeros around the image are not counted, as in TFLite */
        fill_window(w, node, h, v, &to);
    ws_onnx_writer_give(w, node, &to);
    return 1;
}

/** Zeros around an image that only convolutions read become theirs. */
static size_t write_pad(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i], *next = node + 1;
    const int32_t *zeros = tensor_of(w, node->inputs[1])->data; /* [4, 2] */
    ws_onnx_value *value = &w->values[node->outputs[0]];

    if (zeros[0] != 0 || zeros[1] != 0 || zeros[6] != 0 || zeros[7] != 0 ||
        i + 1 == w->from->n_nodes || count_readers(w->from, node->outputs[0]) != 1 ||
        next->inputs[0] != node->outputs[0] ||
        (next->kind != WS_LITE_CONV_2D && next->kind != WS_LITE_DEPTHWISE_CONV_2D))
        ws_onnx_writer_fail(w, node, "that is not before a convolution");
    *value = (ws_onnx_value){.name = w->values[node->inputs[0]].name,
                             .real = ws_onnx_writer_read(w, node->inputs[0]),
                             .zeros = {zeros[2], zeros[4], zeros[3], zeros[5]}};
    return 1;
}

/* Products */

/** A vector a sample. Rounded numbers are moved as they are stored: runtimes join a
 * DequantizeLinear with the product only where it stands right before it. */
static const char *read_flat(ws_onnx_writer *w, int tensor)
{
    const ws_lite_tensor *in = tensor_of(w, tensor);
    const ws_onnx_value image = w->values[tensor];

    if (in->n_dims == 2)
        return ws_onnx_writer_read(w, tensor);
    const char *flat = ws_onnx_writer_push(
        w, ws_onnx_writer_name(w, in->name, "_flat"),
        &(ws_onnx_node){.op = "Flatten", .inputs = {image.name}, .n_inputs = 1});
    if (in->type == WS_LITE_FLOAT32)
        return flat;
    w->values[tensor] = (ws_onnx_value){.name = flat};
    const char *real = ws_onnx_writer_read(w, tensor);
    w->values[tensor] = image;
    return real;
}

/** Weights are reordered for images, so that those need not be. */
static size_t write_dense(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const ws_lite_tensor *in = tensor_of(w, node->inputs[0]);
    const ws_lite_tensor *weights = tensor_of(w, node->inputs[1]); /* [out, in] */
    const bool is_image = in->n_dims == WS_ONNX_IMAGE_DIMS;
    const int64_t dims[] = {(int64_t)weights->dims[0], (int64_t)weights->dims[1]};
    const size_t n[] = {weights->dims[0], is_image ? in->dims[1] : 1, is_image ? in->dims[2] : 1,
                        is_image ? in->dims[3] : weights->dims[1]};
    const char *value = read_flat(w, node->inputs[0]);

    ws_onnx_writer_give(w, node,
                        &(ws_onnx_node){
                            .op = "Gemm",
                            .inputs = {value,
                                       ws_onnx_writer_weights(w, node->inputs[1], n,
                                                              (size_t[]){0, 3, 1, 2}, dims, 2),
                                       read_bias(w, node)},
                            .n_inputs = 3,
                            .attrs = {{.name = "transB", .wholes = {1}}},
                            .n_attrs = 1,
                        });
    return 1;
}

/* Values */

/** A constant that is spread over an image, or a value that is computed. */
static const char *read_part(ws_onnx_writer *w, int tensor)
{
    const ws_lite_tensor *part = tensor_of(w, tensor);
    const size_t gap = WS_ONNX_IMAGE_DIMS - part->n_dims;
    size_t n[] = {1, 1, 1, 1};

    if (part->data == NULL)
        return ws_onnx_writer_read(w, tensor);
    for (size_t k = 0; k < part->n_dims; k++)
        n[gap + k] = part->dims[k];
    return ws_onnx_writer_weights(
        w, tensor, n, (size_t[]){0, 3, 1, 2},
        (int64_t[]){(int64_t)n[0], (int64_t)n[3], (int64_t)n[1], (int64_t)n[2]}, 4);
}

static size_t write_join(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];

    ws_onnx_writer_give(
        w, node,
        &(ws_onnx_node){
            .op = node->kind == WS_LITE_ADD ? "Add" : "Mul",
            .inputs = {read_part(w, node->inputs[0]), read_part(w, node->inputs[1])},
            .n_inputs = 2,
        });
    return 1;
}

static size_t write_unary(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];

    ws_onnx_writer_give(w, node,
                        &(ws_onnx_node){.op = node->kind == WS_LITE_RELU ? "Relu" : "Sigmoid",
                                        .inputs = {ws_onnx_writer_read(w, node->inputs[0])},
                                        .n_inputs = 1});
    return 1;
}

static size_t write_softmax(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];

    ws_onnx_writer_give(w, node,
                        &(ws_onnx_node){.op = "Softmax",
                                        .inputs = {ws_onnx_writer_read(w, node->inputs[0])},
                                        .n_inputs = 1,
                                        .attrs = {{.name = "axis", .wholes = {1}}},
                                        .n_attrs = 1});
    return 1;
}

/** Axes of [n, h, w, c] in [n, c, h, w]. */
static const int64_t axes[WS_ONNX_IMAGE_DIMS] = {0, 2, 3, 1};

static size_t write_concat(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    ws_onnx_node to = {.op = "Concat", .n_inputs = node->n_inputs};

    for (size_t k = 0; k < node->n_inputs; k++)
        to.inputs[k] = ws_onnx_writer_read(w, node->inputs[k]);
    to.attrs[to.n_attrs++] = (ws_onnx_attr){.name = "axis", .wholes = {axes[node->options.axis]}};
    ws_onnx_writer_give(w, node, &to);
    return 1;
}

static size_t write_slice(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const int32_t *begin = tensor_of(w, node->inputs[1])->data;
    const int32_t *end = tensor_of(w, node->inputs[2])->data;
    int64_t first[3], last[3];

    for (size_t k = 1; k < WS_ONNX_IMAGE_DIMS; k++) {
        first[axes[k] - 1] = begin[k];
        last[axes[k] - 1] = end[k];
    }
    ws_onnx_writer_give(
        w, node,
        &(ws_onnx_node){
            .op = "Slice",
            .inputs = {ws_onnx_writer_read(w, node->inputs[0]),
                       ws_onnx_writer_wholes(w, "begin", first, 3),
                       ws_onnx_writer_wholes(w, "end", last, 3),
                       ws_onnx_writer_wholes(w, "slice_axes", (int64_t[]){1, 2, 3}, 3)},
            .n_inputs = 4,
        });
    return 1;
}

/** A normalisation in bands: a new shape of a channel a factor, a product of 1x1 with each, the old
 *  shape again. In ONNX a product and a sum with constants [1, c, 1, w] are enough. */
static bool is_banded(const ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];

    if (i + 2 >= w->from->n_nodes || node[1].kind != WS_LITE_DEPTHWISE_CONV_2D ||
        node[2].kind != WS_LITE_RESHAPE || node[1].inputs[0] != node[0].outputs[0] ||
        node[2].inputs[0] != node[1].outputs[0] ||
        node[1].options.activation != WS_LITE_NO_ACTIVATION ||
        count_readers(w->from, node[0].outputs[0]) != 1 ||
        count_readers(w->from, node[1].outputs[0]) != 1)
        return false;
    const ws_lite_tensor *in = tensor_of(w, node[0].inputs[0]);
    const ws_lite_tensor *wide = tensor_of(w, node[0].outputs[0]);
    const ws_lite_tensor *out = tensor_of(w, node[2].outputs[0]);
    const ws_lite_tensor *weights = tensor_of(w, node[1].inputs[1]);
    return in->n_dims == WS_ONNX_IMAGE_DIMS && out->n_dims == WS_ONNX_IMAGE_DIMS &&
           memcmp(in->dims, out->dims, WS_ONNX_IMAGE_DIMS * sizeof *in->dims) == 0 &&
           wide->dims[1] == in->dims[1] && wide->dims[2] == 1 && weights->dims[1] == 1 &&
           weights->dims[2] == 1;
}

static size_t write_banded(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const size_t *in = tensor_of(w, node[0].inputs[0])->dims;
    const size_t from[] = {1, 1, in[2], in[3]}, order[] = {0, 3, 1, 2};
    const int64_t dims[] = {1, (int64_t)in[3], 1, (int64_t)in[2]};
    const char *product = ws_onnx_writer_push(
        w, ws_onnx_writer_name(w, tensor_of(w, node[2].outputs[0])->name, "_product"),
        &(ws_onnx_node){
            .op = "Mul",
            .inputs = {ws_onnx_writer_read(w, node[0].inputs[0]),
                       ws_onnx_writer_reals(w, node[1].inputs[1], from, order, dims, 4)},
            .n_inputs = 2,
        });

    ws_onnx_writer_give(
        w, &node[2],
        &(ws_onnx_node){
            .op = "Add",
            .inputs = {product, ws_onnx_writer_reals(w, node[1].inputs[2], from, order, dims, 4)},
            .n_inputs = 2,
        });
    return 3;
}

/** Numbers keep the order that they have in [n, h, w, c]. */
static size_t write_reshape(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const ws_lite_tensor *in = tensor_of(w, node->inputs[0]), *out = tensor_of(w, node->outputs[0]);
    const bool is_turned = ws_onnx_has_order(out);
    int64_t dims[WS_ONNX_MAX_DIMS] = {0}; /* the batch stays as it is */

    if (is_banded(w, i))
        return write_banded(w, i);
    const char *value = w->values[node->inputs[0]].name;
    if (ws_onnx_has_order(in))
        value = ws_onnx_writer_turn(w, value, false);
    for (size_t k = 1; k < out->n_dims; k++)
        dims[!is_turned && out->n_dims == WS_ONNX_IMAGE_DIMS ? (size_t)axes[k] : k] =
            (int64_t)out->dims[k];
    const ws_onnx_node to = {
        .op = "Reshape",
        .inputs = {value, ws_onnx_writer_wholes(w, "shape", dims, out->n_dims)},
        .n_inputs = 2,
    };
    if (!is_turned) {
        ws_onnx_writer_move(w, node, &to);
        return 1;
    }
    value = ws_onnx_writer_push(w, ws_onnx_writer_name(w, out->name, "_rows"), &to);
    ws_onnx_writer_move(w, node,
                        &(ws_onnx_node){.op = "Transpose",
                                        .inputs = {value},
                                        .n_inputs = 1,
                                        .attrs = {{"perm", 4, {0, 3, 1, 2}}},
                                        .n_attrs = 1});
    return 1;
}

static size_t write_quantize(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];

    ws_onnx_writer_round(w, node->outputs[0], ws_onnx_writer_read(w, node->inputs[0]),
                         ws_onnx_writer_name(w, tensor_of(w, node->outputs[0])->name, ""));
    return 1;
}

static size_t write_dequantize(ws_onnx_writer *w, size_t i)
{
    const ws_lite_node *node = &w->from->nodes[i];
    const char *name = ws_onnx_writer_name(w, tensor_of(w, node->outputs[0])->name, "");

    ws_onnx_writer_unround(w, node->inputs[0], name);
    w->values[node->outputs[0]] = (ws_onnx_value){.name = name, .real = name};
    return 1;
}

ws_onnx_row *ws_onnx_row_find(ws_lite_kind kind)
{
    static ws_onnx_row *const rows[WS_LITE_N_KINDS] = {
        [WS_LITE_ADD] = write_join,
        [WS_LITE_AVERAGE_POOL_2D] = write_pool,
        [WS_LITE_CONCATENATION] = write_concat,
        [WS_LITE_CONV_2D] = write_conv,
        [WS_LITE_DEPTHWISE_CONV_2D] = write_depthwise,
        [WS_LITE_DEQUANTIZE] = write_dequantize,
        [WS_LITE_FULLY_CONNECTED] = write_dense,
        [WS_LITE_LOGISTIC] = write_unary,
        [WS_LITE_MAX_POOL_2D] = write_pool,
        [WS_LITE_MUL] = write_join,
        [WS_LITE_PAD] = write_pad,
        [WS_LITE_QUANTIZE] = write_quantize,
        [WS_LITE_RELU] = write_unary,
        [WS_LITE_RESHAPE] = write_reshape,
        [WS_LITE_SOFTMAX] = write_softmax,
        [WS_LITE_STRIDED_SLICE] = write_slice,
    };
    return rows[kind];
}
