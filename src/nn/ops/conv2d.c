/* Convolution, as TensorFlow means it: cross-correlation. With the window's stride s, its dilation
 * d, p zeros before the image, and everything outside of x zero, element (u, v) of the window at
 * output (i, j) lies at (i s + u d - p, j s + v d - p):
 *
 *     y[i, j, o]        = sum over u, v, c of  x at (u, v) [c] w[u, v, c, o]
 *     dx at (u, v) [c] += sum over o of        dy[i, j, o] w[u, v, c, o]
 *     dw[u, v, c, o]   += sum over i, j of     dy[i, j, o] x at (u, v) [c]
 *
 * x [h, w, in], w [kernel_h, kernel_w, in, out], y [out_h, out_w, out] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    if (node->shape.c == 0)
        return ws_fail(err, WS_EINVAL, "convolution: no output channels");
    return ws_window_fit(&node->window, in[0], &node->shape, "convolution", err);
}

/** y[o] += sum over c of x[c] w[c, o] */
static void add_forward(const double *x, const double *w, ws_shape in, ws_shape out, double *y)
{
    for (size_t c = 0; c < in.c; c++) {
        for (size_t o = 0; o < out.c; o++)
            y[o] += x[c] * w[c * out.c + o];
    }
}

/** One sample of forward. */
static void forward_sample(const ws_op_run *run, const double *x, double *y)
{
    const ws_shape out = run->node->shape;
    const ws_window *window = &run->node->window;
    size_t offset;

    for (size_t i = 0; i < out.h; i++) {
        for (size_t j = 0; j < out.w; j++, y += out.c) {
            for (size_t o = 0; o < out.c; o++)
                y[o] = 0.0;
            for (size_t u = 0; u < window->h; u++) {
                for (size_t v = 0; v < window->w; v++) {
                    const double *w = run->w[0] + (u * window->w + v) * run->in[0].c * out.c;
                    if (ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                        add_forward(x + offset, w, run->in[0], out, y);
                }
            }
        }
    }
}

static void forward(const ws_op_run *run)
{
    for (size_t i = 0; i < run->n; i++)
        forward_sample(run, run->x[0] + i * ws_shape_size(run->in[0]),
                       run->y + i * ws_shape_size(run->node->shape));
}

/** What dy[o] at one place gives to the input column and kernel element that it saw. */
static void add_backward(const ws_op_run *run, size_t x_offset, size_t w_offset, const double *dy)
{
    const size_t n_out = run->node->shape.c;

    for (size_t c = 0; c < run->in[0].c; c++) {
        const double x = run->x[0][x_offset + c];
        const double *w = run->w[0] + w_offset + c * n_out;
        double *dw = run->dw[0] + w_offset + c * n_out;
        for (size_t o = 0; o < n_out; o++)
            dw[o] += dy[o] * x;
        if (run->dx[0] == NULL)
            continue;
        double sum = 0.0;
        for (size_t o = 0; o < n_out; o++)
            sum += dy[o] * w[o];
        run->dx[0][x_offset + c] += sum;
    }
}

/** One sample of backward; first_x is the offset of its input. */
static void backward_sample(const ws_op_run *run, size_t first_x, const double *dy)
{
    const ws_shape out = run->node->shape;
    const ws_window *window = &run->node->window;
    size_t offset;

    for (size_t i = 0; i < out.h; i++) {
        for (size_t j = 0; j < out.w; j++, dy += out.c) {
            for (size_t u = 0; u < window->h; u++) {
                for (size_t v = 0; v < window->w; v++) {
                    const size_t w_offset = (u * window->w + v) * run->in[0].c * out.c;
                    if (ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                        add_backward(run, first_x + offset, w_offset, dy);
                }
            }
        }
    }
}

static void backward(const ws_op_run *run)
{
    for (size_t i = 0; i < run->n; i++)
        backward_sample(run, i * ws_shape_size(run->in[0]),
                        run->dy + i * ws_shape_size(run->node->shape));
}

static double count_products(const ws_node *node, const ws_shape in[])
{
    return (double)ws_shape_size(node->shape) * (double)(node->window.h * node->window.w * in[0].c);
}

const ws_op ws_op_conv2d = {
    .name = "Conv2D",
    .infer_shape = infer_shape,
    .count_products = count_products,
};

const ws_op_plain ws_op_plain_conv2d = {forward, backward};
