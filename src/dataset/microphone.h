/** What a microphone does to sound: a band of frequencies, and clipping. */
#ifndef WS_DATASET_MICROPHONE_H
#define WS_DATASET_MICROPHONE_H

#include <stddef.h>

#include "base/random.h"

typedef struct ws_microphone {
    double low_hz, high_hz; /* where the level is 3 dB below the middle: filters of second order */
    double most;            /* larger samples are clipped to this */
} ws_microphone;

/**
 * Draws a microphone.
 *
 * @param clip_chance  that it clips, at a share of the largest sample that is then drawn
 * @param peak         the largest sample
 */
void ws_microphone_draw(ws_random *random, int sample_rate_hz, double clip_chance, double peak,
                        ws_microphone *microphone);

/** Changes samples [n] in place. high_hz is below half the sample rate, and above low_hz. */
void ws_microphone_run(const ws_microphone *microphone, int sample_rate_hz, float *samples,
                       size_t n);

#endif
