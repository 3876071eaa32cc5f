/* Fake quantisation, at levels that lie evenly from min to max with zero among them (the zero-th
 * to count from):
 *
 *     y  = floor((clamp(x, min, max) - min) / scale - zero + 1/2) scale
 *     dx += dy where min <= x <= max
 *
 * The gradient is that of clamp alone, straight through the steps: theirs is zero almost
 * everywhere. A range that is nothing but zero makes everything zero, and lets every gradient
 * through, so that the range can grow. Not a number stays not a number. */
#include "nn/op.h"

#include <math.h>

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    if (node->quantizer == 0)
        return ws_fail(err, WS_EINVAL, "fake quantisation: no quantizer");
    return ws_infer_same_shape(node, in, err);
}

static double quantize(const ws_levels *levels, double x)
{
    const double min = (double)levels->min, max = (double)levels->max;
    const double inside = x < min ? min : x > max ? max : x;
    return floor((inside - min) / (double)levels->scale - (double)levels->zero + 0.5) *
           (double)levels->scale;
}

static void forward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    const bool is_nothing = run->levels->scale <= 0.0f;

    for (size_t i = 0; i < n; i++)
        run->y[i] = is_nothing ? run->x[0][i] * 0.0 : quantize(run->levels, run->x[0][i]);
}

static void backward(const ws_op_run *run)
{
    const size_t n = run->n * ws_shape_size(run->in[0]);
    const ws_levels *levels = run->levels;
    const bool is_nothing = levels->scale <= 0.0f;

    for (size_t i = 0; run->dx[0] != NULL && i < n; i++) {
        const double x = run->x[0][i];
        if (is_nothing || (x >= (double)levels->min && x <= (double)levels->max))
            run->dx[0][i] += run->dy[i];
    }
}

const ws_op ws_op_fake_quant = {
    .name = "FakeQuantWithMinMaxVars",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_fake_quant = {forward, backward};
