/**
 * The inner loops of augmentation, one table of them per instruction set; all give the same bits.
 * Private to dataset/.
 */
#ifndef WS_DATASET_AUGMENT_KERNELS_H
#define WS_DATASET_AUGMENT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

typedef struct ws_augment_gains {
    float clip, noise;
} ws_augment_gains;

enum { WS_RESAMPLE_TAPS = 16, WS_RESAMPLE_PHASES = 256 };

/** A resampling: places are in units of 1 / 2^32 sample. */
typedef struct ws_resample_run {
    const float *taps; /* [WS_RESAMPLE_PHASES, WS_RESAMPLE_TAPS] */
    int64_t first;     /* the place of out[0]; its phase is cut off, not rounded */
    int64_t step;      /* to the place of the next one */
} ws_resample_run;

/** Each mix: out[i] = clip(gains.clip * samples[i] + noise[i] * gains.noise, -1, 1), i < n; noise
 * may be NULL for none. */
typedef struct ws_augment_kernels {
    void (*mix_floats)(const float *samples, const float *noise, ws_augment_gains gains, float *out,
                       size_t n);
    /** The samples are samples[i] / 32768. */
    void (*mix_int16)(const int16_t *samples, const float *noise, ws_augment_gains gains,
                      float *out, size_t n);
    /** The samples are zero. */
    void (*mix_nothing)(const float *noise, ws_augment_gains gains, float *out, size_t n);
    /** The sum of the squares of samples[i] / 32768, exact but for its last rounding. */
    double (*energy_int16)(const int16_t *samples, size_t n);
    /** The same of samples[i], in double precision: exact too for samples of 16 bits, so that a
     *  clip has the same energy from memory and from its file. */
    double (*energy_floats)(const float *samples, size_t n);
    /** out[i] = the sum over k of samples[place - 7 + k] * taps[phase][k], i < n. */
    void (*resample)(const float *samples, const ws_resample_run *run, float *out, size_t n);
} ws_augment_kernels;

const ws_augment_kernels *ws_augment_kernels_get(ws_cpu_level level);

#endif
