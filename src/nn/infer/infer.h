/**
 * Inference: the engine for prediction alone. Weights are folded and laid out once, when it is
 * created; a run takes one sample after the other through a plan of steps, on the caller's thread,
 * and allocates nothing. All operators but those of training are there, so that it runs every
 * model; what a sample gives does not depend on the other samples of a call.
 *
 *     status = ws_infer_create(&infer, &graph, &numbers, WS_CPU_GENERIC, err);
 *     ws_infer_run(infer, features, n, logits);
 *     ws_infer_destroy(infer);
 *
 * A graph in streaming form (passes/stream.h) keeps rows of earlier calls: there a sample is the
 * next step of the one stream.
 *
 * Needs libc and libm alone. An engine belongs to one thread at a time; several engines are
 * independent of each other.
 */
#ifndef WS_NN_INFER_INFER_H
#define WS_NN_INFER_INFER_H

#include "base/cpu.h"
#include "base/status.h"
#include "nn/graph.h"

/** The numbers of a trained graph; borrowed for the call. */
typedef struct ws_infer_numbers {
    const float *parameters; /* [n_weights] */
    const float *states;     /* [n_state_numbers]; NULL without states */
} ws_infer_numbers;

typedef struct ws_infer ws_infer;

/**
 * @param graph  borrowed for the call; without an error in it, and ranges fixed
 *               (ws_graph_fix_ranges)
 * @param level  at most ws_cpu_level_get_best()
 * @return WS_OK; WS_EINVAL naming a range that is not fixed; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_infer_create(ws_infer **infer, const ws_graph *graph,
                                        const ws_infer_numbers *numbers, ws_cpu_level level,
                                        ws_error *err);

/**
 * An engine for overlapping windows of a stream: each sample that it is given is a window that
 * begins n_rows rows of features after the one before, and in which the rows that both have are the
 * same. The engine keeps the rows of its values that windows share, and computes only those near
 * the ends and the new ones. What it gives has the same bits as without that.
 *
 * @param n_rows  0: as ws_infer_create()
 * @return as ws_infer_create()
 */
WS_MUST_CHECK ws_status ws_infer_create_sliding(ws_infer **infer, const ws_graph *graph,
                                                const ws_infer_numbers *numbers, size_t n_rows,
                                                ws_cpu_level level, ws_error *err);

/** NULL is fine. */
void ws_infer_destroy(ws_infer *infer);

/**
 * @param features  [n, input size]
 * @param logits    [n, n_labels], filled
 */
void ws_infer_run(ws_infer *infer, const float *features, size_t n, float *logits);

/** Back to the states that it was created with: the next sample is the first of a stream. */
void ws_infer_reset(ws_infer *infer);

/** Memory of its arrays: weights and values. */
size_t ws_infer_get_bytes(const ws_infer *infer);

#endif
