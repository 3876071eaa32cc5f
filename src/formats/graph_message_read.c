#include "formats/graph_message.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "graph.pb-c.h"

typedef Tbproto__AttrValue attr_value;
typedef Tbproto__NodeDef node_message;

enum { MAX_OP_NAME = 63 };

struct ws_graph_message {
    const char *path; /* borrowed */
    Tbproto__GraphDef *message;
    ws_node_message *nodes; /* [n_nodes] */
    size_t n_nodes;
    ws_node_input *inputs;          /* of all nodes, one after the other */
    const ws_node_message **sorted; /* [n_nodes] by name */
};

ws_status ws_node_fail(const ws_node_message *node, ws_error *err, const char *format, ...)
{
    char sentence[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return ws_fail(err, WS_EFORMAT, "%s: node \"%s\" (%s) %s", node->graph->path, node->name,
                   node->op, sentence);
}

/* Names */

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/** TensorFlow's rule; it also keeps control characters out of our messages. */
static bool is_node_name(const char *name)
{
    size_t n = 1;
    if (!is_alphanumeric(name[0]) && name[0] != '.')
        return false;
    for (; name[n] != '\0'; n++)
        if (!is_alphanumeric(name[n]) && strchr("_./\\->", name[n]) == NULL)
            return false;
    return n <= WS_NODE_MAX_NAME;
}

static bool is_op_name(const char *op)
{
    size_t n = 0;
    for (; op[n] != '\0'; n++)
        if (!is_alphanumeric(op[n]) && strchr("_>", op[n]) == NULL)
            return false;
    return n > 0 && n <= MAX_OP_NAME;
}

static int compare_names(const void *a, const void *b)
{
    const ws_node_message *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static ws_status check_names(ws_graph_message *graph, ws_error *err)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_node_message *node = &graph->nodes[i];
        if (!is_node_name(node->name))
            return ws_fail(err, WS_EFORMAT, "%s: TensorFlow does not allow the name of node %zu",
                           graph->path, i);
        if (!is_op_name(node->op))
            return ws_fail(err, WS_EFORMAT, "%s: node \"%s\" has no valid operator", graph->path,
                           node->name);
        graph->sorted[i] = node;
    }
    qsort(graph->sorted, graph->n_nodes, sizeof *graph->sorted, compare_names);
    for (size_t i = 1; i < graph->n_nodes; i++)
        if (strcmp(graph->sorted[i - 1]->name, graph->sorted[i]->name) == 0)
            return ws_fail(err, WS_EFORMAT, "%s: has two nodes of the name \"%s\"", graph->path,
                           graph->sorted[i]->name);
    return WS_OK;
}

const ws_node_message *ws_graph_message_find(const ws_graph_message *graph, const char *name)
{
    const ws_node_message key = {.name = name};
    const ws_node_message *key_pointer = &key;
    const ws_node_message *const *found =
        bsearch(&key_pointer, graph->sorted, graph->n_nodes, sizeof *graph->sorted, compare_names);
    return found != NULL ? *found : NULL;
}

/* Inputs */

/** "name:12" to its name and 12; "name" is "name:0". @return false if it is another text */
static bool split_input(const char *text, char name[WS_NODE_MAX_NAME + 1], int *output)
{
    const char *colon = strrchr(text, ':');
    const size_t n_name = colon == NULL ? strlen(text) : (size_t)(colon - text);

    *output = 0;
    if (n_name > WS_NODE_MAX_NAME)
        return false;
    memcpy(name, text, n_name);
    name[n_name] = '\0';
    if (colon != NULL) {
        char *end = NULL;
        const long number = strtol(colon + 1, &end, 10);
        if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || number > INT_MAX)
            return false;
        *output = (int)number;
    }
    return is_node_name(name);
}

static ws_status resolve_input(const ws_graph_message *graph, const ws_node_message *node,
                               const char *text, ws_node_input *input, ws_error *err)
{
    char name[WS_NODE_MAX_NAME + 1];

    if (!split_input(text, name, &input->output))
        return ws_node_fail(node, err, "has an input whose name TensorFlow does not allow");
    const ws_node_message *source = ws_graph_message_find(graph, name);
    if (source == NULL)
        return ws_node_fail(node, err, "reads \"%s\", which is missing", name);
    input->node = (size_t)(source - graph->nodes);
    return WS_OK;
}

static ws_status resolve_inputs(ws_graph_message *graph, ws_error *err)
{
    ws_node_input *next = graph->inputs;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        const node_message *message = graph->message->node[i];
        ws_node_message *node = &graph->nodes[i];
        node->inputs = next;
        for (size_t k = 0; k < message->n_input; k++) {
            if (message->input[k][0] == '^')
                continue; /* a control input: only an order */
            const ws_status status = resolve_input(graph, node, message->input[k], next, err);
            if (status != WS_OK)
                return status;
            next++;
            node->n_inputs++;
        }
    }
    return WS_OK;
}

/* The graph */

static ws_status unpack(ws_graph_message *graph, const unsigned char *bytes, size_t size,
                        ws_error *err)
{
    ws_message_memory memory;

    ws_message_memory_init(&memory, ws_graph_message_memory(size));
    graph->message = tbproto__graph_def__unpack(&memory.allocator, size, bytes);
    if (graph->message == NULL)
        return ws_message_memory_fail(&memory, err, graph->path,
                                      "is not a binary GraphDef of TensorFlow, or is truncated");
    graph->n_nodes = graph->message->n_node;
    if (graph->n_nodes == 0)
        return ws_fail(err, WS_EFORMAT, "%s: is a graph without nodes", graph->path);
    if (graph->n_nodes > WS_GRAPH_MESSAGE_MAX_NODES)
        return ws_fail(err, WS_ELIMIT, "%s: has %zu nodes, at most %d are read", graph->path,
                       graph->n_nodes, WS_GRAPH_MESSAGE_MAX_NODES);
    return WS_OK;
}

static ws_status list_nodes(ws_graph_message *graph, ws_error *err)
{
    const size_t n = graph->n_nodes;
    size_t n_inputs = 0;

    for (size_t i = 0; i < n; i++)
        n_inputs += graph->message->node[i]->n_input;
    graph->nodes = calloc(n, sizeof *graph->nodes);
    graph->sorted = calloc(n, sizeof *graph->sorted);
    graph->inputs = calloc(n_inputs + 1, sizeof *graph->inputs);
    if (graph->nodes == NULL || graph->sorted == NULL || graph->inputs == NULL)
        return ws_fail_memory(err, "a graph");
    for (size_t i = 0; i < n; i++) {
        const node_message *message = graph->message->node[i];
        graph->nodes[i] = (ws_node_message){
            .graph = graph, .name = message->name, .op = message->op, .message = message};
    }
    return WS_OK;
}

ws_status ws_graph_message_open(const char *path, const unsigned char *bytes, size_t size,
                                ws_graph_message **graph, ws_error *err)
{
    ws_graph_message *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a graph");
    made->path = path;
    ws_status status = unpack(made, bytes, size, err);
    if (status == WS_OK)
        status = list_nodes(made, err);
    if (status == WS_OK)
        status = check_names(made, err);
    if (status == WS_OK)
        status = resolve_inputs(made, err);
    if (status != WS_OK) {
        ws_graph_message_close(made);
        return status;
    }
    *graph = made;
    return WS_OK;
}

void ws_graph_message_close(ws_graph_message *graph)
{
    if (graph == NULL)
        return;
    if (graph->message != NULL)
        tbproto__graph_def__free_unpacked(graph->message, NULL);
    free(graph->nodes);
    free(graph->inputs);
    free(graph->sorted);
    free(graph);
}

const char *ws_graph_message_path(const ws_graph_message *graph)
{
    return graph->path;
}

const ws_node_message *ws_graph_message_nodes(const ws_graph_message *graph, size_t *n_nodes)
{
    *n_nodes = graph->n_nodes;
    return graph->nodes;
}

/* Attributes */

/** The value of an attribute; NULL if the node does not have it. */
static const attr_value *find_attr(const ws_node_message *node, const char *attr)
{
    const node_message *message = node->message;

    for (size_t i = 0; i < message->n_attr; i++)
        if (strcmp(message->attr[i]->key, attr) == 0)
            return message->attr[i]->value;
    return NULL;
}

static ws_status fail_kind(const ws_node_message *node, const char *attr, const char *kind,
                           ws_error *err)
{
    return ws_node_fail(node, err, "has an attribute %s that is %s", attr, kind);
}

ws_status ws_node_get_whole(const ws_node_message *node, const char *attr, int64_t initial,
                            int64_t *value, ws_error *err)
{
    const attr_value *found = find_attr(node, attr);

    *value = initial;
    if (found == NULL)
        return WS_OK;
    if (found->value_case != TBPROTO__ATTR_VALUE__VALUE_I)
        return fail_kind(node, attr, "not a whole number", err);
    *value = found->i;
    return WS_OK;
}

ws_status ws_node_get_real(const ws_node_message *node, const char *attr, double initial,
                           double *value, ws_error *err)
{
    const attr_value *found = find_attr(node, attr);

    *value = initial;
    if (found == NULL)
        return WS_OK;
    if (found->value_case != TBPROTO__ATTR_VALUE__VALUE_F)
        return fail_kind(node, attr, "not a real number", err);
    *value = (double)found->f;
    return WS_OK;
}

ws_status ws_node_get_flag(const ws_node_message *node, const char *attr, bool initial, bool *value,
                           ws_error *err)
{
    const attr_value *found = find_attr(node, attr);

    *value = initial;
    if (found == NULL)
        return WS_OK;
    if (found->value_case != TBPROTO__ATTR_VALUE__VALUE_B)
        return fail_kind(node, attr, "neither true nor false", err);
    *value = found->b;
    return WS_OK;
}

ws_status ws_node_get_list(const ws_node_message *node, const char *attr, ws_dims *list,
                           ws_error *err)
{
    const attr_value *found = find_attr(node, attr);

    *list = (ws_dims){.n = 0};
    if (found == NULL)
        return WS_OK;
    if (found->value_case != TBPROTO__ATTR_VALUE__VALUE_LIST ||
        found->list->n_i > WS_TENSOR_MAX_DIMS)
        return fail_kind(node, attr, "not a short list of whole numbers", err);
    list->n = found->list->n_i;
    if (list->n > 0)
        memcpy(list->sizes, found->list->i, list->n * sizeof *list->sizes);
    return WS_OK;
}

bool ws_node_text_is(const ws_node_message *node, const char *attr, const char *initial,
                     const char *text)
{
    const attr_value *found = find_attr(node, attr);

    if (found == NULL)
        return strcmp(initial, text) == 0;
    return found->value_case == TBPROTO__ATTR_VALUE__VALUE_S && found->s.len == strlen(text) &&
           memcmp(found->s.data, text, found->s.len) == 0;
}

ws_status ws_node_get_text(const ws_node_message *node, const char *attr, char **text,
                           ws_error *err)
{
    const attr_value *found = find_attr(node, attr);

    *text = NULL;
    if (found == NULL)
        return WS_OK;
    if (found->value_case != TBPROTO__ATTR_VALUE__VALUE_S ||
        (found->s.len > 0 && memchr(found->s.data, 0, found->s.len) != NULL))
        return fail_kind(node, attr, "not a text", err);
    *text = calloc(found->s.len + 1, 1);
    if (*text == NULL)
        return ws_fail_memory(err, "a text of a graph");
    if (found->s.len > 0)
        memcpy(*text, found->s.data, found->s.len);
    return WS_OK;
}

/* Tensors */

/** Where the elements are, and how many; tensor_content takes precedence over the lists. */
static bool find_elements(const Tbproto__TensorProto *message, ws_tensor *tensor)
{
    static const size_t sizes[] = {
        [WS_DTYPE_FLOAT] = 4, [WS_DTYPE_INT32] = 4, [WS_DTYPE_INT64] = 8};

    switch (tensor->dtype) {
    case WS_DTYPE_FLOAT:
        tensor->elements = message->float_val;
        tensor->n_stored = message->n_float_val;
        break;
    case WS_DTYPE_INT32:
        tensor->elements = message->int_val;
        tensor->n_stored = message->n_int_val;
        break;
    case WS_DTYPE_INT64:
        tensor->elements = message->int64_val;
        tensor->n_stored = message->n_int64_val;
        break;
    default:
        tensor->elements = NULL;
        return true; /* listed, not read */
    }
    if (message->tensor_content.len > 0) {
        const size_t size = sizes[tensor->dtype];
        if (message->tensor_content.len % size != 0)
            return false;
        tensor->elements = message->tensor_content.data;
        tensor->n_stored = message->tensor_content.len / size;
        return tensor->n_stored == tensor->n_elements;
    }
    return tensor->n_stored <= tensor->n_elements;
}

static bool read_shape(const Tbproto__TensorShapeProto *shape, ws_tensor *tensor)
{
    tensor->n_elements = 1;
    tensor->dims.n = shape != NULL ? shape->n_dim : 0;
    if (tensor->dims.n > WS_TENSOR_MAX_DIMS)
        return false;
    for (size_t i = 0; i < tensor->dims.n; i++) {
        const int64_t size = shape->dim[i]->size;
        if (size < 0 || (size > 0 && tensor->n_elements > (size_t)INT32_MAX / (size_t)size))
            return false;
        tensor->dims.sizes[i] = size;
        tensor->n_elements *= (size_t)size;
    }
    return true;
}

ws_status ws_node_get_tensor(const ws_node_message *node, const char *attr, ws_tensor *tensor,
                             ws_error *err)
{
    const attr_value *found = find_attr(node, attr);

    if (found == NULL || found->value_case != TBPROTO__ATTR_VALUE__VALUE_TENSOR)
        return ws_node_fail(node, err, "has no attribute %s, expected a tensor", attr);
    *tensor = (ws_tensor){.dtype = (int)found->tensor->dtype};
    if (!read_shape(found->tensor->tensor_shape, tensor))
        return ws_node_fail(node, err, "has a tensor of an invalid shape");
    if (!find_elements(found->tensor, tensor))
        return ws_node_fail(node, err, "has a tensor with more or fewer elements than its shape");
    return WS_OK;
}

void ws_tensor_copy_floats(const ws_tensor *tensor, float *out)
{
    const float *elements = tensor->elements;
    const size_t n = tensor->n_stored;
    const float last = n > 0 ? elements[n - 1] : 0.0f;

    assert(tensor->dtype == WS_DTYPE_FLOAT);
    if (n > 0)
        memcpy(out, elements, n * sizeof *out);
    for (size_t i = n; i < tensor->n_elements; i++)
        out[i] = last;
}

int64_t ws_tensor_whole_at(const ws_tensor *tensor, size_t i)
{
    assert(tensor->dtype == WS_DTYPE_INT32 || tensor->dtype == WS_DTYPE_INT64);
    assert(i < tensor->n_elements);
    if (tensor->n_stored == 0)
        return 0;
    if (i >= tensor->n_stored)
        i = tensor->n_stored - 1;
    return tensor->dtype == WS_DTYPE_INT32 ? ((const int32_t *)tensor->elements)[i]
                                           : ((const int64_t *)tensor->elements)[i];
}
