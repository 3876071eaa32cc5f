/** Batch normalisations of a trained model become part of the layers before them. */
#ifndef WS_NN_PASSES_FOLD_BATCH_NORM_H
#define WS_NN_PASSES_FOLD_BATCH_NORM_H

#include "nn/graph.h"

/** A graph and the numbers of its variables, owned. */
typedef struct ws_folded {
    ws_graph graph;
    float *parameters; /* [graph.n_weights] */
    float *states;     /* [graph.n_state_numbers] */
} ws_folded;

/**
 * For prediction, a batch normalisation of each channel is a scale and a shift, which the layer
 * before it can do as well:
 *
 *     conv2d | depthwise | dense   [bias_add]   batch_norm   ->   the layer   bias_add
 *
 * The layer's weights are scaled, and the shift is its bias, under the bias's own name or else that
 * of the normalisation's offset. Normalisations in bands of frequencies, those after other
 * operators, and those of a value that is read elsewhere, too, stay as they are.
 *
 * @param parameters  [from->n_weights]
 * @param states      [from->n_state_numbers]; NULL without states
 * @param folded      uninitialised before; after success ws_folded_deinit() it
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_fold_batch_norm(ws_folded *folded, const ws_graph *from,
                                           const float *parameters, const float *states,
                                           ws_error *err);

void ws_folded_deinit(ws_folded *folded);

/** What a normalisation does to a group, which is a channel or a channel in one band:
 *  y = x scale + shift. */
typedef struct ws_norm_line {
    double scale, shift;
} ws_norm_line;

/**
 * @param norm        a node of graph, WS_OP_BATCH_NORM
 * @param parameters  [graph->n_weights]
 * @param states      [graph->n_state_numbers]
 * @param group       below n_bands * channels: band * channels + channel
 */
ws_norm_line ws_norm_find_line(const ws_graph *graph, const ws_node *norm, const float *parameters,
                               const float *states, size_t group);

#endif
