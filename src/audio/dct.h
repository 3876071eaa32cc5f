/** The discrete cosine transform (type II) of cepstra, WS_FFT_LANES side by side. */
#ifndef WS_AUDIO_DCT_H
#define WS_AUDIO_DCT_H

#include <stddef.h>

#include "base/cpu.h"
#include "base/status.h"

/** Sums made side by side. */
#define WS_DCT_BLOCK 10

typedef struct ws_dct {
    size_t n_in, n_out;
    double *cosines;    /* owned; in the order in which they are used, see dct.c */
    ws_cpu_level level; /* of the kernel; the processor's best unless lowered */
} ws_dct;

/** @return WS_OK; WS_EINVAL unless 1 <= n_out <= n_in; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_dct_init(ws_dct *dct, size_t n_in, size_t n_out, ws_error *err);

/** All zeros is fine. */
void ws_dct_deinit(ws_dct *dct);

/**
 * out[k] = sum over j of sqrt(2 / n_in) cos(pi k (j + 1/2) / n_in) in[j].
 *
 * @param in   [n_in, WS_FFT_LANES], aligned to WS_FFT_ALIGNMENT, as out; overwritten
 * @param out  [n_out, WS_FFT_LANES], not overlapping in
 */
void ws_dct_run(const ws_dct *dct, double *in, double *out);

#endif
