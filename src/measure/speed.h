/**
 * How fast a model trains here: whole steps on made-up clips, so that it needs no data set.
 *
 *     clips in memory -> shift, noise, clip -> features -> network forward and back -> update
 *
 * The other work of `wordspot train` (drawing clips, event files, checkpoints, evaluations) is
 * not included.
 */
#ifndef WS_MEASURE_SPEED_H
#define WS_MEASURE_SPEED_H

#include <stddef.h>

#include "audio/features.h"
#include "base/status.h"
#include "models/model.h"
#include "nn/phase_time.h"
#include "optim/optimizer.h"

/** All pointers are borrowed for the call. */
typedef struct ws_speed_options {
    const ws_model *model;
    const ws_feature_settings *features; /* their level is also that of the network */
    const ws_optimizer *optimizer;
    size_t n_labels;
    size_t batch_size;  /* clips a step, at least 1 */
    unsigned n_threads; /* at least 1 */
    size_t n_steps;     /* to time, at least 1 and at most WS_SPEED_MAX_STEPS */
} ws_speed_options;

enum { WS_SPEED_MAX_STEPS = 10000, WS_SPEED_MAX_NAME = 96 };

/** Times are medians over the steps. */
typedef struct ws_speed {
    double step_seconds;
    double input_seconds;      /* of it, until the features are ready */
    double update_seconds;     /* of it, for the weights */
    double prediction_seconds; /* forward only, with a batch as large as a step's; not part of the
                                  step */
    double n_operations;       /* of a step done plainly (nn/cost.h) */
    double n_products;         /* multiplications of one clip, forward, done plainly */
    size_t n_weights;          /* trained numbers */
    size_t n_bytes;            /* of the network's arrays, and of a batch from clips to logits */
    size_t n_phases;
    ws_phase_time phases[WS_NETWORK_MAX_PHASES];          /* of the network's part of a step */
    char names[WS_NETWORK_MAX_PHASES][WS_SPEED_MAX_NAME]; /* of the phases, which point here */
} ws_speed;

/**
 * @return WS_OK; WS_EUSAGE if there is no such model for such features; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_speed_measure(const ws_speed_options *options, ws_speed *speed,
                                         ws_error *err);

#endif
