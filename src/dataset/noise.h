/** The long recordings of _background_noise_, whole in memory. */
#ifndef WS_DATASET_NOISE_H
#define WS_DATASET_NOISE_H

#include <stddef.h>

#include "base/status.h"

typedef struct ws_noise ws_noise;

/**
 * Loads <data_dir>/_background_noise_/<name>.wav, sorted by name, converted to the sample rate.
 *
 * @param desired_samples  length of a clip; each recording must be longer
 * @return WS_OK, with NULL for noise if there is no such folder (the caller says so: silence is
 *         then plain zeros); WS_ENOTFOUND if the folder has no .wav; WS_EFORMAT if one is too short
 *         or cannot be read: err names it
 */
WS_MUST_CHECK ws_status ws_noise_create(const char *data_dir, int sample_rate_hz,
                                        size_t desired_samples, ws_noise **noise, ws_error *err);

/** The same of a folder of any name, which has to be there. */
WS_MUST_CHECK ws_status ws_noise_create_from(const char *dir, int sample_rate_hz,
                                             size_t desired_samples, ws_noise **noise,
                                             ws_error *err);

/** NULL is fine. */
void ws_noise_destroy(ws_noise *noise);

/** Recordings; 0 for NULL. */
size_t ws_noise_n_sounds(const ws_noise *noise);

/** Recording i: [*n_samples], +-1. */
const float *ws_noise_sound(const ws_noise *noise, size_t i, size_t *n_samples);

#endif
