/** Finds which numbers the tensors of a model take, from samples: for quantisation. */
#ifndef WS_NN_LITE_CALIBRATE_H
#define WS_NN_LITE_CALIBRATE_H

#include "nn/lite/lite.h"

/** How a range is made of the numbers that were seen. */
typedef enum ws_lite_calibration {
    /** The range whose levels change the numbers least, in squares: by rounding, and by cutting
     *  what lies outside. The range of the input is the one that changes the scores least, before
     *  they are made to sum to 1; the first 24 samples decide it. */
    WS_LITE_CALIBRATION_LEAST_ERROR,
    WS_LITE_CALIBRATION_PERCENTILE, /* without the outermost 0.005 % at either end */
    WS_LITE_CALIBRATION_MIN_MAX,
} ws_lite_calibration;

/**
 * Sets the range of each tensor of floats that is computed, or given, and has none yet.
 *
 * @param lite     in floating point, of one input
 * @param samples  [n, size]
 * @param size     of the input; of a stream that of several inputs, which follow each other
 * @return WS_OK; WS_EUSAGE without samples; WS_ENUMERIC naming a tensor that is not finite;
 *         WS_EFORMAT, WS_ENOMEM as ws_lite_run_create
 */
WS_MUST_CHECK ws_status ws_lite_calibrate(ws_lite *lite, const float *samples, size_t n,
                                          size_t size, ws_lite_calibration method, ws_error *err);

#endif
