/**
 * A model as an array of plain operators in topological order: each node names its operator, its
 * attributes, the node that it reads and the shape that it gives. Training, checkpoints, file
 * formats and TensorBoard's graph all read this one description; nothing here computes.
 *
 *     ws_graph_init(&graph);
 *     size_t x = ws_graph_push_input(&graph, (ws_shape){98, 40, 1});
 *     x = ws_graph_push_conv2d(&graph, x, &(ws_conv2d_args){.name = "first_weights", ...});
 *     x = ws_graph_push_relu(&graph, x);
 *     status = ws_graph_status(&graph, err);
 *
 * Pushing goes on after an error without effect, so a model is written down without a check
 * behind each line; ws_graph_status gives the first error at the end. The last node pushed is the
 * model's output, its logits.
 */
#ifndef WS_NN_GRAPH_H
#define WS_NN_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    WS_GRAPH_MAX_NODES = 255,     /* a dropout stream has eight bits for its node */
    WS_GRAPH_MAX_PARAMETERS = 64, /* more than any model here by far */
    WS_GRAPH_MAX_CONSTANTS = 4,
    WS_GRAPH_MAX_QUANTIZERS = 64, /* two a layer, and one of the input */
    WS_PARAMETER_MAX_NAME = 63,   /* characters */
    WS_PARAMETER_MAX_DIMS = 4,
};

/** What one sample looks like between two nodes: [h, w, c], h time, w frequency. A vector is
 *  [1, 1, c]. Stored in this order, c fastest. */
typedef struct ws_shape {
    size_t h, w, c;
} ws_shape;

/** Numbers in one sample. */
size_t ws_shape_size(ws_shape shape);

/** TensorFlow's padding. SAME: out = ceil(in / stride), the odd zero behind; VALID: no zeros. */
typedef enum ws_padding { WS_PADDING_SAME, WS_PADDING_VALID } ws_padding;

/** A window that slides over h and w: of a convolution or a pooling. */
typedef struct ws_window {
    size_t h, w; /* its size */
    size_t stride_h, stride_w;
    ws_padding padding;
    size_t before_h, before_w; /* zeros in front of the first row and column; set by the graph */
} ws_window;

typedef enum ws_op_kind {
    WS_OP_INPUT,
    WS_OP_CONV2D,
    WS_OP_BIAS_ADD,
    WS_OP_RELU,
    WS_OP_DROPOUT,
    WS_OP_MAX_POOL,
    WS_OP_DENSE,
    WS_OP_SVDF,
    WS_OP_FAKE_QUANT, /* put in by ws_graph_quantize (quantize.h) */
    WS_N_OP_KINDS
} ws_op_kind;

/** Where the range of a fake quantisation comes from. */
typedef enum ws_range_kind {
    WS_RANGE_FIXED,   /* it is given */
    WS_RANGE_LAST,    /* each training step takes that of the numbers as they are */
    WS_RANGE_AVERAGE, /* each training step moves an average towards that of its batch */
} ws_range_kind;

/**
 * A fake quantisation: numbers go to the nearest of 255 or 256 levels (fake_quant.h). An operator
 * WS_OP_FAKE_QUANT applies it to what it reads; a parameter that names one is read through it by
 * its operator. In TensorFlow either is a FakeQuantWithMinMaxVars of 8 bits (or, with a fixed
 * range, a FakeQuantWithMinMaxArgs) that reads the variables `<name>/min` and `<name>/max`.
 */
typedef struct ws_quantizer {
    char name[WS_PARAMETER_MAX_NAME + 1]; /* "act_quant_1"; "" with a fixed range */
    ws_range_kind kind;
    bool is_narrow; /* TensorFlow's narrow_range: levels 1 to 255, not 0 to 255 */
    float min, max; /* the fixed range, or the one before the first training step */
} ws_quantizer;

/** A trained array. Its numbers are parameters[offset .. offset + size) of a network. */
typedef struct ws_parameter {
    char name[WS_PARAMETER_MAX_NAME + 1]; /* of the variable in TensorFlow's checkpoint */
    size_t dims[WS_PARAMETER_MAX_DIMS];   /* convolution [h, w, in, out], dense [in, out], bias,
                                             SVDF [frequencies, filters], [filters, times] */
    size_t n_dims;
    size_t size;      /* product of dims */
    size_t offset;    /* numbers, not bytes */
    double deviation; /* of the truncated normal that it starts from; 0: starts as zeros */
    size_t quantizer; /* it is read through this one, counted from 1; 0: as it is */
} ws_parameter;

enum { WS_NO_PARAMETER = -1 };

/** A variable of the original's that nobody trains or reads: it stands in its checkpoints, and so
 *  it must in ours. */
typedef struct ws_constant {
    char name[WS_PARAMETER_MAX_NAME + 1];
    size_t dims[WS_PARAMETER_MAX_DIMS];
    size_t n_dims;   /* 0: a scalar */
    bool is_integer; /* int32, else float32 */
    int32_t value;   /* of all its elements */
} ws_constant;

typedef struct ws_node {
    ws_op_kind kind;
    size_t input;     /* the node that it reads; meaningless for WS_OP_INPUT */
    ws_shape shape;   /* of one sample that comes out */
    ws_window window; /* convolution and pooling */
    int parameter;    /* index, or WS_NO_PARAMETER. SVDF has the one behind it, too */
    size_t rank;      /* of SVDF: filters that a unit sums */
    size_t quantizer; /* of WS_OP_FAKE_QUANT, counted from 1; 0 elsewhere */
} ws_node;

typedef struct ws_graph {
    ws_node nodes[WS_GRAPH_MAX_NODES];
    size_t n_nodes;
    ws_parameter parameters[WS_GRAPH_MAX_PARAMETERS]; /* in the order of their nodes */
    size_t n_parameters;
    size_t n_weights;                                 /* numbers in all parameters together */
    ws_quantizer quantizers[WS_GRAPH_MAX_QUANTIZERS]; /* number i stands at i - 1 */
    size_t n_quantizers;
    ws_constant constants[WS_GRAPH_MAX_CONSTANTS];
    size_t n_constants;
    ws_error error; /* the first */
} ws_graph;

/** An empty graph: plain memory, nothing to free. */
void ws_graph_init(ws_graph *graph);

/** WS_OK, or the first error of all pushes since ws_graph_init. */
WS_MUST_CHECK ws_status ws_graph_status(const ws_graph *graph, ws_error *err);

/* Each push appends one node and returns its index, for the next push to read. */

/** The features of a sample; every graph starts with it and has one. */
size_t ws_graph_push_input(ws_graph *graph, ws_shape shape);

typedef struct ws_conv2d_args {
    const char *name; /* of the weights; borrowed for the call, as in all args */
    size_t kernel_h, kernel_w;
    size_t n_channels;
    size_t stride_h, stride_w; /* 0 stands for 1 */
    ws_padding padding;
    double deviation; /* of the starting weights */
} ws_conv2d_args;

/** Convolution without bias, weights [kernel_h, kernel_w, in, n_channels]. */
size_t ws_graph_push_conv2d(ws_graph *graph, size_t input, const ws_conv2d_args *args);

/** One number for each channel, added; starts as zeros. */
size_t ws_graph_push_bias_add(ws_graph *graph, size_t input, const char *name);

size_t ws_graph_push_relu(ws_graph *graph, size_t input);

/** Drops in training only, at the rate of the step (network.h). */
size_t ws_graph_push_dropout(ws_graph *graph, size_t input);

typedef struct ws_max_pool_args {
    size_t window_h, window_w;
    size_t stride_h, stride_w; /* 0 stands for 1 */
    ws_padding padding;        /* padding never wins the maximum */
} ws_max_pool_args;

size_t ws_graph_push_max_pool(ws_graph *graph, size_t input, const ws_max_pool_args *args);

typedef struct ws_dense_args {
    const char *name;
    size_t n_units;
    double deviation;
} ws_dense_args;

/** Matrix product without bias, weights [h * w * c, n_units]: reads its input as one flat vector
 *  in the order (h, w, c), which is the original's reshape. Gives [1, 1, n_units]. */
size_t ws_graph_push_dense(ws_graph *graph, size_t input, const ws_dense_args *args);

typedef struct ws_svdf_args {
    const char *frequency_name; /* of the weights [w * c, rank * n_units] */
    const char *time_name;      /* of the weights [rank * n_units, h] */
    size_t n_units;
    size_t rank; /* filters of a unit: those numbered unit * rank + 0, 1, .. */
    double deviation;
} ws_svdf_args;

/** Singular value decomposition filters: every filter weighs the frequencies of each time step,
 *  then the times, and a unit sums its filters. Gives [1, 1, n_units]. */
size_t ws_graph_push_svdf(ws_graph *graph, size_t input, const ws_svdf_args *args);

/** Appends no node: notes a variable for checkpoints. */
void ws_graph_push_constant(ws_graph *graph, const ws_constant *constant);

/** Fake quantisation of what input gives. */
size_t ws_graph_push_fake_quant(ws_graph *graph, size_t input, const ws_quantizer *quantizer);

/** Adds a quantizer that no operator applies yet. @return its number, from 1; 0 after an error */
size_t ws_graph_push_quantizer(ws_graph *graph, const ws_quantizer *quantizer);

/** The input node's shape and the output node's channels. */
ws_shape ws_graph_input_shape(const ws_graph *graph);
size_t ws_graph_n_labels(const ws_graph *graph);

#endif
