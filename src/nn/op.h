/**
 * What an operator is: how it shapes its output, and its plain forward and backward. One file in
 * nn/ops/ for each, one row in op_table.c. To add one: a kind in graph.h, a file, a row, a push
 * function, and a gradient test.
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
    ws_shape in;      /* of one input sample */
    size_t n;         /* samples */
    size_t first_row; /* of the first sample in the batch, for dropout */
    const ws_dropout *dropout;
    const double *x;         /* [n, in] */
    const double *w;         /* the node's parameter, or NULL; of two the second lies behind */
    const ws_levels *levels; /* of the node's quantizer, or NULL */
    double *y;               /* [n, node->shape]; written by forward, read by backward */

    const double *dy; /* [n, node->shape]; gradient of the loss by y */
    double *dx;       /* [n, in] or NULL; backward adds to it */
    double *dw;       /* as w, or NULL; backward adds to it */
} ws_op_run;

typedef struct ws_op {
    const char *name; /* as TensorFlow's, or TFLite's if that has none */

    /** Sets node->shape, and what the window needs, from the shape of the input; refuses
     *  attributes that make no sense. */
    ws_status (*infer_shape)(ws_node *node, ws_shape in, ws_error *err);
    void (*forward_ref)(const ws_op_run *run);
    void (*backward_ref)(const ws_op_run *run);
    /** Multiplications with weights that forward does for one sample, padding included; NULL for an
     *  operator without. */
    double (*count_products)(const ws_node *node, ws_shape in);
} ws_op;

/** Never NULL; all functions of the input operator but infer_shape are. */
const ws_op *ws_op_get(ws_op_kind kind);

extern const ws_op ws_op_input;
extern const ws_op ws_op_conv2d;
extern const ws_op ws_op_bias_add;
extern const ws_op ws_op_relu;
extern const ws_op ws_op_dropout;
extern const ws_op ws_op_max_pool;
extern const ws_op ws_op_dense;
extern const ws_op ws_op_svdf;
extern const ws_op ws_op_fake_quant;

/** Shared by convolution and pooling: the size that comes out of a window, and the zeros in
 *  front. @return WS_EINVAL if a VALID window is larger than the input, or a size is 0 */
WS_MUST_CHECK ws_status ws_window_fit(ws_window *window, ws_shape in, ws_shape *out,
                                      const char *what, ws_error *err);

#endif
