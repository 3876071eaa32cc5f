/** Private to run.c: from the parts of a normalisation's statistics to its factors. */
#ifndef WS_NN_ENGINE_LANES_NORMS_H
#define WS_NN_ENGINE_LANES_NORMS_H

#include "nn/engine/lanes/item.h"

/** From the running statistics, for predictions. */
void ws_lanes_norm_use_running(const ws_lanes_shared *shared, size_t norm);
/** After a phase with WS_LANES_MOMENTS: factors of the batch; moves the running statistics. */
void ws_lanes_norm_use_batch(const ws_lanes_shared *shared, const ws_lanes_step *step);
/** After a phase with WS_LANES_NORM_SUMS: factors of the way back, gradients of gamma, beta. */
void ws_lanes_norm_turn_back(const ws_lanes_shared *shared, const ws_lanes_step *step);

#endif
