/**
 * A model as an array of plain operators in topological order. A node names its operator, its
 * attributes, its variables and the values that it reads; it gives one value, which has the number
 * of its node. Training, checkpoints, file formats and TensorBoard's graph all read this one
 * description; nothing here computes.
 *
 *     ws_graph_init(&graph);
 *     size_t x = ws_graph_push_input(&graph, (ws_shape){98, 40, 1});
 *     x = ws_graph_push_conv2d(&graph, x, &(ws_conv2d_args){.name = "first_weights", ...});
 *     size_t y = ws_graph_push_relu(&graph, x);
 *     (void)ws_graph_push_add(&graph, x, y);
 *     status = ws_graph_status(&graph, err);
 *     ...
 *     ws_graph_deinit(&graph);
 *
 * After an error, further pushes have no effect, so a model is written down without a check after
 * each line; ws_graph_status gives the first error at the end. The last node pushed is the model's
 * output, its logits.
 */
#ifndef WS_NN_GRAPH_H
#define WS_NN_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    WS_VARIABLE_MAX_NAME = 95, /* characters; scopes, too */
    WS_VARIABLE_MAX_DIMS = 4,
    WS_NODE_MAX_INPUTS = 8,
    WS_NODE_MAX_PARAMETERS = 2,
    WS_NODE_MAX_STATES = 2,
};

/** One sample of a value: [h, w, c], h time, w frequency. A vector is [1, 1, c]. Stored in this
 *  order, c fastest. */
typedef struct ws_shape {
    size_t h, w, c;
} ws_shape;

/** Numbers in one sample. */
size_t ws_shape_size(ws_shape shape);

/** How many zeros are around the input of a window. With e the extent of the window, which is
 *  (size - 1) dilation + 1: */
typedef enum ws_padding {
    WS_PADDING_SAME,     /* TensorFlow's: out = ceil(in / stride), the odd zero at the end */
    WS_PADDING_VALID,    /* none: out = floor((in - e) / stride) + 1 */
    WS_PADDING_EXPLICIT, /* those given: out = floor((before + in + after - e) / stride) + 1 */
} ws_padding;

/** Zeros around an image, in rows and columns. */
typedef struct ws_margins {
    size_t before_h, after_h, before_w, after_w;
} ws_margins;

/** A window that slides over h and w: of a convolution or a pooling. */
typedef struct ws_window {
    size_t h, w; /* its size: elements that it has */
    size_t stride_h, stride_w;
    size_t dilation_h, dilation_w; /* from one of its elements to the next */
    ws_padding padding;
    ws_margins zeros; /* with every padding; those after the image may be more than are read */
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
    WS_OP_FAKE_QUANT, /* put in by ws_graph_quantize (passes/quantize.h) */
    WS_OP_DEPTHWISE,
    WS_OP_BATCH_NORM, /* sub-spectral, too */
    WS_OP_SILU,
    WS_OP_SIGMOID,
    WS_OP_ADD,
    WS_OP_MUL,
    WS_OP_MEAN,
    WS_OP_AVERAGE_POOL,
    WS_OP_CONCAT,
    WS_OP_SLICE,
    WS_OP_RESHAPE,
    WS_OP_HISTORY, /* put in by ws_stream_form (passes/stream.h) */
    WS_N_OP_KINDS
} ws_op_kind;

/** Where the range of a fake quantisation comes from. */
typedef enum ws_range_kind {
    WS_RANGE_FIXED,   /* it is given */
    WS_RANGE_LAST,    /* each training step takes that of the numbers as they are */
    WS_RANGE_AVERAGE, /* each training step moves an average towards that of its batch */
    /* Of weights: each output channel, which is the last axis, has its own range, as far below zero
       as above, and always that of its weights as they are. Scaling a channel scales its levels, so
       a normalisation can still be folded into weights that are at their levels. */
    WS_RANGE_CHANNELS,
} ws_range_kind;

/**
 * A fake quantisation: numbers go to the nearest of 255 or 256 levels (fake_quant.h). An operator
 * WS_OP_FAKE_QUANT applies it to what it reads; a parameter that names one is read through it by
 * its operator. In TensorFlow either is a FakeQuantWithMinMaxVars of 8 bits (or, with a fixed
 * range, a FakeQuantWithMinMaxArgs) that reads the variables `<name>/min` and `<name>/max`. Ranges
 * of channels have no variables.
 */
typedef struct ws_quantizer {
    char name[WS_VARIABLE_MAX_NAME + 1]; /* "act_quant_1"; "" with a fixed range */
    ws_range_kind kind;
    bool is_narrow;    /* TensorFlow's narrow_range: levels 1 to 255, not 0 to 255 */
    float min, max;    /* the fixed range, or the one before the first training step */
    size_t n_channels; /* of WS_RANGE_CHANNELS */
} ws_quantizer;

typedef enum ws_init_kind {
    WS_INIT_ZEROS,
    WS_INIT_VALUE,            /* all are `value` */
    WS_INIT_TRUNCATED_NORMAL, /* deviation `value`, nothing beyond two of them */
    WS_INIT_UNIFORM,          /* -value to value */
    WS_INIT_UNIFORM_FAN_IN,   /* uniform within 1 / sqrt(numbers that an output sums): PyTorch's */
    WS_INIT_UNIFORM_GLOROT,   /* uniform within sqrt(6 / (fan in + fan out)): Keras's */
} ws_init_kind;

/** What a variable starts from. All zero: zeros. */
typedef struct ws_init {
    ws_init_kind kind;
    double value; /* of the kinds that name it; the bound of each uniform one in a graph */
} ws_init;

/**
 * An array of numbers with a name. Where it stands in the graph says what it is for:
 *
 *  - `parameters` are trained: parameters[offset .. offset + size) of a network;
 *  - `states` change with each training step, but not by gradients (a running mean), or with each
 *    prediction (the rows that a history keeps): states[offset .. offset + size) of a network;
 *  - `constants` are variables of the original's that nobody trains or reads: they stand in its
 *    checkpoints, and so they must in ours.
 */
typedef struct ws_variable {
    char name[WS_VARIABLE_MAX_NAME + 1]; /* of the variable in TensorFlow's checkpoint */
    size_t dims[WS_VARIABLE_MAX_DIMS];   /* convolution [h, w, in, out], depthwise [h, w, in, 1],
                                            dense [in, out], bias [c], SVDF [frequencies, filters]
                                            and [filters, times], normalisation [c] or [bands, c] */
    size_t n_dims;                       /* 0: a scalar */
    size_t size;                         /* product of dims; set by the graph */
    size_t offset;                       /* numbers, not bytes; set by the graph */
    ws_init init;
    size_t quantizer; /* of a parameter: it is read through this one, counted from 1; 0: as it is */
    bool is_integer;  /* of a constant: int32, else float32 */
} ws_variable;

enum { WS_NO_VARIABLE = -1 };

/* Slots of variables; operators not named here have their one parameter in slot 0. */
enum {
    WS_SVDF_FREQUENCY = 0, /* parameters */
    WS_SVDF_TIME = 1,
    WS_NORM_SCALE = 0, /* parameters, each of which may be missing */
    WS_NORM_OFFSET = 1,
    WS_NORM_MEAN = 0, /* states */
    WS_NORM_VARIANCE = 1,
};

/** Attributes of a batch normalisation. */
typedef struct ws_norm {
    size_t n_bands;  /* equal, contiguous parts of w that are normalised apart; 1: none */
    double epsilon;  /* added to the variance */
    double momentum; /* of the running ones: share of the new batch */
} ws_norm;

/** Attributes of a dropout. */
typedef struct ws_dropout_args {
    double rate;     /* share that is dropped, 0 <= rate < 1; 0: the rate of the step (network.h) */
    bool is_spatial; /* whole channels of a sample are dropped, not single numbers */
} ws_dropout_args;

/** Axes of a sample, to be joined by |. */
enum { WS_AXIS_H = 1, WS_AXIS_W = 2, WS_AXIS_C = 4 };

typedef struct ws_node {
    ws_op_kind kind;
    size_t inputs[WS_NODE_MAX_INPUTS];      /* the values that it reads, by their nodes */
    size_t n_inputs;                        /* 0 for WS_OP_INPUT only */
    ws_shape shape;                         /* of one sample of the value that it gives */
    int parameters[WS_NODE_MAX_PARAMETERS]; /* by slot: index, or WS_NO_VARIABLE */
    int states[WS_NODE_MAX_STATES];         /* likewise */
    size_t quantizer;                       /* of WS_OP_FAKE_QUANT, counted from 1; else 0 */
    size_t scope;                           /* index of the graph's scopes */
    union {                                 /* attributes */
        ws_window window;                   /* of convolutions and poolings */
        size_t rank;                        /* of SVDF: filters that a unit sums */
        ws_norm norm;                       /* of WS_OP_BATCH_NORM */
        ws_dropout_args dropout;            /* of WS_OP_DROPOUT */
        unsigned axes;                      /* of WS_OP_MEAN: those that become 1 */
        ws_shape first;                     /* of WS_OP_SLICE: where it begins in what it reads */
        size_t n_kept;                      /* of WS_OP_HISTORY: rows of earlier samples */
    };
} ws_node;

/** A name of a part of the model, such as "stage1/block2"; scopes[0] is "". */
typedef struct ws_scope {
    char name[WS_VARIABLE_MAX_NAME + 1];
} ws_scope;

/** Its arrays grow; read them, and change them by the functions below only. */
typedef struct ws_graph {
    ws_node *nodes;
    size_t n_nodes;
    ws_variable *parameters; /* in the order of their nodes */
    size_t n_parameters;
    size_t n_weights; /* numbers in all parameters together */
    ws_variable *states;
    size_t n_states;
    size_t n_state_numbers; /* numbers in all states together */
    ws_variable *constants;
    size_t n_constants;
    ws_quantizer *quantizers; /* number i stands at i - 1 */
    size_t n_quantizers;
    ws_scope *scopes;
    size_t n_scopes;
    size_t scope;   /* of what is pushed next */
    ws_error error; /* the first */
} ws_graph;

/** An empty graph. */
void ws_graph_init(ws_graph *graph);

/** Frees its arrays and leaves an empty graph; fine for one that is empty. */
void ws_graph_deinit(ws_graph *graph);

/** Makes `to` (uninitialised before) a copy. @return WS_OK; WS_ENOMEM, `to` is empty */
WS_MUST_CHECK ws_status ws_graph_init_copy(ws_graph *to, const ws_graph *from, ws_error *err);

/** WS_OK, or the first error of all pushes since ws_graph_init. */
WS_MUST_CHECK ws_status ws_graph_status(const ws_graph *graph, ws_error *err);

/**
 * What is pushed from here on stands in this part of the model, within the one that is open: names
 * of variables get its name and a slash in front, and pictures of the graph draw it as one box.
 */
void ws_graph_open_scope(ws_graph *graph, const char *name);

/** Back to the scope around the one that is open. */
void ws_graph_close_scope(ws_graph *graph);

/* Each push appends one node and returns its index, for later pushes to read; 0 after an error. */

/** The features of a sample; every graph starts with it and has one. */
size_t ws_graph_push_input(ws_graph *graph, ws_shape shape);

typedef struct ws_conv2d_args {
    const char *name; /* of the weights; borrowed for the call, as in all args */
    size_t kernel_h, kernel_w;
    size_t n_channels;             /* that come out; depthwise: 0, as many as come in */
    size_t stride_h, stride_w;     /* 0 stands for 1 */
    size_t dilation_h, dilation_w; /* 0 stands for 1 */
    ws_padding padding;
    ws_margins zeros; /* with WS_PADDING_EXPLICIT */
    ws_init init;     /* of the weights */
} ws_conv2d_args;

/** Convolution without bias, weights [kernel_h, kernel_w, in, n_channels]. */
size_t ws_graph_push_conv2d(ws_graph *graph, size_t input, const ws_conv2d_args *args);

/** Convolution of each channel by itself, without bias, weights [kernel_h, kernel_w, in, 1]. */
size_t ws_graph_push_depthwise(ws_graph *graph, size_t input, const ws_conv2d_args *args);

/** One number for each channel, added; starts as zeros. */
size_t ws_graph_push_bias_add(ws_graph *graph, size_t input, const char *name);

/** The same with another start. */
size_t ws_graph_push_bias_add_init(ws_graph *graph, size_t input, const char *name, ws_init init);

typedef struct ws_norm_args {
    const char *name; /* of the variables: `<name>/gamma`, `/beta`, `/moving_mean` and
                         `/moving_variance` */
    size_t n_bands;   /* 0 stands for 1; must divide w */
    double epsilon;   /* 0 stands for 1e-5 */
    double momentum;  /* 0 stands for 0.1 */
    bool has_no_scale;
} ws_norm_args;

/** Batch normalisation of each channel; of each channel in each band of frequencies with n_bands,
 *  which is sub-spectral normalisation. Training uses the batch's mean and variance, and moves the
 *  running ones towards them (the variance with n - 1 as divisor); prediction uses those. */
size_t ws_graph_push_batch_norm(ws_graph *graph, size_t input, const ws_norm_args *args);

/* max(x, 0), x sigmoid(x), and 1 / (1 + exp(-x)). */
size_t ws_graph_push_relu(ws_graph *graph, size_t input);
size_t ws_graph_push_silu(ws_graph *graph, size_t input);
size_t ws_graph_push_sigmoid(ws_graph *graph, size_t input);

/** Drops single numbers in training only, at the rate of the step (network.h). */
size_t ws_graph_push_dropout(ws_graph *graph, size_t input);

/** The same at a rate of its own, of single numbers or whole channels. A step at a rate of 0 does
 *  not drop here either. */
size_t ws_graph_push_dropout_of(ws_graph *graph, size_t input, const ws_dropout_args *args);

/** Sum and product; along each axis the two have the same size, or one of them has size 1 and is
 *  used again for each index. */
size_t ws_graph_push_add(ws_graph *graph, size_t left, size_t right);
size_t ws_graph_push_mul(ws_graph *graph, size_t left, size_t right);

/** Mean over axes (WS_AXIS_H | WS_AXIS_W, for example), which become 1. */
size_t ws_graph_push_mean(ws_graph *graph, size_t input, unsigned axes);

typedef struct ws_pool_args {
    size_t window_h, window_w;
    size_t stride_h, stride_w; /* 0 stands for 1 */
    ws_padding padding;
    ws_margins zeros; /* with WS_PADDING_EXPLICIT */
} ws_pool_args;

/** Padding never wins the maximum, and never counts in the average. */
size_t ws_graph_push_max_pool(ws_graph *graph, size_t input, const ws_pool_args *args);
size_t ws_graph_push_average_pool(ws_graph *graph, size_t input, const ws_pool_args *args);

/** Channels of all inputs one after the other; they agree in h and w.
 *  @param n  1 .. WS_NODE_MAX_INPUTS */
size_t ws_graph_push_concat(ws_graph *graph, const size_t *inputs, size_t n);

/** A part of a value: the given size from `first` on. A size of 0 along an axis stands for all that
 *  is left from there. */
size_t ws_graph_push_slice(ws_graph *graph, size_t input, ws_shape first, ws_shape size);

/** The same numbers in the same order, as another shape. */
size_t ws_graph_push_reshape(ws_graph *graph, size_t input, ws_shape shape);

/**
 * For streams, whose samples follow each other in time: the last n_kept rows of the samples before
 * this one, then its own rows. What is kept is a state, [n_kept, w, c] with that name, zeros before
 * the first sample; predictions move it on, training reads it and leaves it as it is.
 */
size_t ws_graph_push_history(ws_graph *graph, size_t input, const char *name, size_t n_kept);

typedef struct ws_dense_args {
    const char *name;
    size_t n_units;
    ws_init init;
} ws_dense_args;

/** Matrix product without bias, weights [h * w * c, n_units]: reads its input as one flat vector
 *  in the order (h, w, c), which is the original's reshape. Gives [1, 1, n_units]. */
size_t ws_graph_push_dense(ws_graph *graph, size_t input, const ws_dense_args *args);

typedef struct ws_svdf_args {
    const char *frequency_name; /* of the weights [w * c, rank * n_units] */
    const char *time_name;      /* of the weights [rank * n_units, h] */
    size_t n_units;
    size_t rank; /* filters of a unit: those numbered unit * rank + 0, 1, .. */
    ws_init init;
} ws_svdf_args;

/** Singular value decomposition filters: every filter weighs the frequencies of each time step,
 *  then the times, and a unit sums its filters. Gives [1, 1, n_units]. */
size_t ws_graph_push_svdf(ws_graph *graph, size_t input, const ws_svdf_args *args);

/** Appends no node: notes a variable for checkpoints, whose numbers are what its init gives. Its
 *  size and offset need not be set. */
void ws_graph_push_constant(ws_graph *graph, const ws_variable *constant);

/** Fake quantisation of what input gives. */
size_t ws_graph_push_fake_quant(ws_graph *graph, size_t input, const ws_quantizer *quantizer);

/** The same by a quantizer that the graph has. @param number  from 1 */
size_t ws_graph_push_fake_quant_by(ws_graph *graph, size_t input, size_t number);

/** Adds a quantizer that no operator applies yet. @return its number, from 1; 0 after an error */
size_t ws_graph_push_quantizer(ws_graph *graph, const ws_quantizer *quantizer);

/* For passes (passes/rewrite.h): parts of another graph. */

/** Appends a node as it is, but for its inputs. Variables, quantizer and scope are numbers of this
 *  graph. @param inputs  [node->n_inputs] */
size_t ws_graph_push_node(ws_graph *graph, const ws_node *node, const size_t *inputs);

/** Appends a variable that no node has yet; its name is the full one. @return its number, or
 *  WS_NO_VARIABLE after an error */
int ws_graph_push_parameter(ws_graph *graph, const ws_variable *parameter);
int ws_graph_push_state(ws_graph *graph, const ws_variable *state);

/** The input node's shape and the output node's channels. */
ws_shape ws_graph_input_shape(const ws_graph *graph);
size_t ws_graph_n_labels(const ws_graph *graph);

/** Shape of input i of a node. */
ws_shape ws_graph_shape_in(const ws_graph *graph, const ws_node *node, size_t i);

/** The parameter in a slot of the node; NULL if it has none. */
const ws_variable *ws_graph_parameter(const ws_graph *graph, const ws_node *node, size_t slot);

#endif
