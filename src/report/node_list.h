/** The nodes of a graph for TensorBoard while they are listed: tbe_node points to names, shapes and
 *  attributes, and this owns them. A failure is kept, and told at the end. */
#ifndef WS_REPORT_NODE_LIST_H
#define WS_REPORT_NODE_LIST_H

#include "base/text.h"
#include "tbevents/tbevents.h"

enum {
    WS_NODE_LIST_MAX_DIMS = 4,       /* of a node's output, the batch included */
    WS_NODE_LIST_MAX_ATTRIBUTES = 16, /* of a node */
    WS_NODE_LIST_MAX_TEXT = 255,     /* characters of a name or an attribute; more is cut off */
};

typedef struct ws_node_list {
    tbe_node *nodes; /* [n_nodes] */
    size_t n_nodes;
    size_t max_nodes, max_inputs;
    int64_t (*dims)[WS_NODE_LIST_MAX_DIMS];                   /* [max_nodes] */
    tbe_attribute (*attributes)[WS_NODE_LIST_MAX_ATTRIBUTES]; /* [max_nodes] */
    const char **inputs;                                      /* [max_inputs] of all nodes */
    size_t n_inputs;
    ws_text_list texts;
    ws_status status; /* WS_ENOMEM after a failure */
} ws_node_list;

/** @param max_inputs  of all nodes together */
WS_MUST_CHECK ws_status ws_node_list_init(ws_node_list *list, size_t max_nodes, size_t max_inputs,
                                          ws_error *err);
/** All zeros is fine. */
void ws_node_list_deinit(ws_node_list *list);

/** A node without anything; its name is formatted. @param op  borrowed @return its index */
size_t ws_node_list_push(ws_node_list *list, const char *op, const char *name, ...) WS_PRINTF(3, 4);

/* All below are of the node that was pushed last. */

/** It reads another one. */
void ws_node_list_push_input(ws_node_list *list, size_t node);

/** What it gives. @param dims  [n_dims], at most WS_NODE_LIST_MAX_DIMS; -1: clips of a batch */
void ws_node_list_set_shape(ws_node_list *list, size_t n_dims, const int64_t *dims);

/* Names of attributes are borrowed; without '_' in front. */
void ws_node_list_push_integer(ws_node_list *list, const char *name, int64_t value);
void ws_node_list_push_number(ws_node_list *list, const char *name, double value);
void ws_node_list_push_bool(ws_node_list *list, const char *name, bool value);
void ws_node_list_push_text(ws_node_list *list, const char *name, const char *format, ...)
    WS_PRINTF(3, 4);

#endif
