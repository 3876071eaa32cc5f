/* What the phases of a convolution by FFT have to do; see ws_phase_work and fft.c. */
#include "nn/engine/fft/fft.h"

/* Operations of one lane: a product of two complex numbers by Gauss's three real ones and the sum
 * of it, and a plain complex product with its sum. */
enum { GAUSS = 6, COMPLEX = 8 };

/** How many of each there are, of the batch under way. */
typedef struct sizes {
    double n, in_blocks, out_blocks, n_in, n_out, n_freqs;
    double in_tile, out_tile, kernel;  /* operations of one transform of 16 lanes */
    double x_bytes, y_bytes, v_bytes;  /* of whole spectra */
    double features_bytes, code_bytes; /* what is read in front, and what the tail keeps */
    double weights_bytes;
} sizes;

static double count_transform(const ws_fftconv *conv, int n_rows)
{
    return (double)WS_CONV_LANES * ws_conv_count_operations(&conv->fft, n_rows);
}

static sizes sizes_of(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_fftconv *conv = &stage->fft.conv;
    const double n = (double)pass->n, part = n / (double)stage->max_batch;
    const double out_places = (double)(stage->plan->out.h * stage->plan->out.w);
    sizes s = {
        .n = n,
        .in_blocks = conv->in_blocks,
        .out_blocks = conv->out_blocks,
        .n_in = conv->shape.n_in,
        .n_out = conv->shape.n_out,
        .n_freqs = conv->fft.n_freqs,
        .in_tile = count_transform(conv, conv->shape.in_h),
        .out_tile = count_transform(conv, conv->shape.out_h),
        .kernel = count_transform(conv, conv->shape.kernel_h),
        .x_bytes = (double)(conv->x_floats * sizeof(float)) * part,
        .y_bytes = (double)(conv->y_floats * sizeof(float)) * part,
        .v_bytes = (double)(conv->v_floats * sizeof(float)),
        .features_bytes = n * (double)(ws_shape_size(stage->plan->in) * sizeof(float)),
        .code_bytes = n * conv->out_blocks * out_places * WS_TILE_LANES,
        .weights_bytes = (double)(stage->plan->weights->size * sizeof(float)),
    };

    if (conv->shape.n_in == 1) {
        s.x_bytes = n * (double)(ws_fftconv_one_x_get_floats(conv) * sizeof(float));
        s.y_bytes = 0.0;
        s.v_bytes = s.out_blocks * (double)(ws_fftconv_one_v_get_floats(conv) * sizeof(float));
    }
    return s;
}

/** y, or what a successor takes of it: its transforms and X. Also the way back, dX to dy. */
static ws_phase_work count_handover(const ws_fast_stage *stage, const ws_pass *pass)
{
    if (stage->successor != NULL) {
        const sizes next = sizes_of(stage->successor, pass);
        return (ws_phase_work){next.n * next.in_blocks * next.in_tile, next.x_bytes};
    }
    return (ws_phase_work){.n_bytes =
                               (double)(pass->n * ws_shape_size(stage->plan->out) * sizeof(float))};
}

ws_phase_work ws_fft_count_spectra(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    const bool is_one = stage->fft.conv.shape.n_in == 1;
    const double n_v = (is_one ? 1.0 : s.n_in) * s.out_blocks;
    double n_x = stage->is_successor ? 0.0 : s.n * s.in_blocks;
    ws_phase_work work = {.n_bytes = s.weights_bytes + s.v_bytes};

    if (is_one)
        n_x = s.n / (double)WS_CONV_LANES;
    if (n_x > 0.0)
        work.n_bytes += s.features_bytes + s.x_bytes;
    work.n_bytes += s.n * (double)(stage->fft.n_mask_words * sizeof(uint32_t));
    work.n_operations = n_x * s.in_tile + n_v * s.kernel;
    return work;
}

ws_phase_work ws_fft_count_product(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    return (ws_phase_work){
        .n_operations = s.n_freqs * s.n * s.n_in * s.out_blocks * (double)WS_CONV_LANES * GAUSS,
        .n_bytes = s.x_bytes + s.v_bytes + s.y_bytes,
    };
}

ws_phase_work ws_fft_count_outputs(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    ws_phase_work work = count_handover(stage, pass);

    work.n_operations += s.n * s.out_blocks * s.out_tile;
    work.n_bytes += s.y_bytes;
    if (pass->labels != NULL)
        work.n_bytes += s.code_bytes;
    return work;
}

ws_phase_work ws_fft_count_one_outputs(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    ws_phase_work work = ws_fft_count_outputs(stage, pass);

    work.n_operations += s.n * s.out_blocks * s.n_freqs * (double)WS_CONV_LANES * COMPLEX;
    work.n_bytes += s.x_bytes + s.v_bytes;
    return work;
}

ws_phase_work ws_fft_count_output_gradients(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    ws_phase_work work = count_handover(stage, pass);

    work.n_operations += s.n * s.out_blocks * s.out_tile;
    work.n_bytes += s.code_bytes + s.y_bytes;
    return work;
}

ws_phase_work ws_fft_count_products_back(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    const double lanes = s.n_freqs * (double)WS_CONV_LANES * GAUSS * s.n;
    ws_phase_work work = {
        .n_operations = lanes * s.n_in * s.out_blocks,
        .n_bytes = s.x_bytes + s.y_bytes + s.v_bytes,
    };

    if (!stage->is_first) {
        work.n_operations += lanes * s.n_out * s.in_blocks;
        work.n_bytes += s.v_bytes + s.x_bytes;
    }
    return work;
}

ws_phase_work ws_fft_count_input_gradients(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    return (ws_phase_work){
        .n_operations = s.n * s.in_blocks * s.in_tile,
        .n_bytes = s.x_bytes + s.features_bytes,
    };
}

ws_phase_work ws_fft_count_gradients(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    return (ws_phase_work){
        .n_operations = s.n_in * s.out_blocks * s.kernel,
        .n_bytes = s.v_bytes + s.weights_bytes,
    };
}

/** Each chunk of samples has a dV of its own. */
static double count_chunk_bytes(const ws_fast_stage *stage, const ws_pass *pass)
{
    return (double)ws_fft_chunks_count(stage, pass->n) * sizes_of(stage, pass).v_bytes;
}

ws_phase_work ws_fft_count_one_chunks(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    ws_phase_work work = ws_fft_count_output_gradients(stage, pass);

    work.n_operations += s.n * s.out_blocks * s.n_freqs * (double)WS_CONV_LANES * COMPLEX;
    work.n_bytes += s.x_bytes + count_chunk_bytes(stage, pass);
    return work;
}

ws_phase_work ws_fft_count_one_sums(const ws_fast_stage *stage, const ws_pass *pass)
{
    const double n_bytes = count_chunk_bytes(stage, pass);
    return (ws_phase_work){.n_operations = n_bytes / sizeof(float), .n_bytes = n_bytes};
}

ws_phase_work ws_fft_count_one_gradients(const ws_fast_stage *stage, const ws_pass *pass)
{
    const sizes s = sizes_of(stage, pass);
    return (ws_phase_work){
        .n_operations = s.out_blocks * s.kernel,
        .n_bytes = s.v_bytes + s.weights_bytes,
    };
}
