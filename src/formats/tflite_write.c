#include "formats/tflite.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "formats/flat_write.h"
#include "formats/flex.h"
#include "formats/tflite_rows.h"

enum { MAX_LATER = 3, CONSTANT_ALIGNMENT = 16, OLD_CODE_MAX = 127, MAX_CUSTOM_BYTES = 1024 };

static const char description[] = "Wordspot";
static const char signature_key[] = "serving_default";

/** An operator with its version. */
typedef struct code {
    ws_lite_kind kind;
    unsigned version;
} code;

typedef struct writer {
    const ws_lite *lite;
    ws_flat_writer flat;
    code codes[2 * WS_LITE_N_KINDS + 2];
    size_t n_codes;
    size_t n_buffers; /* numbers given so far; 0 is the empty one */
    struct constant {
        const ws_lite_tensor *tensor;
        size_t buffer;
    } * constants; /* [n_constants] of different bytes, of the room for all tensors; owned */
    size_t n_constants;
    /* Vectors and texts of a graph's tensors, placed after the tables of all: equal ones are one.
     */
    struct later {
        size_t gap;
        const void *elements;    /* [n]; NULL: zeros */
        size_t n, element_bytes; /* 0: a text */
    } * later;                   /* [n_later] of the room for MAX_LATER of each tensor; owned */
    size_t n_later;
    int32_t (*dims)[WS_LITE_MAX_DIMS]; /* [all tensors] owned */
    size_t n_dims;                     /* tensors so far */
    ws_text_list names;                /* of all tensors, no two equal; owned */
} writer;

static size_t nth(size_t first, size_t i)
{
    return first + i * WS_FLAT_GAP_BYTES;
}

/* Operators */

static bool is_int8(const ws_lite_graph *graph, const ws_lite_node *node)
{
    const int *edges = node->n_inputs > 0 ? node->inputs : node->outputs;

    for (size_t i = 0; i < (node->n_inputs > 0 ? node->n_inputs : node->n_outputs); i++)
        if (edges[i] >= 0 && graph->tensors[edges[i]].type == WS_LITE_INT8)
            return true;
    return false;
}

static unsigned find_version(const ws_lite_graph *graph, const ws_lite_node *node)
{
    const ws_tflite_row *row = &ws_tflite_rows[node->kind];

    if (is_int8(graph, node)) {
        if (node->kind == WS_LITE_QUANTIZE)
            return 2; /* from 8 bits to 8 bits */
        return row->version_int8;
    }
    if (node->kind == WS_LITE_DEPTHWISE_CONV_2D &&
        (node->options.dilation_h > 1 || node->options.dilation_w > 1))
        return 2;
    return row->version_float;
}

/** The number of an operator's code, which is new perhaps. */
static uint32_t find_code(writer *w, const ws_lite_graph *graph, const ws_lite_node *node)
{
    const unsigned version = find_version(graph, node);
    size_t i = 0;

    while (i < w->n_codes && (w->codes[i].kind != node->kind || w->codes[i].version != version))
        i++;
    if (i == w->n_codes)
        w->codes[w->n_codes++] = (code){node->kind, version};
    return (uint32_t)i;
}

static void write_codes(writer *w, size_t gap)
{
    const size_t first = ws_flat_push_gaps(&w->flat, gap, w->n_codes);

    for (size_t i = 0; i < w->n_codes; i++) {
        const ws_tflite_row *row = &ws_tflite_rows[w->codes[i].kind];
        const int number = row->code;
        ws_flat_field fields[4] = {
            ws_flat_u8(WS_TFL_CODE_OLD, (unsigned)(number < OLD_CODE_MAX ? number : OLD_CODE_MAX))};
        size_t n = 1;
        if (row->custom != NULL)
            fields[n++] = ws_flat_ref(WS_TFL_CODE_CUSTOM);
        fields[n++] = ws_flat_u32(WS_TFL_CODE_VERSION, w->codes[i].version);
        fields[n++] = ws_flat_u32(WS_TFL_CODE, (uint32_t)number);
        const size_t table = ws_flat_push_table(&w->flat, nth(first, i), fields, n);
        if (row->custom != NULL)
            ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_CODE_CUSTOM),
                              row->custom);
    }
}

static void write_options(writer *w, size_t gap, const ws_lite_node *node)
{
    const ws_tflite_row *row = &ws_tflite_rows[node->kind];
    ws_flat_field fields[WS_TFLITE_MAX_FIELDS];

    for (size_t i = 0; i < row->n_fields; i++) {
        const ws_tflite_field *f = &row->fields[i];
        const char *from = (const char *)&node->options + f->offset;
        int32_t whole;
        float real;
        memcpy(&whole, from, sizeof whole);
        memcpy(&real, from, sizeof real);
        if (f->n_bytes == 0)
            fields[i] = ws_flat_f32(f->slot, real);
        else
            fields[i] = f->n_bytes == 1 ? ws_flat_u8(f->slot, (unsigned)whole)
                                        : ws_flat_u32(f->slot, (uint32_t)whole);
    }
    if (node->kind != WS_LITE_VAR_HANDLE) {
        (void)ws_flat_push_table(&w->flat, gap, fields, row->n_fields);
        return;
    }
    /* both names: TFLM refuses a file where only some variables have a container */
    const size_t table = ws_flat_push_table(
        &w->flat, gap, (ws_flat_field[]){ws_flat_ref(0), ws_flat_ref(WS_TFL_VAR_HANDLE_NAME)}, 2);
    ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, 0), "");
    ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_VAR_HANDLE_NAME),
                      node->variable);
}

/** The options of an operator that is not TFLite's own. */
static void write_custom_options(writer *w, size_t gap, const ws_lite_node *node)
{
    const ws_tflite_row *row = &ws_tflite_rows[node->kind];
    ws_flex_pair pairs[WS_TFLITE_MAX_FIELDS];
    ws_buf flex;

    for (size_t i = 0; i < row->n_fields; i++) {
        const ws_tflite_field *f = &row->fields[i];
        pairs[i] = (ws_flex_pair){.key = f->key, .is_bool = f->n_bytes == 1};
        memcpy(&pairs[i].value, (const char *)&node->options + f->offset, sizeof pairs[i].value);
    }
    ws_buf_init(&flex, MAX_CUSTOM_BYTES);
    ws_flex_write_map(&flex, pairs, row->n_fields);
    if (flex.status != WS_OK)
        w->flat.out->status = flex.status;
    else
        ws_flat_push_vector(&w->flat, gap, flex.data, flex.size, 1);
    ws_buf_deinit(&flex);
}

static void write_edges(writer *w, size_t gap, const int *edges, size_t n)
{
    int32_t numbers[WS_LITE_MAX_EDGES];

    for (size_t i = 0; i < n; i++)
        numbers[i] = edges[i];
    ws_flat_push_vector(&w->flat, gap, numbers, n, sizeof *numbers);
}

static void write_node(writer *w, size_t gap, const ws_lite_graph *graph, const ws_lite_node *node)
{
    const ws_tflite_row *row = &ws_tflite_rows[node->kind];
    ws_flat_field fields[5] = {
        ws_flat_u32(WS_TFL_OPERATOR_CODE, find_code(w, graph, node)),
        ws_flat_ref(WS_TFL_OPERATOR_INPUTS),
        ws_flat_ref(WS_TFL_OPERATOR_OUTPUTS),
    };
    size_t n = 3;
    if (row->options != 0) {
        fields[n++] = ws_flat_u8(WS_TFL_OPERATOR_OPTIONS_TYPE, row->options);
        fields[n++] = ws_flat_ref(WS_TFL_OPERATOR_OPTIONS);
    } else if (row->custom != NULL) {
        fields[n++] = ws_flat_ref(WS_TFL_OPERATOR_CUSTOM_OPTIONS);
    }
    const size_t table = ws_flat_push_table(&w->flat, gap, fields, n);

    write_edges(w, ws_flat_gap(&w->flat, table, WS_TFL_OPERATOR_INPUTS), node->inputs,
                node->n_inputs);
    write_edges(w, ws_flat_gap(&w->flat, table, WS_TFL_OPERATOR_OUTPUTS), node->outputs,
                node->n_outputs);
    if (row->options != 0)
        write_options(w, ws_flat_gap(&w->flat, table, WS_TFL_OPERATOR_OPTIONS), node);
    else if (row->custom != NULL)
        write_custom_options(w, ws_flat_gap(&w->flat, table, WS_TFL_OPERATOR_CUSTOM_OPTIONS), node);
}

/* Tensors */

static void write_scale(writer *w, size_t gap, const ws_lite_scale *scale)
{
    const int64_t zero_point = scale->zero_point;
    const size_t table = ws_flat_push_table(
        &w->flat, gap,
        (ws_flat_field[]){ws_flat_ref(WS_TFL_SCALE_SCALES), ws_flat_ref(WS_TFL_SCALE_ZERO_POINTS),
                          ws_flat_u32(WS_TFL_SCALE_AXIS, (uint32_t)scale->axis)},
        scale->axis != 0 ? 3 : 2);
    const size_t points = ws_flat_gap(&w->flat, table, WS_TFL_SCALE_ZERO_POINTS);

    ws_flat_push_vector(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_SCALE_SCALES), scale->scales,
                        scale->n, 4);
    if (scale->n == 1)
        ws_flat_push_vector(&w->flat, points, &zero_point, 1, 8);
    else
        w->later[w->n_later++] = (struct later){points, NULL, scale->n, sizeof(int64_t)};
}

static bool is_same(const struct later *a, const struct later *b)
{
    if (a->n != b->n || a->element_bytes != b->element_bytes ||
        (a->elements == NULL) != (b->elements == NULL))
        return false;
    return a->elements == NULL ||
           memcmp(a->elements, b->elements,
                  a->n * (a->element_bytes == 0 ? 1 : a->element_bytes)) == 0;
}

static void place(writer *w, const struct later *l)
{
    if (l->element_bytes == 0) {
        ws_flat_push_text(&w->flat, l->gap, l->elements);
    } else if (l->elements != NULL) {
        ws_flat_push_vector(&w->flat, l->gap, l->elements, l->n, l->element_bytes);
    } else {
        void *zeros = calloc(l->n, l->element_bytes);
        if (zeros == NULL)
            w->flat.out->status = WS_ENOMEM;
        else
            ws_flat_push_vector(&w->flat, l->gap, zeros, l->n, l->element_bytes);
        free(zeros);
    }
}

/** Places what the tensors so far refer to. */
static void place_later(writer *w)
{
    for (size_t i = 0; i < w->n_later; i++) {
        size_t first = 0;
        while (!is_same(&w->later[first], &w->later[i]))
            first++;
        if (first < i)
            ws_flat_share(&w->flat, w->later[i].gap, w->later[first].gap);
        else
            place(w, &w->later[i]);
    }
    w->n_later = 0;
}

/** The buffer of a constant; that of an earlier one where the bytes are the same. */
static uint32_t find_buffer(writer *w, const ws_lite_tensor *tensor)
{
    const size_t n_bytes = ws_lite_tensor_bytes(tensor);

    if (tensor->data == NULL)
        return 0;
    for (size_t i = 0; i < w->n_constants; i++) {
        const struct constant *c = &w->constants[i];
        if (ws_lite_tensor_bytes(c->tensor) == n_bytes &&
            ws_lite_type_bytes(c->tensor->type) == ws_lite_type_bytes(tensor->type) &&
            memcmp(c->tensor->data, tensor->data, n_bytes) == 0)
            return (uint32_t)c->buffer;
    }
    w->constants[w->n_constants++] = (struct constant){tensor, w->n_buffers};
    return (uint32_t)w->n_buffers++;
}

static bool is_end(const ws_lite_graph *graph, size_t i)
{
    return ws_lite_is_input(graph, (int)i) || ws_lite_is_output(graph, (int)i);
}

/** Whether a tensor of a graph may not have that name: it was given before, or callers of the model
 * know another tensor by it. */
static bool is_taken(const writer *w, const ws_lite_graph *graph, size_t i, const char *name)
{
    if (ws_text_list_has(&w->names, name))
        return true;
    for (size_t k = 0; k < graph->n_tensors && !is_end(graph, i); k++)
        if (is_end(graph, k) && strcmp(graph->tensors[k].name, name) == 0)
            return true;
    return false;
}

/** Gives each tensor a name of its own. TFLite knows tensors by their numbers, but some programs
 * that read its files know them by their names, and take the first one for all of that name. */
static ws_status name_tensors(writer *w, const ws_lite_graph *graph)
{
    for (size_t i = 0; i < graph->n_tensors; i++) {
        char *name = ws_text_format("%s", graph->tensors[i].name);
        for (size_t n = 2; name != NULL && is_taken(w, graph, i, name); n++) {
            free(name);
            name = ws_text_format("%s_%zu", graph->tensors[i].name, n);
        }
        const ws_status status = name != NULL ? ws_text_list_push(&w->names, name) : WS_ENOMEM;
        free(name);
        if (status != WS_OK)
            return status;
    }
    return WS_OK;
}

static void write_tensor(writer *w, size_t gap, const ws_lite_tensor *tensor)
{
    const char *name = w->names.items[w->n_dims];
    int32_t *dims = w->dims[w->n_dims++];
    const ws_flat_field fields[] = {
        ws_flat_ref(WS_TFL_TENSOR_SHAPE),
        ws_flat_u8(WS_TFL_TENSOR_TYPE, tensor->type),
        ws_flat_u32(WS_TFL_TENSOR_BUFFER, find_buffer(w, tensor)),
        ws_flat_ref(WS_TFL_TENSOR_NAME),
        ws_flat_ref(WS_TFL_TENSOR_SCALE),
    };
    const size_t table = ws_flat_push_table(&w->flat, gap, fields, tensor->scale.n > 0 ? 5 : 4);

    for (size_t i = 0; i < tensor->n_dims; i++)
        dims[i] = (int32_t)tensor->dims[i];
    w->later[w->n_later++] =
        (struct later){ws_flat_gap(&w->flat, table, WS_TFL_TENSOR_SHAPE), dims, tensor->n_dims, 4};
    w->later[w->n_later++] =
        (struct later){ws_flat_gap(&w->flat, table, WS_TFL_TENSOR_NAME), name, strlen(name), 0};
    if (tensor->scale.n > 0)
        write_scale(w, ws_flat_gap(&w->flat, table, WS_TFL_TENSOR_SCALE), &tensor->scale);
}

static void write_graph(writer *w, size_t gap, const ws_lite_graph *graph, bool is_main)
{
    const size_t table = ws_flat_push_table(&w->flat, gap,
                                            (ws_flat_field[]){
                                                ws_flat_ref(WS_TFL_GRAPH_TENSORS),
                                                ws_flat_ref(WS_TFL_GRAPH_INPUTS),
                                                ws_flat_ref(WS_TFL_GRAPH_OUTPUTS),
                                                ws_flat_ref(WS_TFL_GRAPH_OPERATORS),
                                                ws_flat_ref(WS_TFL_GRAPH_NAME),
                                            },
                                            5);
    const size_t tensors = ws_flat_push_gaps(
        &w->flat, ws_flat_gap(&w->flat, table, WS_TFL_GRAPH_TENSORS), graph->n_tensors);
    for (size_t i = 0; i < graph->n_tensors; i++)
        write_tensor(w, nth(tensors, i), &graph->tensors[i]);
    place_later(w);
    write_edges(w, ws_flat_gap(&w->flat, table, WS_TFL_GRAPH_INPUTS), graph->inputs,
                graph->n_inputs);
    write_edges(w, ws_flat_gap(&w->flat, table, WS_TFL_GRAPH_OUTPUTS), graph->outputs,
                graph->n_outputs);
    const size_t nodes = ws_flat_push_gaps(
        &w->flat, ws_flat_gap(&w->flat, table, WS_TFL_GRAPH_OPERATORS), graph->n_nodes);
    for (size_t i = 0; i < graph->n_nodes; i++)
        write_node(w, nth(nodes, i), graph, &graph->nodes[i]);
    ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_GRAPH_NAME),
                      is_main ? "main" : "init");
}

/* The rest of the model */

static void write_named(writer *w, size_t gap, const ws_lite_graph *graph, const int *edges,
                        size_t n)
{
    const size_t first = ws_flat_push_gaps(&w->flat, gap, n);

    for (size_t i = 0; i < n; i++) {
        const size_t table =
            ws_flat_push_table(&w->flat, nth(first, i),
                               (ws_flat_field[]){
                                   ws_flat_ref(WS_TFL_NAMED_NAME),
                                   ws_flat_u32(WS_TFL_NAMED_TENSOR, (uint32_t)edges[i]),
                               },
                               2);
        ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_NAMED_NAME),
                          graph->tensors[edges[i]].name);
    }
}

static void write_signature(writer *w, size_t gap)
{
    const ws_lite_graph *graph = &w->lite->graphs[0];
    const size_t first = ws_flat_push_gaps(&w->flat, gap, 1);
    const size_t table = ws_flat_push_table(&w->flat, first,
                                            (ws_flat_field[]){
                                                ws_flat_ref(WS_TFL_SIGNATURE_INPUTS),
                                                ws_flat_ref(WS_TFL_SIGNATURE_OUTPUTS),
                                                ws_flat_ref(WS_TFL_SIGNATURE_KEY),
                                                ws_flat_u32(WS_TFL_SIGNATURE_GRAPH, 0),
                                            },
                                            4);

    write_named(w, ws_flat_gap(&w->flat, table, WS_TFL_SIGNATURE_INPUTS), graph, graph->inputs,
                graph->n_inputs);
    write_named(w, ws_flat_gap(&w->flat, table, WS_TFL_SIGNATURE_OUTPUTS), graph, graph->outputs,
                graph->n_outputs);
    ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_SIGNATURE_KEY), signature_key);
}

static void write_notes(writer *w, size_t gap)
{
    const size_t first = ws_flat_push_gaps(&w->flat, gap, w->lite->n_notes);

    for (size_t i = 0; i < w->lite->n_notes; i++) {
        const size_t table = ws_flat_push_table(
            &w->flat, nth(first, i),
            (ws_flat_field[]){ws_flat_ref(WS_TFL_METADATA_NAME),
                              ws_flat_u32(WS_TFL_METADATA_BUFFER, (uint32_t)w->n_buffers++)},
            2);
        ws_flat_push_text(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_METADATA_NAME),
                          w->lite->notes[i].name);
    }
}

static void write_buffer(writer *w, size_t gap, const void *elements, size_t n,
                         size_t element_bytes)
{
    const size_t table =
        ws_flat_push_table(&w->flat, gap, (ws_flat_field[]){ws_flat_ref(WS_TFL_BUFFER_DATA)}, 1);

    ws_flat_push_bytes(&w->flat, ws_flat_gap(&w->flat, table, WS_TFL_BUFFER_DATA), elements, n,
                       element_bytes, CONSTANT_ALIGNMENT);
}

static void write_buffers(writer *w, size_t gap)
{
    const size_t first = ws_flat_push_gaps(&w->flat, gap, w->n_buffers);
    size_t i = 0;

    (void)ws_flat_push_table(&w->flat, nth(first, i++), NULL, 0);
    for (size_t k = 0; k < w->n_constants; k++) {
        const ws_lite_tensor *tensor = w->constants[k].tensor;
        write_buffer(w, nth(first, i++), tensor->data, ws_lite_tensor_size(tensor),
                     ws_lite_type_bytes(tensor->type));
    }
    for (size_t k = 0; k < w->lite->n_notes; k++)
        write_buffer(w, nth(first, i++), w->lite->notes[k].text, strlen(w->lite->notes[k].text), 1);
}

static void free_arrays(writer *w)
{
    ws_text_list_deinit(&w->names);
    free(w->later);
    free(w->dims);
    free(w->constants);
}

ws_status ws_tflite_write(const ws_lite *lite, ws_buf *buf, ws_error *err)
{
    writer w = {.lite = lite, .n_buffers = 1};
    ws_status named = WS_OK;
    size_t n_tensors = 0;

    for (size_t i = 0; i < lite->n_graphs; i++) {
        n_tensors += lite->graphs[i].n_tensors;
        if (named == WS_OK)
            named = name_tensors(&w, &lite->graphs[i]);
    }
    w.later = calloc(MAX_LATER * n_tensors + 1, sizeof *w.later);
    w.dims = calloc(n_tensors + 1, sizeof *w.dims);
    w.constants = calloc(n_tensors + 1, sizeof *w.constants);
    if (named != WS_OK || w.later == NULL || w.dims == NULL || w.constants == NULL) {
        free_arrays(&w);
        return ws_fail_memory(err, "a TFLite model");
    }
    ws_flat_open(&w.flat, buf, WS_TFLITE_IDENTIFIER);
    const size_t model = ws_flat_push_table(&w.flat, WS_FLAT_ROOT,
                                            (ws_flat_field[]){
                                                ws_flat_u32(WS_TFL_MODEL_VERSION, WS_TFL_VERSION),
                                                ws_flat_ref(WS_TFL_MODEL_CODES),
                                                ws_flat_ref(WS_TFL_MODEL_GRAPHS),
                                                ws_flat_ref(WS_TFL_MODEL_DESCRIPTION),
                                                ws_flat_ref(WS_TFL_MODEL_BUFFERS),
                                                ws_flat_ref(WS_TFL_MODEL_METADATA),
                                                ws_flat_ref(WS_TFL_MODEL_SIGNATURES),
                                            },
                                            7);
    const size_t graphs = ws_flat_push_gaps(
        &w.flat, ws_flat_gap(&w.flat, model, WS_TFL_MODEL_GRAPHS), lite->n_graphs);
    for (size_t i = 0; i < lite->n_graphs; i++)
        write_graph(&w, nth(graphs, i), &lite->graphs[i], i == 0);
    write_codes(&w, ws_flat_gap(&w.flat, model, WS_TFL_MODEL_CODES));
    ws_flat_push_text(&w.flat, ws_flat_gap(&w.flat, model, WS_TFL_MODEL_DESCRIPTION), description);
    write_notes(&w, ws_flat_gap(&w.flat, model, WS_TFL_MODEL_METADATA));
    write_signature(&w, ws_flat_gap(&w.flat, model, WS_TFL_MODEL_SIGNATURES));
    write_buffers(&w, ws_flat_gap(&w.flat, model, WS_TFL_MODEL_BUFFERS));

    free_arrays(&w);
    const ws_status status = ws_flat_close(&w.flat);
    if (status == WS_ELIMIT)
        return ws_fail(err, status,
                       "a TFLite model has more than the %zu bytes that its format "
                       "can hold",
                       buf->max_size);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "a TFLite model");
}
