/**
 * TensorFlow's GraphDef as bytes: one node after another is pushed into a buffer, or a whole graph
 * is read and its nodes are looked at. This file does not know what nodes mean;
 * graph_write.h and graph_read.h do. Private to formats/.
 */
#ifndef WS_FORMATS_GRAPH_MESSAGE_H
#define WS_FORMATS_GRAPH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

enum {
    WS_NODE_MAX_NAME = 255,      /* characters */
    WS_NODE_SPEC_MAX_INPUTS = 9, /* of a node that is written */
    WS_NODE_MAX_ATTRS = 28,      /* the same */
    WS_TENSOR_MAX_DIMS = 8,
    WS_GRAPH_MESSAGE_MAX_NODES = 100000,
};
#define WS_GRAPH_MESSAGE_MAX_BYTES ((size_t)1 << 29)

/** Bytes of memory that unpacking a message of `size` bytes may take: its weights, and small
 *  fields, of which many take about ten times their bytes. */
static inline size_t ws_graph_message_memory(size_t size)
{
    return 2 * size + ((size_t)64 << 20);
}

/** Element types, by TensorFlow's numbers. A file may hold others. */
typedef enum ws_dtype {
    WS_DTYPE_FLOAT = 1,
    WS_DTYPE_INT32 = 3,
    WS_DTYPE_INT16 = 5,
    WS_DTYPE_STRING = 7,
    WS_DTYPE_INT64 = 9,
} ws_dtype;

/** Sizes of a tensor, or any short list of whole numbers (strides); -1 is an unknown size. */
typedef struct ws_dims {
    size_t n;
    int64_t sizes[WS_TENSOR_MAX_DIMS];
} ws_dims;

/** A constant. Row-major; fewer stored elements than the shape has: the last one is repeated;
 * without any, all are zero. */
typedef struct ws_tensor {
    int dtype;            /* a ws_dtype, or another of TensorFlow's numbers */
    ws_dims dims;         /* none: a scalar */
    size_t n_elements;    /* of the shape */
    const void *elements; /* [n_stored] borrowed; NULL for types but float, int32 and int64 */
    size_t n_stored;
} ws_tensor;

/* Writing */

typedef enum ws_attr_kind {
    WS_ATTR_END, /* after the last one of a list */
    WS_ATTR_WHOLE,
    WS_ATTR_REAL,
    WS_ATTR_FLAG,
    WS_ATTR_TYPE,
    WS_ATTR_TEXT,
    WS_ATTR_LIST,
    WS_ATTR_SHAPE,
    WS_ATTR_TENSOR,
} ws_attr_kind;

/** An attribute: the member of its kind is set. */
typedef struct ws_attr {
    const char *name;
    ws_attr_kind kind;
    int64_t whole; /* also a flag, or a ws_dtype */
    float real;
    const char *text;
    ws_dims dims;            /* a list of whole numbers, or a shape */
    const ws_tensor *tensor; /* all elements stored */
} ws_attr;

ws_attr ws_attr_whole(const char *name, int64_t value);
ws_attr ws_attr_real(const char *name, float value);
ws_attr ws_attr_flag(const char *name, bool value);
ws_attr ws_attr_type(const char *name, ws_dtype value);
ws_attr ws_attr_text(const char *name, const char *value);
ws_attr ws_attr_list(const char *name, ws_dims values);
ws_attr ws_attr_shape(const char *name, ws_dims shape);
ws_attr ws_attr_tensor(const char *name, const ws_tensor *value);

/** A node to write; texts are borrowed for the call. */
typedef struct ws_node_spec {
    const char *name, *op;
    const char *inputs[WS_NODE_SPEC_MAX_INPUTS]; /* the first NULL ends them */
    ws_attr attrs[WS_NODE_MAX_ATTRS];            /* sorted by name when written */
} ws_node_spec;

/** Appends a node to a GraphDef. */
void ws_graph_message_push_node(ws_buf *graph, const ws_node_spec *node);

/** Appends the version of the graph's format; once, after the nodes. */
void ws_graph_message_push_versions(ws_buf *graph);

/* Reading */

typedef struct ws_graph_message ws_graph_message;

typedef struct ws_node_input {
    size_t node; /* its index */
    int output;  /* which of its outputs */
} ws_node_input;

typedef struct ws_node_message {
    const ws_graph_message *graph;
    const char *name, *op;
    const ws_node_input *inputs; /* [n_inputs] data only, no control inputs */
    size_t n_inputs;
    const void *message; /* attributes, for the functions below */
} ws_node_message;

/**
 * Reads a GraphDef and checks the rules for every graph: names are unique and allowed by
 * TensorFlow, and inputs exist.
 *
 * @param path   of the file, for errors; borrowed for the graph's lifetime
 * @param graph  set on success; ws_graph_message_close() it. Keeps nothing of bytes
 * @return WS_OK; WS_EFORMAT with the node at fault; WS_ELIMIT; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_graph_message_open(const char *path, const unsigned char *bytes,
                                              size_t size, ws_graph_message **graph, ws_error *err);
void ws_graph_message_close(ws_graph_message *graph); /* NULL is fine */

const char *ws_graph_message_path(const ws_graph_message *graph);

/** @return [n_nodes], in the file's order */
const ws_node_message *ws_graph_message_nodes(const ws_graph_message *graph, size_t *n_nodes);

/** The node of this name, or NULL. */
const ws_node_message *ws_graph_message_find(const ws_graph_message *graph, const char *name);

/** ws_fail with WS_EFORMAT, and `<path>: node "<name>" (<op>) ` in front of the sentence. */
ws_status ws_node_fail(const ws_node_message *node, ws_error *err, const char *format, ...)
    WS_PRINTF(3, 4);

/* Attributes. Each gives WS_OK, or WS_EFORMAT if the attribute is of another kind. An absent
 * attribute takes the value of initial; functions without that parameter return WS_EFORMAT. */

WS_MUST_CHECK ws_status ws_node_get_whole(const ws_node_message *node, const char *attr,
                                          int64_t initial, int64_t *value, ws_error *err);
WS_MUST_CHECK ws_status ws_node_get_real(const ws_node_message *node, const char *attr,
                                         double initial, double *value, ws_error *err);
WS_MUST_CHECK ws_status ws_node_get_flag(const ws_node_message *node, const char *attr,
                                         bool initial, bool *value, ws_error *err);
/** A list of at most WS_TENSOR_MAX_DIMS whole numbers; empty if absent. */
WS_MUST_CHECK ws_status ws_node_get_list(const ws_node_message *node, const char *attr,
                                         ws_dims *list, ws_error *err);
/** Whether the attribute is this text; an absent attribute has the value of initial. */
bool ws_node_text_is(const ws_node_message *node, const char *attr, const char *initial,
                     const char *text);
/** A text without zeros in it; NULL if absent. @param text  set; free() it
 *  @return WS_OK; WS_EFORMAT for another kind of attribute; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_node_get_text(const ws_node_message *node, const char *attr, char **text,
                                         ws_error *err);
/** Its elements live as long as the graph. */
WS_MUST_CHECK ws_status ws_node_get_tensor(const ws_node_message *node, const char *attr,
                                           ws_tensor *tensor, ws_error *err);

/** All elements, with repeated ones expanded. @param out  [n_elements] */
void ws_tensor_copy_floats(const ws_tensor *tensor, float *out);
/** Element i of an int32 or int64 tensor. */
int64_t ws_tensor_whole_at(const ws_tensor *tensor, size_t i);

#endif
