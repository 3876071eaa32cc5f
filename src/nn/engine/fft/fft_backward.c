/* The way back of a convolution by FFT: see fft.c for the order of the phases. */
#include <string.h>

#include "nn/engine/fft/fft.h"

/** dy of one sample and block, as its places lie. */
static ws_tile_input take_gradient(const ws_fast_stage *stage, const fft_scratch *scratch,
                                   size_t sample, int block)
{
    const ws_shape out = stage->plan->out;
    const ws_fast_stage *successor = stage->successor;

    if (successor != NULL) {
        ws_fftconv_input_inverse(&successor->fft.conv, successor->fft.x, (int)sample, block,
                                 scratch->tile, scratch->work);
        return (ws_tile_input){scratch->tile, WS_TILE_LANES};
    }
    const size_t first = sample * ws_shape_size(out) + (size_t)block * WS_TILE_LANES;
    return (ws_tile_input){stage->dy + first, out.c};
}

/** dy of one sample and block, back through the tail, to transformed rows in scratch.
 *  @param sums  [16], added to: the gradient of the bias */
static void begin_tile(const ws_phase_run *run, const fft_scratch *scratch, size_t sample,
                       int block, float *sums)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fftconv *conv = &stage->fft.conv;
    const ws_tail tail = ws_fft_tail_make(run, sample, block);
    const ws_tile_input dy = take_gradient(stage, scratch, sample, block);
    const bool fills = ws_tail_fills(&tail);

    for (size_t group = 0; group < ws_tile_rows_count(stage->plan); group++) {
        const ws_tile_rows rows = ws_tile_rows_get(stage->plan, group);
        const size_t n_rows = rows.z.end - rows.z.begin;
        if (!fills)
            memset(scratch->rows, 0,
                   n_rows * tail.middle.w * WS_TILE_LANES * sizeof *scratch->rows);
        stage->fft.tail->backward(&tail, rows, dy, (ws_tile_places){scratch->rows, WS_TILE_LANES},
                                  sums);
        conv->transform->rows_forward(&conv->fft, &conv->output, scratch->rows, (int)rows.z.begin,
                                      (int)n_rows, scratch->work);
    }
}

/* ---- many input channels ---- */

void ws_fft_output_gradients(const ws_phase_run *run)
{
    const ws_fft_arrays *fft = &run->stage->fft;
    const fft_scratch scratch = ws_fft_scratch_divide(run);
    float unused[WS_TILE_LANES] = {0}; /* frequency 0 has the gradient of the bias */

    for (int block = 0; block < fft->conv.out_blocks; block++) {
        begin_tile(run, &scratch, run->item, block, unused);
        ws_fftconv_output_forward_columns(&fft->conv, (int)run->item, block, fft->y, scratch.work);
    }
}

/** Puts one block's gradient of the bias into place. */
static void store_bias_gradient(const ws_phase_run *run, int block, const float *sums)
{
    float *gradient = ws_fast_weights_of(run->stage, run->pass).bias_gradient;

    if (gradient != NULL)
        memcpy(gradient + (size_t)block * WS_TILE_LANES, sums,
               fft_lanes(run->stage->plan->middle.c, block) * sizeof *gradient);
}

/** The gradient of one block's bias, over some shards. */
static void sum_bias(const ws_fft_arrays *fft, const size_t *bounds, size_t n_shards, int block,
                     float *sums)
{
    const size_t half = n_shards / 2;
    float right[WS_TILE_LANES];

    if (half == 0) {
        const size_t row = (size_t)fft->conv.out_blocks * WS_CONV_COMPLEX;
        ws_fftconv_bias_gradient(&fft->conv, fft->y + bounds[0] * row, (int)(bounds[1] - bounds[0]),
                                 block, sums);
        return;
    }
    sum_bias(fft, bounds, half, block, sums);
    sum_bias(fft, bounds + half, half, block, right);
    for (size_t lane = 0; lane < WS_TILE_LANES; lane++)
        sums[lane] += right[lane];
}

/** Parts of the frequencies, then blocks of the bias. */
size_t ws_fft_items_backward_product(const ws_fast_stage *stage, size_t n)
{
    return ws_fft_items_frequencies(stage, n) + (size_t)stage->fft.conv.out_blocks;
}

void ws_fft_backward_product(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fft_arrays *fft = &stage->fft;
    const size_t n_parts = ws_fft_items_frequencies(stage, 0);
    const ws_fftconv_backward product = {
        .x = fft->x,
        .v = fft->v,
        .dy = fft->y,
        .dx = stage->is_first ? NULL : fft->x,
        .dv = fft->v,
        .n = (int)run->pass->n,
        .shards = stage->shards,
    };

    if (run->item >= n_parts) {
        const int block = (int)(run->item - n_parts);
        float sums[WS_TILE_LANES];
        sum_bias(fft, stage->shards->bounds, stage->shards->n, block, sums);
        store_bias_gradient(run, block, sums);
        return;
    }
    const ws_range freqs = ws_range_cut((size_t)fft->conv.fft.n_freqs, n_parts, run->item);
    ws_fftconv_product_backward(&fft->conv, &product, (int)freqs.begin, (int)freqs.end,
                                ws_fft_scratch_divide(run).work);
}

/** Samples of dx, if it is not taken as tiles. */
size_t ws_fft_items_input(const ws_fast_stage *stage, size_t n)
{
    return stage->is_first || stage->is_successor ? 0 : n;
}

void ws_fft_input_gradients(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fft_arrays *fft = &stage->fft;
    const ws_shape in = stage->plan->in;
    const fft_scratch scratch = ws_fft_scratch_divide(run);

    for (int block = 0; block < fft->conv.in_blocks; block++) {
        ws_fftconv_input_inverse(&fft->conv, fft->x, (int)run->item, block, scratch.tile,
                                 scratch.work);
        ws_fft_tile_scatter(scratch.tile, in.h * in.w, in.c, block,
                            stage->dx + run->item * ws_shape_size(in));
    }
}

/** Input channels, or blocks of output channels, whose gradients this rank finishes. */
size_t ws_fft_items_own(const ws_fast_stage *stage, size_t n)
{
    (void)n;
    return stage->own.end - stage->own.begin;
}

void ws_fft_gradients(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const int channel = (int)(stage->own.begin + run->item);

    ws_fftconv_weights_inverse(&stage->fft.conv, stage->fft.v, channel, channel + 1,
                               ws_fast_weights_of(stage, run->pass).weights_gradient,
                               ws_fft_scratch_divide(run).work);
}

/** dV, whose columns are input channels. */
size_t ws_fft_list_sums(const ws_fast_stage *stage, const ws_pass *pass, ws_fast_columns *sums)
{
    const ws_fftconv *conv = &stage->fft.conv;
    const size_t n = ws_fast_list_gradients(stage, pass, sums);

    sums[0] = (ws_fast_columns){.at = stage->fft.v,
                                .n_rows = (size_t)conv->fft.n_freqs,
                                .row = conv->v_stride,
                                .n_columns = (size_t)conv->shape.n_in,
                                .n = (size_t)conv->out_blocks * WS_CONV_COMPLEX};
    return n;
}

ws_fast_columns ws_fft_list_finished(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_fftconv_shape *shape = &stage->fft.conv.shape;
    const size_t n_taps = (size_t)(shape->kernel_h * shape->kernel_w);
    const size_t n_in = (size_t)shape->n_in, n_out = (size_t)shape->n_out;
    const bool by_channel = shape->weights_by_channel;

    return (ws_fast_columns){
        .at = pass != NULL ? ws_fast_weights_of(stage, pass).weights_gradient : NULL,
        .n_rows = by_channel ? 1 : n_taps,
        .row = n_in * n_out,
        .n_columns = n_in,
        .n = by_channel ? n_taps * n_out : n_out,
    };
}

/* ---- one input channel ---- */

size_t ws_fft_items_chunks(const ws_fast_stage *stage, size_t n)
{
    return ws_fft_chunks_count(stage, n) * (size_t)stage->fft.conv.out_blocks;
}

/** Chunks are shards, or parts of the only shard. */
static ws_range chunk_of(const ws_fast_stage *stage, size_t n, size_t i)
{
    const ws_shards *shards = stage->shards;

    if (shards->n_all > 1)
        return (ws_range){shards->bounds[i], shards->bounds[i + 1]};
    return ws_range_cut(n, ws_fft_chunks_count(stage, n), i);
}

/** dV and the gradient of the bias of one block, summed over a chunk of samples. */
void ws_fft_one_chunk(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fft_arrays *fft = &stage->fft;
    const ws_fftconv *conv = &fft->conv;
    const size_t n_blocks = (size_t)conv->out_blocks, n = run->pass->n;
    const size_t n_v = ws_fftconv_one_v_get_floats(conv);
    const ws_range chunk = chunk_of(stage, n, run->item / n_blocks);
    const fft_scratch scratch = ws_fft_scratch_divide(run);
    float *dv = fft->dv + run->item * n_v;
    float *sums = fft->bias_sums + run->item * WS_TILE_LANES;

    memset(dv, 0, n_v * sizeof *dv);
    memset(sums, 0, WS_TILE_LANES * sizeof *sums);
    for (size_t sample = chunk.begin; sample < chunk.end; sample++) {
        begin_tile(run, &scratch, sample, (int)(run->item % n_blocks), sums);
        ws_fftconv_one_weights_add(conv, fft->x + sample * ws_fftconv_one_x_get_floats(conv), dv,
                                   scratch.work);
    }
}

size_t ws_fft_items_blocks(const ws_fast_stage *stage, size_t n)
{
    (void)n;
    return (size_t)stage->fft.conv.out_blocks;
}

static void add(const float *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/** The first chunk's sums [n_chunks, stride] += those of all others: shards as a tree, parts of a
 *  shard in order. */
static void add_chunks(const ws_shards *shards, float *sums, size_t n_chunks, size_t stride,
                       size_t n)
{
    for (size_t chunk = 1; shards->n_all == 1 && chunk < n_chunks; chunk++)
        add(sums + chunk * stride, n, sums);
    for (size_t step = 1; step < shards->n; step *= 2)
        for (size_t i = 0; i + step < shards->n; i += 2 * step)
            add(sums + (i + step) * stride, n, sums + i * stride);
}

/** Blocks, whose chunks are added. */
void ws_fft_one_sums(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fft_arrays *fft = &stage->fft;
    const size_t n_blocks = (size_t)fft->conv.out_blocks;
    const size_t n_chunks = ws_fft_chunks_count(stage, run->pass->n);
    const size_t n_v = ws_fftconv_one_v_get_floats(&fft->conv);
    float *dv = fft->dv + run->item * n_v, *sums = fft->bias_sums + run->item * WS_TILE_LANES;

    add_chunks(stage->shards, dv, n_chunks, n_blocks * n_v, n_v);
    add_chunks(stage->shards, sums, n_chunks, n_blocks * WS_TILE_LANES, WS_TILE_LANES);
    store_bias_gradient(run, (int)run->item, sums);
}

void ws_fft_one_gradients(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fft_arrays *fft = &stage->fft;
    const size_t block = stage->own.begin + run->item;

    ws_fftconv_one_weights_inverse(
        &fft->conv, fft->dv + block * ws_fftconv_one_v_get_floats(&fft->conv), (int)block,
        ws_fast_weights_of(stage, run->pass).weights_gradient, ws_fft_scratch_divide(run).work);
}

/** dV, whose columns are blocks of output channels. */
size_t ws_fft_one_list_sums(const ws_fast_stage *stage, const ws_pass *pass, ws_fast_columns *sums)
{
    const ws_fftconv *conv = &stage->fft.conv;
    const size_t n = ws_fast_list_gradients(stage, pass, sums);

    sums[0] = (ws_fast_columns){.at = stage->fft.dv,
                                .n_rows = 1,
                                .n_columns = (size_t)conv->out_blocks,
                                .n = ws_fftconv_one_v_get_floats(conv)};
    return n;
}

ws_fast_columns ws_fft_one_list_finished(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_fftconv_shape *shape = &stage->fft.conv.shape;

    return (ws_fast_columns){
        .at = pass != NULL ? ws_fast_weights_of(stage, pass).weights_gradient : NULL,
        .n_rows = (size_t)(shape->kernel_h * shape->kernel_w),
        .row = (size_t)shape->n_out,
        .n_columns = (size_t)stage->fft.conv.out_blocks,
        .n = WS_TILE_LANES,
        .width = (size_t)shape->n_out,
    };
}
