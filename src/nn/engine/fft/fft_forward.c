/* The way forward of a convolution by FFT: see fft.c for the order of the phases. */
#include "nn/engine/fft/fft.h"

#include "nn/engine/fft/fftconv_kernels.h"

enum { N_FREQUENCY_ITEMS = 64 }; /* of a product, at most */

/* ---- maps of live outputs (live.h) ---- */

/** The map of one sample's x, or of one of its tiles. */
static uint64_t *seen_at(const ws_fast_stage *stage, size_t sample, int block)
{
    const size_t at = sample * fft_maps_count(stage) + (size_t)block;
    return stage->fft.seen + at * ws_live_n_words(stage->plan->in);
}

static uint64_t *live_at(const ws_fast_stage *stage, size_t sample)
{
    return stage->fft.live + sample * ws_live_n_words(stage->plan->middle);
}

/** From the maps of a sample's tiles; the first one becomes that of all. */
static void merge_live(const ws_fast_stage *stage, size_t sample)
{
    uint64_t *seen = seen_at(stage, sample, 0);

    for (int block = 1; block < stage->fft.conv.in_blocks; block++)
        ws_live_add(stage->plan->in, seen_at(stage, sample, block), seen);
    ws_live_widen(stage->plan, seen, live_at(stage, sample));
}

/* ---- V, X and masks, side by side ---- */

static bool is_one(const ws_fast_stage *stage)
{
    return stage->fft.conv.shape.n_in == 1;
}

/** X of 16 samples at once with one input channel; else of one, if nobody else makes it. */
static size_t count_x_items(const ws_fast_stage *stage, size_t n)
{
    if (is_one(stage))
        return (n + WS_TILE_LANES - 1) / WS_TILE_LANES;
    return stage->is_successor ? 0 : n;
}

/** V of one block of outputs, or of one input channel. */
static size_t count_v_items(const ws_fast_stage *stage)
{
    const ws_fftconv *conv = &stage->fft.conv;
    return (size_t)(is_one(stage) ? conv->out_blocks : conv->shape.n_in);
}

size_t ws_fft_items_spectra(const ws_fast_stage *stage, size_t n)
{
    const size_t n_masks = stage->plan->dropout_node > 0 ? n : 0;
    return count_x_items(stage, n) + count_v_items(stage) + n_masks;
}

/** Lays out a block of channels of one sample's x as a tile. */
static void gather_input(const ws_fast_stage *stage, const float *x, int block, float *tile)
{
    const ws_shape in = stage->plan->in;

    if (stage->fft.rows_are_channels)
        stage->fft.conv.kernels->lanes_from_rows(x + (size_t)block * WS_TILE_LANES * in.w, in.w,
                                                 (int)fft_lanes(in.h, block), (int)in.w, tile);
    else
        ws_fft_tile_gather(x, in.h * in.w, in.c, block, tile);
}

static void make_x(const ws_phase_run *run, size_t item)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fftconv *conv = &stage->fft.conv;
    const size_t n_in = ws_shape_size(stage->plan->in), n = run->pass->n;
    const fft_scratch scratch = ws_fft_scratch_divide(run);

    if (is_one(stage)) {
        const size_t first = item * WS_TILE_LANES, left = n - first;
        ws_fftconv_one_input_forward(
            conv, stage->x + first * n_in, (int)(left < WS_TILE_LANES ? left : WS_TILE_LANES),
            stage->fft.x + first * ws_fftconv_one_x_get_floats(conv), scratch.work);
        return;
    }
    for (int block = 0; block < conv->in_blocks; block++) {
        gather_input(stage, stage->x + item * n_in, block, scratch.tile);
        ws_fftconv_input_forward(conv, scratch.tile, (int)item, block, stage->fft.x, scratch.work);
    }
}

static void make_v(const ws_phase_run *run, size_t item)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fftconv *conv = &stage->fft.conv;
    const float *weights = ws_fast_weights_of(stage, run->pass).weights;
    const fft_scratch scratch = ws_fft_scratch_divide(run);
    const int i = (int)item;

    if (is_one(stage))
        ws_fftconv_one_weights_forward(conv, weights, i,
                                       stage->fft.v + item * ws_fftconv_one_v_get_floats(conv),
                                       scratch.work);
    else
        ws_fftconv_weights_forward(conv, weights, i, i + 1, stage->fft.v, scratch.work);
}

static void make_mask(const ws_phase_run *run, size_t sample)
{
    const ws_fast_stage *stage = run->stage;

    ws_tail_mask_draw(stage->plan, ws_pass_dropout(run->pass), sample,
                      stage->fft.masks + sample * stage->fft.n_mask_words);
}

/** Live outputs of the samples that make_x takes. */
static void find_live(const ws_phase_run *run, size_t item)
{
    const ws_fast_stage *stage = run->stage;
    const ws_shape in = stage->plan->in;
    const size_t n = is_one(stage) ? WS_TILE_LANES : 1;

    for (size_t i = item * n; i < (item + 1) * n && i < run->pass->n; i++) {
        uint64_t *seen = seen_at(stage, i, 0);
        ws_live_find(in, stage->x + i * ws_shape_size(in), seen);
        ws_live_widen(stage->plan, seen, live_at(stage, i));
    }
}

void ws_fft_spectra(const ws_phase_run *run)
{
    const size_t n_x = count_x_items(run->stage, run->pass->n), n_v = count_v_items(run->stage);

    if (run->item < n_x) {
        find_live(run, run->item);
        make_x(run, run->item);
    } else if (run->item < n_x + n_v) {
        make_v(run, run->item - n_x);
    } else {
        make_mask(run, run->item - n_x - n_v);
    }
}

/* ---- Y = X V ---- */

size_t ws_fft_items_frequencies(const ws_fast_stage *stage, size_t n)
{
    const size_t n_freqs = (size_t)stage->fft.conv.fft.n_freqs;
    (void)n;
    return n_freqs < N_FREQUENCY_ITEMS ? n_freqs : N_FREQUENCY_ITEMS;
}

void ws_fft_forward_product(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fft_arrays *fft = &stage->fft;
    const ws_range freqs =
        ws_range_cut((size_t)fft->conv.fft.n_freqs, ws_fft_items_frequencies(stage, 0), run->item);
    const ws_fftconv_forward product = {
        .x = fft->x, .v = fft->v, .y = fft->y, .n = (int)run->pass->n};

    ws_fftconv_product_forward(&fft->conv, &product, (int)freqs.begin, (int)freqs.end,
                               ws_fft_scratch_divide(run).work);
}

/* ---- Y to y ---- */

/** X of the successor from a tile of y. */
static void hand_over(const ws_fast_stage *successor, const fft_scratch *scratch, size_t sample,
                      int block)
{
    ws_live_find_tile(successor->plan->in, successor->fft.tail, scratch->tile,
                      seen_at(successor, sample, block));
    ws_fftconv_input_forward(&successor->fft.conv, scratch->tile, (int)sample, block,
                             successor->fft.x, scratch->work);
}

/** The columns are back in scratch: rows, tail, and y or X of the successor. */
static void finish_tile(const ws_phase_run *run, const fft_scratch *scratch, size_t sample,
                        int block)
{
    const ws_fast_stage *stage = run->stage, *successor = stage->successor;
    const ws_fftconv *conv = &stage->fft.conv;
    const ws_shape out = stage->plan->out;
    const ws_tail tail = ws_fft_tail_make(run, sample, block);
    const ws_tile_places y =
        successor != NULL
            ? (ws_tile_places){scratch->tile, WS_TILE_LANES}
            : (ws_tile_places){stage->y + sample * ws_shape_size(out) + tail.channel, out.c};

    for (size_t group = 0; group < ws_tile_rows_count(stage->plan); group++) {
        const ws_tile_rows rows = ws_tile_rows_get(stage->plan, group);
        conv->transform->rows_inverse(&conv->fft, &conv->output, scratch->rows, (int)rows.z.begin,
                                      (int)(rows.z.end - rows.z.begin), scratch->work);
        ws_live_clear_dead(live_at(stage, sample), stage->plan->middle, rows.z, scratch->rows);
        stage->fft.tail->forward(&tail, rows, (ws_tile_input){scratch->rows, WS_TILE_LANES}, y);
    }
    if (successor != NULL)
        hand_over(successor, scratch, sample, block);
}

void ws_fft_outputs(const ws_phase_run *run)
{
    const ws_fft_arrays *fft = &run->stage->fft;
    const fft_scratch scratch = ws_fft_scratch_divide(run);

    if (run->stage->is_successor)
        merge_live(run->stage, run->item);
    for (int block = 0; block < fft->conv.out_blocks; block++) {
        ws_fftconv_output_inverse_columns(&fft->conv, fft->y, (int)run->item, block, scratch.work);
        finish_tile(run, &scratch, run->item, block);
    }
}

size_t ws_fft_items_tiles(const ws_fast_stage *stage, size_t n)
{
    return n * (size_t)stage->fft.conv.out_blocks;
}

/** Block after block, so that V of a block stays in the second cache. */
void ws_fft_one_outputs(const ws_phase_run *run)
{
    const ws_fft_arrays *fft = &run->stage->fft;
    const ws_fftconv *conv = &fft->conv;
    const size_t sample = run->item % run->pass->n, block = run->item / run->pass->n;
    const fft_scratch scratch = ws_fft_scratch_divide(run);

    ws_fftconv_one_output_columns(conv, fft->x + sample * ws_fftconv_one_x_get_floats(conv),
                                  fft->v + block * ws_fftconv_one_v_get_floats(conv), scratch.work);
    finish_tile(run, &scratch, sample, (int)block);
}
