/**
 * ONNX's ModelProto as bytes: nodes, constants and ends of a graph are pushed, then the model is
 * written. This file does not know what operators mean; onnx_rows.c does. Private to formats/.
 */
#ifndef WS_FORMATS_ONNX_MESSAGE_H
#define WS_FORMATS_ONNX_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    WS_ONNX_MAX_DIMS = 6,
    WS_ONNX_MAX_INPUTS = 16,
    WS_ONNX_MAX_ATTRS = 5,
    WS_ONNX_MAX_NOTES = 4,
};

/** ONNX's numbers. */
typedef enum ws_onnx_type {
    WS_ONNX_FLOAT = 1,
    WS_ONNX_UINT8 = 2,
    WS_ONNX_INT32 = 6,
    WS_ONNX_INT64 = 7,
} ws_onnx_type;

/** An attribute: one whole number, or a list. */
typedef struct ws_onnx_attr {
    const char *name;
    size_t n_wholes; /* of a list; 0: wholes[0] alone */
    int64_t wholes[WS_ONNX_MAX_DIMS];
} ws_onnx_attr;

/** A node of one output. Texts are borrowed for the call. */
typedef struct ws_onnx_node {
    const char *op;
    const char *inputs[WS_ONNX_MAX_INPUTS];
    size_t n_inputs;
    const char *output; /* also the node's name */
    ws_onnx_attr attrs[WS_ONNX_MAX_ATTRS];
    size_t n_attrs;
} ws_onnx_node;

/** A constant, or an input or output of the graph. Borrowed for the call. */
typedef struct ws_onnx_tensor {
    const char *name;
    const char *doc; /* of an input or output: a sentence about it */
    ws_onnx_type type;
    int64_t dims[WS_ONNX_MAX_DIMS]; /* the first of an input or output is not read: any batch */
    size_t n_dims;                  /* 0: a scalar */
    const void *data;               /* of a constant */
} ws_onnx_tensor;

/** Parts of a graph, as bytes. */
typedef struct ws_onnx_graph {
    ws_buf nodes, constants, ends;
} ws_onnx_graph;

void ws_onnx_graph_init(ws_onnx_graph *graph);
void ws_onnx_graph_deinit(ws_onnx_graph *graph);

void ws_onnx_graph_push_node(ws_onnx_graph *graph, const ws_onnx_node *node);
void ws_onnx_graph_push_constant(ws_onnx_graph *graph, const ws_onnx_tensor *tensor);
/** All inputs are pushed before the first output. */
void ws_onnx_graph_push_input(ws_onnx_graph *graph, const ws_onnx_tensor *tensor);
void ws_onnx_graph_push_output(ws_onnx_graph *graph, const ws_onnx_tensor *tensor);

/** What a model says of itself. */
typedef struct ws_onnx_about {
    const char *doc;
    struct {
        const char *name, *text;
    } notes[WS_ONNX_MAX_NOTES]; /* metadata */
    size_t n_notes;
} ws_onnx_about;

/** Appends the whole model: format version 7, operator set 13, which every runtime since 2020
 *  knows. @return WS_OK; WS_ELIMIT, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_onnx_graph_write(const ws_onnx_graph *graph, const ws_onnx_about *about,
                                            ws_buf *file, ws_error *err);

#endif
