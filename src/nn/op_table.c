#include <assert.h>

#include "nn/op.h"

static const ws_op *const table[WS_N_OP_KINDS] = {
    [WS_OP_INPUT] = &ws_op_input,       [WS_OP_CONV2D] = &ws_op_conv2d,
    [WS_OP_BIAS_ADD] = &ws_op_bias_add, [WS_OP_RELU] = &ws_op_relu,
    [WS_OP_DROPOUT] = &ws_op_dropout,   [WS_OP_MAX_POOL] = &ws_op_max_pool,
    [WS_OP_DENSE] = &ws_op_dense,       [WS_OP_SVDF] = &ws_op_svdf,
    [WS_OP_FAKE_QUANT] = &ws_op_fake_quant,
};

const ws_op *ws_op_get(ws_op_kind kind)
{
    assert((unsigned)kind < WS_N_OP_KINDS);
    return table[kind];
}
