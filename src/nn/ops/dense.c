/* Matrix product; the input sample is read as one vector x [in]:
 *
 *     y[o]  = sum over i of x[i] w[i, o]
 *     dx[i] += sum over o of dy[o] w[i, o]        dw[i, o] += x[i] dy[o]
 *
 * w [in, out] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    (void)in;
    if (node->shape.c == 0)
        return ws_fail(err, WS_EINVAL, "matrix product: no output units");
    node->shape.h = 1;
    node->shape.w = 1;
    return WS_OK;
}

static void forward(const ws_op_run *run)
{
    const size_t n_in = ws_shape_size(run->in[0]);
    const size_t n_out = run->node->shape.c;

    for (size_t s = 0; s < run->n; s++) {
        const double *x = run->x[0] + s * n_in;
        double *y = run->y + s * n_out;
        for (size_t o = 0; o < n_out; o++)
            y[o] = 0.0;
        for (size_t i = 0; i < n_in; i++) {
            for (size_t o = 0; o < n_out; o++)
                y[o] += x[i] * run->w[0][i * n_out + o];
        }
    }
}

static void backward(const ws_op_run *run)
{
    const size_t n_in = ws_shape_size(run->in[0]);
    const size_t n_out = run->node->shape.c;

    for (size_t s = 0; s < run->n; s++) {
        const double *dy = run->dy + s * n_out;
        for (size_t i = 0; i < n_in; i++) {
            const double x = run->x[0][s * n_in + i];
            double sum = 0.0;
            for (size_t o = 0; o < n_out; o++) {
                run->dw[0][i * n_out + o] += x * dy[o];
                sum += dy[o] * run->w[0][i * n_out + o];
            }
            if (run->dx[0] != NULL)
                run->dx[0][s * n_in + i] += sum;
        }
    }
}

static double count_products(const ws_node *node, const ws_shape in[])
{
    return (double)ws_shape_size(in[0]) * (double)node->shape.c;
}

const ws_op ws_op_dense = {
    .name = "MatMul",
    .infer_shape = infer_shape,
    .count_products = count_products,
};

const ws_op_plain ws_op_plain_dense = {forward, backward};
