#include "nn/engine/fft/fftconv_weights.h"

float *ws_fftconv_tile_in_work(const ws_fftconv *conv, float *work)
{
    return work + ws_conv_work_get_floats(&conv->fft);
}

static int lanes_in_block(const ws_fftconv *conv, int block)
{
    const int left = conv->shape.n_out - block * 16;
    return left < 16 ? left : 16;
}

/** Where the pair's first tap lies in the weights. */
static size_t first_tap(const ws_fftconv *conv, fftconv_pair pair)
{
    const ws_fftconv_shape *shape = &conv->shape;
    const int n_taps = shape->weights_by_channel ? shape->kernel_h * shape->kernel_w : 1;
    return (size_t)(pair.channel * n_taps) * (size_t)shape->n_out +
           (size_t)pair.block * WS_CONV_LANES;
}

/** From one tap of a pair to its next. */
static size_t floats_of_tap(const ws_fftconv *conv)
{
    const size_t n_in = conv->shape.weights_by_channel ? 1 : (size_t)conv->shape.n_in;
    return n_in * (size_t)conv->shape.n_out;
}

/** The 1 / N that an inverse transform needs. */
static float inverse_factor(const ws_fftconv *conv)
{
    return 1.0f / (float)(conv->fft.n_h * conv->fft.n_w);
}

void ws_fftconv_pair_forward(const ws_fftconv *conv, const float *weights, fftconv_pair pair,
                             const ws_conv_target *out, float *work)
{
    const int n_taps = conv->shape.kernel_h * conv->shape.kernel_w;
    const int n_lanes = lanes_in_block(conv, pair.block);
    const float factor = inverse_factor(conv);
    const float *from = weights + first_tap(conv, pair);
    float *tile = ws_fftconv_tile_in_work(conv, work), *to = tile;

    for (int t = 0; t < n_taps; t++, from += floats_of_tap(conv), to += WS_CONV_LANES)
        for (int lane = 0; lane < WS_CONV_LANES; lane++)
            to[lane] = lane < n_lanes ? factor * from[lane] : 0.0f;
    ws_conv_forward(conv->transform, &conv->fft, &conv->kernel, tile, out, work);
}

void ws_fftconv_pair_inverse(const ws_fftconv *conv, const ws_conv_source *in, fftconv_pair pair,
                             float *gradient, float *work)
{
    const int n_taps = conv->shape.kernel_h * conv->shape.kernel_w;
    const int n_lanes = lanes_in_block(conv, pair.block);
    const float factor = inverse_factor(conv);
    float *tile = ws_fftconv_tile_in_work(conv, work), *from = tile;
    float *to = gradient + first_tap(conv, pair);

    ws_conv_inverse(conv->transform, &conv->fft, &conv->kernel, in, tile, work);
    for (int t = 0; t < n_taps; t++, from += WS_CONV_LANES, to += floats_of_tap(conv))
        for (int lane = 0; lane < n_lanes; lane++)
            to[lane] = factor * from[lane];
}
