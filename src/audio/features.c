#include "audio/features.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "audio/feature_kind.h"
#include "audio/sound.h"
#include "audio/spectrogram.h"
#include "base/lookup.h"

struct ws_features {
    ws_feature_settings settings;
    void *tables; /* the kind's */
};

enum { N_KINDS = 5, MAX_SAMPLE_RATE_HZ = 1000000, MAX_MS = 3600000 };

static const ws_feature_kind *const kinds[N_KINDS] = {
    &ws_feature_kind_mfcc,         &ws_feature_kind_average, &ws_feature_kind_micro,
    &ws_feature_kind_micro_device, &ws_feature_kind_log_mel,
};

static const char *kind_name(size_t i)
{
    return kinds[i]->name;
}

static ws_status find_kind(const char *name, const ws_feature_kind **kind, ws_error *err)
{
    size_t i;
    const ws_status status = ws_lookup("--preprocess", name, kind_name, N_KINDS, &i, err);
    if (status == WS_ENOTFOUND && err != NULL)
        err->status = WS_EUSAGE;
    if (status == WS_ENOTFOUND)
        return WS_EUSAGE;
    *kind = kinds[i];
    return WS_OK;
}

static ws_status check_range(const char *flag, int64_t value, int64_t low, int64_t high,
                             ws_error *err)
{
    if (value >= low && value <= high)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE, "--%s=%lld: expected %lld to %lld", flag, (long long)value,
                   (long long)low, (long long)high);
}

/** The samples of a time span, rounded towards zero. */
static ws_status samples_of_ms(const char *flag, int64_t sample_rate, double ms, size_t at_least,
                               size_t *n_samples, ws_error *err)
{
    const double n = (double)sample_rate * ms / 1000.0;

    if (!(ms > 0.0) || ms > (double)MAX_MS)
        return ws_fail(err, WS_EUSAGE, "--%s=%g: expected milliseconds above 0, at most %d", flag,
                       ms, MAX_MS);
    if (n < (double)at_least)
        return ws_fail(err, WS_EUSAGE, "--%s=%g: shorter than %zu sample%s at %lld Hz", flag, ms,
                       at_least, at_least == 1 ? "" : "s", (long long)sample_rate);
    if (n > (double)WS_SOUND_MAX_SAMPLES)
        return ws_fail(err, WS_EUSAGE, "--%s=%g: longer than %zu samples at %lld Hz", flag, ms,
                       WS_SOUND_MAX_SAMPLES, (long long)sample_rate);
    *n_samples = (size_t)n;
    return WS_OK;
}

static ws_status set_lengths(const ws_feature_options *options, ws_feature_settings *settings,
                             ws_error *err)
{
    const int64_t rate = options->sample_rate;
    ws_status status = samples_of_ms("clip_duration_ms", rate, (double)options->clip_duration_ms, 1,
                                     &settings->desired_samples, err);
    if (status == WS_OK)
        status = samples_of_ms("window_size_ms", rate, options->window_size_ms, 2,
                               &settings->window_samples, err);
    if (status == WS_OK)
        status = samples_of_ms("window_stride_ms", rate, options->window_stride_ms, 1,
                               &settings->stride_samples, err);
    if (status != WS_OK)
        return status;
    if (settings->window_samples > settings->desired_samples)
        return ws_fail(err, WS_EUSAGE,
                       "--window_size_ms=%g: longer than the clip (--clip_duration_ms=%lld)",
                       options->window_size_ms, (long long)options->clip_duration_ms);
    if (settings->window_samples > WS_FFT_MAX_REAL)
        return ws_fail(err, WS_EUSAGE, "--window_size_ms=%g: %zu samples, expected at most %zu",
                       options->window_size_ms, settings->window_samples, WS_FFT_MAX_REAL);
    settings->fft_length = ws_spectrogram_fft_length(settings->window_samples);
    settings->n_frames = ws_spectrogram_n_frames(
        settings->desired_samples, settings->window_samples, settings->stride_samples);
    return WS_OK;
}

ws_status ws_feature_settings_init(const ws_feature_options *options, ws_feature_settings *settings,
                                   ws_error *err)
{
    *settings = (ws_feature_settings){.level = ws_cpu_level_get_best(),
                                      .sample_scale = WS_SAMPLE_SCALE_TRAINING};
    ws_status status = find_kind(options->preprocess, &settings->kind, err);
    if (status == WS_OK)
        status = check_range("sample_rate", options->sample_rate, 1, MAX_SAMPLE_RATE_HZ, err);
    if (status == WS_OK)
        status = check_range("feature_bin_count", options->feature_bin_count, 1, INT32_MAX, err);
    if (status != WS_OK)
        return status;
    settings->sample_rate_hz = (int)options->sample_rate;
    status = set_lengths(options, settings, err);
    if (status == WS_OK)
        status = settings->kind->prepare(options, settings, err);
    settings->size = settings->n_frames * settings->width;
    return status;
}

const char *ws_feature_settings_name(const ws_feature_settings *settings)
{
    return settings->kind->name;
}

bool ws_feature_settings_has_memory(const ws_feature_settings *settings)
{
    return settings->kind->has_memory;
}

bool ws_feature_settings_can_run_on(const ws_feature_settings *settings)
{
    const size_t rate = (size_t)settings->sample_rate_hz;

    if (!settings->kind->has_memory)
        return true;
    return settings->kind->run_on != NULL && settings->window_samples * 1000 % rate == 0 &&
           settings->stride_samples * 1000 % rate == 0;
}

void ws_feature_settings_set_frames(ws_feature_settings *settings, size_t n_frames)
{
    assert(n_frames > 0);
    settings->desired_samples =
        (n_frames - 1) * settings->stride_samples + settings->window_samples;
    settings->n_frames = n_frames;
    settings->size = n_frames * settings->width;
}

ws_status ws_features_create(const ws_feature_settings *settings, const ws_log *log,
                             ws_features **features, ws_error *err)
{
    *features = NULL;
    ws_features *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "features");
    made->settings = *settings;
    const ws_status status = settings->kind->create(settings, log, &made->tables, err);
    if (status != WS_OK) {
        free(made);
        return status;
    }
    *features = made;
    return WS_OK;
}

void ws_features_destroy(ws_features *features)
{
    if (features == NULL)
        return;
    features->settings.kind->destroy(features->tables);
    free(features);
}

const ws_feature_settings *ws_features_settings(const ws_features *features)
{
    return &features->settings;
}

size_t ws_features_scratch_bytes(const ws_features *features)
{
    return features->settings.kind->scratch_doubles(features->tables) * sizeof(double);
}

void ws_features_run(const ws_features *features, const float *samples, void *scratch, float *out)
{
    assert((uintptr_t)scratch % WS_FFT_ALIGNMENT == 0);
    features->settings.kind->run(features->tables, &features->settings, samples, scratch, out);
}

size_t ws_features_memory_bytes(const ws_features *features)
{
    const ws_feature_kind *kind = features->settings.kind;
    return kind->memory_bytes != NULL ? kind->memory_bytes(features->tables) : 0;
}

void ws_features_run_on(const ws_features *features, const float *samples, void *memory,
                        void *scratch, float *out)
{
    const ws_feature_kind *kind = features->settings.kind;

    if (kind->run_on != NULL)
        kind->run_on(features->tables, samples, memory, scratch, out);
    else
        ws_features_run(features, samples, scratch, out);
}
