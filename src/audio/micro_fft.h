/**
 * The tables of a real FFT in 16-bit integers, that of KISS FFT down to the last rounding: a
 * complex transform of pairs of samples in layers of 4 (the first of 2 where their number asks for
 * it), each of which divides what it takes by its size, then a split. Private to audio/.
 *
 * A complex number is an int32_t, its real part in the lower 16 bits and its imaginary part in the
 * upper ones: a pair. The kernels that run it are in micro_kernels.h.
 */
#ifndef WS_AUDIO_MICRO_FFT_H
#define WS_AUDIO_MICRO_FFT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** A factor f in units of 1/32767, as the two pairs whose dot products with x are f x. */
typedef struct ws_micro_factor {
    int32_t for_re; /* re, -im */
    int32_t for_im; /* im, re */
} ws_micro_factor;

typedef struct ws_micro_fft {
    size_t half;             /* pairs of samples, a power of two */
    size_t *order;           /* [half] owned; which pair the transform takes as its number i */
    ws_micro_factor *turns;  /* [half] owned; exp(-2 pi sqrt(-1) k / half) */
    ws_micro_factor *splits; /* [half / 2 + 1] owned; exp(-pi sqrt(-1) (k / half + 1/2)) */
} ws_micro_fft;

/** @param length  of the real signal: a power of two, 4 or more. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_micro_fft_init(ws_micro_fft *fft, size_t length, ws_error *err);

/** All zeros is fine. */
void ws_micro_fft_deinit(ws_micro_fft *fft);

#endif
