/** Power spectra of overlapping windows of a clip, WS_FFT_LANES frames side by side. */
#ifndef WS_AUDIO_SPECTROGRAM_H
#define WS_AUDIO_SPECTROGRAM_H

#include <stddef.h>

#include "base/status.h"
#include "fft/real_plan.h"

typedef struct ws_spectrogram {
    size_t window_samples, stride_samples;
    size_t fft_length; /* the first power of two from window_samples on */
    size_t n_bins;     /* fft_length / 2 + 1 */
    double *window;    /* [window_samples] owned; periodic Hann */
    ws_fft_real *fft;  /* owned */
} ws_spectrogram;

/** The first power of two that is not below n. */
size_t ws_spectrogram_fft_length(size_t n);

/** Frames that lie wholly within n_samples. */
size_t ws_spectrogram_n_frames(size_t n_samples, size_t window_samples, size_t stride_samples);

/**
 * @param window_samples  2 to WS_FFT_MAX_REAL
 * @param stride_samples  1 or more
 * @return WS_OK, WS_EINVAL or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_spectrogram_init(ws_spectrogram *spectrogram, size_t window_samples,
                                            size_t stride_samples, ws_error *err);

/** All zeros is fine. */
void ws_spectrogram_deinit(ws_spectrogram *spectrogram);

/** Doubles of scratch that a run needs. */
size_t ws_spectrogram_scratch_doubles(const ws_spectrogram *spectrogram);

/**
 * Squared magnitudes of n_frames frames, in double but rounded to single precision, as they leave
 * TensorFlow's operator. Unused lanes are zero.
 *
 * @param samples   start of the first frame; frame f starts f strides further
 * @param n_frames  1 to WS_FFT_LANES
 * @param scratch   aligned to WS_FFT_ALIGNMENT
 * @return power [n_bins, WS_FFT_LANES], within scratch
 */
const double *ws_spectrogram_run(const ws_spectrogram *spectrogram, const float *samples,
                                 size_t n_frames, double *scratch);

#endif
