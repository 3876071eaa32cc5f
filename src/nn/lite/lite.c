#include "nn/lite/lite.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[WS_LITE_N_KINDS] = {
    [WS_LITE_ADD] = "ADD",
    [WS_LITE_ASSIGN_VARIABLE] = "ASSIGN_VARIABLE",
    [WS_LITE_AUDIO_SPECTROGRAM] = "AudioSpectrogram",
    [WS_LITE_AVERAGE_POOL_2D] = "AVERAGE_POOL_2D",
    [WS_LITE_CALL_ONCE] = "CALL_ONCE",
    [WS_LITE_CONCATENATION] = "CONCATENATION",
    [WS_LITE_CONV_2D] = "CONV_2D",
    [WS_LITE_DEPTHWISE_CONV_2D] = "DEPTHWISE_CONV_2D",
    [WS_LITE_DEQUANTIZE] = "DEQUANTIZE",
    [WS_LITE_EXPAND_DIMS] = "EXPAND_DIMS",
    [WS_LITE_FULLY_CONNECTED] = "FULLY_CONNECTED",
    [WS_LITE_LOGISTIC] = "LOGISTIC",
    [WS_LITE_MAX_POOL_2D] = "MAX_POOL_2D",
    [WS_LITE_MEAN] = "MEAN",
    [WS_LITE_MFCC] = "Mfcc",
    [WS_LITE_MUL] = "MUL",
    [WS_LITE_PACK] = "PACK",
    [WS_LITE_PAD] = "PAD",
    [WS_LITE_QUANTIZE] = "QUANTIZE",
    [WS_LITE_READ_VARIABLE] = "READ_VARIABLE",
    [WS_LITE_RELU] = "RELU",
    [WS_LITE_RELU6] = "RELU6",
    [WS_LITE_RESHAPE] = "RESHAPE",
    [WS_LITE_SLICE] = "SLICE",
    [WS_LITE_SOFTMAX] = "SOFTMAX",
    [WS_LITE_SPLIT] = "SPLIT",
    [WS_LITE_SPLIT_V] = "SPLIT_V",
    [WS_LITE_SQUEEZE] = "SQUEEZE",
    [WS_LITE_STRIDED_SLICE] = "STRIDED_SLICE",
    [WS_LITE_SUB] = "SUB",
    [WS_LITE_TRANSPOSE] = "TRANSPOSE",
    [WS_LITE_VAR_HANDLE] = "VAR_HANDLE",
};

const char *ws_lite_kind_name(ws_lite_kind kind)
{
    return kind_names[kind];
}

static const struct {
    ws_lite_type type;
    size_t n_bytes;
    const char *name;
} types[] = {
    {WS_LITE_FLOAT32, 4, "float32"}, {WS_LITE_INT32, 4, "int32"},       {WS_LITE_UINT8, 1, "uint8"},
    {WS_LITE_INT64, 8, "int64"},     {WS_LITE_BOOL, 1, "bool"},         {WS_LITE_INT16, 2, "int16"},
    {WS_LITE_INT8, 1, "int8"},       {WS_LITE_RESOURCE, 0, "resource"},
};

size_t ws_lite_type_bytes(ws_lite_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].n_bytes;
    return 0;
}

const char *ws_lite_type_name(ws_lite_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].name;
    return "a type that is not known";
}

size_t ws_lite_tensor_size(const ws_lite_tensor *tensor)
{
    size_t n = 1;

    for (size_t i = 0; i < tensor->n_dims; i++)
        n *= tensor->dims[i];
    return n;
}

size_t ws_lite_tensor_bytes(const ws_lite_tensor *tensor)
{
    return ws_lite_tensor_size(tensor) * ws_lite_type_bytes(tensor->type);
}

double ws_lite_tensor_scale(const ws_lite_tensor *tensor, size_t i)
{
    if (tensor->scale.n == 0)
        return 1.0;
    return (double)tensor->scale.scales[tensor->scale.n == 1 ? 0 : i];
}

static void deinit_tensor(ws_lite_tensor *tensor)
{
    free(tensor->name);
    free(tensor->scale.scales);
    free(tensor->data);
}

void ws_lite_deinit(ws_lite *lite)
{
    for (size_t g = 0; g < lite->n_graphs; g++) {
        for (size_t i = 0; i < lite->graphs[g].n_tensors; i++)
            deinit_tensor(&lite->graphs[g].tensors[i]);
        free(lite->graphs[g].tensors);
        free(lite->graphs[g].nodes);
    }
    for (size_t i = 0; i < lite->n_notes; i++) {
        free(lite->notes[i].name);
        free(lite->notes[i].text);
    }
    free(lite->notes);
    *lite = (ws_lite){.n_graphs = 0};
}

ws_status ws_lite_init_copy(ws_lite *to, const ws_lite *from, ws_error *err)
{
    *to = (ws_lite){.n_graphs = 0};
    for (size_t g = 0; g < from->n_graphs; g++) {
        const ws_lite_graph *old = &from->graphs[g];
        ws_lite_graph *graph = ws_lite_push_graph(to);
        for (size_t i = 0; i < old->n_tensors; i++)
            (void)ws_lite_push_tensor(to, graph, old->tensors[i].name, &old->tensors[i],
                                      old->tensors[i].data);
        for (size_t i = 0; i < old->n_nodes; i++)
            (void)ws_lite_push_node(to, graph, &old->nodes[i]);
        memcpy(graph->inputs, old->inputs, sizeof graph->inputs);
        memcpy(graph->outputs, old->outputs, sizeof graph->outputs);
        graph->n_inputs = old->n_inputs;
        graph->n_outputs = old->n_outputs;
    }
    for (size_t i = 0; i < from->n_notes; i++)
        ws_lite_push_note(to, from->notes[i].name, from->notes[i].text);
    const ws_status status = ws_lite_status(to, err);
    if (status != WS_OK)
        ws_lite_deinit(to);
    return status;
}

ws_status ws_lite_status(const ws_lite *lite, ws_error *err)
{
    return lite->status == WS_OK ? WS_OK : ws_fail_memory(err, "the tensors of a model");
}

ws_lite_graph *ws_lite_push_graph(ws_lite *lite)
{
    assert(lite->n_graphs < WS_LITE_MAX_GRAPHS);
    return &lite->graphs[lite->n_graphs++];
}

/** Room for one element more. Arrays double, at powers of two. */
static void *grow(ws_lite *lite, void *array, size_t n, size_t element_bytes)
{
    if (lite->status != WS_OK || (n != 0 && (n & (n - 1)) != 0))
        return array;
    void *moved = realloc(array, (n == 0 ? 1 : 2 * n) * element_bytes);
    if (moved == NULL) {
        lite->status = WS_ENOMEM;
        return array;
    }
    return moved;
}

/** A copy of n bytes; NULL for NULL. */
static void *copy_bytes(ws_lite *lite, const void *bytes, size_t n)
{
    if (bytes == NULL || lite->status != WS_OK)
        return NULL;
    void *copy = malloc(n + (n == 0));
    if (copy == NULL)
        lite->status = WS_ENOMEM;
    else
        memcpy(copy, bytes, n);
    return copy;
}

static char *copy_text(ws_lite *lite, const char *text)
{
    return copy_bytes(lite, text, strlen(text) + 1);
}

int ws_lite_push_tensor(ws_lite *lite, ws_lite_graph *graph, const char *name,
                        const ws_lite_tensor *like, const void *data)
{
    ws_lite_tensor made = *like;

    graph->tensors = grow(lite, graph->tensors, graph->n_tensors, sizeof made);
    made.name = copy_text(lite, name);
    made.scale.scales =
        copy_bytes(lite, like->scale.scales, like->scale.n * sizeof *made.scale.scales);
    made.data = copy_bytes(lite, data, ws_lite_tensor_bytes(like));
    if (lite->status != WS_OK) {
        deinit_tensor(&made);
        return 0;
    }
    graph->tensors[graph->n_tensors] = made;
    return (int)graph->n_tensors++;
}

int ws_lite_push_node(ws_lite *lite, ws_lite_graph *graph, const ws_lite_node *node)
{
    graph->nodes = grow(lite, graph->nodes, graph->n_nodes, sizeof *node);
    if (lite->status != WS_OK)
        return 0;
    graph->nodes[graph->n_nodes] = *node;
    return (int)graph->n_nodes++;
}

void ws_lite_push_note(ws_lite *lite, const char *name, const char *text)
{
    lite->notes = grow(lite, lite->notes, lite->n_notes, sizeof *lite->notes);
    const ws_lite_note note = {copy_text(lite, name), copy_text(lite, text)};
    if (lite->status != WS_OK) {
        free(note.name);
        free(note.text);
        return;
    }
    lite->notes[lite->n_notes++] = note;
}

const char *ws_lite_find_note(const ws_lite *lite, const char *name)
{
    for (size_t i = 0; i < lite->n_notes; i++)
        if (strcmp(lite->notes[i].name, name) == 0)
            return lite->notes[i].text;
    return NULL;
}

void ws_lite_set_scales(ws_lite *lite, ws_lite_tensor *tensor, const float *scales, size_t n,
                        size_t axis, int32_t zero_point)
{
    float *copy = copy_bytes(lite, scales, n * sizeof *copy);

    if (lite->status != WS_OK)
        return;
    free(tensor->scale.scales);
    tensor->scale = (ws_lite_scale){.scales = copy, .n = n, .axis = axis, .zero_point = zero_point};
}

static bool has(const int *numbers, size_t n, int number)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

bool ws_lite_is_input(const ws_lite_graph *graph, int tensor)
{
    return has(graph->inputs, graph->n_inputs, tensor);
}

bool ws_lite_is_output(const ws_lite_graph *graph, int tensor)
{
    return has(graph->outputs, graph->n_outputs, tensor);
}
