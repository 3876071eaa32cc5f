#include "train/listener.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/labels.h"
#include "train/sets.h"

enum { MAX_BANDS = 64 }; /* of 125 Hz at 16 kHz: the harmonics of a voice still show */

static const double least_power = 1e-12; /* of silence, in place of nothing: -120 dB */

static ws_status make_arrays(ws_listener *listener, ws_error *err)
{
    const size_t n_scratch = ws_spectrogram_scratch_doubles(&listener->spectrogram);
    const size_t n_bytes =
        (n_scratch * sizeof(double) + WS_FFT_ALIGNMENT - 1) / WS_FFT_ALIGNMENT * WS_FFT_ALIGNMENT;

    listener->scratch = aligned_alloc(WS_FFT_ALIGNMENT, n_bytes);
    listener->samples = calloc(listener->settings->desired_samples, sizeof(float));
    listener->fingerprint = calloc(listener->settings->size, sizeof(float));
    if (listener->scratch == NULL || listener->samples == NULL || listener->fingerprint == NULL)
        return ws_fail_memory(err, "a clip to be shown");
    if (listener->clips.set == NULL)
        return WS_OK;
    const ws_status status = ws_features_create(listener->settings, NULL, &listener->features, err);
    if (status != WS_OK)
        return status;
    const size_t n = ws_features_scratch_bytes(listener->features);
    listener->feature_scratch = aligned_alloc(
        WS_FFT_ALIGNMENT, (n + WS_FFT_ALIGNMENT - 1) / WS_FFT_ALIGNMENT * WS_FFT_ALIGNMENT);
    return listener->feature_scratch != NULL ? WS_OK : ws_fail_memory(err, "a clip to be shown");
}

ws_status ws_listener_init(ws_listener *listener, const ws_listener_clips *clips,
                           const ws_feature_settings *settings, ws_error *err)
{
    const ws_spectrogram_options options = {settings->desired_samples, settings->window_samples,
                                            settings->stride_samples};

    *listener = (ws_listener){.clips = *clips, .settings = settings};
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
    free(listener->fingerprint);
    ws_features_destroy(listener->features);
    free(listener->feature_scratch);
    *listener = (ws_listener){.settings = NULL};
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

/** @param decibels  [n_frames of the spectrogram, n_bands] filled */
static void find_decibels(ws_listener *listener, float *decibels)
{
    const ws_spectrogram *spectrogram = &listener->spectrogram;
    /* of a sine at full scale: a Hann window halves the amplitude, and half is at -frequency */
    const double amplitude = (double)spectrogram->window_samples / 4;
    const double whole = amplitude * amplitude;

    ws_spectrogram_load(spectrogram, listener->samples, listener->scratch);
    for (size_t first = 0; first < spectrogram->n_frames; first += WS_FFT_LANES) {
        const double *power = ws_spectrogram_run(spectrogram, first, listener->scratch);
        for (size_t lane = 0; lane < WS_FFT_LANES && first + lane < spectrogram->n_frames; lane++) {
            float *out = decibels + (first + lane) * listener->n_bands;
            for (size_t band = 0; band < listener->n_bands; band++)
                out[band] = (float)(10 * log10(find_power(listener, power, lane, band) / whole +
                                               least_power));
        }
    }
}

static ws_status read_fingerprint(ws_listener *listener, ws_set set, size_t entry, ws_error *err)
{
    int32_t label;
    ws_evaluation_rows rows = {.features = listener->fingerprint, .labels = &label};
    const ws_status status =
        ws_source_read_evaluation(listener->clips.source, set, entry, 1, &rows, err);

    if (status != WS_OK || rows.n == 1)
        return status;
    return ws_fail(err, WS_EFORMAT, "clip %zu of the evaluation could not be read", entry);
}

/** Fills the listener's arrays with what the report wants of a clip of the data set. */
static ws_status read_clip(ws_listener *listener, ws_set set, size_t entry, ws_report_clip *clip,
                           ws_error *err)
{
    const ws_clip known = ws_index_clip(listener->clips.index, set, entry);
    ws_status status = WS_OK;

    clip->path = known.label == WS_SILENCE_INDEX ? NULL : known.path;
    if (clip->samples != NULL || clip->decibels != NULL)
        status = ws_source_read_samples(listener->clips.source, set, entry, listener->samples, err);
    if (status == WS_OK && clip->fingerprint != NULL) /* kept since it was evaluated */
        status = read_fingerprint(listener, set, entry, err);
    return status;
}

/** The same of a recording of a wake word: the moment that was nearest to the phrase. */
static ws_status read_recording(ws_listener *listener, size_t entry, ws_report_clip *clip,
                                ws_error *err)
{
    clip->path = ws_wake_set_get(listener->clips.set, entry).path;
    if (clip->samples == NULL && clip->decibels == NULL && clip->fingerprint == NULL)
        return WS_OK;
    const ws_status status = ws_wake_set_read(listener->clips.set, entry, listener->samples, err);
    if (status == WS_OK && clip->fingerprint != NULL)
        ws_features_run(listener->features, listener->samples, listener->feature_scratch,
                        listener->fingerprint);
    return status;
}

ws_status ws_listener_redraw(void *user, ws_report_place place, size_t entry, ws_report_clip *clip,
                             ws_error *err)
{
    ws_listener *listener = user;
    const ws_status status = listener->clips.set != NULL
                                 ? read_recording(listener, entry, clip, err)
                                 : read_clip(listener, ws_set_of_place(place), entry, clip, err);

    if (status != WS_OK)
        return status;
    if (clip->samples != NULL)
        memcpy(clip->samples, listener->samples,
               listener->settings->desired_samples * sizeof *clip->samples);
    if (clip->decibels != NULL)
        find_decibels(listener, clip->decibels);
    if (clip->fingerprint != NULL)
        memcpy(clip->fingerprint, listener->fingerprint,
               listener->settings->size * sizeof *clip->fingerprint);
    return WS_OK;
}
