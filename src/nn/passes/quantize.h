/**
 * The rewriting of a finished graph for training with fake quantisation, as
 * tf.contrib.quantize.create_training_graph did it: no model knows of it.
 */
#ifndef WS_NN_PASSES_QUANTIZE_H
#define WS_NN_PASSES_QUANTIZE_H

#include "nn/fake_quant.h"
#include "nn/graph.h"

/**
 * Adds fake quantisation of 8 bits
 *
 *  - of the input, with a fixed range;
 *  - of each layer's weights (anything with a parameter that is not a bias), narrow, with their own
 *    range at each training step;
 *  - of what each layer gives, after its ReLU, or after its bias where there is no ReLU, with a
 *    moving average of the batches' ranges. What read the layer reads this instead.
 *
 * Quantizers have contrib's names: those of layers that end in ReLU come first, in the order of
 * the graph, then the others: "weights_quant", "act_quant", "weights_quant_1", "act_quant_1", ...
 * Parameters keep their places, so that checkpoints fit with and without. Dropout does not: its
 * masks are drawn by the node's index.
 *
 * @param graph     without an error in it; replaced, or after a failure as it was
 * @param min, max  the range of the input, min <= 0 <= max and not both 0
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_graph_quantize(ws_graph *graph, float min, float max, ws_error *err);

/** Makes every learned range a fixed one: for a model outside of training.
 *  @param ranges  [graph->n_quantizers] what was learned */
void ws_graph_fix_ranges(ws_graph *graph, const ws_quant_range *ranges);

#endif
