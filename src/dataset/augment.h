/** What training does to a clip's samples before features are made of them. */
#ifndef WS_DATASET_AUGMENT_H
#define WS_DATASET_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

typedef struct ws_augmentation {
    int64_t shift;      /* samples; above 0 the sound comes later, and zeros are put before it */
    float gain;         /* of the clip: 1, or 0 for silence */
    const float *noise; /* [desired_samples] or NULL for none */
    float noise_gain;
    ws_cpu_level level; /* of the kernels; all give the same bits */
} ws_augmentation;

/** The samples of a clip, borrowed: one of the two. */
typedef struct ws_samples {
    const int16_t *int16; /* [n] times 32768 */
    const float *floats;  /* [n] read if int16 is NULL */
    size_t n;             /* 0: both may be NULL */
} ws_samples;

/**
 * out = clip(gain * shifted samples + noise_gain * noise, -1, 1), in single precision and in this
 * order, as the original's graph does it. A short clip is padded at its end, a long one cut, before
 * the shift: what was cut does not come back.
 *
 * @param out  [desired_samples], overlapping neither samples nor noise
 */
void ws_augmentation_run(const ws_augmentation *augmentation, const ws_samples *samples, float *out,
                         size_t desired_samples);

/**
 * The mean power of samples, where +-1 is full scale: the same bits on every level.
 *
 * @return 0 for no samples
 */
double ws_samples_get_power(const ws_samples *samples, ws_cpu_level level);

#endif
