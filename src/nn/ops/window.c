/* How a window slides: TensorFlow's rules.
 *
 *     SAME:   out = ceil(in / stride), zeros = max((out - 1) stride + size - in, 0),
 *             half of them in front, the odd one behind
 *     VALID:  out = floor((in - size) / stride) + 1, no zeros */
#include "nn/op.h"

/** One direction. @return the size that comes out, 0 if the window does not fit */
static size_t fit_length(size_t in, size_t size, size_t stride, ws_padding padding, size_t *before)
{
    *before = 0;
    if (padding == WS_PADDING_VALID)
        return in < size ? 0 : (in - size) / stride + 1;

    const size_t out = (in + stride - 1) / stride;
    const size_t reach = (out - 1) * stride + size;
    if (reach > in)
        *before = (reach - in) / 2;
    return out;
}

ws_status ws_window_fit(ws_window *window, ws_shape in, ws_shape *out, const char *what,
                        ws_error *err)
{
    if (window->h == 0 || window->w == 0)
        return ws_fail(err, WS_EINVAL, "%s: a window of %zux%zu has no elements", what, window->h,
                       window->w);
    out->h = fit_length(in.h, window->h, window->stride_h, window->padding, &window->before_h);
    out->w = fit_length(in.w, window->w, window->stride_w, window->padding, &window->before_w);
    if (out->h == 0 || out->w == 0)
        return ws_fail(err, WS_EINVAL,
                       "%s: a window of %zux%zu does not fit into an input of %zux%zu", what,
                       window->h, window->w, in.h, in.w);
    return WS_OK;
}
