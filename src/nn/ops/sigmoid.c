/*     y  = 1 / (1 + exp(-x))
 *     dx += dy y (1 - y) */
#include "nn/op.h"

#include <math.h>

static void forward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; i < n; i++)
        run->y[i] = 1.0 / (1.0 + exp(-run->x[0][i]));
}

static void backward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; run->dx[0] != NULL && i < n; i++)
        run->dx[0][i] += run->dy[i] * run->y[i] * (1.0 - run->y[i]);
}

const ws_op ws_op_sigmoid = {
    .name = "Sigmoid",
    .infer_shape = ws_infer_same_shape,
};

const ws_op_plain ws_op_plain_sigmoid = {forward, backward};
