/* How a window slides. With e = (size - 1) dilation + 1, the extent of the window:
 *
 *     SAME:      out = ceil(in / stride), zeros = max((out - 1) stride + e - in, 0),
 *                half of them before the image, the odd one after it
 *     VALID:     out = floor((in - e) / stride) + 1, no zeros
 *     EXPLICIT:  out = floor((before + in + after - e) / stride) + 1 */
#include "nn/op.h"

/** One direction of a window. */
typedef struct direction {
    size_t size, stride, dilation;
    size_t before, after; /* zeros */
} direction;

/** Sets the zeros. @return the size that comes out, 0 if the window does not fit */
static size_t fit_length(direction *of, size_t in, ws_padding padding)
{
    const size_t extent = (of->size - 1) * of->dilation + 1;

    if (padding == WS_PADDING_SAME) {
        const size_t out = (in + of->stride - 1) / of->stride;
        const size_t reach = (out - 1) * of->stride + extent;
        const size_t zeros = reach > in ? reach - in : 0;
        of->before = zeros / 2;
        of->after = zeros - of->before;
        return out;
    }
    if (padding == WS_PADDING_VALID)
        of->before = of->after = 0;
    const size_t padded = of->before + in + of->after;
    return padded < extent ? 0 : (padded - extent) / of->stride + 1;
}

ws_status ws_window_fit(ws_window *window, ws_shape in, ws_shape *out, const char *what,
                        ws_error *err)
{
    ws_margins *zeros = &window->zeros;
    direction h = {window->h, window->stride_h, window->dilation_h, zeros->before_h,
                   zeros->after_h};
    direction w = {window->w, window->stride_w, window->dilation_w, zeros->before_w,
                   zeros->after_w};

    if (window->h == 0 || window->w == 0)
        return ws_fail(err, WS_EINVAL, "%s: a window of %zux%zu has no elements", what, window->h,
                       window->w);
    out->h = fit_length(&h, in.h, window->padding);
    out->w = fit_length(&w, in.w, window->padding);
    if (out->h == 0 || out->w == 0)
        return ws_fail(err, WS_EINVAL,
                       "%s: a window of %zux%zu does not fit into an input of %zux%zu", what,
                       window->h, window->w, in.h, in.w);
    *zeros = (ws_margins){h.before, h.after, w.before, w.after};
    return WS_OK;
}

bool ws_window_find(const ws_window *window, ws_shape in, ws_window_place at, size_t *offset)
{
    /* unsigned: what lies before the first row wraps round and is far after the last */
    const size_t row = at.i * window->stride_h + at.u * window->dilation_h - window->zeros.before_h;
    const size_t column =
        at.j * window->stride_w + at.v * window->dilation_w - window->zeros.before_w;

    *offset = (row * in.w + column) * in.c;
    return row < in.h && column < in.w;
}

void ws_places_forward(const ws_op_run *run, void (*place)(const ws_op_run *run, size_t i, size_t j,
                                                           const double *x, double *y))
{
    const ws_shape out = run->node->shape;
    double *y = run->y;

    for (size_t s = 0; s < run->n; s++) {
        const double *x = run->x[0] + s * ws_shape_size(run->in[0]);
        for (size_t i = 0; i < out.h; i++)
            for (size_t j = 0; j < out.w; j++, y += out.c)
                place(run, i, j, x, y);
    }
}

void ws_places_backward(const ws_op_run *run, void (*place)(const ws_op_run *run, size_t i,
                                                            size_t j, const double *dy, double *dx))
{
    const ws_shape out = run->node->shape;
    const double *dy = run->dy;

    for (size_t s = 0; run->dx[0] != NULL && s < run->n; s++) {
        double *dx = run->dx[0] + s * ws_shape_size(run->in[0]);
        for (size_t i = 0; i < out.h; i++)
            for (size_t j = 0; j < out.w; j++, dy += out.c)
                place(run, i, j, dy, dx);
    }
}
