/**
 * The arithmetic of SVDF (nn/ops/svdf.c), compiled once per instruction set.
 *
 * A unit sums filters that are products of a frequency and a time part, so all of them together
 * are one weight for each time and frequency:
 *
 *     y[n, u] = sum over t, k of x[n, t, k] W[t, k, u],
 *     W[t, k, u] = sum over r of wt[rank u + r, t] wf[k, rank u + r]
 *
 * To make W and undo it on the way back is little work beside that product, which takes a rank-th
 * of the multiplications of one filter after the other, and needs no activations. W exists for some
 * time steps and a block of units at a time, as lanes.
 *
 * Samples of a stream share most of their time steps. There each filter is better applied on its
 * own: its products with the frequencies of a time step serve all samples that have it.
 */
#ifndef WS_NN_ENGINE_SVDF_SVDF_KERNELS_H
#define WS_NN_ENGINE_SVDF_SVDF_KERNELS_H

#include <stddef.h>

#include "base/cpu.h"
#include "nn/engine/common/shards.h"

enum { WS_SVDF_BLOCK = 32 }; /* units; the last block may have fewer */

typedef struct ws_svdf {
    size_t n; /* samples */
    size_t n_times, n_frequencies, n_units, rank;
    size_t stream_step; /* forward_stream: time steps from one sample to the next; else 0 */
    const float *x;     /* [n, n_times, n_frequencies], or [ws_svdf_stream_times, n_frequencies] */
    const float *wf;    /* [n_frequencies, n_units * rank] */
    const float *wt;    /* [n_units * rank, n_times] */
    float *work;        /* [ws_svdf_work_floats] of the calling thread */
    const ws_shards *shards; /* of the n samples, whose gradients are summed apart; backward only */
} ws_svdf;

static inline size_t ws_svdf_n_blocks(size_t n_units)
{
    return (n_units + WS_SVDF_BLOCK - 1) / WS_SVDF_BLOCK;
}

typedef struct ws_svdf_kernels {
    /** @param y  [n, n_units], of which the block's units are filled */
    void (*forward)(const ws_svdf *svdf, size_t block, float *y);
    /** The same of samples of a stream. */
    void (*forward_stream)(const ws_svdf *svdf, size_t block, float *y);
    /** @param dy        [n, n_units]
     *  @param dwf, dwt  as wf and wt, of which the filters of the block's units are filled */
    void (*backward)(const ws_svdf *svdf, size_t block, const float *dy, float *dwf, float *dwt);
} ws_svdf_kernels;

const ws_svdf_kernels *ws_svdf_kernels_get(ws_cpu_level level);

/** How work is divided; all numbers of lanes. */
typedef struct ws_svdf_work {
    float *wf, *wt; /* [rank, n_frequencies, lanes] and [rank, n_times, lanes] */
    float *sums;    /* [1 + levels of inner nodes of shards, ws_svdf_filter_floats] gradients: dwf,
                       then dwt */
    float *panel;   /* [time steps of a chunk, n_frequencies, lanes] of W or its gradient; in a
                       stream [ws_svdf_stream_times, lanes]: a filter's products */
    float *units;   /* [n, lanes] y, or dy */
    float *end;
} ws_svdf_work;

enum { WS_SVDF_CHUNK = 160 }; /* rows of W that fit with what else is needed in a first cache */

/** Time steps of which W is made at a time. */
static inline size_t ws_svdf_chunk_times(size_t n_times, size_t n_frequencies)
{
    const size_t n = WS_SVDF_CHUNK / n_frequencies;
    const size_t at_least_one = n > 0 ? n : 1;
    return at_least_one < n_times ? at_least_one : n_times;
}

/** Time steps of all samples of a stream together. */
static inline size_t ws_svdf_stream_times(const ws_svdf *svdf)
{
    return (svdf->n - 1) * svdf->stream_step + svdf->n_times;
}

static inline size_t ws_svdf_panel_rows(const ws_svdf *svdf)
{
    if (svdf->stream_step > 0)
        return ws_svdf_stream_times(svdf);
    return ws_svdf_chunk_times(svdf->n_times, svdf->n_frequencies) * svdf->n_frequencies;
}

/** Numbers of a block's filters of both kinds. */
static inline size_t ws_svdf_filter_floats(const ws_svdf *svdf)
{
    return svdf->rank * (svdf->n_frequencies + svdf->n_times) * WS_SVDF_BLOCK;
}

static inline ws_svdf_work ws_svdf_work_divide(const ws_svdf *svdf, float *memory)
{
    const size_t n_filters = ws_svdf_filter_floats(svdf);
    ws_svdf_work work;

    work.wf = memory;
    work.wt = work.wf + svdf->rank * svdf->n_frequencies * WS_SVDF_BLOCK;
    work.sums = work.wf + n_filters;
    work.panel = work.sums + (1 + WS_MAX_SHARD_LEVELS) * n_filters;
    work.units = work.panel + ws_svdf_panel_rows(svdf) * WS_SVDF_BLOCK;
    work.end = work.units + svdf->n * WS_SVDF_BLOCK;
    return work;
}

static inline size_t ws_svdf_work_floats(const ws_svdf *svdf)
{
    float origin[1];
    return (size_t)(ws_svdf_work_divide(svdf, origin).end - origin);
}

#endif
