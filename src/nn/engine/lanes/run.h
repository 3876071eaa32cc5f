/**
 * Runs a planned program: batches forward, and back from the gradient of the logits.
 */
#ifndef WS_NN_ENGINE_LANES_RUN_H
#define WS_NN_ENGINE_LANES_RUN_H

#include "base/cpu.h"
#include "cluster/ranks.h"
#include "nn/engine/lanes/plan.h"

typedef struct ws_lanes_runner ws_lanes_runner;

typedef struct ws_lanes_runner_options {
    size_t max_batch;
    unsigned n_threads; /* at least 1 */
    ws_cpu_level level;
    ws_ranks *ranks; /* NULL: one process; borrowed */
} ws_lanes_runner_options;

/** Finds the levels of a quantizer. @param range  [2] least and largest of a training batch, from
 *  which to learn first; or NULL */
typedef void ws_lanes_find_levels(void *user, size_t quantizer, const float *range,
                                  ws_lanes_levels *levels);

/** A batch under way; all arrays are the caller's. */
typedef struct ws_lanes_pass {
    const float *parameters;
    float *state; /* running statistics; training moves them */
    bool is_training;
    size_t n;                          /* samples, 1 .. max_batch; training with ranks: 0, too */
    size_t first, n_all;               /* of the whole batch; first is of ws_lanes_share */
    const float *features;             /* [n, features' size] */
    float *logits;                     /* [n, labels], filled by forward */
    ws_lanes_find_levels *find_levels; /* NULL: no fake quantisation */
    void *user;                        /* of it */
    const float *dlogits;              /* [n, labels], read by backward: gradient of the loss */
    float *gradients; /* as parameters; those of the program's weights are filled by backward */
} ws_lanes_pass;

/** Time of a phase of the last pass. */
typedef struct ws_lanes_phase_time {
    const char *name; /* its expensive operators; lives as long as the runner */
    bool is_backward;
    double seconds;
    double n_operations, n_bytes;
} ws_lanes_phase_time;

/** @param program  borrowed as long as the runner lives, differentiated if it is to be trained */
WS_MUST_CHECK ws_status ws_lanes_runner_create(ws_lanes_runner **runner,
                                               const ws_lanes_program *program,
                                               const ws_lanes_runner_options *options,
                                               ws_error *err);
void ws_lanes_runner_destroy(ws_lanes_runner *runner);

/** The array of an input node but the features, for masks of dropout: [max_blocks, h, w, c, 16],
 *  but a block of few samples is [h, w, c, 4] (ws_lanes_block_width). */
float *ws_lanes_runner_input(ws_lanes_runner *runner, size_t node);

/** Samples of a batch of n that rank number `rank` of n_ranks has: whole blocks of 16. */
ws_lanes_span ws_lanes_share(size_t n, size_t n_ranks, size_t rank);

void ws_lanes_forward(ws_lanes_runner *runner, const ws_lanes_pass *pass);
/** After forward in training. */
void ws_lanes_backward(ws_lanes_runner *runner, const ws_lanes_pass *pass);

size_t ws_lanes_runner_bytes(const ws_lanes_runner *runner);
/** Phases of a training pass, and those of them forward, which come first. */
size_t ws_lanes_runner_n_phases(const ws_lanes_runner *runner);
size_t ws_lanes_runner_n_forward(const ws_lanes_runner *runner);
/** Of the last pass that ran the phase. */
ws_lanes_phase_time ws_lanes_runner_time(const ws_lanes_runner *runner, size_t phase);

#endif
