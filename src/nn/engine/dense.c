/* The fast engine's matrix product, x [n, in] w [in, out]. The matrix is cut into parts of its
 * rows; a part touches its weights once forward and once backward:
 *
 *     forward   1  parts    sums_p [n, out] = x[:, p] w[p, :]
 *               2  samples  y = tail(bias + sums_0 + sums_1 + ...)
 *     backward  1  samples  dy becomes the gradient before the tail
 *               2  parts    dw[p, :] = x[:, p]^T dy      dx[:, p] = dy w[p, :]^T
 *
 * Parts do not depend on threads or batch, so neither does any sum. */
#include <string.h>

#include "nn/engine/fast.h"
#include "nn/engine/gemm.h"
#include "nn/engine/tail.h"

enum {
    MIN_PART = 512, /* rows; smaller products are not worth a thread */
    MAX_PARTS = 16,
};

static size_t count_in(const ws_fast_stage *stage)
{
    return ws_shape_size(stage->plan->in);
}

static void dense_init(ws_fast_stage *stage)
{
    const size_t n = count_in(stage) / MIN_PART;
    stage->n_parts = n < 1 ? 1 : n < MAX_PARTS ? n : MAX_PARTS;
}

static void dense_place(ws_fast_stage *stage, ws_layout *layout)
{
    stage->part_sums = ws_layout_push(
        layout, stage->n_parts * stage->max_batch * stage->plan->middle.c, sizeof(float));
}

static size_t dense_scratch(const ws_fast_stage *stage)
{
    return ws_tail_n_words(stage->plan) * sizeof(uint32_t);
}

static size_t items_parts(const ws_fast_stage *stage, size_t n)
{
    (void)n;
    return stage->n_parts;
}

static void forward_part(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_in = count_in(stage), n_out = stage->plan->middle.c;
    const ws_range part = ws_range_cut(n_in, stage->n_parts, run->item);
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);

    ws_gemm_run(&(ws_gemm){
        .m = run->pass->n,
        .n = n_out,
        .k = part.end - part.begin,
        .a = stage->x + part.begin,
        .a_stride = n_in,
        .b = w.weights + part.begin * n_out,
        .b_stride = n_out,
        .c = stage->part_sums + run->item * stage->max_batch * n_out,
        .c_stride = n_out,
    });
}

static void forward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_out = stage->plan->middle.c;
    const ws_tail tail =
        ws_tail_make(stage->plan, ws_pass_dropout(run->pass), run->item, run->scratch);
    float *y = stage->y + run->item * n_out;

    ws_fast_start_sums(ws_fast_weights_of(stage, run->pass).bias, 1, n_out, y);
    for (size_t part = 0; part < stage->n_parts; part++) {
        const float *sums = stage->part_sums + (part * stage->max_batch + run->item) * n_out;
        for (size_t o = 0; o < n_out; o++)
            y[o] += sums[o];
    }
    ws_tail_forward(&tail, 0, n_out, y);
}

static void backward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t at = run->item * stage->plan->middle.c;
    const ws_tail tail =
        ws_tail_make(stage->plan, ws_pass_dropout(run->pass), run->item, run->scratch);

    ws_tail_backward(&tail, stage->y + at, stage->dy + at, NULL, stage->dy + at);
}

/** The bias gradient: dy summed over the batch. */
static void sum_bias(const ws_fast_stage *stage, size_t n, float *gradient)
{
    const size_t n_out = stage->plan->middle.c;

    memset(gradient, 0, n_out * sizeof *gradient);
    for (size_t i = 0; i < n; i++) {
        for (size_t o = 0; o < n_out; o++)
            gradient[o] += stage->dy[i * n_out + o];
    }
}

static void backward_part(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_in = count_in(stage), n_out = stage->plan->middle.c;
    const ws_range part = ws_range_cut(n_in, stage->n_parts, run->item);
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);

    ws_gemm_run(&(ws_gemm){
        .m = part.end - part.begin,
        .n = n_out,
        .k = run->pass->n,
        .a = stage->x + part.begin,
        .a_stride = n_in,
        .a_transposed = true,
        .b = stage->dy,
        .b_stride = n_out,
        .c = w.weights_gradient + part.begin * n_out,
        .c_stride = n_out,
    });
    if (run->item == 0 && w.bias_gradient != NULL)
        sum_bias(stage, run->pass->n, w.bias_gradient);
    if (stage->is_first)
        return;
    ws_gemm_run(&(ws_gemm){
        .m = run->pass->n,
        .n = part.end - part.begin,
        .k = n_out,
        .a = stage->dy,
        .a_stride = n_out,
        .b = w.weights + part.begin * n_out,
        .b_stride = n_out,
        .b_transposed = true,
        .c = stage->dx + part.begin,
        .c_stride = n_in,
    });
}

const ws_fast_kit ws_fast_dense = {
    .name = "dense",
    .init = dense_init,
    .place = dense_place,
    .n_scratch_bytes = dense_scratch,
    .forward = {{"dense sums", items_parts, forward_part},
                {"dense tail", ws_items_samples, forward_sample}},
    .backward = {{"dense tail back", ws_items_samples, backward_sample},
                 {"dense back", items_parts, backward_part}},
};
