/** What --preprocess=log_mel is made of, for files that say it with other operators: a mirrored
 * clip, a power spectrum, a matrix of mel bands, log(x + WS_LOG_MEL_OFFSET). */
#ifndef WS_AUDIO_LOG_MEL_H
#define WS_AUDIO_LOG_MEL_H

#include "audio/features.h"

#define WS_LOG_MEL_OFFSET 1e-6

/** Samples that are mirrored before and after a clip; frames then begin at each stride. */
typedef struct ws_log_mel_margins {
    size_t before, after;
} ws_log_mel_margins;

/** @param settings  of log_mel */
ws_log_mel_margins ws_log_mel_find_margins(const ws_feature_settings *settings);

/**
 * The share of each bin of a power spectrum in each band.
 *
 * @param settings  of log_mel
 * @param matrix    [fft_length / 2 + 1, width], filled
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_log_mel_make_matrix(const ws_feature_settings *settings, float *matrix,
                                               ws_error *err);

#endif
