/* Reads the operators that a model here can have from TensorFlow's nodes: a row each. */
#include <string.h>

#include "formats/graph_read.h"
#include "formats/quantizer.h"
#include "formats/svdf.h"

static ws_shape shape_before(const ws_graph_reader *reader)
{
    return reader->frozen->graph.nodes[reader->value].shape;
}

/** A list of four for batch, height, width and channels, of which only height and width may differ
 * from 1. */
static ws_status read_window_list(const ws_node_message *node, const char *attr, size_t *h,
                                  size_t *w, ws_error *err)
{
    ws_dims list;

    const ws_status status = ws_node_get_list(node, attr, &list, err);
    if (status != WS_OK)
        return status;
    bool is_plain = list.n == 4 && list.sizes[0] == 1 && list.sizes[3] == 1;
    for (size_t i = 1; is_plain && i < 3; i++)
        is_plain = list.sizes[i] >= 1 && list.sizes[i] <= WS_GRAPH_READ_MAX_WINDOW;
    if (!is_plain)
        return ws_node_fail(node, err, "has %s that are not 1, height, width, 1", attr);
    *h = (size_t)list.sizes[1];
    *w = (size_t)list.sizes[2];
    return WS_OK;
}

/** Pairs of zeros along four axes, of which only those of height and width may not be 0. */
static bool take_zeros(const ws_dims *list, ws_margins *zeros)
{
    bool is_plain = list->n == 8 && list->sizes[0] == 0 && list->sizes[1] == 0 &&
                    list->sizes[6] == 0 && list->sizes[7] == 0;

    for (size_t i = 2; is_plain && i < 6; i++)
        is_plain = list->sizes[i] >= 0 && list->sizes[i] <= WS_GRAPH_READ_MAX_WINDOW;
    if (is_plain)
        *zeros = (ws_margins){(size_t)list->sizes[2], (size_t)list->sizes[3],
                              (size_t)list->sizes[4], (size_t)list->sizes[5]};
    return is_plain;
}

/** A Pad before a convolution. */
static ws_status read_pad(const ws_graph_reader *reader, const ws_node_message *pad,
                          const ws_node_message *node, ws_conv2d_args *args, ws_error *err)
{
    ws_dims pairs;

    const ws_status status = ws_graph_reader_find_pairs(reader, pad, 1, &pairs, err);
    if (status != WS_OK)
        return status;
    if (args->padding != WS_PADDING_VALID)
        return ws_node_fail(node, err, "pads the output of a Pad node, which is not supported");
    if (!take_zeros(&pairs, &args->zeros))
        return ws_node_fail(pad, err, "pads other axes than height and width");
    args->padding = WS_PADDING_EXPLICIT;
    return WS_OK;
}

static ws_status read_zeros(const ws_node_message *node, ws_margins *zeros, ws_error *err)
{
    ws_dims list;

    const ws_status status = ws_node_get_list(node, "explicit_paddings", &list, err);
    if (status != WS_OK)
        return status;
    if (!take_zeros(&list, zeros))
        return ws_node_fail(node, err,
                            "has explicit_paddings that are not 0, 0, those of height, those of "
                            "width, 0, 0");
    return WS_OK;
}

ws_status ws_read_check_layout(const ws_node_message *node, ws_error *err)
{
    if (!ws_node_text_is(node, "data_format", "NHWC", "NHWC"))
        return ws_node_fail(node, err,
                            "does not have its channels last (NHWC), which is not supported");
    return WS_OK;
}

ws_status ws_read_check_images(const ws_graph_reader *reader, const ws_node_message *node,
                               ws_error *err)
{
    if (reader->is_flat)
        return ws_node_fail(node, err, "reads vectors, expected images (four dimensions)");
    return WS_OK;
}

static ws_status read_padding(const ws_node_message *node, ws_padding *padding, ws_margins *zeros,
                              ws_error *err)
{
    const ws_status status = ws_read_check_layout(node, err);

    if (status != WS_OK)
        return status;
    if (ws_node_text_is(node, "padding", "", "SAME")) {
        *padding = WS_PADDING_SAME;
    } else if (ws_node_text_is(node, "padding", "", "VALID")) {
        *padding = WS_PADDING_VALID;
    } else if (ws_node_text_is(node, "padding", "", "EXPLICIT")) {
        *padding = WS_PADDING_EXPLICIT;
        return read_zeros(node, zeros, err);
    } else {
        return ws_node_fail(node, err, "has a padding other than SAME, VALID and EXPLICIT");
    }
    return WS_OK;
}

/** Dilations as a list of four; without one they are 1. */
static ws_status read_dilations(const ws_node_message *node, ws_conv2d_args *args, ws_error *err)
{
    ws_dims list;

    const ws_status status = ws_node_get_list(node, "dilations", &list, err);
    if (status != WS_OK || list.n == 0)
        return status;
    return read_window_list(node, "dilations", &args->dilation_h, &args->dilation_w, err);
}

/** Where a window slides: padding, strides and dilations. */
static ws_status read_window(const ws_node_message *node, ws_conv2d_args *args, ws_error *err)
{
    ws_status status = read_padding(node, &args->padding, &args->zeros, err);
    if (status == WS_OK)
        status = read_window_list(node, "strides", &args->stride_h, &args->stride_w, err);
    if (status == WS_OK)
        status = read_dilations(node, args, err);
    return status;
}

/** Whether explicit zeros make an image so large that it has too many numbers. */
static bool pads_beyond(const ws_conv2d_args *args, ws_shape in)
{
    const size_t h = in.h + args->zeros.before_h + args->zeros.after_h;
    const size_t w = in.w + args->zeros.before_w + args->zeros.after_w;
    const size_t n_channels = args->n_channels > in.c ? args->n_channels : in.c;
    return n_channels > WS_GRAPH_READ_MAX_NUMBERS / h / w;
}

/** A convolution, depthwise or not. */
static ws_status read_any_conv(ws_graph_reader *reader, const ws_node_message *node,
                               bool is_depthwise, ws_error *err)
{
    const ws_shape in = shape_before(reader);
    const ws_node_message *pad = ws_read_pad_find(reader, node);
    ws_conv2d_args args = {.name = NULL};
    ws_stored_array weights;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = read_window(node, &args, err);
    if (status == WS_OK && pad != NULL)
        status = read_pad(reader, pad, node, &args, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_weights(reader, node, 1, 4, &weights, err);
    if (status != WS_OK)
        return status;
    if ((uint64_t)weights.dims.sizes[2] != in.c)
        return ws_node_fail(node, err, "reads %zu channels, but its weights \"%s\" are for %lld",
                            in.c, weights.name, (long long)weights.dims.sizes[2]);
    args.name = weights.name;
    args.kernel_h = (size_t)weights.dims.sizes[0];
    args.kernel_w = (size_t)weights.dims.sizes[1];
    args.n_channels = (size_t)weights.dims.sizes[3];
    if (is_depthwise && args.n_channels != 1)
        return ws_node_fail(node, err, "gives %zu channels for each one, only 1 is supported",
                            args.n_channels);
    if (args.n_channels * (is_depthwise ? in.c : 1) > WS_GRAPH_READ_MAX_NUMBERS / (in.h * in.w))
        return ws_node_fail(node, err, "gives more than %d numbers", WS_GRAPH_READ_MAX_NUMBERS);
    if (pads_beyond(&args, in))
        return ws_node_fail(node, err, "gives more than %d numbers", WS_GRAPH_READ_MAX_NUMBERS);
    ws_graph *graph = &reader->frozen->graph;
    return ws_graph_reader_finish(reader, node,
                                  is_depthwise
                                      ? ws_graph_push_depthwise(graph, reader->value, &args)
                                      : ws_graph_push_conv2d(graph, reader->value, &args),
                                  err);
}

static ws_status read_conv2d(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    return read_any_conv(reader, node, false, err);
}

static ws_status read_depthwise(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    return read_any_conv(reader, node, true, err);
}

/** A window of a pooling. */
static ws_status read_pool(ws_graph_reader *reader, const ws_node_message *node, ws_pool_args *args,
                           ws_error *err)
{
    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = read_padding(node, &args->padding, &args->zeros, err);
    if (status == WS_OK)
        status = read_window_list(node, "ksize", &args->window_h, &args->window_w, err);
    if (status == WS_OK)
        status = read_window_list(node, "strides", &args->stride_h, &args->stride_w, err);
    if (status == WS_OK &&
        pads_beyond(&(ws_conv2d_args){.zeros = args->zeros}, shape_before(reader)))
        return ws_node_fail(node, err, "gives more than %d numbers", WS_GRAPH_READ_MAX_NUMBERS);
    return status;
}

static ws_status read_max_pool(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    ws_pool_args args = {.window_h = 0};

    const ws_status status = read_pool(reader, node, &args, err);
    if (status != WS_OK)
        return status;
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_max_pool(&reader->frozen->graph, reader->value, &args), err);
}

static ws_status read_average_pool(ws_graph_reader *reader, const ws_node_message *node,
                                   ws_error *err)
{
    ws_pool_args args = {.window_h = 0};

    const ws_status status = read_pool(reader, node, &args, err);
    if (status != WS_OK)
        return status;
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_average_pool(&reader->frozen->graph, reader->value, &args),
        err);
}

static ws_status read_mat_mul(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const size_t n_in = ws_shape_size(shape_before(reader));
    bool transpose_a = false, transpose_b = false;
    ws_stored_array weights;

    if (!reader->is_flat)
        return ws_node_fail(node, err, "reads images, expected vectors (two dimensions)");
    ws_status status = ws_node_get_flag(node, "transpose_a", false, &transpose_a, err);
    if (status == WS_OK)
        status = ws_node_get_flag(node, "transpose_b", false, &transpose_b, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_weights(reader, node, 1, 2, &weights, err);
    if (status != WS_OK)
        return status;
    if (transpose_a || transpose_b)
        return ws_node_fail(node, err, "transposes what it reads, which is not supported");
    if ((uint64_t)weights.dims.sizes[0] != n_in)
        return ws_node_fail(node, err, "reads %zu numbers, but its weights \"%s\" are for %lld",
                            n_in, weights.name, (long long)weights.dims.sizes[0]);
    const ws_dense_args args = {.name = weights.name, .n_units = (size_t)weights.dims.sizes[1]};
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_dense(&reader->frozen->graph, reader->value, &args), err);
}

ws_status ws_read_bias_add(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const size_t k = ws_graph_reader_is_stored(reader, node, 0) ? 0 : 1;
    const size_t n_channels = shape_before(reader).c;
    ws_stored_array bias;

    ws_status status = ws_read_check_layout(node, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_weights(reader, node, k, 1, &bias, err);
    if (status != WS_OK)
        return status;
    if ((uint64_t)bias.dims.sizes[0] != n_channels)
        return ws_node_fail(node, err, "reads %zu channels, but its \"%s\" is for %lld", n_channels,
                            bias.name, (long long)bias.dims.sizes[0]);
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_bias_add(&reader->frozen->graph, reader->value, bias.name),
        err);
}

static ws_status read_relu(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    return ws_graph_reader_finish(reader, node,
                                  ws_graph_push_relu(&reader->frozen->graph, reader->value), err);
}

/** The shape that n numbers get from a shape with one -1 in it; the first size is the batch, which
 * is 1.
 *  @param as  filled: [h, w, c], or of a vector [1, 1, n] @return false if it makes nothing */
static bool shape_fits(const ws_dims *shape, size_t n, ws_shape *as)
{
    int64_t sizes[4] = {1, 1, 1, 1}, known = 1;
    size_t unknown = 4;

    if (shape->n != 2 && shape->n != 4)
        return false;
    for (size_t i = 0; i < shape->n; i++) {
        sizes[i] = shape->sizes[i];
        if (sizes[i] == -1 && unknown == 4)
            unknown = i;
        else if (sizes[i] < 1 || sizes[i] > (int64_t)n)
            return false;
        else
            known *= sizes[i];
        if (known > (int64_t)n)
            return false;
    }
    if (unknown < 4)
        sizes[unknown] = (int64_t)n / known;
    if (sizes[0] != 1 || sizes[1] * sizes[2] * sizes[3] != (int64_t)n)
        return false;
    *as = shape->n == 2 ? (ws_shape){1, 1, (size_t)sizes[1]}
                        : (ws_shape){(size_t)sizes[1], (size_t)sizes[2], (size_t)sizes[3]};
    return true;
}

/** A reshape keeps the order of the numbers, so nothing is pushed for a vector of all of
 *  them or for an image of the same shape. */
static ws_status read_reshape(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const ws_shape before = shape_before(reader);
    const size_t n = ws_shape_size(before);
    ws_shape after = before;
    ws_dims shape;

    const ws_status status = ws_graph_reader_find_wholes(reader, node, 1, &shape, err);
    if (status != WS_OK)
        return status;
    if (!shape_fits(&shape, n, &after))
        return ws_node_fail(node, err,
                            "gives another shape than [-1, %zu] and [-1, height, width, channels] "
                            "of the %zu numbers that it reads",
                            n, n);
    reader->is_flat = shape.n == 2;
    if (reader->is_flat || memcmp(&after, &before, sizeof after) == 0)
        return WS_OK;
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_reshape(&reader->frozen->graph, reader->value, after), err);
}

/** Drops height and width, both 1. The numbers keep their places, so nothing is pushed. */
static ws_status read_squeeze(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const ws_shape before = shape_before(reader);
    bool is_dropped[4] = {false};
    ws_dims axes;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = ws_node_get_list(node, "squeeze_dims", &axes, err);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < axes.n; i++) {
        const int64_t axis = axes.sizes[i] < 0 ? axes.sizes[i] + 4 : axes.sizes[i];
        if (axis < 0 || axis > 3)
            return ws_node_fail(node, err, "drops axis %lld, expected axes 1 and 2",
                                (long long)axes.sizes[i]);
        is_dropped[axis] = true;
    }
    if (is_dropped[0] || !is_dropped[1] || !is_dropped[2] || is_dropped[3])
        return ws_node_fail(node, err,
                            "does not drop exactly height and width (squeeze_dims 1 and 2), which "
                            "is not supported");
    if (before.h != 1 || before.w != 1)
        return ws_node_fail(node, err, "drops height %zu and width %zu, expected 1 and 1", before.h,
                            before.w);
    reader->is_flat = true;
    return WS_OK;
}

/** An identity. */
static ws_status read_nothing(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    (void)reader;
    (void)node;
    (void)err;
    return WS_OK;
}

static const ws_read_row rows[] = {
    {"Conv2D", ws_read_data_padded, read_conv2d},
    {"DepthwiseConv2dNative", ws_read_data_padded, read_depthwise},
    {"MatMul", ws_read_data_first, read_mat_mul},
    {"BiasAdd", ws_read_data_first, ws_read_bias_add},
    {"Relu", ws_read_data_first, read_relu},
    {"MaxPool", ws_read_data_first, read_max_pool},
    {"AvgPool", ws_read_data_first, read_average_pool},
    {"Reshape", ws_read_data_first, read_reshape},
    {"Squeeze", ws_read_data_first, read_squeeze},
    {"Identity", ws_read_data_first, read_nothing},
    {"Transpose", ws_svdf_find_data, ws_svdf_read},
    {"FakeQuantWithMinMaxVars", ws_read_data_first, ws_quantizer_read_row},
    {"FakeQuantWithMinMaxArgs", ws_read_data_first, ws_quantizer_read_row},
};

static const ws_read_row *find(const ws_read_row *list, size_t n, const char *op)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].op, op) == 0)
            return &list[i];
    return NULL;
}

const ws_read_row *ws_read_row_find(const ws_graph_reader *reader, const ws_node_message *node)
{
    const ws_read_row *row = find(rows, sizeof rows / sizeof *rows, node->op);

    if (row == NULL)
        row = find(ws_read_values_rows, ws_read_values_n_rows, node->op);
    return row != NULL && ws_features_has_node(reader, node) ? NULL : row;
}
