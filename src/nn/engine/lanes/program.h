/**
 * A network as the lanes engine computes it: a list of **nodes**, forward and back, each of which
 * gives one array [h, w, c] a sample or collects sums over the batch. A program is written once
 * with the functions below, gets its way back by ws_lanes_program_differentiate, and is planned
 * (plan.h) and run (run.h).
 *
 * Three kinds of nodes:
 *
 * - **computed once**: convolutions, sums over w or h, and their gradients. What others need later
 *   is kept in memory.
 * - **element by element**: activations, normalisation, sums, copies. They are made again wherever
 *   they are needed, row by row in the nearest cache, unless that would read more arrays than one.
 * - **sums over the batch**: statistics of a normalisation, gradients of weights. Every item of
 *   work leaves its part, and the parts are added in a fixed order.
 *
 * Pushes continue after an error without effect; ws_lanes_program_status gives the first one.
 */
#ifndef WS_NN_ENGINE_LANES_PROGRAM_H
#define WS_NN_ENGINE_LANES_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    WS_LANES_MAX_INPUTS = 3,
    WS_LANES_MAX_POOLED = 1024 /* numbers under the window of a max pooling */
};
#define WS_LANES_NONE SIZE_MAX

typedef enum ws_lanes_op {
    WS_LANES_INPUT, /* filled from outside */
    /* computed once */
    WS_LANES_CONV,
    WS_LANES_CONV_BACK,
    WS_LANES_DEPTHWISE,
    WS_LANES_DEPTHWISE_BACK,
    WS_LANES_MAX_POOL,
    WS_LANES_MAX_POOL_BACK, /* of dy and x */
    WS_LANES_SUM_W,         /* over a row */
    WS_LANES_SUM_ROWS,      /* over the rows of each band: [n_bands, 1, c] */
    WS_LANES_ADD_PARTS /* over these: [1, 1, c] */,
    /* element by element */
    WS_LANES_PAD,     /* zeros around the rows, for a window that leaves them */
    WS_LANES_SLICE,   /* some channels */
    WS_LANES_PLACE,   /* channels among zeros, or those of a second input */
    WS_LANES_SHIFT,   /* row r is row r + shift of the input, or zeros */
    WS_LANES_RESHAPE, /* the same numbers of a row as other pixels and channels */
    WS_LANES_EXPAND,
    WS_LANES_AFFINE,    /* normalisation: in[1] is its WS_LANES_MOMENTS */
    WS_LANES_NORM_BACK, /* of dy and x; in[2] is its WS_LANES_NORM_SUMS */
    WS_LANES_BIAS,
    WS_LANES_ADD,
    WS_LANES_MULTIPLY,
    WS_LANES_RELU,
    WS_LANES_RELU_BACK, /* of dy and y */
    WS_LANES_SIGMOID,
    WS_LANES_SIGMOID_BACK, /* of dy and y */
    WS_LANES_SILU,
    WS_LANES_SILU_BACK,     /* of dy and x */
    WS_LANES_QUANTIZE,      /* fake quantisation: in[1], if there, is its WS_LANES_EXTREMES */
    WS_LANES_QUANTIZE_BACK, /* of dy and x */
    /* sums over the batch */
    WS_LANES_MOMENTS,
    WS_LANES_EXTREMES, /* the least and the largest number, zero included */
    WS_LANES_NORM_SUMS,
    WS_LANES_CONV_WEIGHTS,      /* of x and dz */
    WS_LANES_DEPTHWISE_WEIGHTS, /* of x and dz */
    WS_LANES_BIAS_SUMS,         /* of dz */
} ws_lanes_op;

/** A window that slides over h and w. Zeros lie where it leaves the input. */
typedef struct ws_lanes_window {
    size_t h, w;
    size_t stride_h, stride_w;
    size_t dilation_h, dilation_w;
    size_t before_h, before_w; /* zeros in front of the first row and column */
    size_t out_h, out_w;
} ws_lanes_window;

/** A normalisation over the batch, by channel and band of contiguous columns. */
typedef struct ws_lanes_norm {
    size_t n_bands, c;
    size_t gamma, beta;    /* offsets of [n_bands, c] in the parameters, or WS_LANES_NONE: 1, 0 */
    size_t mean, variance; /* offsets of the running statistics in the state */
    double momentum;       /* share of the batch in them */
    double epsilon;
} ws_lanes_norm;

/** Channels of a depthwise convolution that see only the last rows of its window (MixConv). */
typedef struct ws_lanes_group {
    size_t channel, n; /* the first one, and how many */
    size_t tap;        /* the first row of the window that they see */
    size_t weights;    /* offset of [window h - tap, window w, n] in the parameters */
} ws_lanes_group;

typedef struct ws_lanes_node {
    ws_lanes_op op;
    size_t n_in, in[WS_LANES_MAX_INPUTS];
    size_t h, w, c; /* of one sample; sums over the batch: of what they sum */
    ws_lanes_window window;
    size_t weights;         /* offset in the parameters; WS_LANES_NONE: each is `factor` */
    size_t bias;            /* likewise; WS_LANES_NONE: 0 */
    size_t group, n_groups; /* depthwise: the first of the program's groups; 0: all channels see
                               the whole window */
    size_t norm;            /* index */
    size_t quantizer;       /* index: QUANTIZE, QUANTIZE_BACK, EXTREMES */
    size_t channel;         /* SLICE: first one in the input; PLACE: where in[0] goes */
    ptrdiff_t shift;
    size_t left, right; /* PAD: pixels of zeros around a row */
    float factor;
    bool has_relu;       /* AFFINE, ADD */
    bool needs_gradient; /* it depends on a parameter */
} ws_lanes_node;

typedef struct ws_lanes_program {
    ws_lanes_node *nodes;
    size_t n_nodes, room_nodes;
    ws_lanes_norm *norms;
    size_t n_norms, room_norms;
    ws_lanes_group *groups;
    size_t n_groups, room_groups;
    size_t n_quantizers;    /* the largest index of one, and 1 */
    size_t n_forward;       /* nodes in front of the way back */
    size_t n_bands;         /* parts of the rows of a sample that are items of their own */
    size_t features;        /* node: the first input */
    size_t output;          /* node [1, 1, labels]: the logits */
    size_t output_gradient; /* node: an input */
    ws_status status;
    ws_error error;
} ws_lanes_program;

/** @param n_bands  at least 1; see plan.h */
void ws_lanes_program_init(ws_lanes_program *program, size_t n_bands);
void ws_lanes_program_deinit(ws_lanes_program *program);

/** WS_OK, or the first error of all pushes. */
WS_MUST_CHECK ws_status ws_lanes_program_status(const ws_lanes_program *program, ws_error *err);

/* Each returns the new node, for the next push to read. Offsets are those of trained parameters. */

/** The first is that of the features. */
size_t ws_lanes_push_input(ws_lanes_program *program, size_t h, size_t w, size_t c);
/** Weights [window h, window w, c, n_out]; bias [n_out]. */
size_t ws_lanes_push_conv(ws_lanes_program *program, size_t x, const ws_lanes_window *window,
                          size_t n_out, size_t weights, size_t bias);
/** Weights [window h, window w, c]. */
size_t ws_lanes_push_depthwise(ws_lanes_program *program, size_t x, const ws_lanes_window *window,
                               size_t weights, size_t bias);
/** One whose groups of channels see the last rows of the window, in order and all of them.
 *  @param window  of stride 1, inside of the input
 *  @param groups  [n_groups] of all channels of x */
size_t ws_lanes_push_mixed_depthwise(ws_lanes_program *program, size_t x,
                                     const ws_lanes_window *window, const ws_lanes_group *groups,
                                     size_t n_groups);
/** The mean under each window, zeros around the input included. */
size_t ws_lanes_push_average_pool(ws_lanes_program *program, size_t x,
                                  const ws_lanes_window *window);
/** The largest number under each window, of at most WS_LANES_MAX_POOLED; what lies outside of the
 *  input is left out. */
size_t ws_lanes_push_max_pool(ws_lanes_program *program, size_t x, const ws_lanes_window *window);
/** The mean over channels: one channel. */
size_t ws_lanes_push_mean_c(ws_lanes_program *program, size_t x);
size_t ws_lanes_push_norm(ws_lanes_program *program, size_t x, const ws_lanes_norm *norm);
size_t ws_lanes_push_bias(ws_lanes_program *program, size_t x, size_t bias);
/** WS_LANES_RELU, WS_LANES_SIGMOID or WS_LANES_SILU. */
size_t ws_lanes_push_activation(ws_lanes_program *program, ws_lanes_op op, size_t x);
/** WS_LANES_ADD or WS_LANES_MULTIPLY; an h, w of 1 of either is repeated (w; or h and w). */
size_t ws_lanes_push_pair(ws_lanes_program *program, ws_lanes_op op, size_t x, size_t z);
/** Fake quantisation. @param learns  its range follows that of the batch, in training */
size_t ws_lanes_push_quantize(ws_lanes_program *program, size_t x, size_t quantizer, bool learns);
size_t ws_lanes_push_mean_w(ws_lanes_program *program, size_t x);
size_t ws_lanes_push_mean_h(ws_lanes_program *program, size_t x);
/** Rows of w pixels of c channels, as many numbers as before. */
size_t ws_lanes_push_reshape(ws_lanes_program *program, size_t x, size_t w, size_t c);
/** Channels first .. first + n. */
size_t ws_lanes_push_slice(ws_lanes_program *program, size_t x, size_t first, size_t n);
/** Rows first .. first + n. */
size_t ws_lanes_push_rows(ws_lanes_program *program, size_t x, size_t first, size_t n);
/** The channels of x, then those of z. */
size_t ws_lanes_push_concat(ws_lanes_program *program, size_t x, size_t z);

/** Appends the way back from the output. */
void ws_lanes_program_differentiate(ws_lanes_program *program, size_t output);

/** Low-level: for the files of this folder. */
size_t ws_lanes_push_node(ws_lanes_program *program, ws_lanes_node node);
size_t ws_lanes_push_pad(ws_lanes_program *program, size_t x, size_t left, size_t right);

/** How an input of a node is needed. */
typedef enum ws_lanes_link {
    WS_LANES_SAME_ROW, /* row by row */
    WS_LANES_OTHER_ROWS,
    WS_LANES_WHOLE_BAND, /* the same rows, but all of a band at a time */
    WS_LANES_BATCH,      /* sums over the batch */
} ws_lanes_link;

typedef struct ws_lanes_span {
    ptrdiff_t begin, end;
} ws_lanes_span;

bool ws_lanes_op_is_elementwise(ws_lanes_op op);
bool ws_lanes_op_is_sum(ws_lanes_op op); /* over the batch */
/** Whether a node takes a band of rows as a whole: gradients of weights whose window reaches over
 *  rows, or whose sums over lanes would cost more than the products of a few rows. */
bool ws_lanes_takes_band(const ws_lanes_node *node);
ws_lanes_link ws_lanes_link_of(const ws_lanes_program *program, size_t node, size_t input);
/** The rows of an input that some rows of a node need. Rows outside of the input are zeros (PAD).
 */
ws_lanes_span ws_lanes_rows_needed(const ws_lanes_program *program, size_t node, size_t input,
                                   ws_lanes_span rows);

/** The rows of outputs of a window that meet some rows of its input. */
ws_lanes_span ws_lanes_outputs_of(const ws_lanes_window *window, ws_lanes_span rows);

/** Weights of a node whose gradient this one is; 0 if of none. */
size_t ws_lanes_count_weights(const ws_lanes_program *program, const ws_lanes_node *node);

/** Parts of a node with weights that differ in the rows of the window that they see: its groups,
 *  or all channels. */
static inline size_t ws_lanes_count_groups(const ws_lanes_node *node)
{
    return node->n_groups > 0 ? node->n_groups : 1;
}
ws_lanes_group ws_lanes_get_group(const ws_lanes_program *program, const ws_lanes_node *node,
                                  size_t group);
/** Weights of a group of a depthwise convolution. */
size_t ws_lanes_count_group(const ws_lanes_node *node, const ws_lanes_group *group);

#endif
