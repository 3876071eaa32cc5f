/* The fast engine's SVDF (svdf_kernels.h), as the first stage:
 *
 *     forward   1  blocks   y of 32 units = x W; of windows of a stream, filter by filter
 *               2  samples  y = tail(bias + y)
 *     backward  1  samples  dy = tail back(dy)
 *               2  blocks   gradients of the filters and the bias of 32 units
 */
#include "nn/engine/svdf/svdf_kernels.h"

#include <string.h>

#include "nn/engine/kits.h"

WS_CPU_DEFINE_GETTER(ws_svdf_kernels, ws_svdf_kernels_get)

enum { MIN_SHARD = 24 /* rows */ };

static ws_svdf describe(const ws_fast_stage *stage, size_t n)
{
    const ws_stage *plan = stage->plan;
    return (ws_svdf){.n = n,
                     .n_times = plan->in.h,
                     .n_frequencies = plan->in.w * plan->in.c,
                     .n_units = plan->middle.c,
                     .rank = plan->rank,
                     .stream_step = stage->stream_step};
}

static ws_svdf describe_run(const ws_phase_run *run)
{
    ws_svdf svdf = describe(run->stage, run->pass->n);
    svdf.x = run->stage->x;
    svdf.wf = ws_fast_weights_of(run->stage, run->pass).weights;
    svdf.wt = svdf.wf + run->stage->plan->weights->size; /* the parameter after it */
    svdf.work = run->scratch;
    svdf.shards = run->stage->shards;
    return svdf;
}

/** For the products, or a dropout mask. */
static size_t svdf_scratch(const ws_fast_stage *stage)
{
    const ws_svdf svdf = describe(stage, stage->max_batch);
    const size_t n_mask = ws_tail_mask_words(stage->plan) * sizeof(uint32_t);
    const size_t n_work = ws_svdf_work_floats(&svdf) * sizeof(float);
    return n_mask > n_work ? n_mask : n_work;
}

static size_t items_blocks(const ws_fast_stage *stage, size_t n)
{
    (void)n;
    return ws_svdf_n_blocks(stage->plan->middle.c);
}

static void forward_block(const ws_phase_run *run)
{
    const ws_svdf_kernels *kernels = ws_svdf_kernels_get(run->stage->level);
    const ws_svdf svdf = describe_run(run);

    if (svdf.stream_step > 0)
        kernels->forward_stream(&svdf, run->item, run->stage->y);
    else
        kernels->forward(&svdf, run->item, run->stage->y);
}

static void forward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_out = stage->plan->middle.c;
    const float *bias = ws_fast_weights_of(stage, run->pass).bias;
    float *y = stage->y + run->item * n_out;

    for (size_t o = 0; bias != NULL && o < n_out; o++)
        y[o] += bias[o];
    ws_tail_mask_draw(stage->plan, ws_pass_dropout(run->pass), run->item, run->scratch);
    ws_fast_tail_forward(run, run->item, run->scratch, ws_tile_rows_all(stage->plan), y);
}

static void backward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    float *dy = stage->dy + run->item * ws_shape_size(stage->plan->out);

    ws_fast_tail_backward(run, run->item, ws_tile_rows_all(stage->plan), dy); /* in place */
}

/** The bias gradient of a unit: dy summed over some shards. */
static float sum_unit(const ws_fast_stage *stage, size_t unit, const size_t *bounds,
                      size_t n_shards)
{
    const size_t n_out = stage->plan->middle.c, half = n_shards / 2;
    float sum = 0.0f;

    if (half > 0)
        return sum_unit(stage, unit, bounds, half) + sum_unit(stage, unit, bounds + half, half);
    for (size_t i = bounds[0]; i < bounds[1]; i++)
        sum += stage->dy[i * n_out + unit];
    return sum;
}

/** The bias gradient of one block's units. */
static void sum_bias(const ws_phase_run *run, float *gradient)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_out = stage->plan->middle.c, first = run->item * WS_SVDF_BLOCK;
    const size_t end = n_out - first < WS_SVDF_BLOCK ? n_out : first + WS_SVDF_BLOCK;

    for (size_t o = first; o < end; o++)
        gradient[o] = sum_unit(stage, o, stage->shards->bounds, stage->shards->n);
}

static void backward_block(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);
    const ws_svdf svdf = describe_run(run);

    ws_svdf_kernels_get(stage->level)
        ->backward(&svdf, run->item, stage->dy, w.weights_gradient,
                   w.weights_gradient + stage->plan->weights->size);
    if (w.bias_gradient != NULL)
        sum_bias(run, w.bias_gradient);
}

/** The multiplications of a sample's units: by one filter after the other, whose products with all
 *  but `step` time steps are there already, or by W. */
static double count_stream_sample(const ws_svdf *svdf, size_t step)
{
    return (double)(svdf->n_units * svdf->rank * (step * svdf->n_frequencies + svdf->n_times));
}

static bool shares_rows(const ws_fast_stage *stage, size_t step)
{
    const ws_svdf svdf = describe(stage, 1);
    const double by_w = (double)(svdf.n_units * svdf.n_frequencies * svdf.n_times);

    /* where it saves less than half, W is as good: its sums stay in registers */
    return 2.0 * count_stream_sample(&svdf, step) < by_w;
}

/** The product of a batch with W; and making W once. */
static double count_product(const ws_svdf *svdf)
{
    return 2.0 * (double)(svdf->n * svdf->n_times * svdf->n_frequencies * svdf->n_units);
}

static double count_making(const ws_svdf *svdf)
{
    return 2.0 * (double)(svdf->n_times * svdf->n_frequencies * svdf->n_units * svdf->rank);
}

/** x (each sample's, though they may share it), y and both kinds of filters, once. */
static double count_bytes(const ws_svdf *svdf)
{
    const size_t n_inputs = svdf->n_times * svdf->n_frequencies;
    const size_t n_filters = svdf->n_units * svdf->rank;
    return (double)((svdf->n * (n_inputs + svdf->n_units) +
                     n_filters * (svdf->n_times + svdf->n_frequencies)) *
                    sizeof(float));
}

static ws_phase_work count_forward(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_svdf svdf = describe(stage, pass->n);
    if (svdf.stream_step > 0)
        return (ws_phase_work){2.0 * (double)svdf.n * count_stream_sample(&svdf, svdf.stream_step),
                               count_bytes(&svdf)};
    return (ws_phase_work){count_product(&svdf) + count_making(&svdf), count_bytes(&svdf)};
}

/** The gradient of W, and what each kind of filter gets of it. */
static ws_phase_work count_back(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_svdf svdf = describe(stage, pass->n);
    return (ws_phase_work){count_product(&svdf) + 2.0 * count_making(&svdf), count_bytes(&svdf)};
}

/** Filters of both kinds: the second parameter lies after the first. */
static size_t list_sums(const ws_fast_stage *stage, const ws_pass *pass, ws_fast_columns *sums)
{
    const ws_svdf svdf = describe(stage, stage->max_batch);
    const size_t n = ws_fast_list_gradients(stage, pass, sums);

    sums[0].n_columns += svdf.n_units * svdf.rank * svdf.n_times;
    return n;
}

/** Each shard undoes W once, which takes as long as some rows. */
static ws_shard_rule shard_rule(const ws_fast_stage *stage)
{
    (void)stage;
    return (ws_shard_rule){1, MIN_SHARD};
}

const ws_fast_kit ws_fast_svdf = {
    .name = "svdf",
    .place = ws_fast_tail_place,
    .n_scratch_bytes = svdf_scratch,
    .shares_rows = shares_rows,
    .shard_rule = shard_rule,
    .list_sums = list_sums,
    .forward = {{"svdf", items_blocks, forward_block, count_forward, false},
                {"svdf tail", ws_items_samples, forward_sample, ws_count_tail, false}},
    .backward = {{"svdf tail back", ws_items_samples, backward_sample, ws_count_tail, false},
                 {"svdf back", items_blocks, backward_block, count_back, false}},
};
