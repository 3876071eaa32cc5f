/**
 * A trained model lowered for prediction: what writers of model files and the engine for inference
 * read. Dropout is gone, batch normalisations are part of the layers before them where that is
 * possible (fold_batch_norm.h), and the operators that a fused layer does at once are grouped:
 *
 *     conv2d   bias_add   relu   fake_quant        one layer
 *     add   relu                                   one layer
 *     mean                                         one layer
 *
 *     status = ws_lower(&lowered, &graph, parameters, states, 1u << WS_OP_RELU, err);
 *     for (size_t i = 0; i < lowered.n_layers; i++) {
 *         const ws_layer *layer = &lowered.layers[i];
 *         const ws_node *node = &lowered.model.graph.nodes[layer->node];
 *         ...
 *     }
 *     ws_lowered_deinit(&lowered);
 *
 * Each node but the input is in exactly one layer. A layer reads values of earlier layers only (or
 * the input, value 0), gives `value`, and values inside it are read nowhere else.
 */
#ifndef WS_NN_PASSES_LOWER_H
#define WS_NN_PASSES_LOWER_H

#include "nn/graph.h"
#include "nn/passes/fold_batch_norm.h"

/** Operators that are done at once, by their nodes in this order; 0: that one is missing. */
typedef struct ws_layer {
    size_t node;       /* the operator that reads the layer's inputs */
    size_t bias;       /* WS_OP_BIAS_ADD, of a convolution, depthwise, dense or SVDF */
    size_t activation; /* of a kind that the caller fuses */
    size_t fake_quant; /* WS_OP_FAKE_QUANT: the range of what the layer gives */
    size_t value;      /* the last of these */
} ws_layer;

typedef struct ws_lowered {
    ws_folded model;  /* the graph and the numbers of its variables */
    ws_layer *layers; /* [n_layers] in topological order; the last one gives the logits */
    size_t n_layers;
} ws_lowered;

/**
 * @param from         without an error in it
 * @param parameters   [from->n_weights]
 * @param states       [from->n_state_numbers]; NULL without states
 * @param activations  kinds that become part of a layer, joined by |: 1u << WS_OP_RELU, and
 *                     likewise WS_OP_SILU and WS_OP_SIGMOID; 0: none
 * @param lowered      uninitialised before; after success ws_lowered_deinit() it
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lower(ws_lowered *lowered, const ws_graph *from, const float *parameters,
                                 const float *states, unsigned activations, ws_error *err);

void ws_lowered_deinit(ws_lowered *lowered);

#endif
