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
    ws_stored_array scale; /* without a name: 1 */
    ws_stored_array shift;
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

/** Writes the name of the normalisation's variables: that of its scale, without "/gamma", or of
 *  its offset, without "/beta". If that is too long, the place of the node in the file makes the
 *  name unique. */
static void write_name(const ws_graph_reader *reader, const ws_node_message *node,
                       const norm_arrays *arrays, char name[WS_VARIABLE_MAX_NAME + 1])
{
    static const char longest[] = "/moving_variance";
    const bool has_scale = arrays->scale.name != NULL;
    const char *base = has_scale ? arrays->scale.name : arrays->shift.name;
    const char *suffix = has_scale ? "/gamma" : "/beta";
    const size_t n = strlen(base) - (ws_text_has_suffix(base, suffix) ? strlen(suffix) : 0);

    if (n + sizeof longest - 1 <= WS_VARIABLE_MAX_NAME)
        (void)snprintf(name, WS_VARIABLE_MAX_NAME + 1, "%.*s", (int)n, base);
    else
        (void)snprintf(name, WS_VARIABLE_MAX_NAME + 1, "norm_%zu", (size_t)(node - reader->nodes));
}

/** Notes the arrays and appends the operator. */
static ws_status push(ws_graph_reader *reader, const ws_node_message *node,
                      const norm_arrays *arrays, double epsilon, ws_error *err)
{
    const size_t first = graph_of(reader)->n_parameters;
    const size_t state = graph_of(reader)->n_states;
    const bool has_scale = arrays->scale.name != NULL;
    char name[WS_VARIABLE_MAX_NAME + 1];
    ws_status status = WS_OK;

    if (has_scale && strcmp(arrays->scale.name, arrays->shift.name) == 0)
        return ws_node_fail(node, err, "reads \"%s\" as scale and as offset, expected two arrays",
                            arrays->scale.name);
    if (has_scale)
        status = ws_stored_arrays_set(&reader->parameters, first, &arrays->scale, err);
    if (status == WS_OK)
        status = ws_stored_arrays_set(&reader->parameters, first + has_scale, &arrays->shift, err);
    if (status == WS_OK)
        status = ws_stored_arrays_set(&reader->states, state + WS_NORM_MEAN, &arrays->mean, err);
    if (status == WS_OK)
        status =
            ws_stored_arrays_set(&reader->states, state + WS_NORM_VARIANCE, &arrays->variance, err);
    if (status != WS_OK)
        return status;
    write_name(reader, node, arrays, name);
    const ws_norm_args args = {
        .name = name,
        .n_bands = arrays->shift.dims.n == 2 ? shape_before(reader).w : 1,
        .epsilon = epsilon < no_epsilon ? no_epsilon : epsilon,
        .has_no_scale = !has_scale,
    };
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_batch_norm(graph_of(reader), reader->value, &args), err);
}

/* ---- arrays, checked ---- */

static ws_status check_epsilon(const ws_node_message *node, double epsilon, ws_error *err)
{
    if (!(epsilon >= 0.0) || !isfinite(epsilon))
        return ws_node_fail(node, err, "has epsilon = %g, expected a number of at least 0",
                            epsilon);
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

static ws_status find_variance(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                               ws_stored_array *array, ws_error *err)
{
    const ws_status status = find_state(reader, node, k, array, err);
    return status == WS_OK ? check_variance(reader, node, array, err) : status;
}

/** A scale or an offset. */
static ws_status find_parameter(ws_graph_reader *reader, const ws_node_message *node, size_t k,
                                ws_stored_array *array, ws_error *err)
{
    const ws_status status = ws_graph_reader_find_weights(reader, node, k, 1, array, err);
    return status == WS_OK ? check_fit(reader, node, array, err) : status;
}

/* ---- x scale + shift: a normalisation whose mean is 0 and whose variance is 1 ---- */

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

static ws_status read_line(ws_graph_reader *reader, const ws_node_message *product,
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

/* ---- tf.nn.batch_normalization, as Keras 3 has it ----
 *
 * inverse = rsqrt(variance + epsilon) gamma; y = x inverse + (beta - mean inverse). Without a scale
 * there is no product with gamma.
 */

/** Its arrays: input `k` of a node each. */
typedef struct computed_norm {
    const ws_node_message *inverse, *scaled; /* scaled is NULL without gamma */
    const ws_node_message *variance;         /* the sum with epsilon: inputs 0 and 1 */
    const ws_node_message *offset;           /* the difference: beta is input 0 */
    const ws_node_message *mean;             /* the product */
    size_t gamma_k, mean_k;
} computed_norm;

/** The node that input k of a node leads to, if that is its first output; else NULL. */
static const ws_node_message *source_of(const ws_graph_reader *reader, const ws_node_message *node,
                                        size_t k)
{
    const ws_node_message *source = NULL;
    int output = 0;

    return ws_graph_reader_follow(reader, node, k, &source, &output, NULL) == WS_OK && output == 0
               ? source
               : NULL;
}

static bool is_op(const ws_node_message *node, const char *op)
{
    return node != NULL && strcmp(node->op, op) == 0;
}

/** Whether a node is `inverse`. */
static bool match_inverse(const ws_graph_reader *reader, const ws_node_message *node,
                          computed_norm *found)
{
    const ws_node_message *root = node;

    found->inverse = node;
    found->scaled = NULL;
    for (size_t k = 0; k < 2 && is_op(node, "Mul"); k++) {
        root = source_of(reader, node, k);
        if (!is_op(root, "Rsqrt") || !ws_graph_reader_is_stored(reader, node, 1 - k))
            continue;
        found->scaled = node;
        found->gamma_k = 1 - k;
        break;
    }
    if (!is_op(root, "Rsqrt"))
        return false;
    found->variance = source_of(reader, root, 0);
    return (is_op(found->variance, "AddV2") || is_op(found->variance, "Add")) &&
           ws_graph_reader_is_stored(reader, found->variance, 0) &&
           ws_graph_reader_is_stored(reader, found->variance, 1);
}

/** Whether input k of a node is `beta - mean inverse`. */
static bool match_offset(const ws_graph_reader *reader, const ws_node_message *node, size_t k,
                         computed_norm *found)
{
    found->offset = source_of(reader, node, k);
    if (!is_op(found->offset, "Sub") || !ws_graph_reader_is_stored(reader, found->offset, 0))
        return false;
    found->mean = source_of(reader, found->offset, 1);
    for (size_t i = 0; i < 2 && is_op(found->mean, "Mul"); i++) {
        found->mean_k = i;
        if (ws_graph_reader_is_stored(reader, found->mean, i) &&
            source_of(reader, found->mean, 1 - i) == found->inverse)
            return true;
    }
    return false;
}

static ws_status read_computed(ws_graph_reader *reader, const computed_norm *found,
                               const ws_node_message *sum, ws_error *err)
{
    norm_arrays arrays = {.scale = {.name = NULL}};
    float epsilon = 0.0f;

    ws_status status = ws_graph_reader_find_scalar(reader, found->variance, 1, &epsilon, err);
    if (status == WS_OK)
        status = check_epsilon(found->variance, (double)epsilon, err);
    if (status == WS_OK && found->scaled != NULL)
        status = find_parameter(reader, found->scaled, found->gamma_k, &arrays.scale, err);
    if (status == WS_OK)
        status = find_parameter(reader, found->offset, 0, &arrays.shift, err);
    if (status == WS_OK)
        status = find_state(reader, found->mean, found->mean_k, &arrays.mean, err);
    if (status == WS_OK)
        status = find_variance(reader, found->variance, 0, &arrays.variance, err);
    return status == WS_OK ? push(reader, sum, &arrays, (double)epsilon, err) : status;
}

/* ---- both ---- */

/** Whether a product and input `rest` of its sum make a normalisation of input k. */
static bool match(const ws_graph_reader *reader, const ws_node_message *product, size_t k,
                  const ws_node_message *sum, size_t rest, computed_norm *found)
{
    found->inverse = NULL;
    if (ws_graph_reader_is_stored(reader, product, k))
        return false;
    if (ws_graph_reader_is_stored(reader, product, 1 - k))
        return ws_graph_reader_is_stored(reader, sum, rest);
    return match_inverse(reader, source_of(reader, product, 1 - k), found) &&
           match_offset(reader, sum, rest, found);
}

static const ws_node_message *find(const ws_graph_reader *reader, const ws_node_message *sum,
                                   size_t *k, computed_norm *found)
{
    for (size_t i = 0; i < 2; i++) {
        const ws_node_message *product = source_of(reader, sum, i);
        if (!is_op(product, "Mul") || ws_features_has_node(reader, product))
            continue;
        for (*k = 0; *k < 2; ++*k)
            if (match(reader, product, *k, sum, 1 - i, found))
                return product;
    }
    return NULL;
}

const ws_node_message *ws_scaling_find(const ws_graph_reader *reader, const ws_node_message *sum,
                                       size_t *k)
{
    computed_norm found;
    return find(reader, sum, k, &found);
}

ws_status ws_scaling_read(ws_graph_reader *reader, const ws_node_message *sum, ws_error *err)
{
    computed_norm found = {.inverse = NULL};
    size_t k = 0;
    const ws_node_message *product = find(reader, sum, &k, &found);

    return found.inverse != NULL ? read_computed(reader, &found, sum, err)
                                 : read_line(reader, product, sum, err);
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

ws_status ws_fused_norm_read(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    norm_arrays arrays;
    double epsilon = 0.0;

    ws_status status = ws_read_check_images(reader, node, err);
    if (status == WS_OK)
        status = check_mode(node, err);
    if (status == WS_OK)
        status = ws_node_get_real(node, "epsilon", 1e-4, &epsilon, err);
    if (status == WS_OK)
        status = check_epsilon(node, epsilon, err);
    if (status == WS_OK)
        status = find_parameter(reader, node, SCALE_INPUT, &arrays.scale, err);
    if (status == WS_OK)
        status = find_parameter(reader, node, OFFSET_INPUT, &arrays.shift, err);
    if (status == WS_OK)
        status = find_state(reader, node, MEAN_INPUT, &arrays.mean, err);
    if (status == WS_OK)
        status = find_variance(reader, node, VARIANCE_INPUT, &arrays.variance, err);
    return status == WS_OK ? push(reader, node, &arrays, epsilon, err) : status;
}
