/* Product, with broadcasting (nn/ops/broadcast.c): number i of the output comes from number p(i) of
 * one input and q(i) of the other:
 *
 *     y[i] = a[p(i)] b[q(i)]
 *     da[p(i)] += dy[i] b[q(i)]        db[q(i)] += dy[i] a[p(i)] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    return ws_broadcast_fit(in, &node->shape, "product", err);
}

static double multiply(double a, double b)
{
    return a * b;
}

static void forward(const ws_op_run *run)
{
    ws_broadcast_forward(run, multiply);
}

static void backward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const size_t size = ws_shape_size(out);

    for (size_t k = 0; k < 2; k++) {
        const ws_shape in = run->in[k], other = run->in[1 - k];
        const double *factor = run->x[1 - k];
        for (size_t s = 0; run->dx[k] != NULL && s < run->n; s++)
            for (size_t i = 0; i < size; i++)
                run->dx[k][s * ws_shape_size(in) + ws_broadcast_find(in, out, i)] +=
                    run->dy[s * size + i] *
                    factor[s * ws_shape_size(other) + ws_broadcast_find(other, out, i)];
    }
}

const ws_op ws_op_mul = {
    .name = "Mul",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_mul = {forward, backward};
