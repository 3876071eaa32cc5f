/** A bank of triangular filters, their tops equally spaced on the mel scale, over a power spectrum.
 */
#ifndef WS_AUDIO_MEL_H
#define WS_AUDIO_MEL_H

#include <stddef.h>

#include "base/cpu.h"
#include "base/status.h"

/** Where the sides of a triangle are straight lines. */
typedef enum ws_mel_sides {
    WS_MEL_SIDES_MEL, /* over the mel scale, as TensorFlow has them */
    WS_MEL_SIDES_HZ,  /* over frequency, as librosa and torchaudio have them */
} ws_mel_sides;

typedef struct ws_mel_options {
    size_t n_bins; /* of the spectrum, the last one at half the sample rate; 2 or more */
    double sample_rate_hz;
    size_t n_bands;            /* 1 or more */
    double lower_hz, upper_hz; /* the outer feet of the first and last triangle */
    ws_mel_sides sides;
} ws_mel_options;

typedef struct ws_mel {
    ws_mel_options options;
    size_t first_bin, end_bin; /* bins that count: first_bin <= i < end_bin */
    int *bands;                /* [n_bins] the triangle whose falling side a bin is on, from -1;
                                  owned */
    size_t *edges;             /* [n_bands + 2] bins edges[i] .. edges[i+1]-1 are between the tops
                                  of triangles i-1 and i; owned */
    double *weights;           /* [n_bins] height there; the next triangle has the rest; owned */
    size_t n_missing;          /* bands that hardly any bin falls into */
    size_t first_missing;      /* the lowest of them */
    ws_cpu_level level;        /* of the kernel; the processor's best unless lowered */
} ws_mel;

/** @return WS_OK; WS_EINVAL if the spectrum ends below upper_hz; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_mel_init(ws_mel *mel, const ws_mel_options *options, ws_error *err);

/** All zeros is fine. */
void ws_mel_deinit(ws_mel *mel);

/**
 * Sums magnitudes (roots of the powers) into bands, for WS_FFT_LANES frames.
 *
 * @param power  [end_bin or more, WS_FFT_LANES], aligned to WS_FFT_ALIGNMENT, as out
 * @param out    [n_bands, WS_FFT_LANES]
 */
void ws_mel_run(const ws_mel *mel, const double *power, double *out);

/** The same with the powers themselves, as torchaudio sums them. */
void ws_mel_run_power(const ws_mel *mel, const double *power, double *out);

#endif
