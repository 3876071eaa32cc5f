/**
 * The rewriting of a finished graph for training with fake quantisation: no model knows of it.
 */
#ifndef WS_NN_PASSES_QUANTIZE_H
#define WS_NN_PASSES_QUANTIZE_H

#include "nn/fake_quant.h"
#include "nn/graph.h"

/**
 * Adds fake quantisation of 8 bits.
 *
 * Networks without batch normalisation get it as tf.contrib.quantize.create_training_graph did it:
 *
 *  - of the input, with a fixed range;
 *  - of each layer's weights (anything with a parameter that is not a bias), narrow, with the range
 *    that they have at each training step;
 *  - of what each layer gives, after its ReLU, or after its bias where there is no ReLU, with a
 *    moving average of the batches' ranges. What read the layer reads this instead.
 *
 * Quantizers have contrib's names: those of layers that end in ReLU come first, in the order of
 * the graph, then the others: "weights_quant", "act_quant", "weights_quant_1", "act_quant_1", ...
 *
 * Networks with batch normalisation get what 8-bit runtimes do with them once the normalisation is
 * folded into the layer before it:
 *
 *  - of the input, as above;
 *  - of the weights of each layer, by output channel, from -127 to 127 (WS_RANGE_CHANNELS). A
 * folded normalisation scales a channel and its levels alike, so rounding before and after folding
 * is the same, and no batch statistics come between weights and levels;
 *  - of each value that such a runtime stores, with a moving average of the batches' ranges: what a
 *    layer gives after bias, normalisation and ReLU; likewise sums, products, means,
 *    concatenations, SiLUs, and normalisations in bands, which cannot be folded;
 *  - of sigmoids, with the fixed range 0 to 255/256 that the runtimes prescribe.
 *
 * Pools, slices, reshapes and dropout give levels of what they read (an average pool's are rounded
 * to them by the runtime). Quantizers are numbered in the order of the graph.
 *
 * Parameters keep their places, so that checkpoints fit with and without. Dropout does not: its
 * masks are drawn by the node's index.
 *
 * @param graph     without an error in it; replaced, or after a failure as it was
 * @param min, max  the range of the input, min <= 0 <= max and not both 0
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_graph_quantize(ws_graph *graph, float min, float max, ws_error *err);

/**
 * Makes every learned range a fixed one: for a model outside of training. Weights whose channels
 * have their own ranges go to their levels, and lose their quantizer.
 *
 * @param ranges      [graph->n_quantizers] what was learned
 * @param parameters  [graph->n_weights] changed in place; NULL: no channels have ranges of their
 * own
 */
void ws_graph_fix_ranges(ws_graph *graph, const ws_quant_range *ranges, float *parameters);

#endif
