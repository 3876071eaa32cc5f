/* Convolution of each channel by itself (see conv2d.c). With x at element (u, v) of the window at
 * output (i, j), and everything outside of the image zero:
 *
 *     y[i, j, c]     = sum over u, v of x at (u, v) [c] w[u, v, c]
 *     dx at (u, v) [c] += dy[i, j, c] w[u, v, c]
 *     dw[u, v, c]    += sum over i, j of dy[i, j, c] x at (u, v) [c]
 *
 * x [h, w, c], w [kernel_h, kernel_w, c], y [out_h, out_w, c] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    node->shape.c = in[0].c;
    return ws_window_fit(&node->window, in[0], &node->shape, "depthwise convolution", err);
}

/** What all elements of the window give at output (i, j). */
static void forward_place(const ws_op_run *run, size_t i, size_t j, const double *x, double *y)
{
    const ws_window *window = &run->node->window;
    const size_t n_channels = run->in[0].c;
    size_t offset;

    for (size_t c = 0; c < n_channels; c++)
        y[c] = 0.0;
    for (size_t u = 0; u < window->h; u++) {
        for (size_t v = 0; v < window->w; v++) {
            const double *w = run->w[0] + (u * window->w + v) * n_channels;
            if (!ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                continue;
            for (size_t c = 0; c < n_channels; c++)
                y[c] += x[offset + c] * w[c];
        }
    }
}

static void forward(const ws_op_run *run)
{
    ws_places_forward(run, forward_place);
}

/** What dy [c] at output (i, j) gives to all elements of the window. @param dx  or NULL */
static void backward_place(const ws_op_run *run, size_t i, size_t j, const double *dy,
                           const double *x, double *dx)
{
    const ws_window *window = &run->node->window;
    const size_t n_channels = run->in[0].c;
    size_t offset;

    for (size_t u = 0; u < window->h; u++) {
        for (size_t v = 0; v < window->w; v++) {
            const size_t w_offset = (u * window->w + v) * n_channels;
            if (!ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                continue;
            for (size_t c = 0; c < n_channels; c++) {
                run->dw[0][w_offset + c] += dy[c] * x[offset + c];
                if (dx != NULL)
                    dx[offset + c] += dy[c] * run->w[0][w_offset + c];
            }
        }
    }
}

static void backward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const double *dy = run->dy;

    for (size_t s = 0; s < run->n; s++) {
        const size_t at = s * ws_shape_size(run->in[0]);
        for (size_t i = 0; i < out.h; i++)
            for (size_t j = 0; j < out.w; j++, dy += out.c)
                backward_place(run, i, j, dy, run->x[0] + at,
                               run->dx[0] != NULL ? run->dx[0] + at : NULL);
    }
}

static double count_products(const ws_node *node, const ws_shape in[])
{
    (void)in;
    return (double)ws_shape_size(node->shape) * (double)(node->window.h * node->window.w);
}

const ws_op ws_op_depthwise = {
    .name = "DepthwiseConv2dNative",
    .infer_shape = infer_shape,
    .count_products = count_products,
};

const ws_op_plain ws_op_plain_depthwise = {forward, backward};
