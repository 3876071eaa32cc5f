/* Tiles and weights to spectra and back, and the products between. */
#include <string.h>

#include "nn/engine/fft/fftconv_kernels.h"
#include "nn/engine/fft/fftconv_weights.h"

/** Where frequency 0 of a row (sample or input channel) and block lies in a spectrum. */
static size_t element_offset(int row, int n_blocks, int block)
{
    return ((size_t)row * (size_t)n_blocks + (size_t)block) * WS_CONV_COMPLEX;
}

static ws_conv_target target_at(float *spectrum, size_t stride, size_t offset)
{
    return (ws_conv_target){.freqs = spectrum + offset, .stride = stride};
}

/** With the element n_next behind it to be fetched meanwhile, if there is one. */
static ws_conv_source source_at(const float *spectrum, size_t stride, size_t offset, int n_next)
{
    const size_t next = offset + (size_t)n_next * WS_CONV_COMPLEX;
    const bool is_last = next + WS_CONV_COMPLEX > stride;
    return (ws_conv_source){
        .freqs = spectrum + offset, .stride = stride, .fetch = is_last ? NULL : spectrum + next};
}

/* ---- tiles ---- */

void ws_fftconv_input_forward(const ws_fftconv *conv, const float *tile, int n, int block, float *x,
                              float *work)
{
    const ws_conv_target out =
        target_at(x, conv->x_stride, element_offset(n, conv->in_blocks, block));
    ws_conv_forward(conv->transform, &conv->fft, &conv->input, tile, &out, work);
}

void ws_fftconv_input_inverse_columns(const ws_fftconv *conv, const float *dx, int n, int block,
                                      float *work)
{
    const ws_conv_source in =
        source_at(dx, conv->x_stride, element_offset(n, conv->in_blocks, block), conv->in_blocks);
    ws_conv_columns_inverse(conv->transform, &conv->fft, &conv->input, &in, work);
}

void ws_fftconv_input_inverse(const ws_fftconv *conv, const float *dx, int n, int block,
                              float *tile, float *work)
{
    ws_fftconv_input_inverse_columns(conv, dx, n, block, work);
    conv->transform->rows_inverse(&conv->fft, &conv->input, tile, 0, conv->input.n_rows, work);
}

void ws_fftconv_output_forward_columns(const ws_fftconv *conv, int n, int block, float *dy,
                                       float *work)
{
    const ws_conv_target out =
        target_at(dy, conv->y_stride, element_offset(n, conv->out_blocks, block));
    ws_conv_columns_forward(conv->transform, &conv->fft, &conv->output, &out, work);
}

void ws_fftconv_output_forward(const ws_fftconv *conv, const float *tile, int n, int block,
                               float *dy, float *work)
{
    conv->transform->rows_forward(&conv->fft, &conv->output, tile, 0, conv->output.n_rows, work);
    ws_fftconv_output_forward_columns(conv, n, block, dy, work);
}

void ws_fftconv_output_inverse_columns(const ws_fftconv *conv, const float *y, int n, int block,
                                       float *work)
{
    const ws_conv_source in =
        source_at(y, conv->y_stride, element_offset(n, conv->out_blocks, block), 1);
    ws_conv_columns_inverse(conv->transform, &conv->fft, &conv->output, &in, work);
}

void ws_fftconv_output_inverse(const ws_fftconv *conv, const float *y, int n, int block,
                               float *tile, float *work)
{
    ws_fftconv_output_inverse_columns(conv, y, n, block, work);
    conv->transform->rows_inverse(&conv->fft, &conv->output, tile, 0, conv->output.n_rows, work);
}

/* ---- weights ---- */

void ws_fftconv_weights_forward(const ws_fftconv *conv, const float *weights, int first, int end,
                                float *v, float *work)
{
    for (int channel = first; channel < end; channel++) {
        for (int block = 0; block < conv->out_blocks; block++) {
            const ws_conv_target out =
                target_at(v, conv->v_stride, element_offset(channel, conv->out_blocks, block));
            ws_fftconv_pair_forward(conv, weights, (fftconv_pair){channel, block}, &out, work);
        }
    }
}

void ws_fftconv_weights_inverse(const ws_fftconv *conv, const float *dv, int first, int end,
                                float *gradient, float *work)
{
    for (int channel = first; channel < end; channel++) {
        for (int block = 0; block < conv->out_blocks; block++) {
            const ws_conv_source in =
                source_at(dv, conv->v_stride, element_offset(channel, conv->out_blocks, block), 1);
            ws_fftconv_pair_inverse(conv, &in, (fftconv_pair){channel, block}, gradient, work);
        }
    }
}

/* ---- products ---- */

void ws_fftconv_product_forward(const ws_fftconv *conv, const ws_fftconv_forward *product,
                                int first, int end, float *work)
{
    conv->kernels->product_forward(conv, product, first, end, work);
}

void ws_fftconv_product_backward(const ws_fftconv *conv, const ws_fftconv_backward *product,
                                 int first, int end, float *work)
{
    conv->kernels->product_backward(conv, product, first, end, work);
}

void ws_fftconv_bias_gradient(const ws_fftconv *conv, const float *dy, int n, int block,
                              float out[WS_CONV_LANES])
{
    memset(out, 0, WS_CONV_LANES * sizeof *out);
    for (int sample = 0; sample < n; sample++) {
        const float *sum = dy + element_offset(sample, conv->out_blocks, block);
        for (int lane = 0; lane < WS_CONV_LANES; lane++)
            out[lane] += sum[lane];
    }
}
