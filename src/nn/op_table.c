#include <assert.h>

#include "nn/op.h"

static const ws_op *const table[WS_N_OP_KINDS] = {
    [WS_OP_INPUT] = &ws_op_input,
    [WS_OP_CONV2D] = &ws_op_conv2d,
    [WS_OP_BIAS_ADD] = &ws_op_bias_add,
    [WS_OP_RELU] = &ws_op_relu,
    [WS_OP_DROPOUT] = &ws_op_dropout,
    [WS_OP_MAX_POOL] = &ws_op_max_pool,
    [WS_OP_DENSE] = &ws_op_dense,
    [WS_OP_SVDF] = &ws_op_svdf,
    [WS_OP_FAKE_QUANT] = &ws_op_fake_quant,
    [WS_OP_DEPTHWISE] = &ws_op_depthwise,
    [WS_OP_BATCH_NORM] = &ws_op_batch_norm,
    [WS_OP_SILU] = &ws_op_silu,
    [WS_OP_SIGMOID] = &ws_op_sigmoid,
    [WS_OP_ADD] = &ws_op_add,
    [WS_OP_MUL] = &ws_op_mul,
    [WS_OP_MEAN] = &ws_op_mean,
    [WS_OP_AVERAGE_POOL] = &ws_op_average_pool,
    [WS_OP_CONCAT] = &ws_op_concat,
    [WS_OP_SLICE] = &ws_op_slice,
    [WS_OP_RESHAPE] = &ws_op_reshape,
    [WS_OP_HISTORY] = &ws_op_history,
};

const ws_op *ws_op_get(ws_op_kind kind)
{
    assert((unsigned)kind < WS_N_OP_KINDS);
    return table[kind];
}
