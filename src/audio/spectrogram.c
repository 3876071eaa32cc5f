#include "audio/spectrogram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t ws_spectrogram_fft_length(size_t n)
{
    size_t length = 1;
    while (length < n)
        length *= 2;
    return length;
}

size_t ws_spectrogram_n_frames(size_t n_samples, size_t window_samples, size_t stride_samples)
{
    return n_samples < window_samples ? 0 : 1 + (n_samples - window_samples) / stride_samples;
}

ws_status ws_spectrogram_init(ws_spectrogram *spectrogram, size_t window_samples,
                              size_t stride_samples, ws_error *err)
{
    const double pi = 3.14159265358979323846;

    *spectrogram = (ws_spectrogram){0};
    if (window_samples < 2 || window_samples > WS_FFT_MAX_REAL)
        return ws_fail(err, WS_EINVAL, "spectrogram window of %zu samples, expected 2 to %zu",
                       window_samples, WS_FFT_MAX_REAL);
    if (stride_samples == 0)
        return ws_fail(err, WS_EINVAL, "spectrogram stride of 0 samples, expected 1 or more");
    spectrogram->window_samples = window_samples;
    spectrogram->stride_samples = stride_samples;
    spectrogram->fft_length = ws_spectrogram_fft_length(window_samples);
    spectrogram->n_bins = spectrogram->fft_length / 2 + 1;
    spectrogram->window = malloc(window_samples * sizeof *spectrogram->window);
    if (spectrogram->window == NULL)
        return ws_fail_memory(err, "a spectrogram");
    for (size_t i = 0; i < window_samples; i++)
        spectrogram->window[i] = 0.5 - 0.5 * cos(2.0 * pi * (double)i / (double)window_samples);
    const ws_status status = ws_fft_real_create(spectrogram->fft_length, &spectrogram->fft, err);
    if (status != WS_OK)
        ws_spectrogram_deinit(spectrogram);
    return status;
}

void ws_spectrogram_deinit(ws_spectrogram *spectrogram)
{
    free(spectrogram->window);
    ws_fft_real_destroy(spectrogram->fft);
    *spectrogram = (ws_spectrogram){0};
}

size_t ws_spectrogram_scratch_doubles(const ws_spectrogram *spectrogram)
{
    return (spectrogram->fft_length + 2 * spectrogram->n_bins) * WS_FFT_LANES;
}

/** Windowed samples [fft_length, lanes], zero behind the window and in lanes without a frame. */
static void load_frames(const ws_spectrogram *spectrogram, const float *samples, size_t n_frames,
                        double *in)
{
    const size_t n_window = spectrogram->window_samples, stride = spectrogram->stride_samples;

    if (n_frames == WS_FFT_LANES) {
        for (size_t i = 0; i < n_window; i++) {
            for (size_t lane = 0; lane < WS_FFT_LANES; lane++)
                in[i * WS_FFT_LANES + lane] =
                    spectrogram->window[i] * (double)samples[lane * stride + i];
        }
    } else {
        memset(in, 0, n_window * WS_FFT_LANES * sizeof *in);
        for (size_t lane = 0; lane < n_frames; lane++) {
            for (size_t i = 0; i < n_window; i++)
                in[i * WS_FFT_LANES + lane] =
                    spectrogram->window[i] * (double)samples[lane * stride + i];
        }
    }
    memset(in + n_window * WS_FFT_LANES, 0,
           (spectrogram->fft_length - n_window) * WS_FFT_LANES * sizeof *in);
}

const double *ws_spectrogram_run(const ws_spectrogram *spectrogram, const float *samples,
                                 size_t n_frames, double *scratch)
{
    const size_t n_values = spectrogram->n_bins * WS_FFT_LANES;
    double *in = scratch;
    double *restrict re = in + spectrogram->fft_length * WS_FFT_LANES;
    double *restrict im = re + n_values;

    assert(n_frames >= 1 && n_frames <= WS_FFT_LANES);
    load_frames(spectrogram, samples, n_frames, in);
    ws_fft_real_run(spectrogram->fft, in, re, im);
    for (size_t i = 0; i < n_values; i++)
        re[i] = (double)(float)(re[i] * re[i] + im[i] * im[i]);
    return re;
}
