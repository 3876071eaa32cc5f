/**
 * What an operator is: how it shapes its output, and its plain forward and backward. One file in
 * nn/ops/ for each, one row in op_table.c and in plain_table.c. To add one: a kind in graph.h, a
 * file, both rows, a push function, and a gradient test.
 *
 * The plain versions are the meaning of the operator: loops in double precision, written after
 * the formula in the file's head. The fast engine is held to them.
 */
#ifndef WS_NN_OP_H
#define WS_NN_OP_H

#include "nn/dropout.h"
#include "nn/fake_quant.h"
#include "nn/graph.h"

/** One operator applied to n samples. Backward gets the same as forward did, and more. */
typedef struct ws_op_run {
    const ws_node *node;
    size_t node_index;
    ws_shape in[WS_NODE_MAX_INPUTS]; /* of one sample of each input */
    size_t n;                        /* samples */
    size_t first_row;                /* of the first sample in the batch, for dropout */
    bool is_training;
    const ws_dropout *dropout;
    const double *x[WS_NODE_MAX_INPUTS];     /* [n, in] */
    const double *w[WS_NODE_MAX_PARAMETERS]; /* the node's parameters by slot, or NULL */
    double *states[WS_NODE_MAX_STATES];      /* likewise; forward changes them in training */
    const ws_levels *levels;                 /* of the node's quantizer, or NULL */
    double *y;                               /* [n, node->shape]; forward fills it */

    const double *dy;                   /* [n, node->shape]; gradient of the loss by y */
    double *dx[WS_NODE_MAX_INPUTS];     /* [n, in] or NULL; backward adds to it */
    double *dw[WS_NODE_MAX_PARAMETERS]; /* as w, or NULL; backward adds to it */
} ws_op_run;

typedef struct ws_op {
    const char *name; /* as TensorFlow's, or TFLite's if that has none */

    /** Sets node->shape, and what the window needs, from the shapes of the inputs; refuses
     *  attributes that make no sense. @param in  [node->n_inputs]; of WS_OP_INPUT its own */
    ws_status (*infer_shape)(ws_node *node, const ws_shape in[], ws_error *err);
    /** In training a sample's output depends on the whole batch: forward and backward get all of
     *  it at once. Otherwise they may get any part. */
    bool couples_samples;
    /** What a sample gives depends on the samples before it, and prediction moves the states on:
     *  forward gets all samples at once, in their order. */
    bool has_memory;
    /** Multiplications with weights that forward does for one sample, padding included; NULL for an
     *  operator without. */
    double (*count_products)(const ws_node *node, const ws_shape in[]);
} ws_op;

/** The plain versions of an operator. They stand apart from ws_op, so that a program which only
 *  builds graphs and runs them on another engine need not contain them. */
typedef struct ws_op_plain {
    void (*forward)(const ws_op_run *run);
    void (*backward)(const ws_op_run *run);
} ws_op_plain;

/** Never NULL. */
const ws_op *ws_op_get(ws_op_kind kind);

/** Never NULL; both functions of the input operator are. */
const ws_op_plain *ws_op_plain_get(ws_op_kind kind);

extern const ws_op ws_op_input;
extern const ws_op ws_op_conv2d;
extern const ws_op ws_op_bias_add;
extern const ws_op ws_op_relu;
extern const ws_op ws_op_dropout;
extern const ws_op ws_op_max_pool;
extern const ws_op ws_op_dense;
extern const ws_op ws_op_svdf;
extern const ws_op ws_op_fake_quant;
extern const ws_op ws_op_depthwise;
extern const ws_op ws_op_batch_norm;
extern const ws_op ws_op_silu;
extern const ws_op ws_op_sigmoid;
extern const ws_op ws_op_add;
extern const ws_op ws_op_mul;
extern const ws_op ws_op_mean;
extern const ws_op ws_op_average_pool;
extern const ws_op ws_op_concat;
extern const ws_op ws_op_slice;
extern const ws_op ws_op_reshape;
extern const ws_op ws_op_history;

extern const ws_op_plain ws_op_plain_conv2d;
extern const ws_op_plain ws_op_plain_bias_add;
extern const ws_op_plain ws_op_plain_relu;
extern const ws_op_plain ws_op_plain_dropout;
extern const ws_op_plain ws_op_plain_max_pool;
extern const ws_op_plain ws_op_plain_dense;
extern const ws_op_plain ws_op_plain_svdf;
extern const ws_op_plain ws_op_plain_fake_quant;
extern const ws_op_plain ws_op_plain_depthwise;
extern const ws_op_plain ws_op_plain_batch_norm;
extern const ws_op_plain ws_op_plain_silu;
extern const ws_op_plain ws_op_plain_sigmoid;
extern const ws_op_plain ws_op_plain_add;
extern const ws_op_plain ws_op_plain_mul;
extern const ws_op_plain ws_op_plain_mean;
extern const ws_op_plain ws_op_plain_average_pool;
extern const ws_op_plain ws_op_plain_concat;
extern const ws_op_plain ws_op_plain_slice;
extern const ws_op_plain ws_op_plain_reshape;
extern const ws_op_plain ws_op_plain_history;

/** Shared by operators whose output looks like their one input. */
WS_MUST_CHECK ws_status ws_infer_same_shape(ws_node *node, const ws_shape in[], ws_error *err);

/** Shared by convolutions and poolings: the size that comes out of a window, and the zeros around
 *  the image. @return WS_EINVAL if the window does not fit into the input, or a size is 0 */
WS_MUST_CHECK ws_status ws_window_fit(ws_window *window, ws_shape in, ws_shape *out,
                                      const char *what, ws_error *err);

/** An element of a window at a place of its output. */
typedef struct ws_window_place {
    size_t i, j; /* of the output */
    size_t u, v; /* of the window */
} ws_window_place;

/** Where in a sample of shape `in` that element lies: the offset of its first channel.
 *  @return false if it lies in the padding */
bool ws_window_find(const ws_window *window, ws_shape in, ws_window_place at, size_t *offset);

/** Shared by sum and product: the shape that two inputs give. @return WS_EINVAL if they differ
 * along an axis where neither is 1 */
WS_MUST_CHECK ws_status ws_broadcast_fit(const ws_shape in[2], ws_shape *out, const char *what,
                                         ws_error *err);

/** Where in a sample of shape `in` number i of a sample of shape `out` comes from. */
size_t ws_broadcast_find(ws_shape in, ws_shape out, size_t i);

/** Forward of both: each number of y is join of its two inputs. */
void ws_broadcast_forward(const ws_op_run *run, double (*join)(double a, double b));

/** Forward of an operator with one input, place by place of the output.
 *  @param place  fills y [c] of output (i, j) from the sample x */
void ws_places_forward(const ws_op_run *run, void (*place)(const ws_op_run *run, size_t i, size_t j,
                                                           const double *x, double *y));

/** And back, if dx is wanted. @param place  adds to dx of the sample what dy [c] gives */
void ws_places_backward(const ws_op_run *run,
                        void (*place)(const ws_op_run *run, size_t i, size_t j, const double *dy,
                                      double *dx));

#endif
