/**
 * Converts sound from one sample rate to another, piece by piece: libsoxr's high quality, 20 bits.
 * resampler.c is the only place that knows libsoxr; it has ws_sound_resample() (sound.h), too.
 * Private to audio/.
 */
#ifndef WS_AUDIO_RESAMPLER_H
#define WS_AUDIO_RESAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/sound.h"

/** Samples at the lower rate beyond which a sample of the file has no influence on another one. */
enum { WS_RESAMPLER_REACH = 8192 };

typedef struct ws_resampler ws_resampler;

/** @return WS_OK; WS_EFORMAT for rates that are more than 256 times apart; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_resampler_create(int from_hz, int to_hz, ws_resampler **resampler,
                                            ws_error *err);

/** NULL is fine. */
void ws_resampler_destroy(ws_resampler *resampler);

typedef struct ws_resampler_job {
    const float *in; /* [n_in] what comes next */
    size_t n_in;
    bool is_last; /* nothing comes after it; stays true once it was */
    float *out;   /* [n_out] room */
    size_t n_out;
} ws_resampler_job;

/**
 * Converts as much as there is room for.
 *
 * @param n_used  set to how many of the job's samples were taken; pass the others again
 * @param n_done  set to how many samples came out. With is_last 0 says that it was all
 * @return WS_OK; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_resampler_run(ws_resampler *resampler, const ws_resampler_job *job,
                                         size_t *n_used, size_t *n_done, ws_error *err);

#endif
