/* Mean over one axis or more, which become 1. With m numbers in each mean, and p(i) the mean that
 * number i of the input goes into:
 *
 *     y[p(i)] = sum of x[i] / m        dx[i] += dy[p(i)] / m */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    const unsigned all = WS_AXIS_H | WS_AXIS_W | WS_AXIS_C;

    if (node->axes == 0 || (node->axes & ~all) != 0)
        return ws_fail(err, WS_EINVAL, "mean: axes %u, expected one of h, w and c or more",
                       node->axes);
    node->shape = in[0];
    if (node->axes & WS_AXIS_H)
        node->shape.h = 1;
    if (node->axes & WS_AXIS_W)
        node->shape.w = 1;
    if (node->axes & WS_AXIS_C)
        node->shape.c = 1;
    return WS_OK;
}

/** How much of its mean one number is. */
static double find_share(const ws_op_run *run)
{
    return (double)ws_shape_size(run->node->shape) / (double)ws_shape_size(run->in[0]);
}

static void forward(const ws_op_run *run)
{
    const ws_shape in = run->in[0], out = run->node->shape;
    const size_t size = ws_shape_size(in), n_means = ws_shape_size(out);
    const double share = find_share(run);

    for (size_t i = 0; i < run->n * n_means; i++)
        run->y[i] = 0.0;
    for (size_t s = 0; s < run->n; s++)
        for (size_t i = 0; i < size; i++)
            run->y[s * n_means + ws_broadcast_find(out, in, i)] += run->x[0][s * size + i] * share;
}

static void backward(const ws_op_run *run)
{
    const ws_shape in = run->in[0], out = run->node->shape;
    const size_t size = ws_shape_size(in), n_means = ws_shape_size(out);
    const double share = find_share(run);

    for (size_t s = 0; run->dx[0] != NULL && s < run->n; s++)
        for (size_t i = 0; i < size; i++)
            run->dx[0][s * size + i] +=
                run->dy[s * n_means + ws_broadcast_find(out, in, i)] * share;
}

const ws_op ws_op_mean = {
    .name = "Mean",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_mean = {forward, backward};
