/**
 * Makes a model of TensorFlow's graph. The nodes are followed from the scores back to the sound;
 * their operators count, not their names. An unsupported node is refused with its name and
 * operator. Private to formats/.
 */
#ifndef WS_FORMATS_GRAPH_READ_H
#define WS_FORMATS_GRAPH_READ_H

#include "checkpoint/bundle.h"
#include "formats/frozen.h"
#include "formats/graph_message.h"

enum {
    WS_GRAPH_READ_MAX_STEPS = 1024,      /* nodes from the scores to the features */
    WS_GRAPH_READ_MAX_NUMBERS = 1 << 26, /* in all weights, or in one layer of one sample */
    WS_GRAPH_READ_MAX_WINDOW = 1 << 16,  /* size or stride of a convolution or pooling */
};

/** A graph's bytes and the data outside of them. All is borrowed. */
typedef struct ws_graph_source {
    const char *path;           /* of the file, for errors */
    const unsigned char *bytes; /* [size] */
    size_t size;
    const ws_bundle *variables; /* where the values of variables are; NULL: constants only */
    int64_t assumed_rate_hz;    /* as in ws_frozen_read() */
} ws_graph_source;

/**
 * Reads a graph's bytes.
 *
 * @param frozen  overwritten; on success ws_frozen_deinit() it
 * @return as ws_frozen_read
 */
WS_MUST_CHECK ws_status ws_graph_read(const ws_graph_source *source, ws_frozen *frozen,
                                      ws_error *err);

/* For the parts of a graph. */

/** An array that is in the file: of a Const, or the value of a variable. */
typedef struct ws_stored_array {
    const char *name; /* of the node that holds it */
    int dtype;
    ws_dims dims;
    size_t n_elements;
    ws_tensor tensor;             /* a constant's */
    const ws_bundle_entry *entry; /* a variable's; NULL: a constant */
    bool is_quantized;            /* it is weights that are read through this: */
    ws_quantizer quantizer;
} ws_stored_array;

/** Arrays of variables, by the index of the variable in the graph. */
typedef struct ws_stored_arrays {
    ws_stored_array *items; /* [n] an item without a name: the file has no array for it */
    size_t n;
} ws_stored_arrays;

typedef struct ws_graph_reader {
    const ws_graph_message *message;
    const ws_node_message *nodes;
    const ws_bundle *variables;
    int64_t assumed_rate_hz; /* 0: the usual one */
    ws_frozen *frozen;
    ws_stored_arrays parameters;  /* an array for each one of the graph */
    ws_stored_arrays states;      /* states without an array keep their initial values */
    struct ws_read_value *values; /* [nodes] the results of nodes that are read already */
    /* The inputs of the next operator, nodes of frozen->graph; afterwards its result. */
    size_t value; /* the first of the inputs */
    size_t inputs[WS_NODE_MAX_INPUTS];
    size_t n_inputs;
    bool is_flat; /* they are vectors for TensorFlow, whatever their shapes here */
} ws_graph_reader;

/** The node that input k of a node comes from, past nodes that only pass on; output: which of
 *  its outputs. @return WS_OK, or WS_EFORMAT if there is no such input or it runs in a circle */
WS_MUST_CHECK ws_status ws_graph_reader_follow(const ws_graph_reader *reader,
                                               const ws_node_message *node, size_t k,
                                               const ws_node_message **source, int *output,
                                               ws_error *err);

/** The same, but it must be the first output of a certain operator. */
WS_MUST_CHECK ws_status ws_graph_reader_follow_to(const ws_graph_reader *reader,
                                                  const ws_node_message *node, size_t k,
                                                  const char *op, const ws_node_message **source,
                                                  ws_error *err);

/** Whether input k leads to an array in the file. */
bool ws_graph_reader_is_stored(const ws_graph_reader *reader, const ws_node_message *node,
                               size_t k);

/** The array that input k leads to. @return WS_OK; WS_EFORMAT if it leads to no array */
WS_MUST_CHECK ws_status ws_graph_reader_find_array(const ws_graph_reader *reader,
                                                   const ws_node_message *node, size_t k,
                                                   ws_stored_array *array, ws_error *err);

/** The same for a constant list of whole numbers, of at most one dimension. */
WS_MUST_CHECK ws_status ws_graph_reader_find_wholes(const ws_graph_reader *reader,
                                                    const ws_node_message *node, size_t k,
                                                    ws_dims *wholes, ws_error *err);

/** The same for constant pairs, [n / 2, 2]; wholes->n is 2 for each. */
WS_MUST_CHECK ws_status ws_graph_reader_find_pairs(const ws_graph_reader *reader,
                                                   const ws_node_message *node, size_t k,
                                                   ws_dims *wholes, ws_error *err);
/** The same for a constant real number. */
WS_MUST_CHECK ws_status ws_graph_reader_find_scalar(const ws_graph_reader *reader,
                                                    const ws_node_message *node, size_t k,
                                                    float *scalar, ws_error *err);

/** Copies an array of floats. @param out  [n_elements] */
WS_MUST_CHECK ws_status ws_graph_reader_copy_array(const ws_graph_reader *reader,
                                                   const ws_stored_array *array, float *out,
                                                   ws_error *err);

/** The array that input k leads to, checked: floats, at least one, of n_dims dimensions. They may
 * be read through a quantiser. @return WS_OK, or WS_EFORMAT with what was expected */
WS_MUST_CHECK ws_status ws_graph_reader_find_floats(const ws_graph_reader *reader,
                                                    const ws_node_message *node, size_t k,
                                                    size_t n_dims, ws_stored_array *array,
                                                    ws_error *err);

/** The same for weights: no other parameter may have this array. It is noted as that of the next
 *  parameter that the graph gets. */
WS_MUST_CHECK ws_status ws_graph_reader_find_weights(ws_graph_reader *reader,
                                                     const ws_node_message *node, size_t k,
                                                     size_t n_dims, ws_stored_array *array,
                                                     ws_error *err);

/** Notes an array as that of the variable `index`. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_stored_arrays_set(ws_stored_arrays *arrays, size_t index,
                                             const ws_stored_array *array, ws_error *err);

/** Takes over a pushed node, or says why the graph refused it. */
WS_MUST_CHECK ws_status ws_graph_reader_finish(ws_graph_reader *reader, const ws_node_message *node,
                                               size_t pushed, ws_error *err);

/**
 * Reads how sound becomes features, from the node that gives them, into reader->frozen->features
 * and the names beside it.
 *
 * @param shape  set to [frames, features a frame, 1]
 */
WS_MUST_CHECK ws_status ws_features_read(const ws_graph_reader *reader, const ws_node_message *node,
                                         ws_shape *shape, ws_error *err);

/** The nodes that an operator's data comes from. */
typedef struct ws_read_data {
    const ws_node_message *nodes[WS_NODE_MAX_INPUTS];
    size_t n;
} ws_read_data;

/**
 * An operator that a model here can have. If it stands for several nodes, the row is that of the
 * last node, nearest to the scores.
 */
typedef struct ws_read_row {
    const char *op; /* of that node */
    /** Where the operator's data comes from: all its other inputs are stored. */
    ws_status (*find_data)(const ws_graph_reader *reader, const ws_node_message *node,
                           ws_read_data *data, ws_error *err);
    /** Appends the operator to reader->frozen->graph, or refuses it if it does not fit
     *  its inputs. */
    ws_status (*read)(ws_graph_reader *reader, const ws_node_message *node, ws_error *err);
} ws_read_row;

/** The row of an operator that models here can have; NULL for other operators and for the source
 *  of the features. */
const ws_read_row *ws_read_row_find(const ws_graph_reader *reader, const ws_node_message *node);

/** Whether a node makes features, although a model could have its operator too. */
bool ws_features_has_node(const ws_graph_reader *reader, const ws_node_message *node);

/* Ways to find data, and operators that join or part values (values_read.c): for the rows. */

/** Input 0. */
WS_MUST_CHECK ws_status ws_read_data_first(const ws_graph_reader *reader,
                                           const ws_node_message *node, ws_read_data *data,
                                           ws_error *err);
/** Input 0; if that is a Pad, the input of the Pad. */
WS_MUST_CHECK ws_status ws_read_data_padded(const ws_graph_reader *reader,
                                            const ws_node_message *node, ws_read_data *data,
                                            ws_error *err);
/** The Pad that input 0 of a node comes from; NULL: another operator. */
const ws_node_message *ws_read_pad_find(const ws_graph_reader *reader, const ws_node_message *node);
/** The inputs among the first n that are not stored. */
WS_MUST_CHECK ws_status ws_read_data_unstored(const ws_graph_reader *reader,
                                              const ws_node_message *node, size_t n,
                                              ws_read_data *data, ws_error *err);

extern const ws_read_row ws_read_values_rows[]; /* [ws_read_values_n_rows] */
extern const size_t ws_read_values_n_rows;

/** Refuses a node whose attribute data_format is not NHWC. */
WS_MUST_CHECK ws_status ws_read_check_layout(const ws_node_message *node, ws_error *err);
/** Refuses a node that reads vectors. */
WS_MUST_CHECK ws_status ws_read_check_images(const ws_graph_reader *reader,
                                             const ws_node_message *node, ws_error *err);

/* Normalisations (norm_read.c) */

/** The product of a value with a stored array that a sum adds another stored array to; or both
 *  arrays are computed from stored ones as by tf.nn.batch_normalization. NULL: the sum adds
 *  something else. @param k  set: the input of the product that is the value */
const ws_node_message *ws_scaling_find(const ws_graph_reader *reader, const ws_node_message *sum,
                                       size_t *k);
/** Such a sum, with its product. */
WS_MUST_CHECK ws_status ws_scaling_read(ws_graph_reader *reader, const ws_node_message *sum,
                                        ws_error *err);
/** FusedBatchNorm, V2 and V3, for prediction. */
WS_MUST_CHECK ws_status ws_fused_norm_read(ws_graph_reader *reader, const ws_node_message *node,
                                           ws_error *err);

/** A stored array of one number a channel, added. */
WS_MUST_CHECK ws_status ws_read_bias_add(ws_graph_reader *reader, const ws_node_message *node,
                                         ws_error *err);

#endif
