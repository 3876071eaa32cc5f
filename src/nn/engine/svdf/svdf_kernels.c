/* The kernels of svdf_kernels.h, compiled once per instruction set. */
#include "nn/engine/svdf/svdf_kernels.h"

#include "nn/engine/common/panel.h"

_Static_assert((int)PANEL_LANES == (int)WS_SVDF_BLOCK, "a block of units is a panel");

enum { LANES = WS_SVDF_BLOCK };

/* Walks over the vectors of a row of lanes. */
#define LANE_VECS(lane) for (size_t lane = 0; lane < LANES; lane += VEC_SIZE)

/** Units of a block. */
static size_t count_units(const ws_svdf *s, size_t block)
{
    const size_t left = s->n_units - block * LANES;
    return left < LANES ? left : LANES;
}

/** Between weights and their lanes: a filter's numbers are `step` floats apart, those of the next
 *  filter begin `filter` floats after those. */
typedef struct weights_layout {
    size_t n, step, filter;
} weights_layout;

static weights_layout layout_wf(const ws_svdf *s)
{
    return (weights_layout){.n = s->n_frequencies, .step = s->n_units * s->rank, .filter = 1};
}

static weights_layout layout_wt(const ws_svdf *s)
{
    return (weights_layout){.n = s->n_times, .step = 1, .filter = s->n_times};
}

/** Weights of a block's filters to lanes [rank, n, LANES], zeros after the last unit. */
static void gather(const ws_svdf *s, size_t block, weights_layout at, const float *weights,
                   float *lanes)
{
    const size_t n_units = count_units(s, block);

    for (size_t r = 0; r < s->rank; r++) {
        for (size_t i = 0; i < at.n; i++, lanes += LANES) {
            for (size_t u = 0; u < LANES; u++) {
                const size_t filter = (block * LANES + u) * s->rank + r;
                lanes[u] = u < n_units ? weights[filter * at.filter + i * at.step] : 0.0f;
            }
        }
    }
}

/** And back. */
static void scatter(const ws_svdf *s, size_t block, weights_layout at, const float *lanes,
                    float *weights)
{
    const size_t n_units = count_units(s, block);

    for (size_t r = 0; r < s->rank; r++) {
        for (size_t i = 0; i < at.n; i++, lanes += LANES) {
            for (size_t u = 0; u < n_units; u++) {
                const size_t filter = (block * LANES + u) * s->rank + r;
                weights[filter * at.filter + i * at.step] = lanes[u];
            }
        }
    }
}

/** W of time step t: panel [n_frequencies, LANES]. */
static void make_panel(const ws_svdf *s, const ws_svdf_work *work, size_t t, float *panel)
{
    const size_t n_row = s->n_frequencies * LANES;

    for (size_t r = 0; r < s->rank; r++) {
        const float *time = work->wt + (r * s->n_times + t) * LANES;
        const float *frequencies = work->wf + r * n_row;
        LANE_VECS(lane)
        {
            const vec factor = vec_load(time + lane);
            for (size_t at = lane; at < n_row; at += LANES) {
                const vec before = r == 0 ? vec_zero() : vec_load(panel + at);
                vec_store(panel + at, before + factor * vec_load(frequencies + at));
            }
        }
    }
}

/** The block's units, from lanes to their places in y. */
static void take_units(const ws_svdf *s, size_t block, const float *lanes, float *y)
{
    const size_t n_units = count_units(s, block);

    for (size_t i = 0; i < s->n; i++)
        memcpy(y + i * s->n_units + block * LANES, lanes + i * LANES, n_units * sizeof *y);
}

static void forward(const ws_svdf *s, size_t block, float *y)
{
    const ws_svdf_work work = ws_svdf_work_divide(s, s->work);
    const size_t n_chunk = ws_svdf_chunk_times(s->n_times, s->n_frequencies);
    const size_t n_row = s->n_frequencies * LANES;

    gather(s, block, layout_wf(s), s->wf, work.wf);
    gather(s, block, layout_wt(s), s->wt, work.wt);
    for (size_t t = 0; t < s->n_times; t += n_chunk) {
        const size_t n = s->n_times - t < n_chunk ? s->n_times - t : n_chunk;
        const panel_product product = {.a = s->x + t * s->n_frequencies,
                                       .a_row = s->n_times * s->n_frequencies,
                                       .a_k = 1,
                                       .panel = work.panel,
                                       .n_k = n * s->n_frequencies,
                                       .out = work.units,
                                       .out_row = LANES};
        for (size_t i = 0; i < n; i++)
            make_panel(s, &work, t + i, work.panel + i * n_row);
        panel_multiply(product, s->n, t > 0);
    }
    take_units(s, block, work.units, y);
}

enum { SAMPLES = 4 }; /* whose sums are made together: each weight is loaded once for them */

/** Adds to the units of n samples what a filter gives: its products a, weighed over time. */
INLINE void weigh_times(const ws_svdf *s, const float *wt, const float *a, int n, float *units)
{
    const size_t step = s->stream_step * LANES;

    LANE_VECS(lane)
    {
        vec sums[SAMPLES];
        UNROLL
        for (int i = 0; i < n; i++)
            sums[i] = vec_load(units + (size_t)i * LANES + lane);
        for (size_t t = lane; t < s->n_times * LANES; t += LANES) {
            const vec weight = vec_load(wt + t);
            UNROLL
            for (int i = 0; i < n; i++)
                sums[i] += weight * vec_load(a + (size_t)i * step + t);
        }
        UNROLL
        for (int i = 0; i < n; i++)
            vec_store(units + (size_t)i * LANES + lane, sums[i]);
    }
}

static void forward_stream(const ws_svdf *s, size_t block, float *y)
{
    const ws_svdf_work work = ws_svdf_work_divide(s, s->work);
    const size_t step = s->stream_step * LANES;

    gather(s, block, layout_wf(s), s->wf, work.wf);
    gather(s, block, layout_wt(s), s->wt, work.wt);
    memset(work.units, 0, s->n * LANES * sizeof *work.units);
    for (size_t r = 0; r < s->rank; r++) {
        const float *wt = work.wt + r * s->n_times * LANES;
        const panel_product product = {.a = s->x,
                                       .a_row = s->n_frequencies,
                                       .a_k = 1,
                                       .panel = work.wf + r * s->n_frequencies * LANES,
                                       .n_k = s->n_frequencies,
                                       .out = work.panel,
                                       .out_row = LANES};
        size_t i = 0;
        panel_multiply(product, ws_svdf_stream_times(s), false);
        for (; i + SAMPLES <= s->n; i += SAMPLES)
            weigh_times(s, wt, work.panel + i * step, SAMPLES, work.units + i * LANES);
        for (; i < s->n; i++)
            weigh_times(s, wt, work.panel + i * step, 1, work.units + i * LANES);
    }
    take_units(s, block, work.units, y);
}

/** From the gradient by W of time step t to what it adds to dwf, and dwt of that step. */
static void undo_panel(const ws_svdf *s, const ws_svdf_work *work, size_t t, float *all_dwf,
                       float *dwt)
{
    const size_t n_row = s->n_frequencies * LANES;

    for (size_t r = 0; r < s->rank; r++) {
        const size_t time = (r * s->n_times + t) * LANES;
        const float *wf = work->wf + r * n_row;
        float *dwf = all_dwf + r * n_row;
        LANE_VECS(lane)
        {
            const vec factor = vec_load(work->wt + time + lane);
            vec sum = vec_zero();
            for (size_t at = lane; at < n_row; at += LANES) {
                const vec gradient = vec_load(work->panel + at);
                vec_store(dwf + at, vec_load(dwf + at) + factor * gradient);
                sum += gradient * vec_load(wf + at);
            }
            vec_store(dwt + time + lane, sum);
        }
    }
}

/** The filters' gradients of samples begin .. end. @param sums  dwf, then dwt */
static void backward_shard(const ws_svdf *s, const ws_svdf_work *work, size_t begin, size_t end,
                           float *sums)
{
    const size_t n_sample = s->n_times * s->n_frequencies;
    const size_t n_wf = s->rank * s->n_frequencies * LANES;

    memset(sums, 0, n_wf * sizeof *sums);
    for (size_t t = 0; t < s->n_times; t++) {
        const panel_product product = {.a = s->x + begin * n_sample + t * s->n_frequencies,
                                       .a_row = 1,
                                       .a_k = n_sample,
                                       .panel = work->units + begin * LANES,
                                       .n_k = end - begin,
                                       .out = work->panel,
                                       .out_row = LANES};
        panel_multiply(product, s->n_frequencies, false);
        undo_panel(s, work, t, sums, sums + n_wf);
    }
}

/** Those of some shards (shards.h). @param sums  as in ws_svdf_work; the first ones are the result
 */
static void backward_shards(const ws_svdf *s, const ws_svdf_work *work, const size_t *bounds,
                            size_t n_shards, float *sums)
{
    const size_t half = n_shards / 2, n = ws_svdf_filter_floats(s);

    if (half == 0) {
        backward_shard(s, work, bounds[0], bounds[1], sums);
        return;
    }
    backward_shards(s, work, bounds, half, sums);
    backward_shards(s, work, bounds + half, half, sums + n);
    for (size_t at = 0; at < n; at += VEC_SIZE)
        vec_store(sums + at, vec_load(sums + at) + vec_load(sums + n + at));
}

/** dy of the block's units as lanes, zeros after the last. */
static void gather_units(const ws_svdf *s, size_t block, const float *dy, float *lanes)
{
    const size_t n_units = count_units(s, block);

    memset(lanes, 0, s->n * LANES * sizeof *lanes);
    for (size_t i = 0; i < s->n; i++)
        memcpy(lanes + i * LANES, dy + i * s->n_units + block * LANES, n_units * sizeof *lanes);
}

static void backward(const ws_svdf *s, size_t block, const float *dy, float *dwf, float *dwt)
{
    const ws_svdf_work work = ws_svdf_work_divide(s, s->work);

    gather(s, block, layout_wf(s), s->wf, work.wf);
    gather(s, block, layout_wt(s), s->wt, work.wt);
    gather_units(s, block, dy, work.units);
    backward_shards(s, &work, s->shards->bounds, s->shards->n, work.sums);
    scatter(s, block, layout_wf(s), work.sums, dwf);
    scatter(s, block, layout_wt(s), work.sums + s->rank * s->n_frequencies * LANES, dwt);
}

const ws_svdf_kernels LEVEL_NAME(ws_svdf_kernels) = {
    .forward = forward, .forward_stream = forward_stream, .backward = backward};
