#include "report/listener.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_BANDS = 64 }; /* of 125 Hz at 16 kHz: the harmonics of a voice still show */

static const double least_power = 1e-12; /* of silence, in place of nothing: -120 dB */

static ws_status make_arrays(ws_listener *listener, ws_error *err)
{
    const size_t n_scratch = ws_spectrogram_scratch_doubles(&listener->spectrogram);
    const size_t n_bytes =
        (n_scratch * sizeof(double) + WS_FFT_ALIGNMENT - 1) / WS_FFT_ALIGNMENT * WS_FFT_ALIGNMENT;
    const size_t n_decibels = listener->spectrogram.n_frames * listener->n_bands;

    listener->scratch = aligned_alloc(WS_FFT_ALIGNMENT, n_bytes);
    listener->samples = calloc(listener->settings->desired_samples, sizeof(float));
    listener->decibels = calloc(n_decibels, sizeof(float));
    listener->fingerprint = calloc(listener->settings->size, sizeof(float));
    if (listener->scratch == NULL || listener->samples == NULL || listener->decibels == NULL ||
        listener->fingerprint == NULL)
        return ws_fail_memory(err, "a clip to be shown");
    return WS_OK;
}

ws_status ws_listener_init(ws_listener *listener, ws_source *source, ws_error *err)
{
    const ws_feature_settings *settings = ws_source_settings(source);
    const ws_spectrogram_options options = {settings->desired_samples, settings->window_samples,
                                            settings->stride_samples};

    *listener = (ws_listener){.source = source, .settings = settings};
    ws_status status = ws_spectrogram_init(&listener->spectrogram, &options, err);
    if (status != WS_OK)
        return status;
    listener->spectrogram.level = settings->level;
    const size_t n_bins = listener->spectrogram.n_bins - 1; /* a power of two, without 0 Hz */
    listener->n_bands = n_bins < MAX_BANDS ? n_bins : MAX_BANDS;
    status = make_arrays(listener, err);
    if (status != WS_OK)
        ws_listener_deinit(listener);
    return status;
}

void ws_listener_deinit(ws_listener *listener)
{
    ws_spectrogram_deinit(&listener->spectrogram);
    free(listener->scratch);
    free(listener->samples);
    free(listener->decibels);
    free(listener->fingerprint);
    *listener = (ws_listener){.source = NULL};
}

/** The mean power of a band in a frame. @param lane  the frame's place in power */
static double find_power(const ws_listener *listener, const double *power, size_t lane, size_t band)
{
    const size_t n_bins = (listener->spectrogram.n_bins - 1) / listener->n_bands;
    double sum = 0;
    for (size_t i = 0; i < n_bins; i++)
        sum += power[(1 + band * n_bins + i) * WS_FFT_LANES + lane];
    return sum / (double)n_bins;
}

static void find_decibels(ws_listener *listener)
{
    const ws_spectrogram *spectrogram = &listener->spectrogram;
    /* of a sine at full scale: a Hann window halves the amplitude, and half is at -frequency */
    const double amplitude = (double)spectrogram->window_samples / 4;
    const double whole = amplitude * amplitude;

    ws_spectrogram_load(spectrogram, listener->samples, listener->scratch);
    for (size_t first = 0; first < spectrogram->n_frames; first += WS_FFT_LANES) {
        const double *power = ws_spectrogram_run(spectrogram, first, listener->scratch);
        for (size_t lane = 0; lane < WS_FFT_LANES && first + lane < spectrogram->n_frames; lane++) {
            float *out = listener->decibels + (first + lane) * listener->n_bands;
            for (size_t band = 0; band < listener->n_bands; band++)
                out[band] = (float)(10 * log10(find_power(listener, power, lane, band) / whole +
                                               least_power));
        }
    }
}

ws_status ws_listener_read(ws_listener *listener, ws_set set, size_t i, ws_error *err)
{
    int32_t label;
    ws_evaluation_rows rows = {.features = listener->fingerprint, .labels = &label};

    ws_status status = ws_source_read_samples(listener->source, set, i, listener->samples, err);
    if (status == WS_OK) /* kept since it was evaluated */
        status = ws_source_read_evaluation(listener->source, set, i, 1, &rows, err);
    if (status != WS_OK)
        return status;
    if (rows.n == 0)
        return ws_fail(err, WS_EFORMAT, "clip %zu of the evaluation could not be read", i);
    find_decibels(listener);
    return WS_OK;
}
