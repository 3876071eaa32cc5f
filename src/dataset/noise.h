/** The long recordings of _background_noise_, whole in memory. */
#ifndef WS_DATASET_NOISE_H
#define WS_DATASET_NOISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/status.h"

typedef struct ws_noise ws_noise;

typedef struct ws_noise_options {
    int sample_rate_hz;     /* what recordings are converted to */
    size_t desired_samples; /* length of a clip; each recording must be longer */
    bool strict;            /* a recording that cannot be used is an error, not a warning */
    const ws_log *log;      /* warnings; NULL: nobody */
} ws_noise_options;

/**
 * Loads the sound files in <data_dir>/_background_noise_, sorted by name. Recordings that are
 * broken or too short are named in one warning each and skipped, as clips are.
 *
 * @return WS_OK, with NULL for noise if there is no such folder (the caller says so: silence is
 *         then plain zeros); WS_ENOTFOUND if the folder has no sound file; WS_EFORMAT if none of
 *         them can be used, or at the first one that cannot if strict: err names it; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_noise_create(const char *data_dir, const ws_noise_options *options,
                                        ws_noise **noise, ws_error *err);

/** The same of a folder of any name, which has to be there. */
WS_MUST_CHECK ws_status ws_noise_create_from(const char *dir, const ws_noise_options *options,
                                             ws_noise **noise, ws_error *err);

/** NULL is fine. */
void ws_noise_destroy(ws_noise *noise);

/** Recordings; 0 for NULL. */
size_t ws_noise_n_sounds(const ws_noise *noise);

/** Recording i: [*n_samples], +-1. */
const float *ws_noise_sound(const ws_noise *noise, size_t i, size_t *n_samples);

#endif
