/* The operators that a model here can have, as TensorFlow says them: a row each. */
#include <string.h>

#include "formats/graph_read.h"
#include "formats/quantizer.h"
#include "formats/svdf.h"

static ws_shape shape_before(const ws_graph_reader *reader)
{
    return reader->frozen->graph.nodes[reader->value].shape;
}

/** A list of four for batch, height, width and channels, of which only the middle may differ. */
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

static ws_status read_padding(const ws_node_message *node, ws_padding *padding, ws_error *err)
{
    if (!ws_node_text_is(node, "data_format", "NHWC", "NHWC"))
        return ws_node_fail(node, err, "has its channels not last (NHWC), which is not supported");
    if (ws_node_text_is(node, "padding", "", "SAME"))
        *padding = WS_PADDING_SAME;
    else if (ws_node_text_is(node, "padding", "", "VALID"))
        *padding = WS_PADDING_VALID;
    else
        return ws_node_fail(node, err, "has a padding other than SAME and VALID");
    return WS_OK;
}

static ws_status check_image(const ws_graph_reader *reader, const ws_node_message *node,
                             ws_error *err)
{
    if (reader->is_flat)
        return ws_node_fail(node, err, "reads vectors, expected images (four dimensions)");
    return WS_OK;
}

static ws_status check_dilations(const ws_node_message *node, ws_error *err)
{
    ws_dims dilations;

    const ws_status status = ws_node_get_list(node, "dilations", &dilations, err);
    for (size_t i = 0; status == WS_OK && i < dilations.n; i++)
        if (dilations.sizes[i] != 1)
            return ws_node_fail(node, err, "has dilations, which are not supported");
    return status;
}

static ws_status read_conv2d(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const ws_shape in = shape_before(reader);
    ws_conv2d_args args = {.name = NULL};
    ws_stored_array weights;

    ws_status status = check_image(reader, node, err);
    if (status == WS_OK)
        status = read_padding(node, &args.padding, err);
    if (status == WS_OK)
        status = read_window_list(node, "strides", &args.stride_h, &args.stride_w, err);
    if (status == WS_OK)
        status = check_dilations(node, err);
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
    if (args.n_channels > WS_GRAPH_READ_MAX_NUMBERS / (in.h * in.w))
        return ws_node_fail(node, err, "gives more than %d numbers", WS_GRAPH_READ_MAX_NUMBERS);
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_conv2d(&reader->frozen->graph, reader->value, &args), err);
}

static ws_status read_max_pool(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    ws_pool_args args = {.window_h = 0};

    ws_status status = check_image(reader, node, err);
    if (status == WS_OK)
        status = read_padding(node, &args.padding, err);
    if (status == WS_OK)
        status = read_window_list(node, "ksize", &args.window_h, &args.window_w, err);
    if (status == WS_OK)
        status = read_window_list(node, "strides", &args.stride_h, &args.stride_w, err);
    if (status != WS_OK)
        return status;
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_max_pool(&reader->frozen->graph, reader->value, &args), err);
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

static ws_status read_bias_add(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const size_t k = ws_graph_reader_is_stored(reader, node, 0) ? 0 : 1;
    const size_t n_channels = shape_before(reader).c;
    ws_stored_array bias;

    const ws_status status = ws_graph_reader_find_weights(reader, node, k, 1, &bias, err);
    if (status != WS_OK)
        return status;
    if ((uint64_t)bias.dims.sizes[0] != n_channels)
        return ws_node_fail(node, err, "reads %zu channels, but its \"%s\" is for %lld", n_channels,
                            bias.name, (long long)bias.dims.sizes[0]);
    if (!ws_node_text_is(node, "data_format", "NHWC", "NHWC"))
        return ws_node_fail(node, err, "has its channels not last (NHWC), which is not supported");
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_bias_add(&reader->frozen->graph, reader->value, bias.name),
        err);
}

static ws_status read_relu(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    return ws_graph_reader_finish(reader, node,
                                  ws_graph_push_relu(&reader->frozen->graph, reader->value), err);
}

/** What a shape with one -1 in it makes of n numbers; the first size is the batch, which is one. */
static bool shape_fits(const ws_dims *shape, size_t n, ws_shape as, bool is_image)
{
    const int64_t sizes[] = {1, (int64_t)as.h, (int64_t)as.w, (int64_t)as.c};
    size_t n_unknown = 0;

    if (shape->n != (is_image ? 4 : 2))
        return false;
    for (size_t i = 0; i < shape->n; i++) {
        const int64_t want = is_image || i == 0 ? sizes[i] : (int64_t)n;
        n_unknown += shape->sizes[i] == -1;
        if (shape->sizes[i] != want && shape->sizes[i] != -1)
            return false;
    }
    return n_unknown <= 1;
}

/** Numbers stay in their order here whatever they are seen as, so there is nothing to push; but
 *  only vectors of them all, and images of the shape that they have anyway, are understood. */
static ws_status read_reshape(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const ws_shape before = shape_before(reader);
    const size_t n = ws_shape_size(before);
    ws_dims shape;

    const ws_status status = ws_graph_reader_find_wholes(reader, node, 1, &shape, err);
    if (status != WS_OK)
        return status;
    if (shape_fits(&shape, n, before, false))
        reader->is_flat = true;
    else if (shape_fits(&shape, n, before, true))
        reader->is_flat = false;
    else
        return ws_node_fail(node, err,
                            "gives another shape than [-1, %zu] and [-1, %zu, %zu, %zu], which its "
                            "%zu numbers could have",
                            n, before.h, before.w, before.c, n);
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

static ws_status find_data_at(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                              const ws_node_message **data, ws_error *err)
{
    if (k >= node->n_inputs || node->inputs[k].output != 0)
        return ws_node_fail(node, err, "reads no data that is understood here");
    *data = &reader->nodes[node->inputs[k].node];
    return WS_OK;
}

static ws_status find_first(const ws_graph_reader *reader, const ws_node_message *node,
                            const ws_node_message **data, ws_error *err)
{
    return find_data_at(reader, node, 0, data, err);
}

/** The input that is not stored. */
static ws_status find_either(const ws_graph_reader *reader, const ws_node_message *node,
                             const ws_node_message **data, ws_error *err)
{
    return find_data_at(reader, node, ws_graph_reader_is_stored(reader, node, 0) ? 1 : 0, data,
                        err);
}

static const ws_read_row rows[] = {
    {"Conv2D", find_first, read_conv2d},
    {"MatMul", find_first, read_mat_mul},
    {"Add", find_either, read_bias_add},
    {"AddV2", find_either, read_bias_add},
    {"BiasAdd", find_first, read_bias_add},
    {"Relu", find_first, read_relu},
    {"MaxPool", find_first, read_max_pool},
    {"Reshape", find_first, read_reshape},
    {"Identity", find_first, read_nothing},
    {"Transpose", ws_svdf_find_data, ws_svdf_read},
    {"FakeQuantWithMinMaxVars", find_first, ws_quantizer_read_row},
    {"FakeQuantWithMinMaxArgs", find_first, ws_quantizer_read_row},
};

const ws_read_row *ws_read_row_find(const char *op)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].op, op) == 0)
            return &rows[i];
    return NULL;
}
