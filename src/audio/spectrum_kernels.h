/**
 * The inner loops of a spectrogram, one table of them per instruction set. Between sets results
 * may differ in the last bits, as products and sums are fused where the set can. Private to audio/.
 */
#ifndef WS_AUDIO_SPECTRUM_KERNELS_H
#define WS_AUDIO_SPECTRUM_KERNELS_H

#include "audio/spectrogram.h"

/* The windowed frames of WS_SPECTRUM_N samples have a kernel of their own. It sees sample i as
 * i = 16 m + r and bin k as k1 + 32 k2: real transforms of 32 over m, then, with factors
 * exp(-2 pi i r k1 / 512), complex ones of 16 over r. */
enum { WS_SPECTRUM_N = 512, WS_SPECTRUM_FIRST = 32, WS_SPECTRUM_SECOND = 16 };
enum { WS_SPECTRUM_N_K1 = WS_SPECTRUM_FIRST / 2 + 1 }; /* k1; the others are conjugates */

/* Doubles between the k1 of the numbers between the passes: one unused complex row of lanes, as
 * powers of two would all fall into the same few places of a cache. */
enum { WS_SPECTRUM_PITCH = (WS_SPECTRUM_SECOND + 1) * 2 * WS_FFT_LANES };

typedef struct ws_spectrum_kernels {
    /** See ws_columns_load(). */
    void (*transpose)(const ws_columns *columns, const float *samples, float *out);

    /** Windowed samples [fft_length, lanes] from the column of the first frame on. */
    void (*load)(const ws_spectrogram *spectrogram, const float *column, double *in);

    /** out = re^2 + im^2, all [n_bins, lanes], rounded to single precision; out may be re or im. */
    void (*power)(size_t n_bins, const double *re, const double *im, double *out);

    /** All in one for fft_length 512, n_wanted bins; work [17, WS_SPECTRUM_PITCH]. */
    void (*power_512)(const ws_spectrogram *spectrogram, const float *column, double *work,
                      double *out);
} ws_spectrum_kernels;

const ws_spectrum_kernels *ws_spectrum_kernels_get(ws_cpu_level level);

#endif
