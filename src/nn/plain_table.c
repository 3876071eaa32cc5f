#include <assert.h>

#include "nn/op.h"

static const ws_op_plain of_input;

static const ws_op_plain *const table[WS_N_OP_KINDS] = {
    [WS_OP_INPUT] = &of_input,
    [WS_OP_CONV2D] = &ws_op_plain_conv2d,
    [WS_OP_BIAS_ADD] = &ws_op_plain_bias_add,
    [WS_OP_RELU] = &ws_op_plain_relu,
    [WS_OP_DROPOUT] = &ws_op_plain_dropout,
    [WS_OP_MAX_POOL] = &ws_op_plain_max_pool,
    [WS_OP_DENSE] = &ws_op_plain_dense,
    [WS_OP_SVDF] = &ws_op_plain_svdf,
    [WS_OP_FAKE_QUANT] = &ws_op_plain_fake_quant,
    [WS_OP_DEPTHWISE] = &ws_op_plain_depthwise,
    [WS_OP_BATCH_NORM] = &ws_op_plain_batch_norm,
    [WS_OP_SILU] = &ws_op_plain_silu,
    [WS_OP_SIGMOID] = &ws_op_plain_sigmoid,
    [WS_OP_ADD] = &ws_op_plain_add,
    [WS_OP_MUL] = &ws_op_plain_mul,
    [WS_OP_MEAN] = &ws_op_plain_mean,
    [WS_OP_AVERAGE_POOL] = &ws_op_plain_average_pool,
    [WS_OP_CONCAT] = &ws_op_plain_concat,
    [WS_OP_SLICE] = &ws_op_plain_slice,
    [WS_OP_RESHAPE] = &ws_op_plain_reshape,
    [WS_OP_HISTORY] = &ws_op_plain_history,
};

const ws_op_plain *ws_op_plain_get(ws_op_kind kind)
{
    assert((unsigned)kind < WS_N_OP_KINDS);
    return table[kind];
}
