/* Layers with one input channel: their products are of a number and 16 lanes, and are made in the
 * first stage of the inverse transform and in the last stage of the forward one. */
#include "nn/engine/fft/fftconv_kernels.h"
#include "nn/engine/fft/fftconv_weights.h"

size_t ws_fftconv_one_x_get_floats(const ws_fftconv *conv)
{
    const size_t n_lines = ((size_t)conv->fft.n_freqs * 2 + 15) / 16;
    return (n_lines | 1) * 16;
}

size_t ws_fftconv_one_v_get_floats(const ws_fftconv *conv)
{
    return (size_t)conv->fft.n_freqs * WS_CONV_COMPLEX;
}

void ws_fftconv_one_input_forward(const ws_fftconv *conv, const float *images, int n, float *x,
                                  float *work)
{
    const int n_points = conv->shape.in_h * conv->shape.in_w;
    float *tile = ws_fftconv_tile_in_work(conv, work);
    float *spectrum = tile + n_points * WS_CONV_LANES;
    const ws_conv_target out = {.freqs = spectrum, .stride = WS_CONV_COMPLEX};

    conv->kernels->lanes_from_rows(images, (size_t)n_points, n, n_points, tile);
    ws_conv_forward(conv->transform, &conv->fft, &conv->input, tile, &out, work);
    conv->kernels->rows_from_lanes(spectrum, 2 * conv->fft.n_freqs, x,
                                   ws_fftconv_one_x_get_floats(conv), n);
}

void ws_fftconv_one_weights_forward(const ws_fftconv *conv, const float *weights, int block,
                                    float *v, float *work)
{
    ws_conv_target out = {.stride = WS_CONV_COMPLEX};
    out.freqs = v;
    ws_fftconv_pair_forward(conv, weights, (fftconv_pair){0, block}, &out, work);
}

void ws_fftconv_one_weights_inverse(const ws_fftconv *conv, const float *dv, int block,
                                    float *gradient, float *work)
{
    const ws_conv_source in = {.freqs = dv, .stride = WS_CONV_COMPLEX};
    ws_fftconv_pair_inverse(conv, &in, (fftconv_pair){0, block}, gradient, work);
}

void ws_fftconv_one_output_columns(const ws_fftconv *conv, const float *x, const float *v,
                                   float *work)
{
    const ws_conv_source y = {.freqs = v, .stride = WS_CONV_COMPLEX, .factors = x};
    ws_conv_columns_inverse(conv->transform, &conv->fft, &conv->output, &y, work);
}

void ws_fftconv_one_weights_add(const ws_fftconv *conv, const float *x, float *dv, float *work)
{
    ws_conv_target sum = {.stride = WS_CONV_COMPLEX, .factors = x};
    sum.freqs = dv;
    ws_conv_columns_forward(conv->transform, &conv->fft, &conv->output, &sum, work);
}
