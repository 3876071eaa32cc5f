/** A model of small runtimes in 8 bits. */
#ifndef WS_NN_LITE_QUANTIZE_H
#define WS_NN_LITE_QUANTIZE_H

#include "nn/lite/lite.h"

typedef struct ws_lite_quantize_options {
    ws_lite_type input_type, output_type; /* WS_LITE_INT8, WS_LITE_UINT8 or WS_LITE_FLOAT32 */
} ws_lite_quantize_options;

/**
 * Brings a model in floating point to whole numbers: weights of 8 bits, symmetric, with a scale for
 * each output channel (of FULLY_CONNECTED one for all); biases of 32 bits; all else 8 bits, by its
 * range. Tensors that an operator only moves or pools have one scale; what SOFTMAX and LOGISTIC
 * give has 1/256 and -128.
 *
 * @param from  in floating point, its ranges known (calibrate.h)
 * @param to    uninitialised before; after success ws_lite_deinit() it
 * @return WS_OK; WS_EFORMAT naming a tensor without a range; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_quantize(ws_lite *to, const ws_lite *from,
                                         const ws_lite_quantize_options *options, ws_error *err);

#endif
