/**
 * Lowering: from the graph's many small operators to a few **stages**, each of which keeps its
 * tile in cache through all of them:
 *
 *     conv2d | dense | svdf   [bias_add]   [relu]   [dropout]   [max_pool after conv2d]
 *     fake_quant                                    [dropout]   [max_pool]
 *
 * What stands in brackets may be missing. A fake quantisation needs the whole batch before it can
 * begin, so it does not fit into the stage of its layer. The fast engine makes phases of the
 * stages; which algorithm a convolution takes is decided there.
 */
#ifndef WS_NN_PLAN_H
#define WS_NN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/graph.h"

enum {
    WS_PLAN_MAX_STAGES = 128,
    WS_PLAN_MAX_POOL = 255, /* elements of a pooling window: winners are kept in a byte */
};

typedef struct ws_stage {
    ws_op_kind kind; /* WS_OP_CONV2D, WS_OP_DENSE, WS_OP_SVDF or WS_OP_FAKE_QUANT */
    size_t node;     /* of that kind, its index in the graph; the others follow it */
    ws_shape in;     /* of one sample that it reads */
    ws_shape middle; /* what the convolution or product gives, and the element-wise ones keep */
    ws_shape out;    /* after the pooling */
    ws_window window;
    size_t rank; /* of SVDF */

    const ws_variable *weights;    /* borrowed from the graph, as all below; SVDF has two;
                                       NULL: fake_quant */
    const ws_variable *bias;       /* or NULL */
    const ws_quantizer *quantizer; /* of fake_quant */
    size_t range;                  /* its index in the graph */
    bool has_relu;
    size_t dropout_node; /* its index in the graph, or 0: no dropout */
    bool has_pool;
    ws_window pool;
} ws_stage;

typedef struct ws_plan {
    ws_stage stages[WS_PLAN_MAX_STAGES];
    size_t n_stages;
} ws_plan;

/** @return WS_OK, or WS_EINVAL naming the operator that fits into no stage */
WS_MUST_CHECK ws_status ws_plan_init(ws_plan *plan, const ws_graph *graph, ws_error *err);

#endif
