#include "report/node_list.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

ws_status ws_node_list_init(ws_node_list *list, size_t max_nodes, size_t max_inputs, ws_error *err)
{
    *list = (ws_node_list){.max_nodes = max_nodes, .max_inputs = max_inputs};
    list->nodes = calloc(max_nodes, sizeof *list->nodes);
    list->dims = calloc(max_nodes, sizeof *list->dims);
    list->attributes = calloc(max_nodes, sizeof *list->attributes);
    list->inputs = calloc(max_inputs, sizeof *list->inputs);
    if (list->nodes != NULL && list->dims != NULL && list->attributes != NULL &&
        list->inputs != NULL)
        return WS_OK;
    ws_node_list_deinit(list);
    return ws_fail_memory(err, "the graph for TensorBoard");
}

void ws_node_list_deinit(ws_node_list *list)
{
    free(list->nodes);
    free(list->dims);
    free(list->attributes);
    free(list->inputs);
    ws_text_list_deinit(&list->texts);
    *list = (ws_node_list){.nodes = NULL};
}

static const char *keep(ws_node_list *list, const char *format, va_list args) WS_PRINTF(2, 0);

/** A text that lives as long as the list; "" without memory. */
static const char *keep(ws_node_list *list, const char *format, va_list args)
{
    char text[WS_NODE_LIST_MAX_TEXT + 1];

    (void)vsnprintf(text, sizeof text, format, args);
    if (ws_text_list_push(&list->texts, text) == WS_OK)
        return list->texts.items[list->texts.n_items - 1];
    list->status = WS_ENOMEM;
    return "";
}

static tbe_node *last(ws_node_list *list)
{
    assert(list->n_nodes > 0);
    return &list->nodes[list->n_nodes - 1];
}

size_t ws_node_list_push(ws_node_list *list, const char *op, const char *name, ...)
{
    const size_t i = list->n_nodes;
    va_list args;

    assert(i < list->max_nodes);
    va_start(args, name);
    list->nodes[i] = (tbe_node){
        .name = keep(list, name, args),
        .op = op,
        .inputs = list->inputs + list->n_inputs,
        .attributes = list->attributes[i],
    };
    va_end(args);
    return list->n_nodes++;
}

void ws_node_list_push_input(ws_node_list *list, size_t node)
{
    assert(list->n_inputs < list->max_inputs && node < list->n_nodes);
    list->inputs[list->n_inputs++] = list->nodes[node].name;
    last(list)->n_inputs++;
}

void ws_node_list_set_shape(ws_node_list *list, size_t n_dims, const int64_t *dims)
{
    int64_t *own = list->dims[list->n_nodes - 1];

    assert(n_dims <= WS_NODE_LIST_MAX_DIMS);
    for (size_t i = 0; i < n_dims; i++)
        own[i] = dims[i];
    last(list)->shape = own;
    last(list)->n_dims = n_dims;
}

static void push_attribute(ws_node_list *list, tbe_attribute attribute)
{
    tbe_node *node = last(list);

    assert(node->n_attributes < WS_NODE_LIST_MAX_ATTRIBUTES);
    list->attributes[list->n_nodes - 1][node->n_attributes++] = attribute;
}

void ws_node_list_push_integer(ws_node_list *list, const char *name, int64_t value)
{
    push_attribute(list,
                   (tbe_attribute){.name = name, .kind = TBE_ATTRIBUTE_INTEGER, .integer = value});
}

void ws_node_list_push_number(ws_node_list *list, const char *name, double value)
{
    push_attribute(list,
                   (tbe_attribute){.name = name, .kind = TBE_ATTRIBUTE_NUMBER, .number = value});
}

void ws_node_list_push_bool(ws_node_list *list, const char *name, bool value)
{
    push_attribute(list,
                   (tbe_attribute){.name = name, .kind = TBE_ATTRIBUTE_BOOL, .integer = value});
}

void ws_node_list_push_text(ws_node_list *list, const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    push_attribute(list, (tbe_attribute){.name = name,
                                         .kind = TBE_ATTRIBUTE_TEXT,
                                         .text = keep(list, format, args)});
    va_end(args);
}
