/** A trained graph as tensors and operators that small runtimes have, in floating point. */
#ifndef WS_NN_LITE_LOWER_H
#define WS_NN_LITE_LOWER_H

#include "nn/graph.h"
#include "nn/lite/lite.h"

/** How scores are made of the logits. */
typedef enum ws_lite_scores {
    WS_LITE_SCORES_SOFTMAX, /* [1, labels], they sum to 1; of one label its LOGISTIC */
    WS_LITE_SCORES_LOGITS,  /* [1, labels], as they are */
    WS_LITE_SCORES_LAST,    /* [1, 1], of the last label: without SOFTMAX, as the product of its
                               LOGISTICs against each other label, which is near it where the word
                               is sure, and below it elsewhere; of one label its LOGISTIC */
} ws_lite_scores;

/** The form of the input, for features of h times and w * c numbers each. */
typedef enum ws_lite_input {
    WS_LITE_INPUT_IMAGE, /* [1, h, w, c] */
    WS_LITE_INPUT_FLAT,  /* [1, h * w * c] */
    WS_LITE_INPUT_ROWS,  /* [1, h, w * c] */
} ws_lite_input;

typedef struct ws_lite_lower_options {
    ws_lite_input input;
    ws_lite_scores scores;
    /** A convolution of one channel is a DEPTHWISE_CONV_2D, as TensorFlow's converter makes it, and
     *  as the example micro_speech has it; otherwise a CONV_2D. */
    bool is_one_channel_depthwise;
    /** Values that training rounded to 8 bits are rounded here, too, by QUANTIZE and DEQUANTIZE;
     *  otherwise their ranges are noted at their tensors, and they are not rounded. */
    bool rounds;
} ws_lite_lower_options;

/**
 * Lowers a model: normalisations become part of other operators, weights get the layouts of TFLite,
 * and what TFLite lacks is said with what it has:
 *
 *     batch_norm, in bands, too    RESHAPE to one channel a factor, DEPTHWISE_CONV_2D 1x1
 *     svdf                         CONV_2D 1x1 over frequencies, RESHAPE, DEPTHWISE_CONV_2D over
 *                                  the times of all filters of a unit
 *     mean over h, w or both       AVERAGE_POOL_2D; over one of them, for 8 bits, a
 *                                  DEPTHWISE_CONV_2D, which has a scale of its own
 *     silu                         LOGISTIC, MUL
 *     zeros given one by one       PAD
 *     history                      a variable: READ_VARIABLE, CONCATENATION, STRIDED_SLICE,
 *                                  ASSIGN_VARIABLE; a second graph, by CALL_ONCE, begins with zeros
 *
 * @param graph       without an error in it; ranges of its quantizers are fixed
 * @param parameters  [graph->n_weights]
 * @param states      [graph->n_state_numbers]; NULL without states
 * @param lite        uninitialised before; after success ws_lite_deinit() it. Input "features",
 *                    output "scores"
 * @return WS_OK; WS_EINVAL naming an operator that cannot be said; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_lower(ws_lite *lite, const ws_graph *graph, const float *parameters,
                                      const float *states, const ws_lite_lower_options *options,
                                      ws_error *err);

#endif
