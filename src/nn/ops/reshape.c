/* The same numbers in the same order, as another shape: y = x, dx += dy. */
#include "nn/op.h"

#include <string.h>

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    const ws_shape from = in[0], to = node->shape;

    if (ws_shape_size(from) != ws_shape_size(to))
        return ws_fail(err, WS_EINVAL,
                       "reshape: [%zu, %zu, %zu] and [%zu, %zu, %zu] differ in their size", from.h,
                       from.w, from.c, to.h, to.w, to.c);
    return WS_OK;
}

static void forward(const ws_op_run *run)
{
    memcpy(run->y, run->x[0], run->n * ws_shape_size(run->in[0]) * sizeof *run->y);
}

static void backward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; run->dx[0] != NULL && i < n; i++)
        run->dx[0][i] += run->dy[i];
}

const ws_op ws_op_reshape = {
    .name = "Reshape",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_reshape = {forward, backward};
