#include "audio/dct.h"

#include <math.h>
#include <stdlib.h>

#include "fft/real_plan.h"

ws_status ws_dct_init(ws_dct *dct, size_t n_in, size_t n_out, ws_error *err)
{
    const double pi = 3.14159265358979323846;

    *dct = (ws_dct){.n_in = n_in, .n_out = n_out};
    if (n_out < 1 || n_out > n_in)
        return ws_fail(err, WS_EINVAL,
                       "cosine transform from %zu to %zu numbers: expected at "
                       "least one and no more than there are",
                       n_in, n_out);
    dct->cosines = malloc(n_in * n_out * sizeof *dct->cosines);
    if (dct->cosines == NULL)
        return ws_fail_memory(err, "a cosine transform");
    const double factor = sqrt(2.0 / (double)n_in);
    const double angle = pi / (double)n_in;
    for (size_t k = 0; k < n_out; k++) {
        for (size_t j = 0; j < n_in; j++)
            dct->cosines[k * n_in + j] = factor * cos((double)k * angle * ((double)j + 0.5));
    }
    return WS_OK;
}

void ws_dct_deinit(ws_dct *dct)
{
    free(dct->cosines);
    *dct = (ws_dct){0};
}

void ws_dct_run(const ws_dct *dct, const double *in, double *out)
{
    for (size_t k = 0; k < dct->n_out; k++) {
        const double *cosines = dct->cosines + k * dct->n_in;
        double sum[WS_FFT_LANES] = {0};
        for (size_t j = 0; j < dct->n_in; j++) {
            for (size_t lane = 0; lane < WS_FFT_LANES; lane++)
                sum[lane] += cosines[j] * in[j * WS_FFT_LANES + lane];
        }
        for (size_t lane = 0; lane < WS_FFT_LANES; lane++)
            out[k * WS_FFT_LANES + lane] = sum[lane];
    }
}
