#include "nn/engine/fft/fftconv.h"

#include "nn/engine/fft/fftconv_kernels.h"
#include "nn/engine/fft/fftconv_work.h"

WS_CPU_DEFINE_GETTER(ws_fftconv_kernels, ws_fftconv_kernels_get)

static int max_of_3(int a, int b, int c)
{
    const int ab = a > b ? a : b;
    return ab > c ? ab : c;
}

/** See fftconv.h: what wraps around the edge of a grid of this size is not read. */
static int least_grid(int n_in, int n_out, int n_kernel, int pad)
{
    return max_of_3(n_in + pad, n_out + n_kernel - 1 - pad, n_kernel);
}

/** Tiles that are transformed in a training step: X and dX, Y and dY, V and dV; with one input
 *  channel X by 16 samples, no dX, and weights only of the output's channels. */
static double count_transforms(const ws_fftconv *conv)
{
    const ws_fftconv_shape *shape = &conv->shape;
    const double n_y = 2.0 * shape->n * conv->out_blocks;
    if (shape->n_in == 1)
        return n_y + shape->n / 16.0 + 2.0 * conv->out_blocks;
    const double n_x = (shape->is_first ? 1.0 : 2.0) * shape->n * conv->in_blocks;
    return n_y + n_x + 2.0 * shape->n_in * conv->out_blocks;
}

/** Vector operations of the products at one frequency in a training step. */
static double product_cost(const ws_fftconv *conv)
{
    const ws_fftconv_shape *shape = &conv->shape;
    if (shape->n_in == 1) /* X V and dV += conj X dY */
        return 8.0 * shape->n * conv->out_blocks;
    const double dx = shape->is_first ? 0.0 : 3.0 * shape->n * shape->n_out * conv->in_blocks;
    return 3.0 * shape->n * shape->n_in * conv->out_blocks * 2 + dx;
}

double ws_fftconv_cost_get(const ws_fftconv *conv)
{
    const int n_rows = (conv->shape.in_h + conv->shape.out_h) / 2;
    return count_transforms(conv) * ws_conv_cost_get(conv->fft.n_h, conv->fft.n_w, n_rows) +
           product_cost(conv) * conv->fft.n_freqs;
}

static void set_strides(ws_fftconv *conv)
{
    const size_t n = (size_t)conv->shape.n;
    const size_t in = (size_t)conv->in_blocks * WS_CONV_COMPLEX;
    const size_t out = (size_t)conv->out_blocks * WS_CONV_COMPLEX;
    const size_t n_freqs = (size_t)conv->fft.n_freqs;

    /* complex blocks are two cache lines: one more makes the stride odd */
    conv->x_stride = n * in + WS_CONV_LANES;
    conv->y_stride = n * out + WS_CONV_LANES;
    conv->v_stride = (size_t)conv->shape.n_in * out + WS_CONV_LANES;
    conv->x_floats = n_freqs * conv->x_stride;
    conv->y_floats = n_freqs * conv->y_stride;
    conv->v_floats = n_freqs * conv->v_stride;
}

/** Beside a transform's own memory: a tile of the weights, and for one input channel the images
 *  of 16 samples and their spectrum. */
static size_t transform_work_floats(const ws_fftconv *conv)
{
    const ws_fftconv_shape *shape = &conv->shape;
    const size_t kernel = (size_t)shape->kernel_h * (size_t)shape->kernel_w;
    const size_t image = (size_t)shape->in_h * (size_t)shape->in_w;
    const size_t tile = shape->n_in == 1 && image > kernel ? image : kernel;
    const size_t spectrum = shape->n_in == 1 ? ws_fftconv_one_v_get_floats(conv) : 0;
    return ws_conv_work_get_floats(&conv->fft) + tile * WS_CONV_LANES + spectrum;
}

ws_status ws_fftconv_init(ws_fftconv *conv, const ws_fftconv_shape *shape, ws_cpu_level level,
                          ws_error *err)
{
    const int min_h = least_grid(shape->in_h, shape->out_h, shape->kernel_h, shape->pad_top);
    const int min_w = least_grid(shape->in_w, shape->out_w, shape->kernel_w, shape->pad_left);
    int size[2];

    *conv = (ws_fftconv){.shape = *shape,
                         .in_blocks = (shape->n_in + 15) / 16,
                         .out_blocks = (shape->n_out + 15) / 16,
                         .transform = ws_conv_kernels_get(level),
                         .kernels = ws_fftconv_kernels_get(level)};
    const ws_status status =
        ws_conv_size_find(min_h, min_w, (shape->in_h + shape->out_h) / 2,
                          product_cost(conv) / count_transforms(conv), size, err);
    if (status != WS_OK)
        return status;
    ws_conv_fft_init(&conv->fft, size[0], size[1]);
    ws_conv_window_init(&conv->input, &conv->fft, shape->in_h, shape->in_w);
    ws_conv_window_init(&conv->output, &conv->fft, shape->out_h, shape->out_w);
    ws_conv_window_init_kernel(&conv->kernel, &conv->fft, shape->kernel_h, shape->kernel_w,
                               shape->pad_top, shape->pad_left);
    set_strides(conv);
    float origin[1];
    const size_t product_floats = (size_t)(fftconv_work_divide(conv, origin).end - origin);
    conv->work_floats = transform_work_floats(conv);
    if (conv->work_floats < product_floats)
        conv->work_floats = product_floats;
    return WS_OK;
}
