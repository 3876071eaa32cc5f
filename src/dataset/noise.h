/** Recordings of background noise, whole in memory. */
#ifndef WS_DATASET_NOISE_H
#define WS_DATASET_NOISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"

typedef struct ws_noise ws_noise;

/* A gibibyte, or four and a half hours at 16 kHz. */
#define WS_NOISE_MAX_SAMPLES ((size_t)1 << 28)

/* Noise below this level, in dB of full scale, does nothing at the volumes that the original mixes
 * it in with: at --background_volume=0.1 it ends below -60 dBFS, where the rooms of clips are. */
#define WS_NOISE_QUIET_DBFS (-40.0)

typedef struct ws_noise_options {
    int sample_rate_hz;     /* what recordings are converted to */
    size_t desired_samples; /* length of a clip; shorter recordings are repeated until longer */
    size_t max_samples;     /* of all recordings; the rest is left out. 0: WS_NOISE_MAX_SAMPLES */
    /* Recordings, as paths from the directory on. NULL: all sound files there */
    const ws_text_list *names;
    bool strict;       /* a recording that cannot be used is an error, not a warning */
    const ws_log *log; /* warnings; NULL: nobody */
} ws_noise_options;

/**
 * Loads the sound files in <data_dir>/_background_noise_ and in folders inside it, sorted by path.
 * Recordings that are broken are named in one warning each and skipped, as clips are. Where there
 * are more samples than may be kept, one warning names the first recording that is cut or left out.
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

/**
 * Appends the names of the recordings in a directory and in folders inside it, as paths from it on,
 * sorted. One warning says what else lies there.
 *
 * @return WS_OK; WS_ENOTFOUND if there is no such directory, or no sound file in it; WS_EIO,
 *         WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_noise_list(const char *dir, const ws_log *log, ws_text_list *names,
                                      ws_error *err);

/** NULL is fine. */
void ws_noise_destroy(ws_noise *noise);

/** Recordings; 0 for NULL. */
size_t ws_noise_n_sounds(const ws_noise *noise);

/** Recording i: [*n_samples], +-1, more than a clip has. */
const float *ws_noise_sound(const ws_noise *noise, size_t i, size_t *n_samples);

/**
 * A random stretch of a random recording, [n_samples].
 *
 * @param n_samples  at most the length of a clip
 * @return NULL without recordings, and then nothing is drawn
 */
const float *ws_noise_draw(const ws_noise *noise, size_t n_samples, ws_random *random);

/** The level of the loudest recording in dBFS: its mean power, 0 for a square wave of full scale.
 *  -INFINITY if all are zeros. */
double ws_noise_get_loudest_dbfs(const ws_noise *noise);

#endif
