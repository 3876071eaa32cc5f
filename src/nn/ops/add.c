/* Sum, with broadcasting (nn/ops/broadcast.c): number i of the output comes from number p(i) of one
 * input and q(i) of the other:
 *
 *     y[i] = a[p(i)] + b[q(i)]        da[p(i)] += dy[i]        db[q(i)] += dy[i] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    return ws_broadcast_fit(in, &node->shape, "sum", err);
}

static double add(double a, double b)
{
    return a + b;
}

static void forward(const ws_op_run *run)
{
    ws_broadcast_forward(run, add);
}

static void backward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const size_t size = ws_shape_size(out);

    for (size_t k = 0; k < 2; k++) {
        const size_t size_in = ws_shape_size(run->in[k]);
        for (size_t s = 0; run->dx[k] != NULL && s < run->n; s++)
            for (size_t i = 0; i < size; i++)
                run->dx[k][s * size_in + ws_broadcast_find(run->in[k], out, i)] +=
                    run->dy[s * size + i];
    }
}

const ws_op ws_op_add = {
    .name = "AddV2",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_add = {forward, backward};
