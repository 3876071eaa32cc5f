/* The numbers in a graph, constants and variables, and the way to them. */
#include <string.h>

#include "formats/graph_read.h"
#include "formats/quantizer.h"

enum { MAX_HOPS = 64 };

static bool is_one_of(const char *op, const char *const *ops)
{
    for (; *ops != NULL; ops++)
        if (strcmp(*ops, op) == 0)
            return true;
    return false;
}

static const char *const passing[] = {"Identity", "ReadVariableOp", "StopGradient", "Snapshot",
                                      NULL};
static const char *const variable[] = {"VarHandleOp", "VariableV2", "Variable", NULL};

ws_status ws_graph_reader_follow(const ws_graph_reader *reader, const ws_node_message *node,
                                 size_t k, const ws_node_message **source, int *output,
                                 ws_error *err)
{
    for (int hops = 0; hops < MAX_HOPS; hops++) {
        if (k >= node->n_inputs)
            return ws_node_fail(node, err, "has %zu inputs, expected at least %zu", node->n_inputs,
                                k + 1);
        *output = node->inputs[k].output;
        node = &reader->nodes[node->inputs[k].node];
        if (!is_one_of(node->op, passing) || *output != 0) {
            *source = node;
            return WS_OK;
        }
        k = 0;
    }
    return ws_node_fail(node, err, "passes on what %d others pass on, or runs in a circle",
                        MAX_HOPS);
}

ws_status ws_graph_reader_follow_to(const ws_graph_reader *reader, const ws_node_message *node,
                                    size_t k, const char *op, const ws_node_message **source,
                                    ws_error *err)
{
    int output = 0;

    const ws_status status = ws_graph_reader_follow(reader, node, k, source, &output, err);
    if (status != WS_OK)
        return status;
    if (strcmp((*source)->op, op) != 0 || output != 0)
        return ws_node_fail(node, err, "reads \"%s\" (%s), expected the output of a %s there",
                            (*source)->name, (*source)->op, op);
    return WS_OK;
}

static ws_status find_constant(const ws_node_message *source, ws_stored_array *array, ws_error *err)
{
    const ws_status status = ws_node_get_tensor(source, "value", &array->tensor, err);

    if (status != WS_OK)
        return status;
    array->dtype = array->tensor.dtype;
    array->dims = array->tensor.dims;
    array->n_elements = array->tensor.n_elements;
    return WS_OK;
}

/** Whether a node makes [1, .., 1, n] of a vector, as far as its constant shape says. */
static bool is_widening(const ws_graph_reader *reader, const ws_node_message *reshape)
{
    const ws_node_message *shape = NULL;
    ws_stored_array array;

    if (ws_graph_reader_follow_to(reader, reshape, 1, "Const", &shape, NULL) != WS_OK ||
        find_constant(shape, &array, NULL) != WS_OK ||
        (array.dtype != WS_DTYPE_INT32 && array.dtype != WS_DTYPE_INT64) || array.dims.n != 1 ||
        array.n_elements == 0 || array.n_elements > WS_TENSOR_MAX_DIMS)
        return false;
    for (size_t i = 0; i + 1 < array.n_elements; i++)
        if (ws_tensor_whole_at(&array.tensor, i) != 1)
            return false;
    return true;
}

/** ws_graph_reader_follow, and past the Reshape and Squeeze that Keras 3 has between a bias and its
 *  array: a vector gets the dimensions of an image, and loses them again. */
static ws_status follow_to_array(const ws_graph_reader *reader, const ws_node_message *node,
                                 size_t k, const ws_node_message **source, int *output,
                                 ws_error *err)
{
    const ws_node_message *reshape = NULL;
    ws_dims axes;

    const ws_status status = ws_graph_reader_follow(reader, node, k, source, output, err);
    if (status != WS_OK || *output != 0 || strcmp((*source)->op, "Squeeze") != 0 ||
        ws_node_get_list(*source, "squeeze_dims", &axes, NULL) != WS_OK || axes.n > 0 ||
        ws_graph_reader_follow_to(reader, *source, 0, "Reshape", &reshape, NULL) != WS_OK ||
        !is_widening(reader, reshape))
        return status;
    return ws_graph_reader_follow(reader, reshape, 0, source, output, err);
}

bool ws_graph_reader_is_stored(const ws_graph_reader *reader, const ws_node_message *node, size_t k)
{
    const ws_node_message *source = NULL;
    int output;

    if (follow_to_array(reader, node, k, &source, &output, NULL) != WS_OK)
        return false;
    if (ws_quantizer_is_op(source->op) && /* weights may be read through one */
        ws_graph_reader_follow(reader, source, 0, &source, &output, NULL) != WS_OK)
        return false;
    return strcmp(source->op, "Const") == 0 || is_one_of(source->op, variable);
}

static ws_status find_variable(const ws_graph_reader *reader, const ws_node_message *source,
                               ws_stored_array *array, ws_error *err)
{
    if (reader->variables == NULL)
        return ws_node_fail(source, err,
                            "is a variable, expected a constant: only frozen graphs, whose "
                            "weights are in the file, can be read");
    array->entry = ws_bundle_find(reader->variables, source->name);
    if (array->entry == NULL || array->entry->is_partitioned)
        return ws_node_fail(source, err, "has no value among the variables beside the graph");
    array->dtype = array->entry->dtype;
    array->dims.n = array->entry->n_dims;
    array->n_elements = 1;
    for (size_t i = 0; i < array->entry->n_dims; i++) {
        const uint64_t size = (uint64_t)array->entry->dims[i]; /* never negative in a bundle */
        if (size > 0 && array->n_elements > (size_t)INT32_MAX / size)
            return ws_node_fail(source, err, "has a value of an invalid shape");
        array->dims.sizes[i] = array->entry->dims[i];
        array->n_elements *= (size_t)size;
    }
    return WS_OK;
}

ws_status ws_graph_reader_find_array(const ws_graph_reader *reader, const ws_node_message *node,
                                     size_t k, ws_stored_array *array, ws_error *err)
{
    const ws_node_message *source = NULL;
    int output;

    ws_status status = follow_to_array(reader, node, k, &source, &output, err);
    if (status != WS_OK)
        return status;
    *array = (ws_stored_array){.name = source->name};
    if (output == 0 && strcmp(source->op, "Const") == 0)
        return find_constant(source, array, err);
    if (output == 0 && is_one_of(source->op, variable))
        return find_variable(reader, source, array, err);
    return ws_node_fail(node, err, "reads \"%s\" (%s), expected a constant there", source->name,
                        source->op);
}

ws_status ws_graph_reader_find_floats(const ws_graph_reader *reader, const ws_node_message *node,
                                      size_t k, size_t n_dims, ws_stored_array *array,
                                      ws_error *err)
{
    const ws_node_message *source = NULL;
    ws_quantizer quantizer = {.name = ""};
    bool is_quantized = false;
    int output = 0;

    ws_status status = ws_graph_reader_follow(reader, node, k, &source, &output, err);
    if (status == WS_OK && ws_quantizer_is_op(source->op)) {
        is_quantized = true;
        status = ws_quantizer_read(reader, source, &quantizer, err);
        node = source;
        k = 0;
    }
    if (status == WS_OK)
        status = ws_graph_reader_find_array(reader, node, k, array, err);
    if (status != WS_OK)
        return status;
    array->is_quantized = is_quantized;
    array->quantizer = quantizer;
    if (array->dtype != WS_DTYPE_FLOAT || array->dims.n != n_dims || array->n_elements == 0)
        return ws_node_fail(node, err,
                            "reads \"%s\", expected numbers (float32) of %zu dimension%s",
                            array->name, n_dims, n_dims == 1 ? "" : "s");
    if (array->n_elements + reader->frozen->graph.n_weights > WS_GRAPH_READ_MAX_NUMBERS)
        return ws_node_fail(node, err, "has too many weights: at most %d are read from a graph",
                            WS_GRAPH_READ_MAX_NUMBERS);
    return WS_OK;
}

/** @param is_paired  [n, 2], else at most one dimension */
static ws_status find_wholes(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                             bool is_paired, ws_dims *wholes, ws_error *err)
{
    ws_stored_array array;

    const ws_status status = ws_graph_reader_find_array(reader, node, k, &array, err);
    if (status != WS_OK)
        return status;
    if (array.entry != NULL || (array.dtype != WS_DTYPE_INT32 && array.dtype != WS_DTYPE_INT64) ||
        (is_paired ? array.dims.n != 2 || array.dims.sizes[1] != 2 : array.dims.n > 1) ||
        array.n_elements > WS_TENSOR_MAX_DIMS)
        return ws_node_fail(node, err, "reads \"%s\", expected a few constant whole numbers there",
                            array.name);
    wholes->n = array.n_elements;
    for (size_t i = 0; i < wholes->n; i++)
        wholes->sizes[i] = ws_tensor_whole_at(&array.tensor, i);
    return WS_OK;
}

ws_status ws_graph_reader_find_wholes(const ws_graph_reader *reader, const ws_node_message *node,
                                      size_t k, ws_dims *wholes, ws_error *err)
{
    return find_wholes(reader, node, k, false, wholes, err);
}

ws_status ws_graph_reader_find_pairs(const ws_graph_reader *reader, const ws_node_message *node,
                                     size_t k, ws_dims *wholes, ws_error *err)
{
    return find_wholes(reader, node, k, true, wholes, err);
}

ws_status ws_graph_reader_find_scalar(const ws_graph_reader *reader, const ws_node_message *node,
                                      size_t k, float *scalar, ws_error *err)
{
    ws_stored_array array;

    const ws_status status = ws_graph_reader_find_array(reader, node, k, &array, err);
    if (status != WS_OK)
        return status;
    if (array.entry != NULL || array.dtype != WS_DTYPE_FLOAT || array.n_elements != 1)
        return ws_node_fail(node, err, "reads \"%s\", expected one constant number there",
                            array.name);
    ws_tensor_copy_floats(&array.tensor, scalar);
    return WS_OK;
}

ws_status ws_graph_reader_copy_array(const ws_graph_reader *reader, const ws_stored_array *array,
                                     float *out, ws_error *err)
{
    if (array->entry != NULL)
        return ws_bundle_read(reader->variables, array->entry, out, array->n_elements * sizeof *out,
                              err);
    ws_tensor_copy_floats(&array->tensor, out);
    return WS_OK;
}
