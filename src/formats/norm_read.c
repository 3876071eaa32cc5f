/* Reads normalisations: a product and a sum with stored arrays, or TensorFlow's own operator. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "formats/graph_read.h"

/* Too small to change a variance; 0 would stand for the usual epsilon. */
static const double no_epsilon = 1e-30;

/** What a normalisation reads besides its value. */
typedef struct norm_arrays {
    ws_stored_array scale, shift;
    ws_stored_array mean, variance; /* without names: 0 and 1 */
} norm_arrays;

static ws_graph *graph_of(const ws_graph_reader *reader)
{
    return &reader->frozen->graph;
}

static ws_shape shape_before(const ws_graph_reader *reader)
{
    return graph_of(reader)->nodes[reader->value].shape;
}

/** Checks that an array has one number for each channel, or for each frequency and channel. */
static ws_status check_fit(const ws_graph_reader *reader, const ws_node_message *node,
                           const ws_stored_array *array, ws_error *err)
{
    const ws_shape shape = shape_before(reader);
    const int64_t *sizes = array->dims.sizes;

    if (array->dims.n == 1 ? (uint64_t)sizes[0] == shape.c
                           : (uint64_t)sizes[0] == shape.w && (uint64_t)sizes[1] == shape.c)
        return WS_OK;
    return ws_node_fail(node, err, "reads \"%s\", which does not fit [%zu, %zu, %zu]", array->name,
                        shape.h, shape.w, shape.c);
}

/** Writes the name of the normalisation's variables: that of its scale, without "/gamma". If that
 *  is too long, the place of the node in the file makes the name unique. */
static void write_name(const ws_graph_reader *reader, const ws_node_message *node,
                       const ws_stored_array *scale, char name[WS_VARIABLE_MAX_NAME + 1])
{
    static const char suffix[] = "/gamma", longest[] = "/moving_variance";
    const size_t n =
        strlen(scale->name) - (ws_text_has_suffix(scale->name, suffix) ? sizeof suffix - 1 : 0);

    if (n + sizeof longest - 1 <= WS_VARIABLE_MAX_NAME)
        (void)snprintf(name, WS_VARIABLE_MAX_NAME + 1, "%.*s", (int)n, scale->name);
    else
        (void)snprintf(name, WS_VARIABLE_MAX_NAME + 1, "norm_%zu", (size_t)(node - reader->nodes));
}

/** Notes the arrays and appends the operator. */
static ws_status push(ws_graph_reader *reader, const ws_node_message *node,
                      const norm_arrays *arrays, double epsilon, ws_error *err)
{
    const size_t parameter = graph_of(reader)->n_parameters;
    const size_t state = graph_of(reader)->n_states;
    char name[WS_VARIABLE_MAX_NAME + 1];

    if (strcmp(arrays->scale.name, arrays->shift.name) == 0)
        return ws_node_fail(node, err, "reads \"%s\" as scale and as offset, expected two arrays",
                            arrays->scale.name);
    ws_status status =
        ws_stored_arrays_set(&reader->parameters, parameter + WS_NORM_SCALE, &arrays->scale, err);
    if (status == WS_OK)
        status = ws_stored_arrays_set(&reader->parameters, parameter + WS_NORM_OFFSET,
                                      &arrays->shift, err);
    if (status == WS_OK)
        status = ws_stored_arrays_set(&reader->states, state + WS_NORM_MEAN, &arrays->mean, err);
    if (status == WS_OK)
        status =
            ws_stored_arrays_set(&reader->states, state + WS_NORM_VARIANCE, &arrays->variance, err);
    if (status != WS_OK)
        return status;
    write_name(reader, node, &arrays->scale, name);
    const ws_norm_args args = {
        .name = name,
        .n_bands = arrays->scale.dims.n == 2 ? shape_before(reader).w : 1,
        .epsilon = epsilon,
    };
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_batch_norm(graph_of(reader), reader->value, &args), err);
}

/* ---- (x scale) + shift: a normalisation whose mean is 0 and whose variance is 1 ---- */

const ws_node_message *ws_scaling_find(const ws_graph_reader *reader, const ws_node_message *sum)
{
    const ws_node_message *product = NULL;
    int output = 0;

    for (size_t k = 0; k < 2; k++)
        if (ws_graph_reader_follow(reader, sum, k, &product, &output, NULL) == WS_OK &&
            output == 0 && strcmp(product->op, "Mul") == 0 &&
            ws_graph_reader_is_stored(reader, sum, 1 - k) &&
            ws_graph_reader_is_stored(reader, product, 0) !=
                ws_graph_reader_is_stored(reader, product, 1) &&
            !ws_features_has_node(reader, product))
            return product;
    return NULL;
}

static ws_status find_line(ws_graph_reader *reader, const ws_node_message *node,
                           ws_stored_array *array, ws_error *err)
{
    const size_t k = ws_graph_reader_is_stored(reader, node, 0) ? 0 : 1;
    ws_stored_array found;

    ws_status status = ws_graph_reader_find_array(reader, node, k, &found, err);
    if (status == WS_OK)
        status =
            ws_graph_reader_find_weights(reader, node, k, found.dims.n == 2 ? 2 : 1, array, err);
    if (status == WS_OK)
        status = check_fit(reader, node, array, err);
    return status;
}

ws_status ws_scaling_read(ws_graph_reader *reader, const ws_node_message *product,
                          const ws_node_message *sum, ws_error *err)
{
    norm_arrays arrays = {.mean = {.name = NULL}, .variance = {.name = NULL}};

    ws_status status = find_line(reader, product, &arrays.scale, err);
    if (status == WS_OK)
        status = find_line(reader, sum, &arrays.shift, err);
    if (status != WS_OK)
        return status;
    if (arrays.scale.dims.n != arrays.shift.dims.n)
        return ws_node_fail(sum, err,
                            "reads \"%s\" after a product with \"%s\", expected two arrays "
                            "of one shape",
                            arrays.shift.name, arrays.scale.name);
    return push(reader, sum, &arrays, no_epsilon, err);
}

/* ---- FusedBatchNorm ---- */

enum { SCALE_INPUT = 1, OFFSET_INPUT, MEAN_INPUT, VARIANCE_INPUT };

static ws_status check_mode(const ws_node_message *node, ws_error *err)
{
    bool is_training = false;

    ws_status status = ws_node_get_flag(node, "is_training", true, &is_training, err);
    if (status == WS_OK)
        status = ws_read_check_layout(node, err);
    if (status == WS_OK && is_training)
        return ws_node_fail(node, err,
                            "normalises by the mean and variance of each batch (is_training), "
                            "expected a graph for prediction, with is_training = false");
    return status;
}

static ws_status read_epsilon(const ws_node_message *node, double *epsilon, ws_error *err)
{
    const ws_status status = ws_node_get_real(node, "epsilon", 1e-4, epsilon, err);

    if (status != WS_OK)
        return status;
    if (!(*epsilon >= 0.0) || !isfinite(*epsilon))
        return ws_node_fail(node, err, "has epsilon = %g, expected a number of at least 0",
                            *epsilon);
    if (*epsilon < no_epsilon)
        *epsilon = no_epsilon;
    return WS_OK;
}

/** A running mean or variance. */
static ws_status find_state(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                            ws_stored_array *array, ws_error *err)
{
    const ws_status status = ws_graph_reader_find_floats(reader, node, k, 1, array, err);

    if (status == WS_OK && array->is_quantized)
        return ws_node_fail(node, err,
                            "reads \"%s\" through a fake quantisation, expected it as "
                            "it is stored",
                            array->name);
    return status == WS_OK ? check_fit(reader, node, array, err) : status;
}

/** A variance that is NaN or below 0 would make every score NaN. */
static ws_status check_variance(const ws_graph_reader *reader, const ws_node_message *node,
                                const ws_stored_array *variance, ws_error *err)
{
    float *numbers = malloc(variance->n_elements * sizeof *numbers);

    if (numbers == NULL)
        return ws_fail_memory(err, "the weights of a graph");
    ws_status status = ws_graph_reader_copy_array(reader, variance, numbers, err);
    for (size_t i = 0; i < variance->n_elements && status == WS_OK; i++)
        if (!(numbers[i] >= 0.0f))
            status = ws_node_fail(node, err,
                                  "reads \"%s\", whose number %zu is %g, expected a variance of at "
                                  "least 0",
                                  variance->name, i, (double)numbers[i]);
    free(numbers);
    return status;
}

ws_status ws_fused_norm_read(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    norm_arrays arrays;
    double epsilon = 0.0;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = check_mode(node, err);
    if (status == WS_OK)
        status = read_epsilon(node, &epsilon, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_weights(reader, node, SCALE_INPUT, 1, &arrays.scale, err);
    if (status == WS_OK)
        status = check_fit(reader, node, &arrays.scale, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_weights(reader, node, OFFSET_INPUT, 1, &arrays.shift, err);
    if (status == WS_OK)
        status = check_fit(reader, node, &arrays.shift, err);
    if (status == WS_OK)
        status = find_state(reader, node, MEAN_INPUT, &arrays.mean, err);
    if (status == WS_OK)
        status = find_state(reader, node, VARIANCE_INPUT, &arrays.variance, err);
    if (status == WS_OK)
        status = check_variance(reader, node, &arrays.variance, err);
    return status == WS_OK ? push(reader, node, &arrays, epsilon, err) : status;
}
