/* The fast engine's convolution by FFT, tile by tile (fftconv.h; README.md draws the way of a
 * batch). Capital letters are spectra.
 *
 *     forward   1  pieces       V of the weights, X of what is read, masks of dropout
 *               2  frequencies  Y = X V
 *               3  samples      Y -> tile -> bias, ReLU, dropout, pool -> y, or X of the successor
 *     backward  1  samples      dy, or dX of the successor -> tile -> undo the tail -> dY
 *               2  frequencies  dX = dY conj V^T     dV = conj X^T dY        bias gradient
 *               3  samples      dX -> dx, if the stage before does not take tiles
 *               4  channels     dV -> gradient of the weights
 *
 * With one input channel the products are part of the transforms:
 *
 *     forward   1  pieces   V, X, masks
 *               2  tiles    Y = X V -> tile -> tail -> y, or X of the successor
 *     backward  1  chunks   for each sample: tile -> undo the tail -> dV += conj X dY
 *               2  blocks   dV of all chunks added
 *               3  blocks   dV -> gradient of the weights
 *
 * A kernel as high as an image without padding sees each row at one height only. Then the rows of
 * a one-channel image are taken for the channels of an image that is one row high, and nothing is
 * transformed along h.
 */
#include "nn/engine/fft/fft.h"

#include <math.h>
#include <string.h>

#include "nn/engine/common/tail.h"
#include "nn/engine/kits.h"

/** How a stage is a layer of fftconv.h. */
static ws_fftconv_shape shape_of(const ws_fast_stage *stage, bool rows_are_channels)
{
    const ws_stage *plan = stage->plan;
    ws_fftconv_shape shape = {
        .n = (int)stage->max_batch,
        .in_h = (int)plan->in.h,
        .in_w = (int)plan->in.w,
        .n_in = (int)plan->in.c,
        .out_h = (int)plan->middle.h,
        .out_w = (int)plan->middle.w,
        .n_out = (int)plan->middle.c,
        .kernel_h = (int)plan->window.h,
        .kernel_w = (int)plan->window.w,
        .pad_top = (int)plan->window.zeros.before_h,
        .pad_left = (int)plan->window.zeros.before_w,
        .is_first = stage->is_first,
    };

    if (rows_are_channels) {
        shape.n_in = shape.in_h;
        shape.in_h = 1;
        shape.kernel_h = 1;
        shape.weights_by_channel = true;
    }
    return shape;
}

/** Plans one of the two ways. @return its cost; HUGE_VAL if there is no grid */
static double plan_layer(ws_fast_stage *stage, bool rows_are_channels)
{
    const ws_fftconv_shape shape = shape_of(stage, rows_are_channels);
    ws_error ignored; /* that there is no grid is no error: there are other kits */

    stage->fft.rows_are_channels = rows_are_channels;
    if (ws_fftconv_init(&stage->fft.conv, &shape, stage->level, &ignored) != WS_OK)
        return HUGE_VAL;
    return ws_fftconv_cost_get(&stage->fft.conv);
}

/** Plans the cheaper way. */
static double plan_best(ws_fast_stage *stage)
{
    const ws_stage *plan = stage->plan;
    const bool is_possible = plan->in.c == 1 && plan->in.h > 1 && plan->middle.h == 1;
    const double by_rows = is_possible ? plan_layer(stage, true) : HUGE_VAL;
    const double cost = plan_layer(stage, false);
    return by_rows < cost ? plan_layer(stage, true) : cost;
}

const ws_fast_kit *ws_fast_fft_plan(ws_fast_stage *stage, double *cost)
{
    enum { MOST = 4096 }; /* no grid is larger; and it keeps all numbers far from overflow */
    const ws_stage *plan = stage->plan;
    const ws_shape in = plan->in;

    if (plan->kind != WS_OP_CONV2D || plan->window.stride_h != 1 || plan->window.stride_w != 1 ||
        in.h > MOST || in.w > MOST || in.c > MOST || plan->middle.c > MOST ||
        plan->window.h > MOST || plan->window.w > MOST)
        return NULL;
    if (in.c == 1 && !stage->is_first) /* its kit gives no gradient of x */
        return NULL;
    *cost = plan_best(stage);
    if (*cost == HUGE_VAL)
        return NULL;
    return stage->fft.conv.shape.n_in == 1 ? &ws_fast_fft_one : &ws_fast_fft;
}

static void fft_init(ws_fast_stage *stage)
{
    stage->fft.tail = ws_tail_kernels_get(stage->level);
    stage->fft.n_mask_words = ws_tail_mask_words(stage->plan);
}

size_t ws_fft_chunks_count(const ws_fast_stage *stage, size_t n)
{
    if (stage->shards != NULL && stage->shards->n_all > 1)
        return stage->shards->n;
    const size_t n_blocks = (size_t)stage->fft.conv.out_blocks;
    const size_t n_chunks = (WS_N_SAMPLE_BLOCKS + n_blocks - 1) / n_blocks;
    return n_chunks < n ? n_chunks : n;
}

static void place_maps(ws_fast_stage *stage, ws_layout *layout)
{
    ws_fft_arrays *fft = &stage->fft;
    const size_t n_seen = stage->max_batch * fft_maps_count(stage);

    fft->seen =
        ws_layout_push(layout, n_seen * ws_live_n_words(stage->plan->in), sizeof *fft->seen);
    fft->live = ws_layout_push(layout, stage->max_batch * ws_live_n_words(stage->plan->middle),
                               sizeof *fft->live);
}

/** What both kits keep from forward to backward. */
static void place_tail(ws_fast_stage *stage, ws_layout *layout)
{
    ws_fft_arrays *fft = &stage->fft;
    const size_t n_tiles = stage->max_batch * (size_t)fft->conv.out_blocks;
    const size_t n_places = stage->plan->out.h * stage->plan->out.w;

    fft->masks = ws_layout_push(layout, stage->max_batch * fft->n_mask_words, sizeof *fft->masks);
    stage->codes = ws_layout_push(layout, n_tiles * n_places * WS_TILE_LANES, sizeof *stage->codes);
    place_maps(stage, layout);
}

static void fft_place(ws_fast_stage *stage, ws_layout *layout)
{
    ws_fft_arrays *fft = &stage->fft;

    fft->x = ws_layout_push(layout, fft->conv.x_floats, sizeof(float));
    fft->y = ws_layout_push(layout, fft->conv.y_floats, sizeof(float));
    fft->v = ws_layout_push(layout, fft->conv.v_floats, sizeof(float));
    place_tail(stage, layout);
}

static void fft_one_place(ws_fast_stage *stage, ws_layout *layout)
{
    ws_fft_arrays *fft = &stage->fft;
    const size_t n_x = stage->max_batch * ws_fftconv_one_x_get_floats(&fft->conv);
    const size_t n_blocks = (size_t)fft->conv.out_blocks;
    const size_t n_chunks = ws_fft_chunks_count(stage, stage->max_batch);
    const size_t n_shards =
        ws_shards_count((ws_shard_rule){1, WS_MIN_SHARD_ROWS}, stage->max_batch);
    const size_t n_sums = (n_chunks > n_shards ? n_chunks : n_shards) * n_blocks;
    const size_t n_v = ws_fftconv_one_v_get_floats(&fft->conv);

    fft->x = ws_layout_push(layout, n_x, sizeof(float));
    fft->v = ws_layout_push(layout, n_blocks * n_v, sizeof(float));
    fft->dv = ws_layout_push(layout, n_sums * n_v, sizeof(float));
    fft->bias_sums = ws_layout_push(layout, n_sums * WS_TILE_LANES, sizeof(float));
    place_tail(stage, layout);
}

static void place_scratch(const ws_fast_stage *stage, ws_layout *layout, fft_scratch *scratch)
{
    const ws_stage *plan = stage->plan;
    const size_t n_in = plan->in.h * plan->in.w, n_out = plan->out.h * plan->out.w;
    const size_t n_tile = (n_in > n_out ? n_in : n_out) * WS_TILE_LANES;
    const size_t n_rows = ws_tile_rows_most(plan) * plan->middle.w * WS_TILE_LANES;
    size_t n_work = stage->fft.conv.work_floats;

    if (stage->successor != NULL && stage->successor->fft.conv.work_floats > n_work)
        n_work = stage->successor->fft.conv.work_floats;
    scratch->work = ws_layout_push(layout, n_work, sizeof(float));
    scratch->rows = ws_layout_push(layout, n_rows, sizeof(float));
    scratch->tile = ws_layout_push(layout, n_tile, sizeof(float));
}

static size_t fft_scratch_bytes(const ws_fast_stage *stage)
{
    ws_layout layout = {0};
    fft_scratch scratch;
    place_scratch(stage, &layout, &scratch);
    return layout.n_bytes;
}

fft_scratch ws_fft_scratch_divide(const ws_phase_run *run)
{
    ws_arena arena = {.base = run->scratch, .size = fft_scratch_bytes(run->stage)};
    ws_layout layout = {.arena = &arena};
    fft_scratch scratch;
    place_scratch(run->stage, &layout, &scratch);
    return scratch;
}

ws_tail ws_fft_tail_make(const ws_phase_run *run, size_t sample, int block)
{
    const ws_fast_stage *stage = run->stage;
    const ws_stage *plan = stage->plan;
    const float *bias = ws_fast_weights_of(stage, run->pass).bias;
    const size_t tile = sample * (size_t)stage->fft.conv.out_blocks + (size_t)block;
    const size_t n_lanes = fft_lanes(plan->middle.c, block);
    ws_tail tail = ws_tail_make(plan, ws_pass_dropout(run->pass),
                                stage->fft.masks + sample * stage->fft.n_mask_words);

    tail.channel = (size_t)block * WS_TILE_LANES;
    if (stage->successor == NULL) /* it takes whole tiles */
        tail.n_lanes = n_lanes;
    if (bias != NULL)
        memcpy(tail.bias, bias + tail.channel, n_lanes * sizeof *bias);
    if (run->pass->labels != NULL)
        tail.codes = stage->codes + tile * plan->out.h * plan->out.w * WS_TILE_LANES;
    tail.code_stride = WS_TILE_LANES;
    return tail;
}

void ws_fft_tile_gather(const float *from, size_t n_places, size_t c, int block, float *tile)
{
    const size_t n_lanes = fft_lanes(c, block);

    from += (size_t)block * WS_TILE_LANES;
    if (n_lanes == WS_TILE_LANES) {
        for (size_t p = 0; p < n_places; p++)
            memcpy(tile + p * WS_TILE_LANES, from + p * c, WS_TILE_LANES * sizeof *tile);
        return;
    }
    memset(tile, 0, n_places * WS_TILE_LANES * sizeof *tile);
    for (size_t p = 0; p < n_places; p++)
        memcpy(tile + p * WS_TILE_LANES, from + p * c, n_lanes * sizeof *tile);
}

void ws_fft_tile_scatter(const float *tile, size_t n_places, size_t c, int block, float *to)
{
    const size_t n_lanes = fft_lanes(c, block);

    to += (size_t)block * WS_TILE_LANES;
    for (size_t p = 0; p < n_places; p++)
        memcpy(to + p * c, tile + p * WS_TILE_LANES, n_lanes * sizeof *tile);
}

static ws_shard_rule shard_rule(const ws_fast_stage *stage)
{
    (void)stage;
    return (ws_shard_rule){1, WS_MIN_SHARD_ROWS};
}

const ws_fast_kit ws_fast_fft = {
    .name = "fft",
    .init = fft_init,
    .place = fft_place,
    .n_scratch_bytes = fft_scratch_bytes,
    .forward = {{"spectra", ws_fft_items_spectra, ws_fft_spectra, ws_fft_count_spectra, false},
                {"product", ws_fft_items_frequencies, ws_fft_forward_product, ws_fft_count_product,
                 false},
                {"outputs", ws_items_samples, ws_fft_outputs, ws_fft_count_outputs, false}},
    .backward = {{"output gradients", ws_items_samples, ws_fft_output_gradients,
                  ws_fft_count_output_gradients, false},
                 {"products back", ws_fft_items_backward_product, ws_fft_backward_product,
                  ws_fft_count_products_back, false},
                 {"input gradients", ws_fft_items_input, ws_fft_input_gradients,
                  ws_fft_count_input_gradients, false}},
    .late = {"gradients", ws_fft_items_own, ws_fft_gradients, ws_fft_count_gradients, false},
    .shard_rule = shard_rule,
    .list_sums = ws_fft_list_sums,
    .list_finished = ws_fft_list_finished,
};

const ws_fast_kit ws_fast_fft_one = {
    .name = "fft of one channel",
    .init = fft_init,
    .place = fft_one_place,
    .n_scratch_bytes = fft_scratch_bytes,
    .forward = {{"spectra", ws_fft_items_spectra, ws_fft_spectra, ws_fft_count_spectra, false},
                {"outputs", ws_fft_items_tiles, ws_fft_one_outputs, ws_fft_count_one_outputs,
                 false}},
    .backward = {{"gradient chunks", ws_fft_items_chunks, ws_fft_one_chunk, ws_fft_count_one_chunks,
                  false},
                 {"chunk sums", ws_fft_items_blocks, ws_fft_one_sums, ws_fft_count_one_sums,
                  false}},
    .late = {"gradients", ws_fft_items_own, ws_fft_one_gradients, ws_fft_count_one_gradients,
             false},
    .shard_rule = shard_rule,
    .list_sums = ws_fft_one_list_sums,
    .list_finished = ws_fft_one_list_finished,
};
