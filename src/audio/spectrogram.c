#include "audio/spectrogram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "audio/spectrum_kernels.h"

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

static const double pi = 3.14159265358979323846;

static ws_status check_options(const ws_spectrogram_options *options, ws_error *err)
{
    if (options->window_samples < 2 || options->window_samples > WS_FFT_MAX_REAL)
        return ws_fail(err, WS_EINVAL, "spectrogram window of %zu samples, expected 2 to %zu",
                       options->window_samples, WS_FFT_MAX_REAL);
    if (options->stride_samples == 0)
        return ws_fail(err, WS_EINVAL, "spectrogram stride of 0 samples, expected 1 or more");
    if (options->n_samples < options->window_samples)
        return ws_fail(err, WS_EINVAL,
                       "spectrogram of %zu samples, expected a window (%zu) or more",
                       options->n_samples, options->window_samples);
    return WS_OK;
}

static void set_geometry(ws_spectrogram *spectrogram, const ws_spectrogram_options *options)
{
    const size_t window = options->window_samples, stride = options->stride_samples;
    const size_t n_frames = ws_spectrogram_n_frames(options->n_samples, window, stride);
    const size_t fft_length = ws_spectrogram_fft_length(window);

    *spectrogram = (ws_spectrogram){
        .n_samples = options->n_samples,
        .window_samples = window,
        .stride_samples = stride,
        .n_frames = n_frames,
        .fft_length = fft_length,
        .n_bins = fft_length / 2 + 1,
        .n_wanted = fft_length / 2 + 1,
        .level = ws_cpu_level_get_best(),
    };
}

/** The factors between the two passes of WS_SPECTRUM_N: cos and sin of 2 pi r k1 / 512. */
static void fill_factors(double *factors)
{
    for (size_t k1 = 0; k1 < WS_SPECTRUM_N_K1; k1++) {
        for (size_t r = 0; r < WS_SPECTRUM_SECOND; r++) {
            const double angle = 2.0 * pi * (double)(r * k1) / WS_SPECTRUM_N;
            *factors++ = cos(angle);
            *factors++ = sin(angle);
        }
    }
}

static ws_status init_columns(ws_spectrogram *spectrogram, ws_error *err)
{
    const ws_columns_options options = {
        .n_samples = spectrogram->n_samples,
        .window_samples = spectrogram->window_samples,
        .stride_samples = spectrogram->stride_samples,
        .n_frames = spectrogram->n_frames,
        .n_lanes = WS_FFT_LANES,
        .n_offsets = spectrogram->fft_length,
    };
    return ws_columns_init(&spectrogram->columns, &options, err);
}

static void fill_window(ws_spectrogram *spectrogram)
{
    const size_t window = spectrogram->window_samples;
    for (size_t i = 0; i < window; i++)
        spectrogram->window[i] = 0.5 - 0.5 * cos(2.0 * pi * (double)i / (double)window);
}

ws_status ws_spectrogram_init(ws_spectrogram *spectrogram, const ws_spectrogram_options *options,
                              ws_error *err)
{
    ws_status status = check_options(options, err);
    *spectrogram = (ws_spectrogram){0};
    if (status != WS_OK)
        return status;
    set_geometry(spectrogram, options);
    const size_t n = spectrogram->fft_length;
    spectrogram->window = calloc(n, sizeof *spectrogram->window);
    spectrogram->factors =
        calloc((size_t)WS_SPECTRUM_N_K1 * WS_SPECTRUM_SECOND * 2, sizeof *spectrogram->factors);
    if (spectrogram->window == NULL || spectrogram->factors == NULL)
        status = ws_fail_memory(err, "a spectrogram");
    if (status == WS_OK)
        status = init_columns(spectrogram, err);
    if (status == WS_OK)
        status = ws_fft_real_create(n, &spectrogram->fft, err);
    if (status != WS_OK) {
        ws_spectrogram_deinit(spectrogram);
        return status;
    }
    fill_window(spectrogram);
    fill_factors(spectrogram->factors);
    return WS_OK;
}

void ws_spectrogram_deinit(ws_spectrogram *spectrogram)
{
    free(spectrogram->window);
    ws_columns_deinit(&spectrogram->columns);
    free(spectrogram->factors);
    ws_fft_real_destroy(spectrogram->fft);
    *spectrogram = (ws_spectrogram){0};
}

/** Of the columns, which lie at the front of the scratch. */
static size_t columns_doubles(const ws_spectrogram *spectrogram)
{
    return ws_columns_bytes(&spectrogram->columns) / sizeof(double);
}

size_t ws_spectrogram_scratch_doubles(const ws_spectrogram *spectrogram)
{
    const size_t n_in = spectrogram->fft_length == WS_SPECTRUM_N
                            ? (size_t)WS_SPECTRUM_N_K1 * WS_SPECTRUM_PITCH
                            : spectrogram->fft_length * WS_FFT_LANES;
    return columns_doubles(spectrogram) + n_in + 2 * spectrogram->n_bins * WS_FFT_LANES;
}

void ws_spectrogram_load(const ws_spectrogram *spectrogram, const float *samples, double *scratch)
{
    ws_columns_load(&spectrogram->columns, spectrogram->level, samples, (float *)(void *)scratch);
}

const double *ws_spectrogram_run(const ws_spectrogram *spectrogram, size_t first_frame,
                                 double *scratch)
{
    const ws_spectrum_kernels *kernels = ws_spectrum_kernels_get(spectrogram->level);
    const float *column = (const float *)(const void *)scratch + first_frame;
    double *re = scratch + columns_doubles(spectrogram);
    double *im = re + spectrogram->n_bins * WS_FFT_LANES;
    double *in = im + spectrogram->n_bins * WS_FFT_LANES;

    assert(first_frame % WS_FFT_LANES == 0 && first_frame < spectrogram->n_frames);
    if (spectrogram->fft_length == WS_SPECTRUM_N) {
        kernels->power_512(spectrogram, column, in, re);
    } else {
        kernels->load(spectrogram, column, in);
        ws_fft_real_run(spectrogram->fft, spectrogram->level, in, re, im);
        kernels->power(spectrogram->n_wanted, re, im, re);
    }
    return re;
}
