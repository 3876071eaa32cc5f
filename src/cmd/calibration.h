/** Clips that show which numbers the tensors of a model take. */
#ifndef WS_CMD_CALIBRATION_H
#define WS_CMD_CALIBRATION_H

#include <stddef.h>

#include "audio/features.h"
#include "base/log.h"
#include "settings/train_options.h"

/**
 * Reads the features of training clips, without shift and noise: the first ones of the training
 * set, whose order is random. Of a wake word: windows as training makes them.
 *
 * @param options   of the run: its data set, words and features
 * @param features  those of the model
 * @param n         how many; fewer if the set has fewer
 * @param log       gets warnings
 * @param clips     set to [n_clips, size of a fingerprint]; free() it
 * @return WS_OK; WS_ENOTFOUND without a data set or clip; as of reading a data set; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_calibration_read(const ws_train_options *options,
                                            const ws_feature_options *features, size_t n,
                                            const ws_log *log, float **clips, size_t *n_clips,
                                            ws_error *err);

#endif
