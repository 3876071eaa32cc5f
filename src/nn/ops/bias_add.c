/* One number for each channel, at every place:
 *
 *     y[i, c]  = x[i, c] + w[c]
 *     dx[i, c] += dy[i, c]        dw[c] += sum over i of dy[i, c] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, ws_shape in, ws_error *err)
{
    (void)err;
    node->shape = in;
    return WS_OK;
}

static void forward_ref(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in);
    for (size_t i = 0; i < n; i++)
        run->y[i] = run->x[i] + run->w[i % run->in.c];
}

static void backward_ref(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in);
    for (size_t i = 0; i < n; i++)
        run->dw[i % run->in.c] += run->dy[i];
    for (size_t i = 0; run->dx != NULL && i < n; i++)
        run->dx[i] += run->dy[i];
}

const ws_op ws_op_bias_add = {
    .name = "BiasAdd",
    .infer_shape = infer_shape,
    .forward_ref = forward_ref,
    .backward_ref = backward_ref,
};
