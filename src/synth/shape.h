/** From bare synthetic speech to a clip as if recorded: numbers only. Private to synth. */
#ifndef WS_SYNTH_SHAPE_H
#define WS_SYNTH_SHAPE_H

#include <stddef.h>

#include "base/random.h"

/** A stretch of samples. */
typedef struct ws_synth_span {
    size_t start;
    size_t n;
} ws_synth_span;

/**
 * Finds the speech between leading and trailing silence: everything from the first to the last
 * sample within 46 dB of the loudest, and a margin that keeps soft onsets and endings.
 *
 * @return an empty span if there is nothing but silence
 */
ws_synth_span ws_synth_find_speech(const float *samples, size_t n_samples, int sample_rate_hz);

/**
 * Puts speech into a clip: colours it (room echo, spectral tilt), places it near the middle, sets
 * its loudness and adds a little noise, all drawn from random.
 *
 * @param speech  [n_speech], n_speech <= n_clip; not all zero
 * @param clip    [n_clip] overwritten; within +-1
 */
void ws_synth_shape_clip(const float *speech, size_t n_speech, float *clip, size_t n_clip,
                         ws_random *random);

/** Scales so that the largest magnitude is peak; silence stays silence. */
void ws_synth_set_peak(float *samples, size_t n_samples, double peak);

#endif
