/* A part of the input, from `first` on:
 *
 *     y[i, j, c] = x[first.h + i, first.w + j, first.c + c]
 *     dx at that place += dy[i, j, c] */
#include "nn/op.h"

static bool fits(size_t first, size_t n, size_t in)
{
    return n > 0 && first < in && n <= in - first;
}

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    const ws_shape first = node->first, size = node->shape;

    if (!fits(first.h, size.h, in[0].h) || !fits(first.w, size.w, in[0].w) ||
        !fits(first.c, size.c, in[0].c))
        return ws_fail(err, WS_EINVAL,
                       "slice: [%zu, %zu, %zu] from [%zu, %zu, %zu] on is not within [%zu, %zu, "
                       "%zu]",
                       size.h, size.w, size.c, first.h, first.w, first.c, in[0].h, in[0].w,
                       in[0].c);
    return WS_OK;
}

/** Offset in a sample of the input of what row i, column j of the output begins with. */
static size_t find_first(const ws_op_run *run, size_t i, size_t j)
{
    const ws_shape first = run->node->first, in = run->in[0];
    return ((first.h + i) * in.w + first.w + j) * in.c + first.c;
}

static void forward_place(const ws_op_run *run, size_t i, size_t j, const double *x, double *y)
{
    for (size_t c = 0; c < run->node->shape.c; c++)
        y[c] = x[find_first(run, i, j) + c];
}

static void forward(const ws_op_run *run)
{
    ws_places_forward(run, forward_place);
}

static void backward_place(const ws_op_run *run, size_t i, size_t j, const double *dy, double *dx)
{
    for (size_t c = 0; c < run->node->shape.c; c++)
        dx[find_first(run, i, j) + c] += dy[c];
}

static void backward(const ws_op_run *run)
{
    ws_places_backward(run, backward_place);
}

const ws_op ws_op_slice = {
    .name = "StridedSlice",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_slice = {forward, backward};
