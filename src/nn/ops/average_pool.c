/* The mean of the numbers under a window, channel by channel; the padding does not count. With m
 * elements of the window inside of the image:
 *
 *     y[i, j, c] = sum over u, v of x at element (u, v) / m
 *     dx at each element += dy[i, j, c] / m */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    node->shape.c = in[0].c;
    return ws_window_fit(&node->window, in[0], &node->shape, "average pooling", err);
}

static size_t count_inside(const ws_op_run *run, size_t i, size_t j)
{
    const ws_window *window = &run->node->window;
    size_t n = 0, offset;

    for (size_t u = 0; u < window->h; u++)
        for (size_t v = 0; v < window->w; v++)
            n += ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset);
    return n;
}

static void forward_place(const ws_op_run *run, size_t i, size_t j, const double *x, double *y)
{
    const ws_window *window = &run->node->window;
    const size_t n_channels = run->in[0].c, n_inside = count_inside(run, i, j);
    size_t offset;

    for (size_t c = 0; c < n_channels; c++)
        y[c] = 0.0;
    for (size_t u = 0; u < window->h; u++)
        for (size_t v = 0; v < window->w; v++)
            if (ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                for (size_t c = 0; c < n_channels; c++)
                    y[c] += x[offset + c] / (double)n_inside;
}

static void backward_place(const ws_op_run *run, size_t i, size_t j, const double *dy, double *dx)
{
    const ws_window *window = &run->node->window;
    const size_t n_inside = count_inside(run, i, j);
    size_t offset;

    for (size_t u = 0; u < window->h; u++)
        for (size_t v = 0; v < window->w; v++)
            if (ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                for (size_t c = 0; c < run->in[0].c; c++)
                    dx[offset + c] += dy[c] / (double)n_inside;
}

static void forward(const ws_op_run *run)
{
    ws_places_forward(run, forward_place);
}

static void backward(const ws_op_run *run)
{
    ws_places_backward(run, backward_place);
}

const ws_op ws_op_average_pool = {
    .name = "AvgPool",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_average_pool = {forward, backward};
