/** The discrete cosine transform (type II) of cepstra, WS_FFT_LANES side by side. */
#ifndef WS_AUDIO_DCT_H
#define WS_AUDIO_DCT_H

#include <stddef.h>

#include "base/status.h"

typedef struct ws_dct {
    size_t n_in, n_out;
    double *cosines; /* [n_out, n_in] owned, with the factor sqrt(2 / n_in), also for row 0 */
} ws_dct;

/** @return WS_OK; WS_EINVAL unless 1 <= n_out <= n_in; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_dct_init(ws_dct *dct, size_t n_in, size_t n_out, ws_error *err);

/** All zeros is fine. */
void ws_dct_deinit(ws_dct *dct);

/**
 * out[k] = sum over j of sqrt(2 / n_in) cos(pi k (j + 1/2) / n_in) in[j].
 *
 * @param in   [n_in, WS_FFT_LANES]
 * @param out  [n_out, WS_FFT_LANES], not overlapping in
 */
void ws_dct_run(const ws_dct *dct, const double *in, double *out);

#endif
