/**
 * From a graph to a program of the lanes engine.
 */
#ifndef WS_NN_ENGINE_LANES_LOWER_H
#define WS_NN_ENGINE_LANES_LOWER_H

#include "nn/engine/lanes/program.h"
#include "nn/graph.h"

/** A dropout of the graph: a product with a mask that is drawn before each pass. */
typedef struct ws_lanes_mask {
    size_t node;  /* of the graph */
    size_t input; /* of the program: [1, 1, c] of whole channels, or the value's shape */
} ws_lanes_mask;

/** An input that makes the mean of a window's numbers and zeros the mean of its numbers. */
typedef struct ws_lanes_scale {
    size_t node;  /* of the graph: an average pooling */
    size_t input; /* of the program, of the value's shape: the caller fills it for each pass */
} ws_lanes_scale;

typedef struct ws_lanes_lowered {
    ws_lanes_program program;
    ws_lanes_mask *masks;
    size_t n_masks;
    ws_lanes_scale *scales;
    size_t n_scales;
} ws_lanes_lowered;

/**
 * Writes the program of a graph, with its way back if it is to be trained.
 *
 * @param lowered  filled, to be deinitialised in any case
 * @return WS_OK; WS_EINVAL naming the operator that the engine does not do; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lanes_lower(ws_lanes_lowered *lowered, const ws_graph *graph,
                                       bool is_trained, ws_error *err);
void ws_lanes_lowered_deinit(ws_lanes_lowered *lowered);

#endif
