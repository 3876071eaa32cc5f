/**
 * Converts sound from one sample rate to another, piece by piece: libsamplerate's best sinc. The
 * only place that knows libsamplerate; it has ws_sound_resample() (sound.h), too. Private to
 * audio/.
 */
#ifndef WS_AUDIO_RESAMPLER_H
#define WS_AUDIO_RESAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct ws_resampler ws_resampler;

/** @return WS_OK; WS_EFORMAT for rates that are more than 256 times apart; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_resampler_create(int from_hz, int to_hz, ws_resampler **resampler,
                                            ws_error *err);

/** NULL is fine. */
void ws_resampler_destroy(ws_resampler *resampler);

typedef struct ws_resampler_job {
    const float *in; /* [n_in] what comes next */
    size_t n_in;
    bool is_last; /* nothing comes after it; stays so once it was */
    float *out;   /* [n_out] room */
    size_t n_out;
} ws_resampler_job;

/**
 * Converts as much as there is room for.
 *
 * @param n_used  set to how many of the job's samples were taken; the others come again
 * @return how many samples came out. With is_last 0 says that it was all
 */
size_t ws_resampler_run(ws_resampler *resampler, const ws_resampler_job *job, size_t *n_used);

#endif
