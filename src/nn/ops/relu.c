/*     y  = max(x, 0)
 *     dx += dy where y > 0
 *
 * Not a number stays not a number, so that a diverged run shows in its loss. */
#include "nn/op.h"

static void forward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; i < n; i++)
        run->y[i] = run->x[0][i] < 0.0 ? 0.0 : run->x[0][i];
}

static void backward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; run->dx[0] != NULL && i < n; i++)
        run->dx[0][i] += run->y[i] > 0.0 ? run->dy[i] : 0.0;
}

const ws_op ws_op_relu = {
    .name = "Relu",
    .infer_shape = ws_infer_same_shape,
};

const ws_op_plain ws_op_plain_relu = {forward, backward};
