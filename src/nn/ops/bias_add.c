/* One number for each channel, at every place:
 *
 *     y[i, c]  = x[i, c] + w[c]
 *     dx[i, c] += dy[i, c]        dw[c] += sum over i of dy[i, c] */
#include "nn/op.h"

static void forward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; i < n; i++)
        run->y[i] = run->x[0][i] + run->w[0][i % run->in[0].c];
}

static void backward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    for (size_t i = 0; i < n; i++)
        run->dw[0][i % run->in[0].c] += run->dy[i];
    for (size_t i = 0; run->dx[0] != NULL && i < n; i++)
        run->dx[0][i] += run->dy[i];
}

const ws_op ws_op_bias_add = {
    .name = "BiasAdd",
    .infer_shape = ws_infer_same_shape,
};

const ws_op_plain ws_op_plain_bias_add = {forward, backward};
