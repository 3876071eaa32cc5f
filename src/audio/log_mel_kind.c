/*
 * --preprocess=log_mel: the features of the BC-ResNet recipe, equal to torchaudio's
 *
 *     log(MelSpectrogram(n_fft, win_length, hop_length, f_min=0, f_max=8000, n_mels)(x) + 1e-6)
 *
 * Frame f is centred on sample f * stride; the clip is mirrored at both ends. The window is padded
 * to the transform's length on both sides there and on one side here: that is a shift in time,
 * which no power sees.
 */
#include <stdlib.h>
#include <string.h>

#include "audio/feature_kind.h"
#include "audio/log_mel.h"
#include "audio/mel.h"
#include "audio/mel_kernels.h"
#include "audio/spectrogram.h"

#define UPPER_HZ 8000.0

enum { MAX_BANDS = 1024 };

typedef struct log_mel_tables {
    ws_spectrogram spectrogram; /* of the mirrored clip */
    ws_mel mel;
    size_t n_before; /* samples of the mirrored clip before the clip */
} log_mel_tables;

/** Samples of a window that lie before its centre, as torch.stft() places it. */
static size_t n_before_centre(const ws_feature_settings *settings)
{
    const size_t fft_length = settings->fft_length;
    return fft_length / 2 - (fft_length - settings->window_samples) / 2;
}

static ws_mel_options mel_options(const ws_feature_settings *settings)
{
    return (ws_mel_options){.n_bins = settings->fft_length / 2 + 1,
                            .sample_rate_hz = settings->sample_rate_hz,
                            .n_bands = settings->width,
                            .lower_hz = 0.0,
                            .upper_hz = UPPER_HZ,
                            .sides = WS_MEL_SIDES_HZ};
}

static ws_status prepare(const ws_feature_options *options, ws_feature_settings *settings,
                         ws_error *err)
{
    const size_t n_samples = settings->desired_samples;

    if (options->feature_bin_count > MAX_BANDS)
        return ws_fail(err, WS_EUSAGE, "--feature_bin_count=%lld: log_mel has at most %d bands",
                       (long long)options->feature_bin_count, MAX_BANDS);
    if ((double)settings->sample_rate_hz < 2.0 * UPPER_HZ)
        return ws_fail(err, WS_EUSAGE,
                       "--sample_rate=%d: log_mel looks at sound up to %g Hz, expected at least %g",
                       settings->sample_rate_hz, UPPER_HZ, 2.0 * UPPER_HZ);
    if (settings->fft_length / 2 >= n_samples)
        return ws_fail(
            err, WS_EUSAGE,
            "--clip_duration_ms=%lld: log_mel mirrors %zu samples at the ends of a clip, "
            "expected a longer one",
            (long long)options->clip_duration_ms, settings->fft_length / 2);
    settings->width = (size_t)options->feature_bin_count;
    settings->n_frames = 1 + n_samples / settings->stride_samples;
    return WS_OK;
}

static void warn_of_missing_bands(const ws_mel *mel, const ws_feature_settings *settings,
                                  const ws_log *log)
{
    if (mel->n_missing > 0)
        ws_log_write(log, WS_LOG_WARN,
                     "log_mel: %zu of %zu mel bands, from number %zu on, are (nearly) empty: a "
                     "window of %zu samples at %d Hz cannot tell their frequencies apart",
                     mel->n_missing, mel->options.n_bands, mel->first_missing,
                     settings->window_samples, settings->sample_rate_hz);
}

static void destroy(void *tables)
{
    log_mel_tables *made = tables;
    ws_spectrogram_deinit(&made->spectrogram);
    ws_mel_deinit(&made->mel);
    free(made);
}

static ws_status create(const ws_feature_settings *settings, const ws_log *log, void **tables,
                        ws_error *err)
{
    const ws_mel_options bands = mel_options(settings);
    const ws_spectrogram_options frames = {
        .n_samples = (settings->n_frames - 1) * settings->stride_samples + settings->window_samples,
        .window_samples = settings->window_samples,
        .stride_samples = settings->stride_samples};

    log_mel_tables *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "mel features");
    ws_status status = ws_spectrogram_init(&made->spectrogram, &frames, err);
    if (status == WS_OK)
        status = ws_mel_init(&made->mel, &bands, err);
    if (status != WS_OK) {
        destroy(made);
        return status;
    }
    made->n_before = n_before_centre(settings);
    made->spectrogram.level = made->mel.level = settings->level;
    made->spectrogram.n_wanted = made->mel.end_bin;
    warn_of_missing_bands(&made->mel, settings, log);
    *tables = made;
    return WS_OK;
}

ws_log_mel_margins ws_log_mel_find_margins(const ws_feature_settings *settings)
{
    const size_t last_frame = (settings->n_frames - 1) * settings->stride_samples;
    const size_t n_before = n_before_centre(settings);
    const size_t end = last_frame + settings->window_samples;
    const size_t n_clip = n_before + settings->desired_samples;

    return (ws_log_mel_margins){.before = n_before, .after = end > n_clip ? end - n_clip : 0};
}

ws_status ws_log_mel_make_matrix(const ws_feature_settings *settings, float *matrix, ws_error *err)
{
    const ws_mel_options options = mel_options(settings);
    const size_t n_bands = options.n_bands;
    ws_mel mel;

    const ws_status status = ws_mel_init(&mel, &options, err);
    if (status == WS_OK) {
        memset(matrix, 0, options.n_bins * n_bands * sizeof *matrix);
        for (size_t bin = mel.first_bin; bin < mel.end_bin; bin++) {
            const int falling = mel.bands[bin];
            float *shares = matrix + bin * n_bands;
            if (falling >= 0)
                shares[falling] = (float)mel.weights[bin];
            if (falling + 1 < (int)n_bands)
                shares[falling + 1] = (float)(1.0 - mel.weights[bin]);
        }
    }
    ws_mel_deinit(&mel);
    return status;
}

/** Doubles that hold the mirrored clip, at the front of the scratch. */
static size_t clip_doubles(const log_mel_tables *made)
{
    const size_t per_block = WS_FFT_ALIGNMENT / sizeof(double);
    const size_t n =
        (made->spectrogram.n_samples * sizeof(float) + sizeof(double) - 1) / sizeof(double);
    return (n + per_block - 1) / per_block * per_block;
}

static size_t scratch_doubles(const void *tables)
{
    const log_mel_tables *made = tables;
    return clip_doubles(made) + ws_spectrogram_scratch_doubles(&made->spectrogram) +
           made->mel.options.n_bands * WS_FFT_LANES;
}

/** out[i] = samples[i - n_before], mirrored about the first and the last sample. */
static void mirror(const log_mel_tables *made, const float *samples, size_t n_samples, float *out)
{
    const size_t n_before = made->n_before, n_out = made->spectrogram.n_samples;
    const size_t n_left = n_out - n_before;
    const size_t n_inside = n_left < n_samples ? n_left : n_samples;

    for (size_t i = 0; i < n_before; i++)
        out[i] = samples[n_before - i];
    memcpy(out + n_before, samples, n_inside * sizeof *out);
    for (size_t i = n_inside; i < n_left; i++)
        out[n_before + i] = samples[2 * (n_samples - 1) - i];
}

static void run(const void *tables, const ws_feature_settings *settings, const float *samples,
                double *scratch, float *out)
{
    const log_mel_tables *made = tables;
    const ws_mel_kernels *kernels = ws_mel_kernels_get(settings->level);
    const size_t width = settings->width;
    float *clip = (float *)(void *)scratch;
    double *of_spectra = scratch + clip_doubles(made);
    double *bands = of_spectra + ws_spectrogram_scratch_doubles(&made->spectrogram);

    mirror(made, samples, settings->desired_samples, clip);
    ws_spectrogram_load(&made->spectrogram, clip, of_spectra);
    for (size_t frame = 0; frame < settings->n_frames; frame += WS_FFT_LANES) {
        const size_t left = settings->n_frames - frame;
        const size_t n = left < WS_FFT_LANES ? left : WS_FFT_LANES;
        const double *power = ws_spectrogram_run(&made->spectrogram, frame, of_spectra);
        ws_mel_run_power(&made->mel, power, bands);
        kernels->log_sum(width, WS_LOG_MEL_OFFSET, bands);
        kernels->store(width, n, bands, out + frame * width);
    }
}

const ws_feature_kind ws_feature_kind_log_mel = {
    .name = "log_mel",
    .has_memory = true,
    .prepare = prepare,
    .create = create,
    .destroy = destroy,
    .scratch_doubles = scratch_doubles,
    .run = run,
};
