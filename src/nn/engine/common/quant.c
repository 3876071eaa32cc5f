/* The fast engine's fake quantisation, with the dropout and pooling after it. A range is learned
 * from the whole batch before a number of it is quantised:
 *
 *     forward   1  samples  least and largest of x
 *               2  one      the range learns from those, levels
 *               3  samples  y = pool(dropout(level nearest to x))
 *     backward  1  samples  dx = tail back(dy) where x lies within the levels
 */
#include "nn/engine/kits.h"

static void quant_init(ws_fast_stage *stage)
{
    (void)stage;
}

static void quant_place(ws_fast_stage *stage, ws_layout *layout)
{
    ws_fast_tail_place(stage, layout);
    stage->sample_mins = ws_layout_push(layout, stage->max_batch, sizeof(float));
    stage->sample_maxs = ws_layout_push(layout, stage->max_batch, sizeof(float));
}

/** A thread's scratch. */
typedef struct quant_scratch {
    uint32_t *keep; /* mask of dropout */
    float *z;       /* [middle] before pooling, or its gradient */
} quant_scratch;

static void place_scratch(const ws_fast_stage *stage, ws_layout *layout, quant_scratch *scratch)
{
    scratch->keep = ws_layout_push(layout, ws_tail_mask_words(stage->plan), sizeof(uint32_t));
    scratch->z = ws_layout_push(layout, ws_shape_size(stage->plan->middle), sizeof(float));
}

static size_t quant_scratch_bytes(const ws_fast_stage *stage)
{
    ws_layout layout = {0};
    quant_scratch scratch;
    place_scratch(stage, &layout, &scratch);
    return layout.n_bytes;
}

static quant_scratch scratch_of(const ws_phase_run *run)
{
    ws_arena arena = {.base = run->scratch, .size = quant_scratch_bytes(run->stage)};
    ws_layout layout = {.arena = &arena};
    quant_scratch scratch;
    place_scratch(run->stage, &layout, &scratch);
    return scratch;
}

static bool learns(const ws_phase_run *run)
{
    return run->pass->labels != NULL && run->stage->plan->quantizer->kind != WS_RANGE_FIXED;
}

static void find_sample_range(const ws_phase_run *run)
{
    ws_fast_stage *stage = run->stage;
    const size_t n = ws_shape_size(stage->plan->in);

    if (learns(run))
        ws_quant_kernels_get(stage->level)
            ->find_range(stage->x + run->item * n, n, &stage->sample_mins[run->item],
                         &stage->sample_maxs[run->item]);
}

static size_t items_one(const ws_fast_stage *stage, size_t n)
{
    (void)stage;
    (void)n;
    return 1;
}

static void find_levels(const ws_phase_run *run)
{
    ws_fast_stage *stage = run->stage;
    ws_quant_range *range = &run->pass->ranges[stage->plan->range];

    if (learns(run)) {
        float min = 0.0f, max = 0.0f;
        for (size_t i = 0; i < run->pass->n; i++) {
            min = stage->sample_mins[i] < min ? stage->sample_mins[i] : min;
            max = stage->sample_maxs[i] > max ? stage->sample_maxs[i] : max;
        }
        ws_quant_range_push(range, stage->plan->quantizer, min, max);
    }
    ws_levels_init(&stage->levels, stage->plan->quantizer, range);
}

static void forward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_stage *plan = stage->plan;
    const size_t n = ws_shape_size(plan->middle), n_out = ws_shape_size(plan->out);
    const quant_scratch scratch = scratch_of(run);
    float *z = plan->has_pool ? scratch.z : stage->y + run->item * n_out;

    ws_quant_kernels_get(stage->level)->quantize(&stage->levels, stage->x + run->item * n, n, z);
    ws_tail_mask_draw(plan, ws_pass_dropout(run->pass), run->item, scratch.keep);
    ws_fast_tail_forward(run, run->item, scratch.keep, ws_tile_rows_all(plan), z);
}

static void backward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_stage *plan = stage->plan;
    const size_t n = ws_shape_size(plan->middle);

    if (stage->is_first)
        return;
    const quant_scratch scratch = scratch_of(run);
    ws_fast_tail_backward(run, run->item, ws_tile_rows_all(plan), scratch.z);
    ws_quant_kernels_get(stage->level)
        ->mask(&stage->levels, stage->x + run->item * n, n, scratch.z, stage->dx + run->item * n);
}

const ws_fast_kit ws_fast_quant = {
    .name = "fake quantisation",
    .init = quant_init,
    .place = quant_place,
    .n_scratch_bytes = quant_scratch_bytes,
    .forward = {{"range", ws_items_samples, find_sample_range, ws_count_tail, false},
                {"levels", items_one, find_levels, ws_count_tail, true},
                {"quantise", ws_items_samples, forward_sample, ws_count_tail, false}},
    .backward = {{"quantise back", ws_items_samples, backward_sample, ws_count_tail, false}},
};
