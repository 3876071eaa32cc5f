#include "formats/tflite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/flat_read.h"
#include "formats/flex.h"
#include "formats/tflite_rows.h"

enum {
    MAX_CODES = 256,
    MAX_BUFFERS = 1 << 16,
    MAX_NOTES = 64,
    MAX_NOTE_BYTES = 1 << 20,
    MAX_ZERO_POINT = 1 << 16,
    MAX_CUSTOM_BYTES = 1 << 12,
    MAX_CUSTOM_NUMBER = 1 << 30,
};

typedef struct reader {
    ws_flat_reader flat;
    ws_lite *lite;
    ws_lite_kind kinds[MAX_CODES]; /* of the operator codes; WS_LITE_N_KINDS: unknown */
    char names[MAX_CODES][64];     /* of those that are unknown */
    size_t n_codes;
    ws_flat_vector buffers;
    size_t n_constant_bytes; /* so far */
} reader;

static void read_codes(reader *r, const ws_flat_table *model)
{
    const ws_flat_vector codes =
        ws_flat_get_vector(&r->flat, model, WS_TFL_MODEL_CODES, 4, MAX_CODES);

    for (size_t i = 0; i < codes.n; i++) {
        const ws_flat_table code = ws_flat_element_table(&r->flat, &codes, i);
        const int64_t old = ws_flat_get_whole(&r->flat, &code, WS_TFL_CODE_OLD, 1, 0);
        const int64_t now = ws_flat_get_whole(&r->flat, &code, WS_TFL_CODE, 4, 0);
        const int number = (int)(old > now ? old : now);
        if (number == WS_TFL_CUSTOM)
            ws_flat_get_text(&r->flat, &code, WS_TFL_CODE_CUSTOM, r->names[i],
                             sizeof r->names[i] - 1);
        else
            (void)snprintf(r->names[i], sizeof r->names[i], "number %d of TFLite's schema", number);
        r->kinds[i] = ws_tflite_kind_find(number, r->names[i]);
    }
    r->n_codes = codes.n;
}

/** The data of a tensor of n_bytes; NULL: it has none. */
static const unsigned char *find_data(reader *r, const ws_flat_table *tensor, size_t n_bytes)
{
    const int64_t number = ws_flat_get_whole(&r->flat, tensor, WS_TFL_TENSOR_BUFFER, 4, 0);

    if (r->flat.status != WS_OK || number == 0)
        return NULL;
    if (number < 0 || (size_t)number >= r->buffers.n) {
        ws_flat_fail(&r->flat, tensor->at, "a tensor is in buffer %lld of %zu", (long long)number,
                     r->buffers.n);
        return NULL;
    }
    const ws_flat_table buffer = ws_flat_element_table(&r->flat, &r->buffers, (size_t)number);
    if (!ws_flat_has(&r->flat, &buffer, WS_TFL_BUFFER_DATA))
        return NULL;
    const ws_flat_vector data =
        ws_flat_get_vector(&r->flat, &buffer, WS_TFL_BUFFER_DATA, 1, WS_TFLITE_MAX_BYTES);
    if (data.n != n_bytes) {
        ws_flat_fail(&r->flat, tensor->at, "a constant has %zu bytes, expected %zu by its shape",
                     data.n, n_bytes);
        return NULL;
    }
    r->n_constant_bytes += n_bytes;
    if (r->n_constant_bytes > WS_TFLITE_MAX_BYTES) {
        ws_flat_fail(&r->flat, tensor->at, "the constants have more than %d bytes",
                     WS_TFLITE_MAX_BYTES);
        return NULL;
    }
    return data.elements;
}

/** Numbers of this machine's order from the file's. @return NULL after a failure */
static void *copy_data(reader *r, const unsigned char *from, size_t n, size_t element_bytes)
{
    unsigned char *data = malloc(n * element_bytes + 1);
    const ws_flat_vector numbers = {.elements = from, .n = n};

    if (data == NULL) {
        r->lite->status = WS_ENOMEM;
        return NULL;
    }
    for (size_t i = 0; i < n && element_bytes > 1; i++) {
        const int64_t number = ws_flat_element(&numbers, i, element_bytes);
        const int32_t word = (int32_t)number;
        const int16_t half = (int16_t)number;
        if (element_bytes == 8)
            memcpy(data + 8 * i, &number, sizeof number);
        else if (element_bytes == 4)
            memcpy(data + 4 * i, &word, sizeof word);
        else
            memcpy(data + 2 * i, &half, sizeof half);
    }
    if (element_bytes == 1)
        memcpy(data, from, n);
    return data;
}

static bool read_dims(reader *r, const ws_flat_table *table, ws_lite_tensor *tensor)
{
    const ws_flat_vector dims =
        ws_flat_get_vector(&r->flat, table, WS_TFL_TENSOR_SHAPE, 4, WS_LITE_MAX_DIMS);
    size_t n = 1;

    tensor->n_dims = dims.n;
    for (size_t i = 0; i < dims.n; i++) {
        const int64_t dim = ws_flat_element(&dims, i, 4);
        if (dim < 1 || dim > WS_TFLITE_MAX_NUMBERS || n > WS_TFLITE_MAX_NUMBERS / (size_t)dim) {
            ws_flat_fail(&r->flat, dims.at,
                         "dim %lld of a tensor, expected at least 1, and all at most %d numbers",
                         (long long)dim, WS_TFLITE_MAX_NUMBERS);
            return false;
        }
        tensor->dims[i] = (size_t)dim;
        n *= (size_t)dim;
    }
    return r->flat.status == WS_OK;
}

/** Sets all but the scales. @return them as the file has them */
static ws_flat_vector read_scale(reader *r, const ws_flat_table *table, ws_lite_tensor *tensor)
{
    const ws_flat_table scale = ws_flat_get_table(&r->flat, table, WS_TFL_TENSOR_SCALE);
    const ws_flat_vector scales =
        ws_flat_get_vector(&r->flat, &scale, WS_TFL_SCALE_SCALES, 4, WS_TFLITE_MAX_NUMBERS);
    const ws_flat_vector zeros =
        ws_flat_get_vector(&r->flat, &scale, WS_TFL_SCALE_ZERO_POINTS, 8, WS_TFLITE_MAX_NUMBERS);
    const int64_t axis = ws_flat_get_whole(&r->flat, &scale, WS_TFL_SCALE_AXIS, 4, 0);

    tensor->scale = (ws_lite_scale){.n = scales.n, .axis = (size_t)axis};
    if (scales.n == 0 || r->flat.status != WS_OK)
        return scales;
    if (scales.n > 1 &&
        (axis < 0 || (size_t)axis >= tensor->n_dims || tensor->dims[axis] != scales.n)) {
        ws_flat_fail(&r->flat, scales.at, "a tensor has %zu scales, which fit none of its axes",
                     scales.n);
        return scales;
    }
    for (size_t i = 0; i < zeros.n; i++) {
        const int64_t zero = ws_flat_element(&zeros, i, 8);
        if (zero < -MAX_ZERO_POINT || zero > MAX_ZERO_POINT ||
            zero != ws_flat_element(&zeros, 0, 8))
            ws_flat_fail(&r->flat, zeros.at,
                         "zero point %lld, expected one for the whole tensor within +-%d",
                         (long long)zero, MAX_ZERO_POINT);
        tensor->scale.zero_point = (int32_t)zero;
    }
    for (size_t i = 0; i < scales.n; i++) {
        const float s = ws_flat_element_float(&scales, i);
        if (!(s > 0.0f && s < 1e30f))
            ws_flat_fail(&r->flat, scales.at, "scale %g, expected more than 0", (double)s);
    }
    return scales;
}

static void read_tensor(reader *r, ws_lite_graph *graph, const ws_flat_table *table)
{
    char name[WS_LITE_MAX_NAME + 1];
    ws_lite_tensor tensor = {
        .type = (ws_lite_type)ws_flat_get_whole(&r->flat, table, WS_TFL_TENSOR_TYPE, 1, 0),
    };

    if (!read_dims(r, table, &tensor))
        return;
    const ws_flat_vector scales = read_scale(r, table, &tensor);
    ws_flat_get_text(&r->flat, table, WS_TFL_TENSOR_NAME, name, sizeof name - 1);
    const size_t element = ws_lite_type_bytes(tensor.type);
    if (element == 0 && tensor.type != WS_LITE_RESOURCE)
        ws_flat_fail(&r->flat, table->at,
                     "tensor \"%s\" is of type %d of TFLite's schema, which is not supported", name,
                     (int)tensor.type);
    if (ws_flat_has(&r->flat, table, WS_TFL_TENSOR_SPARSITY))
        ws_flat_fail(&r->flat, table->at, "tensor \"%s\" is sparse, which is not supported", name);
    const size_t n = ws_lite_tensor_size(&tensor);
    const unsigned char *data = find_data(r, table, n * element);
    if (r->flat.status != WS_OK)
        return;
    void *numbers = data != NULL ? copy_data(r, data, n, element) : NULL;
    if (scales.n > 0)
        tensor.scale.scales = copy_data(r, scales.elements, scales.n, sizeof(float));
    (void)ws_lite_push_tensor(r->lite, graph, name, &tensor, numbers);
    free(tensor.scale.scales);
    free(numbers);
}

/** Numbers of tensors. @return how many */
static size_t read_edges(reader *r, const ws_lite_graph *graph, const ws_flat_table *table,
                         unsigned slot, int *edges)
{
    const ws_flat_vector numbers = ws_flat_get_vector(&r->flat, table, slot, 4, WS_LITE_MAX_EDGES);

    for (size_t i = 0; i < numbers.n; i++) {
        const int64_t number = ws_flat_element(&numbers, i, 4);
        if (number < WS_LITE_NONE || number >= (int64_t)graph->n_tensors)
            ws_flat_fail(&r->flat, numbers.at, "tensor %lld of %zu", (long long)number,
                         graph->n_tensors);
        edges[i] = (int)number;
    }
    return numbers.n;
}

static void read_options(reader *r, const ws_flat_table *operator, ws_lite_node * node)
{
    const ws_tflite_row *row = &ws_tflite_rows[node->kind];
    const ws_flat_table options = ws_flat_get_table(&r->flat, operator, WS_TFL_OPERATOR_OPTIONS);

    for (size_t i = 0; i < row->n_fields; i++) {
        const ws_tflite_field *f = &row->fields[i];
        char *to = (char *)&node->options + f->offset;
        if (f->n_bytes == 0) {
            const float real = ws_flat_get_float(&r->flat, &options, f->slot, 0.0f);
            memcpy(to, &real, sizeof real);
        } else {
            const int32_t whole =
                (int32_t)ws_flat_get_whole(&r->flat, &options, f->slot, f->n_bytes, f->absent);
            memcpy(to, &whole, sizeof whole);
        }
    }
    if (node->kind == WS_LITE_VAR_HANDLE)
        ws_flat_get_text(&r->flat, &options, WS_TFL_VAR_HANDLE_NAME, node->variable,
                         sizeof node->variable - 1);
}

/** The options of an operator that is not TFLite's own; 0 for what is missing. */
static void read_custom_options(reader *r, const ws_flat_table *operator, ws_lite_node * node)
{
    const ws_tflite_row *row = &ws_tflite_rows[node->kind];
    const ws_flat_vector bytes =
        ws_flat_get_vector(&r->flat, operator, WS_TFL_OPERATOR_CUSTOM_OPTIONS, 1, MAX_CUSTOM_BYTES);

    for (size_t i = 0; i < row->n_fields; i++) {
        double number = 0.0;
        if (!ws_flex_find_number(bytes.elements, bytes.n, row->fields[i].key, &number) ||
            !(fabs(number) < MAX_CUSTOM_NUMBER))
            number = 0.0;
        const int32_t whole = (int32_t)number;
        memcpy((char *)&node->options + row->fields[i].offset, &whole, sizeof whole);
    }
}

static void read_node(reader *r, ws_lite_graph *graph, const ws_flat_table *table, size_t i)
{
    const int64_t code = ws_flat_get_whole(&r->flat, table, WS_TFL_OPERATOR_CODE, 4, 0);
    ws_lite_node node = {.n_inputs = 0};

    if (code < 0 || (size_t)code >= r->n_codes) {
        ws_flat_fail(&r->flat, table->at, "operator %zu has code %lld of %zu", i, (long long)code,
                     r->n_codes);
        return;
    }
    node.kind = r->kinds[code];
    if (node.kind == WS_LITE_N_KINDS) {
        if (r->flat.status == WS_OK)
            r->flat.status = ws_fail(r->flat.err, WS_EFORMAT,
                                     "%s: operator %zu (%s) is one that Wordspot cannot run",
                                     r->flat.path, i, r->names[code]);
        return;
    }
    node.n_inputs = read_edges(r, graph, table, WS_TFL_OPERATOR_INPUTS, node.inputs);
    node.n_outputs = read_edges(r, graph, table, WS_TFL_OPERATOR_OUTPUTS, node.outputs);
    for (size_t k = 0; k < node.n_outputs; k++)
        if (node.outputs[k] == WS_LITE_NONE)
            ws_flat_fail(&r->flat, table->at, "operator %zu has an output that is absent", i);
    if (ws_tflite_rows[node.kind].custom != NULL)
        read_custom_options(r, table, &node);
    else
        read_options(r, table, &node);
    if (r->flat.status == WS_OK)
        (void)ws_lite_push_node(r->lite, graph, &node);
}

static void read_graph(reader *r, const ws_flat_table *table)
{
    ws_lite_graph *graph = ws_lite_push_graph(r->lite);
    const ws_flat_vector tensors =
        ws_flat_get_vector(&r->flat, table, WS_TFL_GRAPH_TENSORS, 4, WS_TFLITE_MAX_TENSORS);
    const ws_flat_vector nodes =
        ws_flat_get_vector(&r->flat, table, WS_TFL_GRAPH_OPERATORS, 4, WS_TFLITE_MAX_NODES);

    for (size_t i = 0; i < tensors.n && r->flat.status == WS_OK; i++) {
        const ws_flat_table tensor = ws_flat_element_table(&r->flat, &tensors, i);
        read_tensor(r, graph, &tensor);
    }
    if (r->lite->status != WS_OK)
        return;
    graph->n_inputs = read_edges(r, graph, table, WS_TFL_GRAPH_INPUTS, graph->inputs);
    graph->n_outputs = read_edges(r, graph, table, WS_TFL_GRAPH_OUTPUTS, graph->outputs);
    for (size_t i = 0; i < graph->n_inputs + graph->n_outputs; i++) {
        const int edge =
            i < graph->n_inputs ? graph->inputs[i] : graph->outputs[i - graph->n_inputs];
        if (edge == WS_LITE_NONE)
            ws_flat_fail(&r->flat, table->at, "an input or output of the graph is absent");
    }
    for (size_t i = 0; i < nodes.n && r->flat.status == WS_OK; i++) {
        const ws_flat_table node = ws_flat_element_table(&r->flat, &nodes, i);
        read_node(r, graph, &node, i);
    }
}

/** The texts of the metadata; other entries are left out. */
static void read_notes(reader *r, const ws_flat_table *model)
{
    const ws_flat_vector notes =
        ws_flat_get_vector(&r->flat, model, WS_TFL_MODEL_METADATA, 4, MAX_NOTES);

    for (size_t i = 0; i < notes.n && r->flat.status == WS_OK; i++) {
        const ws_flat_table note = ws_flat_element_table(&r->flat, &notes, i);
        char name[WS_LITE_MAX_NAME + 1];
        ws_flat_get_text(&r->flat, &note, WS_TFL_METADATA_NAME, name, sizeof name - 1);
        const int64_t number = ws_flat_get_whole(&r->flat, &note, WS_TFL_METADATA_BUFFER, 4, 0);
        if (number <= 0 || (size_t)number >= r->buffers.n)
            continue;
        const ws_flat_table buffer = ws_flat_element_table(&r->flat, &r->buffers, (size_t)number);
        const ws_flat_vector bytes =
            ws_flat_get_vector(&r->flat, &buffer, WS_TFL_BUFFER_DATA, 1, WS_TFLITE_MAX_BYTES);
        if (bytes.n == 0 || bytes.n > MAX_NOTE_BYTES)
            continue;
        char *text = calloc(bytes.n + 1, 1);
        if (text != NULL) {
            memcpy(text, bytes.elements, bytes.n);
            ws_lite_push_note(r->lite, name, text);
        } else {
            r->lite->status = WS_ENOMEM;
        }
        free(text);
    }
}

ws_status ws_tflite_read(const char *path, const unsigned char *bytes, size_t size, ws_lite *lite,
                         ws_error *err)
{
    reader *r = calloc(1, sizeof *r);

    *lite = (ws_lite){.n_graphs = 0};
    if (r == NULL)
        return ws_fail_memory(err, "a TFLite model");
    r->flat = (ws_flat_reader){.path = path, .bytes = bytes, .size = size, .err = err};
    r->lite = lite;
    const ws_flat_table model = ws_flat_read_root(&r->flat, WS_TFLITE_IDENTIFIER);
    const int64_t version = ws_flat_get_whole(&r->flat, &model, WS_TFL_MODEL_VERSION, 4, 0);
    if (version != WS_TFL_VERSION)
        ws_flat_fail(&r->flat, model.at, "schema version %lld, expected %d", (long long)version,
                     WS_TFL_VERSION);
    read_codes(r, &model);
    r->buffers = ws_flat_get_vector(&r->flat, &model, WS_TFL_MODEL_BUFFERS, 4, MAX_BUFFERS);
    const ws_flat_vector graphs =
        ws_flat_get_vector(&r->flat, &model, WS_TFL_MODEL_GRAPHS, 4, WS_LITE_MAX_GRAPHS);
    if (graphs.n == 0)
        ws_flat_fail(&r->flat, model.at, "the model has no graph");
    for (size_t i = 0; i < graphs.n && r->flat.status == WS_OK; i++) {
        const ws_flat_table graph = ws_flat_element_table(&r->flat, &graphs, i);
        read_graph(r, &graph);
    }
    read_notes(r, &model);
    ws_status status = r->flat.status;
    if (status == WS_OK)
        status = ws_lite_status(lite, err);
    free(r);
    if (status != WS_OK)
        ws_lite_deinit(lite);
    return status;
}
