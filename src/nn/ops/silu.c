/* Also called swish. With s = 1 / (1 + exp(-x)):
 *
 *     y  = x s
 *     dx += dy (s + x s (1 - s)) */
#include "nn/op.h"

#include <math.h>

static void forward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; i < n; i++)
        run->y[i] = run->x[0][i] / (1.0 + exp(-run->x[0][i]));
}

static void backward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; run->dx[0] != NULL && i < n; i++) {
        const double x = run->x[0][i];
        const double s = 1.0 / (1.0 + exp(-x));
        run->dx[0][i] += run->dy[i] * (s + x * s * (1.0 - s));
    }
}

const ws_op ws_op_silu = {
    .name = "Silu",
    .infer_shape = ws_infer_same_shape,
};

const ws_op_plain ws_op_plain_silu = {forward, backward};
