/**
 * Mel-frequency cepstral coefficients of power spectra: mel bands, logarithm, cosine transform.
 * The geometry is the original's: 40 bands from 20 to 4000 Hz, whatever the sample rate.
 */
#ifndef WS_AUDIO_MFCC_H
#define WS_AUDIO_MFCC_H

#include <stddef.h>

#include "audio/dct.h"
#include "audio/mel.h"
#include "base/status.h"

#define WS_MFCC_N_BANDS  40
#define WS_MFCC_LOWER_HZ 20.0
#define WS_MFCC_UPPER_HZ 4000.0

typedef struct ws_mfcc {
    ws_mel mel;
    ws_dct dct;
    ws_cpu_level level; /* of all kernels here; the processor's best unless lowered */
} ws_mfcc;

/**
 * @param n_bins          of the spectrum
 * @param n_coefficients  kept of the WS_MFCC_N_BANDS
 * @return WS_OK; WS_EINVAL for a sample rate below 8000 Hz or so, or for more coefficients than
 *         bands; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_mfcc_init(ws_mfcc *mfcc, size_t n_bins, double sample_rate_hz,
                                     size_t n_coefficients, ws_error *err);

/** All zeros is fine. */
void ws_mfcc_deinit(ws_mfcc *mfcc);

/** Doubles of scratch that a run needs. */
size_t ws_mfcc_scratch_doubles(const ws_mfcc *mfcc);

/**
 * @param power     [mel.end_bin or more, WS_FFT_LANES], aligned as scratch
 * @param n_frames  lanes that are frames, from the first on
 * @param scratch   aligned to WS_FFT_ALIGNMENT, apart from power
 * @param out       [n_frames, n_coefficients]
 */
void ws_mfcc_run(const ws_mfcc *mfcc, const double *power, size_t n_frames, double *scratch,
                 float *out);

#endif
