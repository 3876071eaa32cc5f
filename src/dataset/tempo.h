/**
 * Sound faster or slower at the same pitch: short pieces of it are laid over each other, each where
 * it fits best to the one before (WSOLA: Verhelst, Roelands, ICASSP 1993).
 */
#ifndef WS_DATASET_TEMPO_H
#define WS_DATASET_TEMPO_H

#include <stddef.h>

/** Numbers that ws_tempo_run needs as scratch, for n samples. */
size_t ws_tempo_scratch(size_t n);

/**
 * out[i] = the sound around the place n/2 + (i - n/2) * factor, so that its middle stays where it
 * is, up to 10 ms away; zeros where there is no sound. A factor of 1 changes nothing.
 *
 * @param factor   0.5 to 2
 * @param samples  [n]
 * @param scratch  [ws_tempo_scratch(n)]
 * @param out      [n], overlapping neither samples nor scratch
 */
void ws_tempo_run(double factor, int sample_rate_hz, const float *samples, float *scratch,
                  float *out, size_t n);

#endif
