/** The inner loop of averaged spectra, one per instruction set. Private to audio/. */
#ifndef WS_AUDIO_AVERAGE_KERNELS_H
#define WS_AUDIO_AVERAGE_KERNELS_H

#include <stddef.h>

#include "base/cpu.h"

/** How a spectrum is averaged. */
typedef struct ws_average {
    size_t n_bins;
    size_t group;   /* neighbouring bins that become one number */
    size_t n_means; /* n_bins / group, rounded up: the last group may be smaller */
} ws_average;

/**
 * Means of groups of bins.
 *
 * @param power  [n_bins, WS_FFT_LANES], aligned to WS_FFT_ALIGNMENT
 * @param out    [n_frames, n_means] of the first n_frames lanes
 */
typedef void ws_average_kernel(const ws_average *average, const double *power, size_t n_frames,
                               float *out);

ws_average_kernel *ws_average_kernel_get(ws_cpu_level level);

#endif
