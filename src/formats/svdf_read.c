#include <string.h>

#include "formats/svdf.h"

/** The nodes that make one operator, from the sound to the scores. */
typedef struct svdf_nodes {
    const ws_node_message *data;   /* its input */
    const ws_node_message *kernel; /* an expansion of an expansion of the frequency weights */
    const ws_node_message *conv, *inner_transpose;
    const ws_node_message *product, *column; /* the latter of the time weights */
    const ws_node_message *grouped, *sum;
    const ws_node_message *stream; /* a node only for streams; NULL: missing */
} svdf_nodes;

/** Input k; if that is an operator for streams, its input `past`. */
static ws_status follow_past(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                             const char *op, size_t past, svdf_nodes *found,
                             const ws_node_message **source, ws_error *err)
{
    int output = 0;

    ws_status status = ws_graph_reader_follow(reader, node, k, source, &output, err);
    if (status != WS_OK || strcmp((*source)->op, op) != 0 || output != 0)
        return status;
    found->stream = *source;
    return ws_graph_reader_follow(reader, *source, past, source, &output, err);
}

/** From the product with the time weights to the data. */
static ws_status find_frequency_part(const ws_graph_reader *reader, svdf_nodes *found,
                                     ws_error *err)
{
    const ws_node_message *node = NULL;

    ws_status status =
        follow_past(reader, found->product, 0, "ConcatV2", 1, found, &found->inner_transpose, err);
    if (status == WS_OK && strcmp(found->inner_transpose->op, "Transpose") != 0)
        return ws_node_fail(found->inner_transpose, err, "is not a Transpose, expected one there");
    if (status == WS_OK)
        status =
            ws_graph_reader_follow_to(reader, found->inner_transpose, 0, "Squeeze", &node, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, node, 0, "Conv2D", &found->conv, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, found->conv, 1, "ExpandDims", &node, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, node, 0, "ExpandDims", &found->kernel, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, found->conv, 0, "ExpandDims", &node, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, node, 0, "ExpandDims", &node, err);
    if (status == WS_OK)
        status = follow_past(reader, node, 0, "StridedSlice", 0, found, &found->data, err);
    return status;
}

static ws_status find_nodes(const ws_graph_reader *reader, const ws_node_message *transpose,
                            svdf_nodes *found, ws_error *err)
{
    int output = 0;

    *found = (svdf_nodes){.data = NULL};
    ws_status status = ws_graph_reader_follow_to(reader, transpose, 0, "Sum", &found->sum, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, found->sum, 0, "Reshape", &found->grouped, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow(reader, found->grouped, 0, &found->product, &output, err);
    if (status == WS_OK && strcmp(found->product->op, "BatchMatMul") != 0 &&
        strcmp(found->product->op, "BatchMatMulV2") != 0)
        return ws_node_fail(found->product, err, "is not a BatchMatMul, expected one there");
    if (status == WS_OK)
        status =
            ws_graph_reader_follow_to(reader, found->product, 1, "ExpandDims", &found->column, err);
    if (status == WS_OK)
        status = find_frequency_part(reader, found, err);
    return status;
}

ws_status ws_svdf_find_data(const ws_graph_reader *reader, const ws_node_message *node,
                            ws_read_data *data, ws_error *err)
{
    svdf_nodes found;

    const ws_status status = find_nodes(reader, node, &found, err);
    if (status == WS_OK)
        *data = (ws_read_data){.nodes = {found.data}, .n = 1};
    return status;
}

/** Whether input 1 is these whole numbers. */
static bool has_wholes(const ws_graph_reader *reader, const ws_node_message *node, ws_dims want)
{
    ws_dims got;

    return ws_graph_reader_find_wholes(reader, node, 1, &got, NULL) == WS_OK && got.n == want.n &&
           memcmp(got.sizes, want.sizes, want.n * sizeof *want.sizes) == 0;
}

/** A graph for streams works for whole clips if its flag says that each clip is the first. */
static ws_status check_stream(const ws_graph_reader *reader, const svdf_nodes *found, ws_error *err)
{
    const ws_node_message *flag = ws_graph_message_find(reader->message, "first_time_flag");
    ws_tensor value;

    if (found->stream == NULL)
        return WS_OK;
    if (flag == NULL || strcmp(flag->op, "Const") != 0 ||
        ws_node_get_tensor(flag, "value", &value, NULL) != WS_OK || value.dtype != WS_DTYPE_INT32 ||
        value.n_elements != 1 || ws_tensor_whole_at(&value, 0) != 1)
        return ws_node_fail(found->stream, err,
                            "belongs to a memory of earlier frames, which is supported only "
                            "with a constant first_time_flag of 1");
    return WS_OK;
}

static ws_status check_nodes(const ws_graph_reader *reader, const ws_node_message *transpose,
                             const svdf_nodes *found, ws_error *err)
{
    bool adj_x = false, adj_y = false, keeps = false;

    ws_status status = ws_node_get_flag(found->product, "adj_x", false, &adj_x, err);
    if (status == WS_OK)
        status = ws_node_get_flag(found->product, "adj_y", false, &adj_y, err);
    if (status == WS_OK)
        status = ws_node_get_flag(found->sum, "keep_dims", false, &keeps, err);
    if (status != WS_OK)
        return status;
    if (adj_x || adj_y || keeps || !has_wholes(reader, transpose, (ws_dims){2, {1, 0}}) ||
        !has_wholes(reader, found->inner_transpose, (ws_dims){3, {2, 0, 1}}) ||
        !has_wholes(reader, found->sum, (ws_dims){1, {1}}))
        return ws_node_fail(transpose, err,
                            "ends nodes that look like an SVDF operator, but are not one");
    return check_stream(reader, found, err);
}

/** The window of the convolution: the frequencies of a frame, then those of the next. */
static bool is_frame_by_frame(const ws_node_message *conv, int64_t n_frequencies)
{
    ws_dims strides;

    return ws_node_get_list(conv, "strides", &strides, NULL) == WS_OK && strides.n == 4 &&
           strides.sizes[0] == 1 && strides.sizes[2] == n_frequencies && strides.sizes[3] == 1 &&
           ws_node_text_is(conv, "padding", "", "VALID") &&
           ws_node_text_is(conv, "data_format", "NHWC", "NHWC");
}

static ws_status push(ws_graph_reader *reader, const ws_node_message *node, const svdf_nodes *found,
                      ws_error *err)
{
    ws_graph *graph = &reader->frozen->graph;
    const ws_shape in = graph->nodes[reader->value].shape;
    const size_t first = graph->n_parameters;
    ws_stored_array frequency, time;
    ws_dims grouped;

    ws_status status = ws_graph_reader_find_weights(reader, found->kernel, 0, 2, &frequency, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_weights(reader, found->column, 0, 2, &time, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_wholes(reader, found->grouped, 1, &grouped, err);
    if (status != WS_OK)
        return status;
    const int64_t n_filters = frequency.dims.sizes[1];
    if (frequency.dims.sizes[0] != (int64_t)(in.w * in.c) || time.dims.sizes[0] != n_filters ||
        time.dims.sizes[1] != (int64_t)in.h || strcmp(frequency.name, time.name) == 0 ||
        !is_frame_by_frame(found->conv, frequency.dims.sizes[0]))
        return ws_node_fail(node, err,
                            "ends an SVDF operator whose weights do not fit %zu frames of %zu",
                            in.h, in.w * in.c);
    if (grouped.n != 3 || grouped.sizes[0] < 1 || grouped.sizes[1] < 1 ||
        grouped.sizes[0] > n_filters || grouped.sizes[1] != n_filters / grouped.sizes[0] ||
        n_filters % grouped.sizes[0] != 0)
        return ws_node_fail(found->grouped, err, "does not divide %lld filters into units",
                            (long long)n_filters);
    status = ws_stored_arrays_set(&reader->parameters, first, &frequency, err);
    if (status == WS_OK)
        status = ws_stored_arrays_set(&reader->parameters, first + 1, &time, err);
    if (status != WS_OK)
        return status;
    const ws_svdf_args args = {.frequency_name = frequency.name,
                               .time_name = time.name,
                               .n_units = (size_t)grouped.sizes[0],
                               .rank = (size_t)grouped.sizes[1]};
    return ws_graph_reader_finish(reader, node, ws_graph_push_svdf(graph, reader->value, &args),
                                  err);
}

ws_status ws_svdf_read(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    svdf_nodes found;

    ws_status status = find_nodes(reader, node, &found, err);
    if (status == WS_OK)
        status = check_nodes(reader, node, &found, err);
    if (status == WS_OK && !reader->is_flat)
        status = ws_node_fail(node, err, "reads images, expected vectors (two dimensions)");
    if (status == WS_OK)
        status = push(reader, node, &found, err);
    return status;
}
