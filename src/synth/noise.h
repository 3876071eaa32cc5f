/** Computed noise: the colours, and the files of _background_noise_. Private to synth. */
#ifndef WS_SYNTH_NOISE_H
#define WS_SYNTH_NOISE_H

#include <stddef.h>

#include "base/random.h"

/** A filter that turns white noise into pink (-3 dB an octave); all zeros at the start. */
typedef struct ws_synth_pink {
    double state[3];
} ws_synth_pink;

/** One sample of white noise: uniform in [-1, 1). */
double ws_synth_white(ws_random *random);
/** One sample of pink noise, roughly within +-1. */
double ws_synth_pink_next(ws_synth_pink *pink, ws_random *random);

/** A kind of background noise that is computed from nothing: one row of the table. */
typedef struct ws_synth_noise_kind {
    const char *name; /* file name without .wav */
    /** Overwrites samples [n]; its level does not matter. */
    void (*fill)(float *samples, size_t n, ws_random *random);
} ws_synth_noise_kind;

/** @return the i-th kind, NULL beyond the last */
const ws_synth_noise_kind *ws_synth_noise_kind_at(size_t i);

#endif
