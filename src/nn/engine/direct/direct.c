/* The fast engine's direct convolution (direct_kernels.h): the first stage, one channel, no
 * pooling. Groups are of 16 samples, which are the lanes; bands are some rows of outputs.
 *
 *     forward   1  groups          images with their padding, as lanes
 *                  samples         dropout masks
 *               2  groups, bands   each row: z, as rows of samples: y = tail(z)
 *     backward  1  groups, bands   each row: dz = tail back(dy), as lanes; sums of what it gives
 *               2                  sums of a shard's groups and bands added in order, and shards
 *                                  as a tree
 */
#include "nn/engine/direct/direct_kernels.h"

#include <math.h>
#include <string.h>

#include "nn/engine/fft/fftconv_kernels.h"
#include "nn/engine/kits.h"

WS_CPU_DEFINE_GETTER(ws_direct_kernels, ws_direct_kernels_get)

enum { MAX_BANDS = 4 }; /* of an image: enough items for some threads, few sums */

static ws_direct_shape shape_of(const ws_fast_stage *stage)
{
    const ws_stage *plan = stage->plan;
    const ws_window *window = &plan->window;
    ws_direct_shape shape = {
        .image_h = (plan->middle.h - 1) * window->stride_h + window->h,
        .image_w = (plan->middle.w - 1) * window->stride_w + window->w,
        .kernel_h = window->h,
        .kernel_w = window->w,
        .stride_h = window->stride_h,
        .stride_w = window->stride_w,
        .out_w = plan->middle.w,
        .n_channels = plan->middle.c,
    };
    return shape;
}

/** Groups of samples. */
static size_t count_groups(size_t n)
{
    return (n + WS_DIRECT_LANES - 1) / WS_DIRECT_LANES;
}

double ws_fast_direct_cost_get(const ws_fast_stage *stage)
{
    /* fitted as those of conv.c: for a product and sum, and for moving and finishing an output */
    static const double cost_per_product = 1.1, cost_per_output = 10.0;
    const ws_stage *plan = stage->plan;
    const double n_groups = (double)count_groups(stage->max_batch);
    const double n_taps = (double)(plan->window.h * plan->window.w);

    if (!stage->is_first || plan->in.c != 1 || plan->has_pool)
        return HUGE_VAL;
    return 2.0 * n_groups * (double)ws_shape_size(plan->middle) *
           (n_taps * cost_per_product + cost_per_output);
}

static size_t count_bands(const ws_fast_stage *stage)
{
    return stage->plan->middle.h < MAX_BANDS ? stage->plan->middle.h : MAX_BANDS;
}

static size_t image_floats(const ws_fast_stage *stage)
{
    const ws_direct_shape shape = shape_of(stage);
    return shape.image_h * shape.image_w * WS_DIRECT_LANES;
}

/** Numbers of one item's gradients: weights, then bias. */
static size_t count_gradients(const ws_fast_stage *stage)
{
    return stage->plan->weights->size + stage->plan->middle.c;
}

static void direct_place(ws_fast_stage *stage, ws_layout *layout)
{
    ws_direct_arrays *direct = &stage->direct;
    const size_t n_groups = count_groups(stage->max_batch);
    const size_t n_items = n_groups * count_bands(stage);

    direct->images = ws_layout_push(layout, n_groups * image_floats(stage), sizeof(float));
    direct->gradients = ws_layout_push(layout, n_items * count_gradients(stage), sizeof(float));
    direct->masks = ws_layout_push(layout, stage->max_batch * ws_tail_mask_words(stage->plan),
                                   sizeof *direct->masks);
    ws_fast_tail_place(stage, layout);
}

/** A thread's scratch. */
typedef struct direct_scratch {
    float *lanes; /* [out_w, n_channels, 16] of a row of outputs */
    float *rows;  /* [16, rows of a band, out_w, n_channels] sample by sample */
    float *sums;  /* [taps + 1, n_channels, 16] */
} direct_scratch;

/** Numbers of one sample's row of outputs. */
static size_t row_size(const ws_fast_stage *stage)
{
    return stage->plan->middle.w * stage->plan->middle.c;
}

static void place_scratch(const ws_fast_stage *stage, ws_layout *layout, direct_scratch *scratch)
{
    const size_t n_row = row_size(stage) * WS_DIRECT_LANES, n_bands = count_bands(stage);
    const size_t most_rows = (stage->plan->middle.h + n_bands - 1) / n_bands;

    scratch->lanes = ws_layout_push(layout, n_row, sizeof(float));
    scratch->rows = ws_layout_push(layout, most_rows * n_row, sizeof(float));
    scratch->sums = ws_layout_push(layout, count_gradients(stage) * WS_DIRECT_LANES, sizeof(float));
}

static size_t direct_scratch_bytes(const ws_fast_stage *stage)
{
    ws_layout layout = {0};
    direct_scratch scratch;
    place_scratch(stage, &layout, &scratch);
    return layout.n_bytes;
}

static direct_scratch scratch_of(const ws_phase_run *run)
{
    ws_arena arena = {.base = run->scratch, .size = direct_scratch_bytes(run->stage)};
    ws_layout layout = {.arena = &arena};
    direct_scratch scratch;
    place_scratch(run->stage, &layout, &scratch);
    return scratch;
}

/* ---- images and masks ---- */

static size_t items_images(const ws_fast_stage *stage, size_t n)
{
    return count_groups(n) + (stage->plan->dropout_node > 0 ? n : 0);
}

/** Samples of a group. */
static size_t count_samples(size_t n, size_t group)
{
    const size_t left = n - group * WS_DIRECT_LANES;
    return left < WS_DIRECT_LANES ? left : WS_DIRECT_LANES;
}

/** The padding stays zero from the start. Rows and columns that no window sees are left out. */
static void make_image(const ws_phase_run *run, size_t group)
{
    const ws_fast_stage *stage = run->stage;
    const ws_direct_shape shape = shape_of(stage);
    const ws_shape in = stage->plan->in;
    const ws_window *window = &stage->plan->window;
    const size_t n_h = shape.image_h - window->zeros.before_h,
                 n_w = shape.image_w - window->zeros.before_w;
    const size_t n_rows = in.h < n_h ? in.h : n_h, n_columns = in.w < n_w ? in.w : n_w;
    const float *x = stage->x + group * WS_DIRECT_LANES * ws_shape_size(in);
    float *image = stage->direct.images + group * image_floats(stage);

    for (size_t row = 0; row < n_rows; row++) {
        const size_t at = (row + window->zeros.before_h) * shape.image_w + window->zeros.before_w;
        ws_fftconv_kernels_get(stage->level)
            ->lanes_from_rows(x + row * in.w, ws_shape_size(in),
                              (int)count_samples(run->pass->n, group), (int)n_columns,
                              image + at * WS_DIRECT_LANES);
    }
}

static uint32_t *mask_of(const ws_fast_stage *stage, size_t sample)
{
    return stage->direct.masks + sample * ws_tail_mask_words(stage->plan);
}

static void make_images(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_groups = count_groups(run->pass->n);

    if (run->item < n_groups) {
        make_image(run, run->item);
        return;
    }
    const size_t sample = run->item - n_groups;
    ws_tail_mask_draw(stage->plan, ws_pass_dropout(run->pass), sample, mask_of(stage, sample));
}

/* ---- bands ---- */

static size_t items_bands(const ws_fast_stage *stage, size_t n)
{
    return count_groups(n) * count_bands(stage);
}

/** A group and a band. */
typedef struct band {
    size_t first, n;    /* samples */
    const float *image; /* of the group */
    ws_range rows;      /* of outputs */
} band;

static band band_of(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_bands = count_bands(stage), group = run->item / n_bands;
    return (band){
        .first = group * WS_DIRECT_LANES,
        .n = count_samples(run->pass->n, group),
        .image = stage->direct.images + group * image_floats(stage),
        .rows = ws_range_cut(stage->plan->middle.h, n_bands, run->item % n_bands),
    };
}

/** The first row of the image that output row y sees. */
static const float *image_row(const ws_direct_shape *shape, const band *b, size_t y)
{
    return b->image + y * shape->stride_h * shape->image_w * WS_DIRECT_LANES;
}

static void forward_band(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_direct_shape shape = shape_of(stage);
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);
    const size_t n_out = ws_shape_size(stage->plan->out), n_row = row_size(stage);
    const direct_scratch scratch = scratch_of(run);
    const band b = band_of(run);

    for (size_t row = b.rows.begin; row < b.rows.end; row++) {
        float *y = stage->y + b.first * n_out + row * n_row;
        ws_direct_kernels_get(stage->level)
            ->forward(&shape, image_row(&shape, &b, row), w.weights, w.bias, scratch.lanes);
        ws_fftconv_kernels_get(stage->level)
            ->rows_from_lanes(scratch.lanes, (int)n_row, y, n_out, (int)b.n);
    }
    for (size_t i = b.first; i < b.first + b.n; i++) /* nothing is pooled: in place */
        ws_fast_tail_forward(run, i, mask_of(stage, i), (ws_tile_rows){b.rows, b.rows},
                             stage->y + i * n_out + b.rows.begin * n_row);
}

static void backward_band(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_direct_shape shape = shape_of(stage);
    const ws_direct_kernels *kernels = ws_direct_kernels_get(stage->level);
    const size_t n_row = row_size(stage), n_sums = count_gradients(stage);
    const direct_scratch scratch = scratch_of(run);
    const band b = band_of(run);
    const size_t n_band = (b.rows.end - b.rows.begin) * n_row;

    for (size_t i = 0; i < b.n; i++)
        ws_fast_tail_backward(run, b.first + i, (ws_tile_rows){b.rows, b.rows},
                              scratch.rows + i * n_band);
    memset(scratch.sums, 0, n_sums * WS_DIRECT_LANES * sizeof *scratch.sums);
    for (size_t row = b.rows.begin; row < b.rows.end; row++) {
        ws_fftconv_kernels_get(stage->level)
            ->lanes_from_rows(scratch.rows + (row - b.rows.begin) * n_row, n_band, (int)b.n,
                              (int)n_row, scratch.lanes);
        kernels->weights_add(&shape, image_row(&shape, &b, row), scratch.lanes, scratch.sums);
    }
    kernels->add_lanes(scratch.sums, n_sums, stage->direct.gradients + run->item * n_sums);
}

static size_t items_one(const ws_fast_stage *stage, size_t n)
{
    (void)stage;
    (void)n;
    return 1;
}

/** The first item of a shard. */
static size_t first_item(const ws_fast_stage *stage, size_t shard)
{
    return count_groups(stage->shards->bounds[shard]) * count_bands(stage);
}

/** to += from */
static void add(const float *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/** Adds up the items of each shard in order, and the shards as a tree. */
static void backward_sum(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n = count_gradients(stage), n_weights = stage->plan->weights->size;
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);
    float *sums = stage->direct.gradients;

    for (size_t shard = 0; shard < stage->shards->n; shard++) {
        const size_t first = first_item(stage, shard);
        for (size_t item = first + 1; item < first_item(stage, shard + 1); item++)
            add(sums + item * n, n, sums + first * n);
    }
    for (size_t step = 1; step < stage->shards->n; step *= 2)
        for (size_t i = 0; i + step < stage->shards->n; i += 2 * step)
            add(sums + first_item(stage, i + step) * n, n, sums + first_item(stage, i) * n);
    memcpy(w.weights_gradient, sums, n_weights * sizeof *sums);
    if (w.bias_gradient != NULL)
        memcpy(w.bias_gradient, sums + n_weights, stage->plan->middle.c * sizeof *sums);
}

/** A shard has whole groups. */
static ws_shard_rule shard_rule(const ws_fast_stage *stage)
{
    (void)stage;
    return (ws_shard_rule){WS_DIRECT_LANES, WS_MIN_SHARD_ROWS};
}

/** Images from rows to lanes, and masks. */
static ws_phase_work count_images(const ws_fast_stage *stage, const ws_pass *pass)
{
    const size_t n_floats = pass->n * ws_shape_size(stage->plan->in) +
                            count_groups(pass->n) * image_floats(stage) +
                            pass->n * ws_tail_mask_words(stage->plan);
    return (ws_phase_work){.n_bytes = (double)(n_floats * sizeof(float))};
}

static ws_phase_work count_sums(const ws_fast_stage *stage, const ws_pass *pass)
{
    const double n_numbers = (double)(items_bands(stage, pass->n) * count_gradients(stage));
    return (ws_phase_work){n_numbers, n_numbers * sizeof(float)};
}

const ws_fast_kit ws_fast_direct = {
    .name = "direct sums",
    .place = direct_place,
    .n_scratch_bytes = direct_scratch_bytes,
    .forward = {{"images", items_images, make_images, count_images, false},
                {"direct conv", items_bands, forward_band, ws_count_products_forward, false}},
    .backward = {{"direct conv back", items_bands, backward_band, ws_count_products_back, false},
                 {"gradient sums", items_one, backward_sum, count_sums, true}},
    .shard_rule = shard_rule,
    .list_sums = ws_fast_list_gradients,
};
