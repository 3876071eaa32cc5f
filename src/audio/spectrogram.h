/** Power spectra of overlapping windows of a clip, WS_FFT_LANES frames side by side. */
#ifndef WS_AUDIO_SPECTROGRAM_H
#define WS_AUDIO_SPECTROGRAM_H

#include <stddef.h>

#include "audio/columns.h"
#include "base/cpu.h"
#include "base/status.h"
#include "fft/real_plan.h"

typedef struct ws_spectrogram {
    size_t n_samples; /* of a clip */
    size_t window_samples, stride_samples;
    size_t n_frames;    /* that fit into a clip */
    size_t fft_length;  /* the first power of two from window_samples on */
    size_t n_bins;      /* fft_length / 2 + 1 */
    size_t n_wanted;    /* bins that somebody will read, the lowest; n_bins unless lowered */
    ws_cpu_level level; /* of the kernels; the processor's best unless lowered */
    ws_columns columns; /* how a clip is laid out */
    double *window;     /* [fft_length] owned; periodic Hann, then zeros */
    double *factors;    /* [17, 16, 2] owned, for fft_length 512; see spectrum_kernels.h */
    ws_fft_real *fft;   /* owned, for other lengths */
} ws_spectrogram;

/** The first power of two that is not below n. */
size_t ws_spectrogram_fft_length(size_t n);

/** Frames that lie wholly within n_samples. */
size_t ws_spectrogram_n_frames(size_t n_samples, size_t window_samples, size_t stride_samples);

/** The geometry of a clip. */
typedef struct ws_spectrogram_options {
    size_t n_samples;      /* of a clip; at least a window */
    size_t window_samples; /* 2 to WS_FFT_MAX_REAL */
    size_t stride_samples; /* 1 or more */
} ws_spectrogram_options;

/** @return WS_OK, WS_EINVAL or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_spectrogram_init(ws_spectrogram *spectrogram,
                                            const ws_spectrogram_options *options, ws_error *err);

/** All zeros is fine. */
void ws_spectrogram_deinit(ws_spectrogram *spectrogram);

/** Doubles of scratch that a clip needs. */
size_t ws_spectrogram_scratch_doubles(const ws_spectrogram *spectrogram);

/**
 * Takes a clip into the scratch, laid out as columns.
 *
 * @param samples  [n_samples]
 * @param scratch  aligned to WS_FFT_ALIGNMENT
 */
void ws_spectrogram_load(const ws_spectrogram *spectrogram, const float *samples, double *scratch);

/**
 * Squared magnitudes of WS_FFT_LANES frames of the loaded clip, in double but rounded to single
 * precision, as they leave TensorFlow's operator. Lanes after the last frame hold a frame of the
 * clip followed by zeros.
 *
 * @param first_frame  a multiple of WS_FFT_LANES below n_frames
 * @param scratch      the clip's
 * @return power [n_wanted, WS_FFT_LANES], within scratch, until the next run
 */
const double *ws_spectrogram_run(const ws_spectrogram *spectrogram, size_t first_frame,
                                 double *scratch);

#endif
