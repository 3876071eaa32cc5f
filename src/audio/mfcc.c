#include "audio/mfcc.h"

#include "audio/mel_kernels.h"
#include "fft/real_plan.h"

static const double floor_magnitude = 1e-12; /* what the logarithm sees of silence */

ws_status ws_mfcc_init(ws_mfcc *mfcc, size_t n_bins, double sample_rate_hz, size_t n_coefficients,
                       ws_error *err)
{
    const ws_mel_options options = {
        .n_bins = n_bins,
        .sample_rate_hz = sample_rate_hz,
        .n_bands = WS_MFCC_N_BANDS,
        .lower_hz = WS_MFCC_LOWER_HZ,
        .upper_hz = WS_MFCC_UPPER_HZ,
        .sides = WS_MEL_SIDES_MEL,
    };

    *mfcc = (ws_mfcc){.level = ws_cpu_level_get_best()};
    ws_status status = ws_mel_init(&mfcc->mel, &options, err);
    if (status == WS_OK)
        status = ws_dct_init(&mfcc->dct, WS_MFCC_N_BANDS, n_coefficients, err);
    if (status != WS_OK)
        ws_mfcc_deinit(mfcc);
    return status;
}

void ws_mfcc_deinit(ws_mfcc *mfcc)
{
    ws_mel_deinit(&mfcc->mel);
    ws_dct_deinit(&mfcc->dct);
}

size_t ws_mfcc_scratch_doubles(const ws_mfcc *mfcc)
{
    return (mfcc->dct.n_in + mfcc->dct.n_out) * WS_FFT_LANES;
}

void ws_mfcc_run(const ws_mfcc *mfcc, const double *power, size_t n_frames, double *scratch,
                 float *out)
{
    const ws_mel_kernels *kernels = ws_mel_kernels_get(mfcc->level);
    const size_t n_bands = mfcc->dct.n_in, n_coefficients = mfcc->dct.n_out;
    double *bands = scratch;
    double *coefficients = scratch + n_bands * WS_FFT_LANES;

    kernels->mel(&mfcc->mel, power, bands);
    kernels->log(n_bands, floor_magnitude, bands);
    kernels->dct(&mfcc->dct, bands, coefficients);
    kernels->store(n_coefficients, n_frames, coefficients, out);
}
