/**
 * Parameters as their operators read them: those with a quantizer at its levels, the others as
 * they are. Engines compute with such a copy and know nothing of it.
 */
#ifndef WS_NN_QUANTIZED_WEIGHTS_H
#define WS_NN_QUANTIZED_WEIGHTS_H

#include "base/arena.h"
#include "base/layout.h"
#include "nn/quant_kernels.h"

typedef struct ws_quantized_weights {
    const ws_graph *graph; /* borrowed, as long as this is used */
    const ws_quant_kernels *kernels;
    unsigned n_threads;
    float *values;     /* [n_weights] the copy */
    float *piece_mins; /* [pieces of the largest parameter] */
    float *piece_maxs; /* likewise */
    ws_levels *levels; /* [n_parameters] of the last read */
} ws_quantized_weights;

/** Lays out its arrays; graph is set. There are no arrays without quantizers. */
void ws_quantized_weights_place(ws_quantized_weights *weights, ws_layout *layout);

/**
 * Fills values.
 *
 * @param parameters  [n_weights]
 * @param ranges      [n_quantizers] of the graph
 * @param learns      whether this is a training step, from which ranges are learned first
 */
void ws_quantized_weights_read(ws_quantized_weights *weights, const float *parameters,
                               ws_quant_range *ranges, bool learns);

/**
 * Makes gradients by values those by parameters: straight through, but zero for what lies outside
 * of the levels.
 *
 * @param gradients  [n_weights] changed in place
 */
void ws_quantized_weights_mask(const ws_quantized_weights *weights, const float *parameters,
                               float *gradients);

#endif
