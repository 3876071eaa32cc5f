/* The fast engine's matrix product, x [n, in] w [in, out]. The matrix is cut into parts of its
 * rows; a part touches its weights once forward and once backward:
 *
 *     forward   1  parts    sums_p [n, out] = x[:, p] w[p, :]
 *               2  samples  y = tail(bias + sums_0 + sums_1 + ...)
 *     backward  1  samples  padded_dy = tail back(dy)
 *               2  parts    dw[p, :] = x[:, p]^T padded_dy    dx[:, p] = padded_dy w[p, :]^T
 *
 * Parts do not depend on threads or batch, so neither does any sum. */
#include <string.h>

#include "nn/engine/gemm/dense_kernels.h"
#include "nn/engine/kits.h"

WS_CPU_DEFINE_GETTER(ws_dense_kernels, ws_dense_kernels_get)

enum {
    MIN_PART = 512,           /* rows; smaller products of few outputs are not worth a thread, */
    MIN_PART_WEIGHTS = 16384, /* nor are wide ones of fewer weights */
    MAX_PARTS = 16,
    MIN_WIDE_SHARD = 24, /* rows, where the sums of a shard begin and end in memory */
};

static size_t count_in(const ws_fast_stage *stage)
{
    return ws_shape_size(stage->plan->in);
}

static bool is_wide(const ws_fast_stage *stage)
{
    return ws_dense_is_wide(stage->plan->middle.c);
}

static void dense_init(ws_fast_stage *stage)
{
    const size_t by_rows = count_in(stage) / MIN_PART;
    const size_t by_weights = stage->plan->weights->size / MIN_PART_WEIGHTS;
    const size_t n = is_wide(stage) && by_weights > by_rows ? by_weights : by_rows;
    stage->n_parts = n < 1 ? 1 : n < MAX_PARTS ? n : MAX_PARTS;
}

static size_t out_stride(const ws_fast_stage *stage)
{
    return ws_dense_out_stride(stage->plan->middle.c);
}

static void dense_place(ws_fast_stage *stage, ws_layout *layout)
{
    const size_t n = stage->max_batch * out_stride(stage);

    stage->part_sums = ws_layout_push(layout, stage->n_parts * n, sizeof(float));
    stage->padded_dy = ws_layout_push(layout, n, sizeof(float));
    ws_fast_tail_place(stage, layout);
}

/** For the products, or a dropout mask. */
static size_t dense_scratch(const ws_fast_stage *stage)
{
    const size_t n_mask = ws_tail_mask_words(stage->plan) * sizeof(uint32_t);
    const size_t n_work =
        ws_dense_work_floats(stage->max_batch, stage->plan->middle.c) * sizeof(float);
    return n_mask > n_work ? n_mask : n_work;
}

static size_t items_parts(const ws_fast_stage *stage, size_t n)
{
    (void)n;
    return stage->n_parts;
}

static ws_dense_product product_of(const ws_phase_run *run)
{
    return (ws_dense_product){
        .n = run->pass->n,
        .n_in = count_in(run->stage),
        .n_out = run->stage->plan->middle.c,
        .x = run->stage->x,
        .w = ws_fast_weights_of(run->stage, run->pass).weights,
        .work = run->scratch,
        .shards = run->stage->shards,
    };
}

static ws_range part_of(const ws_phase_run *run)
{
    return ws_range_cut(count_in(run->stage), run->stage->n_parts, run->item);
}

static void forward_part(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_dense_product product = product_of(run);
    float *sums = stage->part_sums + run->item * stage->max_batch * out_stride(stage);

    ws_dense_kernels_get(stage->level)->forward(&product, part_of(run), sums);
}

static void forward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_out = stage->plan->middle.c;
    float *y = stage->y + run->item * n_out;

    ws_fast_start_sums(ws_fast_weights_of(stage, run->pass).bias, 1, n_out, y);
    for (size_t part = 0; part < stage->n_parts; part++) {
        const float *sums =
            stage->part_sums + (part * stage->max_batch + run->item) * out_stride(stage);
        for (size_t o = 0; o < n_out; o++)
            y[o] += sums[o];
    }
    ws_tail_mask_draw(stage->plan, ws_pass_dropout(run->pass), run->item, run->scratch);
    ws_fast_tail_forward(run, run->item, run->scratch, ws_tile_rows_all(stage->plan), y);
}

static void backward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    ws_fast_tail_backward(run, run->item, ws_tile_rows_all(stage->plan),
                          stage->padded_dy + run->item * out_stride(stage));
}

/** The bias gradient of output o: dy summed over some shards. */
static float sum_bias(const ws_fast_stage *stage, size_t o, const size_t *bounds, size_t n_shards)
{
    const size_t half = n_shards / 2;
    float sum = 0.0f;

    if (half > 0)
        return sum_bias(stage, o, bounds, half) + sum_bias(stage, o, bounds + half, half);
    for (size_t i = bounds[0]; i < bounds[1]; i++)
        sum += stage->padded_dy[i * out_stride(stage) + o];
    return sum;
}

static void backward_part(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);
    const ws_dense_product product = product_of(run);
    float *dx = stage->is_first ? NULL : stage->dx;

    ws_dense_kernels_get(stage->level)
        ->backward(&product, part_of(run), stage->padded_dy, w.weights_gradient, dx);
    for (size_t o = 0; run->item == 0 && w.bias_gradient != NULL && o < product.n_out; o++)
        w.bias_gradient[o] = sum_bias(stage, o, stage->shards->bounds, stage->shards->n);
}

static ws_shard_rule shard_rule(const ws_fast_stage *stage)
{
    return (ws_shard_rule){1, is_wide(stage) ? MIN_WIDE_SHARD : WS_MIN_SHARD_ROWS};
}

const ws_fast_kit ws_fast_dense = {
    .name = "matrix product",
    .init = dense_init,
    .place = dense_place,
    .n_scratch_bytes = dense_scratch,
    .shard_rule = shard_rule,
    .list_sums = ws_fast_list_gradients,
    .forward = {{"dense sums", items_parts, forward_part, ws_count_products_forward, false},
                {"dense tail", ws_items_samples, forward_sample, ws_count_tail, true}},
    .backward = {{"dense tail back", ws_items_samples, backward_sample, ws_count_tail, true},
                 {"dense back", items_parts, backward_part, ws_count_products_back, false}},
};
