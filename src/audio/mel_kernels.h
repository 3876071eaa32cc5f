/**
 * The inner loops of mel bands and cepstra, one table of them per instruction set. Rows are of
 * WS_FFT_LANES numbers and aligned to WS_FFT_ALIGNMENT. Between sets results may differ in the last
 * bits, as products and sums are fused where the set can. Private to audio/.
 */
#ifndef WS_AUDIO_MEL_KERNELS_H
#define WS_AUDIO_MEL_KERNELS_H

#include "audio/dct.h"
#include "audio/mel.h"
#include "base/cpu.h"

/**
 * A coefficient below it is rounding, and 0. Of equal logarithms, as digital silence has, all
 * coefficients but the first are; what comes out is the error of a sum of 20 terms of at most
 * sqrt(2 / 40) 2 log 1e-12 = 12.4, which is below 20 * 20 * 12.4 * 2^-53 = 6e-13. A network tells
 * the least number from 0 (ReLU at a bias of 0), and sound has no coefficient that small.
 */
#define WS_MFCC_ROUNDING 1e-12

typedef struct ws_mel_kernels {
    /** See ws_mel_run(). */
    void (*mel)(const ws_mel *mel, const double *power, double *out);

    /** See ws_mel_run_power(). */
    void (*mel_power)(const ws_mel *mel, const double *power, double *out);

    /**
     * x = log(max(x, floor)) in place, n_rows of them; the error is below 1 unit in the last place.
     * A NaN counts as the floor, +inf as 2^1024. floor is 2^-1022 (the least normal number) or
     * more.
     */
    void (*log)(size_t n_rows, double floor, double *x);

    /** x = log(x + offset) in place, n_rows of them, with the same error; x is 0 or more, or NaN,
     *  which counts as 0. offset is 2^-1022 or more. */
    void (*log_sum)(size_t n_rows, double offset, double *x);

    /** See ws_dct_run(). */
    void (*dct)(const ws_dct *dct, double *in, double *out);

    /** out[frame][k] = rows[k][frame] in single precision, 0 if below WS_MFCC_ROUNDING;
     *  out [n_frames, n_rows]. */
    void (*store)(size_t n_rows, size_t n_frames, const double *rows, float *out);
} ws_mel_kernels;

const ws_mel_kernels *ws_mel_kernels_get(ws_cpu_level level);

#endif
