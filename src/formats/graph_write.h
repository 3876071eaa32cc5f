/**
 * Makes TensorFlow's graph of a model. Node names and operators are those of the original's
 * freeze.py; each node reads only earlier nodes. Private to formats/.
 */
#ifndef WS_FORMATS_GRAPH_WRITE_H
#define WS_FORMATS_GRAPH_WRITE_H

#include "audio/features.h"
#include "base/buf.h"
#include "base/text.h"
#include "formats/frozen.h"
#include "formats/graph_message.h"
#include "nn/passes/fold_batch_norm.h"

typedef char ws_node_name[WS_NODE_MAX_NAME + 1];

/** The result of a node. */
typedef struct ws_written_value {
    ws_node_name name;
    bool is_flat; /* [batch, n]; otherwise [batch, h, w, c] */
} ws_written_value;

/** A writer with a sticky error. */
typedef struct ws_graph_writer {
    const ws_frozen *frozen;
    const ws_text_list *labels; /* or NULL */
    ws_folded model;            /* as it is written: frozen's graph, with normalisations folded */
    ws_feature_settings settings;
    ws_buf *graph;            /* the nodes so far */
    ws_text_list names;       /* taken ones */
    ws_written_value *values; /* [model.graph.n_nodes] */
    ws_status status;         /* the first failure */
    ws_error *err;
} ws_graph_writer;

/**
 * Appends the model as a GraphDef.
 *
 * @param labels    names of the scores, which the node that gives them says; NULL: it does not
 * @param features  set to the name of the node that gives the features, [-1, fingerprint size]
 * @return WS_OK; WS_EINVAL for an operator that TensorFlow's graphs have no row for here; WS_EUSAGE
 *         naming a feature flag; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_graph_write(const ws_frozen *frozen, const ws_text_list *labels,
                                       ws_buf *graph, ws_node_name features, ws_error *err);

/* For the parts of a graph: they push nodes without checking for errors in between. */

/** base, or base_1, base_2, ...: takes the first free name. TensorFlow numbers its nodes in the
 *  same way. */
void ws_graph_writer_name(ws_graph_writer *writer, const char *base, ws_node_name name);
/** Takes exactly this name; fails if it is taken. */
void ws_graph_writer_take(ws_graph_writer *writer, const char *name);
/** The node's name must be a taken one. */
void ws_graph_writer_push(ws_graph_writer *writer, const ws_node_spec *node);
/** A constant `<owner>/<part>` of whole numbers (int32); n_dims 0: a scalar, 1: a vector, 2:
 *  pairs. */
void ws_graph_writer_push_wholes(ws_graph_writer *writer, const char *owner, const char *part,
                                 const ws_dims *wholes, size_t n_dims, ws_node_name name);
void ws_graph_writer_push_scalar(ws_graph_writer *writer, const char *owner, const char *part,
                                 float value, ws_node_name name);
/** A reshape of x to shape. */
void ws_graph_writer_push_reshape(ws_graph_writer *writer, const char *x, ws_dtype dtype,
                                  const ws_dims *shape, ws_node_name name);

/** The node's input as vectors (flat) or as images; pushes a reshape if it has the other form.
 *  @return its name, perhaps in room */
const char *ws_graph_writer_value_as(ws_graph_writer *writer, const ws_node *node, bool flat,
                                     ws_node_name room);

/** The same for input k of a node of several. */
const char *ws_graph_writer_input_as(ws_graph_writer *writer, const ws_node *node, size_t k,
                                     bool flat, ws_node_name room);

/** A constant of numbers (float32). The name must be a taken one. @param values  [product of dims]
 */
void ws_graph_writer_push_floats(ws_graph_writer *writer, const char *name, const ws_dims *dims,
                                 const float *values);
/** A parameter of the graph as a constant under its own name.
 *  @param read  set to the name of the node that reads it */
void ws_graph_writer_push_parameter(ws_graph_writer *writer, int index, ws_node_name read);

/** From the bytes of a WAV file to features [-1, fingerprint size]. */
void ws_features_write(ws_graph_writer *writer, ws_node_name features);

/**
 * Pushes an operator as TensorFlow's nodes.
 *
 * @param value  name: to be set; is_flat: as that of the input, to be set where it is not
 */
typedef void ws_write_function(ws_graph_writer *writer, const ws_node *node,
                               ws_written_value *value);

/** The row of an operator; NULL: not supported. */
ws_write_function *ws_write_row_find(ws_op_kind kind);

/* Rows of values_write.c: operators that join or part values. */
ws_write_function ws_write_add, ws_write_mul, ws_write_silu, ws_write_sigmoid, ws_write_mean;
ws_write_function ws_write_concat, ws_write_slice, ws_write_reshape, ws_write_batch_norm;

#endif
