/* The features of a sample, as they come: y = x. */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    (void)node;
    if (ws_shape_size(in[0]) == 0)
        return ws_fail(err, WS_EINVAL, "the input of a model is [%zu, %zu, %zu]: it has no numbers",
                       in[0].h, in[0].w, in[0].c);
    return WS_OK;
}

const ws_op ws_op_input = {.name = "Placeholder", .infer_shape = infer_shape};
