/** Gives the channels of a tensor like ranges: for quantisation. */
#ifndef WS_NN_LITE_EQUALIZE_H
#define WS_NN_LITE_EQUALIZE_H

#include "nn/lite/lite.h"

/**
 * A tensor of 8 bits has one range for all channels, so a channel whose numbers are a tenth of
 * another's has a tenth of the levels. Where a convolution without activation or with RELU is read
 * by a depthwise convolution alone, perhaps reshaped or padded between, each channel can take a
 * factor: the first operator's weights are multiplied by it and the second one's divided. Weights
 * have a scale for each channel, so theirs lose nothing; the factors of a normalisation, which have
 * one scale, become alike. Here all channels get the range of the
 * widest one (cross-layer equalisation: Nagel et al. 2019, for any two layers).
 *
 * Tensors whose range is known are left alone: training has learned it.
 *
 * @param lite     in floating point, of one input; gives the same numbers afterwards, but for the
 *                 rounding of floats
 * @param samples  [n, size], as ws_lite_calibrate takes them
 * @return WS_OK; WS_EFORMAT, WS_ENOMEM as ws_lite_run_create
 */
WS_MUST_CHECK ws_status ws_lite_equalize(ws_lite *lite, const float *samples, size_t n, size_t size,
                                         ws_error *err);

#endif
