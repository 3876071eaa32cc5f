/*     y  = max(x, 0)
 *     dx += dy where y > 0
 *
 * Not a number stays not a number, so that a diverged run shows in its loss. */
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
        run->y[i] = run->x[i] < 0.0 ? 0.0 : run->x[i];
}

static void backward_ref(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in);
    for (size_t i = 0; run->dx != NULL && i < n; i++)
        run->dx[i] += run->y[i] > 0.0 ? run->dy[i] : 0.0;
}

const ws_op ws_op_relu = {
    .name = "Relu",
    .infer_shape = infer_shape,
    .forward_ref = forward_ref,
    .backward_ref = backward_ref,
};
