/* Reads operators that join or split values; see also ops_read.c. */
#include <string.h>

#include "formats/graph_read.h"

static ws_graph *graph_of(const ws_graph_reader *reader)
{
    return &reader->frozen->graph;
}

static ws_shape shape_before(const ws_graph_reader *reader)
{
    return graph_of(reader)->nodes[reader->value].shape;
}

/** Whether input k of a node leads to an operator; that is then at *found. */
static bool leads_to(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                     const char *op, const ws_node_message **found)
{
    int output = 0;
    return ws_graph_reader_follow(reader, node, k, found, &output, NULL) == WS_OK && output == 0 &&
           strcmp((*found)->op, op) == 0;
}

static ws_status push_data(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                           ws_read_data *data, ws_error *err)
{
    if (k >= node->n_inputs || node->inputs[k].output != 0 || data->n == WS_NODE_MAX_INPUTS)
        return ws_node_fail(node, err, "has no input from a supported operator");
    data->nodes[data->n++] = &reader->nodes[node->inputs[k].node];
    return WS_OK;
}

ws_status ws_read_data_first(const ws_graph_reader *reader, const ws_node_message *node,
                             ws_read_data *data, ws_error *err)
{
    return push_data(reader, node, 0, data, err);
}

const ws_node_message *ws_read_pad_find(const ws_graph_reader *reader, const ws_node_message *node)
{
    const ws_node_message *pad = NULL;
    return leads_to(reader, node, 0, "Pad", &pad) ? pad : NULL;
}

ws_status ws_read_data_padded(const ws_graph_reader *reader, const ws_node_message *node,
                              ws_read_data *data, ws_error *err)
{
    const ws_node_message *pad = ws_read_pad_find(reader, node);
    return push_data(reader, pad != NULL ? pad : node, 0, data, err);
}

ws_status ws_read_data_unstored(const ws_graph_reader *reader, const ws_node_message *node,
                                size_t n, ws_read_data *data, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t k = 0; k < n && status == WS_OK; k++)
        if (!ws_graph_reader_is_stored(reader, node, k))
            status = push_data(reader, node, k, data, err);
    if (status == WS_OK && data->n == 0)
        return ws_node_fail(node, err, "has no input from a supported operator");
    return status;
}

/** Makes TensorFlow's vectors vectors here too if joining depends on their shape. */
static size_t as_vector(const ws_graph_reader *reader, size_t value)
{
    const ws_shape shape = graph_of(reader)->nodes[value].shape;

    if (!reader->is_flat || (shape.h == 1 && shape.w == 1))
        return value;
    return ws_graph_push_reshape(graph_of(reader), value, (ws_shape){1, 1, ws_shape_size(shape)});
}

/* ---- x sigmoid(x), which is one operator here ---- */

/** Whether a Mul multiplies a value by its own sigmoid; the value is input `of` then. */
static bool is_silu(const ws_graph_reader *reader, const ws_node_message *node, size_t *of)
{
    const ws_node_message *sigmoid = NULL, *own = NULL, *other = NULL;
    int output = 0;

    for (size_t k = 0; k < 2; k++) {
        if (!leads_to(reader, node, 1 - k, "Sigmoid", &sigmoid) ||
            ws_graph_reader_follow(reader, sigmoid, 0, &own, &output, NULL) != WS_OK ||
            output != 0 || ws_graph_reader_follow(reader, node, k, &other, &output, NULL) != WS_OK)
            continue;
        *of = k;
        if (output == 0 && own == other)
            return true;
    }
    return false;
}

/* ---- a sum of two values, or of a value and a stored array ---- */

static ws_status find_add_data(const ws_graph_reader *reader, const ws_node_message *node,
                               ws_read_data *data, ws_error *err)
{
    size_t k = 0;
    const ws_node_message *product = ws_scaling_find(reader, node, &k);

    return product != NULL ? push_data(reader, product, k, data, err)
                           : ws_read_data_unstored(reader, node, 2, data, err);
}

static ws_status read_add(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    size_t k = 0;

    if (ws_scaling_find(reader, node, &k) != NULL) {
        reader->value = as_vector(reader, reader->value);
        return ws_scaling_read(reader, node, err);
    }
    if (reader->n_inputs == 1)
        return ws_read_bias_add(reader, node, err);
    return ws_graph_reader_finish(reader, node,
                                  ws_graph_push_add(graph_of(reader),
                                                    as_vector(reader, reader->inputs[0]),
                                                    as_vector(reader, reader->inputs[1])),
                                  err);
}

static ws_status find_mul_data(const ws_graph_reader *reader, const ws_node_message *node,
                               ws_read_data *data, ws_error *err)
{
    size_t of = 0;

    if (is_silu(reader, node, &of))
        return push_data(reader, node, of, data, err);
    return ws_read_data_unstored(reader, node, 2, data, err);
}

static ws_status read_mul(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    ws_graph *graph = graph_of(reader);
    size_t of = 0;

    if (is_silu(reader, node, &of))
        return ws_graph_reader_finish(reader, node, ws_graph_push_silu(graph, reader->value), err);
    if (reader->n_inputs == 1)
        return ws_node_fail(node, err,
                            "multiplies by a constant without adding one, which is not "
                            "supported");
    return ws_graph_reader_finish(reader, node,
                                  ws_graph_push_mul(graph, as_vector(reader, reader->inputs[0]),
                                                    as_vector(reader, reader->inputs[1])),
                                  err);
}

static ws_status read_sigmoid(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    return ws_graph_reader_finish(reader, node,
                                  ws_graph_push_sigmoid(graph_of(reader), reader->value), err);
}

static ws_status read_mean(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    bool keeps_dims = false;
    unsigned axes = 0;
    ws_dims list;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = ws_node_get_flag(node, "keep_dims", false, &keeps_dims, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_wholes(reader, node, 1, &list, err);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < list.n; i++) {
        const int64_t axis = list.sizes[i] < 0 ? list.sizes[i] + 4 : list.sizes[i];
        if (axis < 1 || axis > 3)
            return ws_node_fail(node, err, "is over axis %lld, expected some of 1, 2 and 3",
                                (long long)list.sizes[i]);
        axes |= 1u << (axis - 1);
    }
    if (!keeps_dims && axes != (WS_AXIS_H | WS_AXIS_W))
        return ws_node_fail(node, err,
                            "drops axes other than height and width (keep_dims), which "
                            "is not supported");
    reader->is_flat = !keeps_dims;
    return ws_graph_reader_finish(reader, node,
                                  ws_graph_push_mean(graph_of(reader), reader->value, axes), err);
}

static ws_status find_concat_data(const ws_graph_reader *reader, const ws_node_message *node,
                                  ws_read_data *data, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t k = 0; k + 1 < node->n_inputs && status == WS_OK; k++)
        status = push_data(reader, node, k, data, err);
    return status;
}

static ws_status read_concat(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    ws_dims axis;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK && reader->n_inputs == 0)
        return ws_node_fail(node, err, "has no input from a supported operator");
    if (status == WS_OK)
        status = ws_graph_reader_find_wholes(reader, node, reader->n_inputs, &axis, err);
    if (status != WS_OK)
        return status;
    if (axis.n != 1 || (axis.sizes[0] != 3 && axis.sizes[0] != -1))
        return ws_node_fail(node, err, "joins along an axis other than the channels");
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_concat(graph_of(reader), reader->inputs, reader->n_inputs),
        err);
}

/** One axis of a slice. @return false if it is not within the input */
static bool slice_axis(int64_t begin, int64_t size, size_t in, size_t *first, size_t *n)
{
    if (begin < 0 || (uint64_t)begin >= in || size < -1 || size == 0 ||
        (size > 0 && (uint64_t)size > in - (uint64_t)begin))
        return false;
    *first = (size_t)begin;
    *n = size == -1 ? in - (size_t)begin : (size_t)size;
    return true;
}

static ws_status read_slice(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    const ws_shape in = shape_before(reader);
    ws_shape first, size;
    ws_dims begin, sizes;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_wholes(reader, node, 1, &begin, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_wholes(reader, node, 2, &sizes, err);
    if (status != WS_OK)
        return status;
    if (begin.n != 4 || sizes.n != 4 || begin.sizes[0] != 0 ||
        (sizes.sizes[0] != -1 && sizes.sizes[0] != 1) ||
        !slice_axis(begin.sizes[1], sizes.sizes[1], in.h, &first.h, &size.h) ||
        !slice_axis(begin.sizes[2], sizes.sizes[2], in.w, &first.w, &size.w) ||
        !slice_axis(begin.sizes[3], sizes.sizes[3], in.c, &first.c, &size.c))
        return ws_node_fail(node, err, "takes a slice that is not within [-1, %zu, %zu, %zu]", in.h,
                            in.w, in.c);
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_slice(graph_of(reader), reader->value, first, size), err);
}

const ws_read_row ws_read_values_rows[] = {
    {"Add", find_add_data, read_add},
    {"AddV2", find_add_data, read_add},
    {"Mul", find_mul_data, read_mul},
    {"Sigmoid", ws_read_data_first, read_sigmoid},
    {"Mean", ws_read_data_first, read_mean},
    {"ConcatV2", find_concat_data, read_concat},
    {"Slice", ws_read_data_first, read_slice},
    {"FusedBatchNorm", ws_read_data_first, ws_fused_norm_read},
    {"FusedBatchNormV2", ws_read_data_first, ws_fused_norm_read},
    {"FusedBatchNormV3", ws_read_data_first, ws_fused_norm_read},
};
const size_t ws_read_values_n_rows = sizeof ws_read_values_rows / sizeof *ws_read_values_rows;
