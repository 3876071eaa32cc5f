/* Operators that sum over windows or all of their input: what they mean, in double precision. */
#include <math.h>

#include "nn/lite/kernel.h"

const char *ws_lite_window_init(const ws_lite_args *args, size_t h, size_t w, ws_lite_window *win)
{
    const ws_lite_options *o = &args->node->options;
    const ws_lite_tensor *in = args->in[0], *out = args->out[0];

    if (in->n_dims != 4 || out->n_dims != 4)
        return "its input and its output are not images of 4 dims";
    if (in->dims[0] != 1 || out->dims[0] != 1)
        return "it takes more than one sample at once";
    const int32_t dilation_h = o->dilation_h > 0 ? o->dilation_h : 1;
    const int32_t dilation_w = o->dilation_w > 0 ? o->dilation_w : 1;
    if (o->stride_h < 1 || o->stride_w < 1 || o->stride_h > 1 << 16 || o->stride_w > 1 << 16 ||
        dilation_h > 1 << 16 || dilation_w > 1 << 16 || h < 1 || w < 1)
        return "a stride, a dilation or its window is not positive";
    *win = (ws_lite_window){
        .in_h = in->dims[1],
        .in_w = in->dims[2],
        .out_h = out->dims[1],
        .out_w = out->dims[2],
        .h = h,
        .w = w,
        .stride_h = (size_t)o->stride_h,
        .stride_w = (size_t)o->stride_w,
        .dilation_h = (size_t)dilation_h,
        .dilation_w = (size_t)dilation_w,
    };
    const size_t extent_h = (h - 1) * win->dilation_h + 1, extent_w = (w - 1) * win->dilation_w + 1;
    const size_t needed_h = (win->out_h - 1) * win->stride_h + extent_h;
    const size_t needed_w = (win->out_w - 1) * win->stride_w + extent_w;
    if (o->padding == WS_LITE_SAME) {
        win->before_h = needed_h > win->in_h ? (needed_h - win->in_h) / 2 : 0;
        win->before_w = needed_w > win->in_w ? (needed_w - win->in_w) / 2 : 0;
        return win->out_h == (win->in_h + win->stride_h - 1) / win->stride_h &&
                       win->out_w == (win->in_w + win->stride_w - 1) / win->stride_w
                   ? NULL
                   : "its output does not have the size that SAME gives";
    }
    return needed_h <= win->in_h && needed_h + win->stride_h > win->in_h && needed_w <= win->in_w &&
                   needed_w + win->stride_w > win->in_w
               ? NULL
               : "its output does not have the size that VALID gives";
}

/** The filters fit the window, and there is a bias for each output or none. */
static const char *check_filters(const ws_lite_args *args, size_t n_out)
{
    const ws_lite_tensor *filters = args->in[1], *bias = args->in[2];
    ws_lite_window win;

    if (filters->n_dims != 4)
        return "its filters do not have 4 dims";
    if (args->x[1] == NULL)
        return "its filters are not constant";
    if (filters->scale.n > 0 && filters->scale.zero_point != 0)
        return "its filters have a zero point";
    if (args->out[0]->n_dims != 4 || args->out[0]->dims[3] != n_out)
        return "its filters and its output have different numbers of channels";
    if (bias != NULL && ws_lite_tensor_size(bias) != n_out)
        return "its bias does not have one number per channel";
    if (filters->scale.n > 1 && filters->scale.n != n_out)
        return "its filters do not have one scale per channel";
    return ws_lite_window_init(args, filters->dims[1], filters->dims[2], &win);
}

const char *ws_lite_check_conv(const ws_lite_args *args)
{
    const ws_lite_tensor *filters = args->in[1];

    if (filters->n_dims == 4 && args->in[0]->n_dims == 4 &&
        filters->dims[3] != args->in[0]->dims[3])
        return "its filters and its input have different numbers of channels";
    return check_filters(args, filters->n_dims == 4 ? filters->dims[0] : 0);
}

const char *ws_lite_check_depthwise(const ws_lite_args *args)
{
    const ws_lite_tensor *filters = args->in[1];

    if (filters->n_dims == 4 && args->in[0]->n_dims == 4 &&
        (filters->dims[0] != 1 || filters->dims[3] % args->in[0]->dims[3] != 0))
        return "the number of its filters is not a multiple of its input channels";
    return check_filters(args, filters->n_dims == 4 ? filters->dims[3] : 0);
}

const char *ws_lite_check_dense(const ws_lite_args *args)
{
    const ws_lite_tensor *weights = args->in[1], *bias = args->in[2];
    const size_t n_out = weights->n_dims == 2 ? weights->dims[0] : 0;

    if (n_out == 0 || weights->dims[1] != ws_lite_tensor_size(args->in[0]))
        return "its weights do not fit its input";
    if (args->x[1] == NULL)
        return "its weights are not constant";
    if (weights->scale.n > 0 && weights->scale.zero_point != 0)
        return "its weights have a zero point";
    if (ws_lite_tensor_size(args->out[0]) != n_out || args->out[0]->n_dims == 0 ||
        args->out[0]->dims[args->out[0]->n_dims - 1] != n_out)
        return "its weights do not fit its output";
    if (bias != NULL && ws_lite_tensor_size(bias) != n_out)
        return "its bias does not have one number per output";
    return weights->scale.n > 1 && weights->scale.n != n_out
               ? "its weights do not have one scale per output"
               : NULL;
}

/** A row or column that a window's element reads; false: it is a zero around the image. */
static bool find_place(size_t out, size_t stride, size_t element, size_t dilation, size_t before,
                       size_t n, size_t *place)
{
    const size_t at = out * stride + element * dilation;

    *place = at - before;
    return at >= before && at - before < n;
}

/** Adds one filter's products at one place. @param step  of filter and image, by channel */
static double sum_window(const ws_lite_args *args, const ws_lite_window *win, size_t y, size_t x,
                         size_t out, size_t first, size_t n)
{
    const size_t n_in = args->in[0]->dims[3], n_out = args->out[0]->dims[3];
    const bool is_depthwise = args->node->kind == WS_LITE_DEPTHWISE_CONV_2D;
    double sum = args->v[2] != NULL ? args->v[2][out] : 0.0;

    for (size_t i = 0; i < win->h; i++) {
        for (size_t j = 0; j < win->w; j++) {
            size_t row, column;
            if (!find_place(y, win->stride_h, i, win->dilation_h, win->before_h, win->in_h, &row) ||
                !find_place(x, win->stride_w, j, win->dilation_w, win->before_w, win->in_w,
                            &column))
                continue;
            const double *image = args->v[0] + (row * win->in_w + column) * n_in + first;
            const double *filter =
                args->v[1] + (is_depthwise ? (i * win->w + j) * n_out + out
                                           : ((out * win->h + i) * win->w + j) * n_in);
            for (size_t c = 0; c < n; c++)
                sum += image[c] * filter[c];
        }
    }
    return sum;
}

static void compute_windows(const ws_lite_args *args, bool is_depthwise)
{
    const ws_lite_tensor *filters = args->in[1];
    const size_t n_in = args->in[0]->dims[3], n_out = args->out[0]->dims[3];
    ws_lite_window win;

    (void)ws_lite_window_init(args, filters->dims[1], filters->dims[2], &win);
    for (size_t y = 0; y < win.out_h; y++)
        for (size_t x = 0; x < win.out_w; x++)
            for (size_t out = 0; out < n_out; out++)
                args->r[(y * win.out_w + x) * n_out + out] =
                    is_depthwise ? sum_window(args, &win, y, x, out, out / (n_out / n_in), 1)
                                 : sum_window(args, &win, y, x, out, 0, n_in);
}

void ws_lite_compute_conv(const ws_lite_args *args)
{
    compute_windows(args, false);
}

void ws_lite_compute_depthwise(const ws_lite_args *args)
{
    compute_windows(args, true);
}

void ws_lite_compute_dense(const ws_lite_args *args)
{
    const size_t n_out = args->in[1]->dims[0], n_in = args->in[1]->dims[1];

    for (size_t out = 0; out < n_out; out++) {
        double sum = args->v[2] != NULL ? args->v[2][out] : 0.0;
        for (size_t i = 0; i < n_in; i++)
            sum += args->v[0][i] * args->v[1][out * n_in + i];
        args->r[out] = sum;
    }
}

/* Poolings */

const char *ws_lite_check_pool(const ws_lite_args *args)
{
    const ws_lite_options *o = &args->node->options;
    ws_lite_window win;

    if (o->filter_h < 1 || o->filter_w < 1 || o->filter_h > 1 << 16 || o->filter_w > 1 << 16)
        return "its window is not positive";
    const char *fault = ws_lite_window_init(args, (size_t)o->filter_h, (size_t)o->filter_w, &win);
    if (fault == NULL && args->in[0]->dims[3] != args->out[0]->dims[3])
        return "its input and its output have different numbers of channels";
    return fault;
}

/** The mean of whole numbers as they are stored, halves away from zero, as all runtimes have it. */
static double mean_of(const ws_lite_args *args, double sum, double n)
{
    const ws_lite_tensor *in = args->in[0];

    if (in->type == WS_LITE_FLOAT32)
        return sum / n;
    const double zero = in->scale.n > 0 ? (double)in->scale.zero_point : 0.0;
    return (round(sum / n + zero) - zero) * ws_lite_tensor_scale(in, 0);
}

static void add_channels(double *r, const double *x, size_t n, bool is_max)
{
    if (is_max)
        for (size_t c = 0; c < n; c++)
            r[c] = x[c] > r[c] ? x[c] : r[c];
    else
        for (size_t c = 0; c < n; c++)
            r[c] += x[c];
}

static void compute_pool(const ws_lite_args *args, bool is_max)
{
    const ws_lite_options *o = &args->node->options;
    const size_t n_channels = args->in[0]->dims[3];
    const double scale = ws_lite_tensor_scale(args->in[0], 0);
    ws_lite_window win;

    (void)ws_lite_window_init(args, (size_t)o->filter_h, (size_t)o->filter_w, &win);
    for (size_t i = 0; i < win.out_h * win.out_w; i++) {
        double *r = args->r + i * n_channels, n = 0.0;
        for (size_t c = 0; c < n_channels; c++)
            r[c] = is_max ? -HUGE_VAL : 0.0;
        for (size_t k = 0; k < win.h * win.w; k++) {
            size_t row, column;
            if (!find_place(i / win.out_w, win.stride_h, k / win.w, 1, win.before_h, win.in_h,
                            &row) ||
                !find_place(i % win.out_w, win.stride_w, k % win.w, 1, win.before_w, win.in_w,
                            &column))
                continue;
            add_channels(r, args->v[0] + (row * win.in_w + column) * n_channels, n_channels,
                         is_max);
            n += 1.0;
        }
        for (size_t c = 0; c < n_channels; c++)
            r[c] = ws_lite_activate(is_max ? r[c] * scale : mean_of(args, r[c], n), o->activation);
    }
}

void ws_lite_compute_average_pool(const ws_lite_args *args)
{
    compute_pool(args, false);
}

void ws_lite_compute_max_pool(const ws_lite_args *args)
{
    compute_pool(args, true);
}

/* MEAN */

/** Whether an axis is among those that the constant names. */
static bool is_summed(const ws_lite_args *args, size_t axis)
{
    const size_t n_dims = args->in[0]->n_dims;

    for (size_t i = 0; i < ws_lite_tensor_size(args->in[1]); i++)
        if (ws_lite_axis(ws_lite_whole(args->in[1], args->x[1], i), n_dims) == axis)
            return true;
    return false;
}

const char *ws_lite_check_mean(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0];
    size_t n_kept = 1;

    if (args->x[1] == NULL || (args->in[1]->type != WS_LITE_INT32))
        return "its axes are not a constant of int32";
    for (size_t i = 0; i < ws_lite_tensor_size(args->in[1]); i++)
        if (ws_lite_axis(ws_lite_whole(args->in[1], args->x[1], i), in->n_dims) == in->n_dims)
            return "it has an axis that its input lacks";
    for (size_t i = 0; i < in->n_dims; i++)
        if (!is_summed(args, i))
            n_kept *= in->dims[i];
    return n_kept == ws_lite_tensor_size(args->out[0]) ? NULL : "its output has the wrong size";
}

void ws_lite_compute_mean(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0];
    const size_t n_in = ws_lite_tensor_size(in), n_out = ws_lite_tensor_size(args->out[0]);
    const double scale = ws_lite_tensor_scale(in, 0) * (double)n_out / (double)n_in;

    for (size_t i = 0; i < n_out; i++)
        args->r[i] = 0.0;
    for (size_t i = 0; i < n_in; i++) {
        size_t left = i, at = 0, step = 1;
        for (size_t d = in->n_dims; d > 0; d--) {
            if (!is_summed(args, d - 1)) {
                at += left % in->dims[d - 1] * step;
                step *= in->dims[d - 1];
            }
            left /= in->dims[d - 1];
        }
        args->r[at] += args->v[0][i];
    }
    for (size_t i = 0; i < n_out; i++)
        args->r[i] *= scale;
}
