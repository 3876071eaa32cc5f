/* --preprocess=mfcc: spectrogram and mfcc, WS_FFT_LANES frames at a time. */
#include <stdlib.h>

#include "audio/feature_kind.h"
#include "audio/mfcc.h"
#include "audio/spectrogram.h"

typedef struct mfcc_tables {
    ws_spectrogram spectrogram;
    ws_mfcc mfcc;
} mfcc_tables;

static ws_status prepare(const ws_feature_options *options, ws_feature_settings *settings,
                         ws_error *err)
{
    ws_mfcc probe;

    if (options->feature_bin_count > WS_MFCC_N_BANDS)
        return ws_fail(err, WS_EUSAGE,
                       "--feature_bin_count=%lld: mfcc has %d bands, expected 1 to %d",
                       (long long)options->feature_bin_count, WS_MFCC_N_BANDS, WS_MFCC_N_BANDS);
    settings->width = (size_t)options->feature_bin_count;
    const ws_status status = ws_mfcc_init(&probe, settings->fft_length / 2 + 1,
                                          settings->sample_rate_hz, settings->width, err);
    ws_mfcc_deinit(&probe);
    if (status == WS_EINVAL)
        return ws_fail(err, WS_EUSAGE,
                       "--sample_rate=%d: mfcc looks at sound up to %g Hz, "
                       "expected at least %g",
                       settings->sample_rate_hz, WS_MFCC_UPPER_HZ, 2.0 * WS_MFCC_UPPER_HZ);
    return status;
}

static void warn_of_missing_bands(const ws_mel *mel, const ws_feature_settings *settings,
                                  const ws_log *log)
{
    if (mel->n_missing > 0)
        ws_log_write(
            log, WS_LOG_WARN,
            "mfcc: %zu of %zu mel bands, from number %zu on, lie between the frequencies "
            "that a window of %zu samples at %d Hz can tell apart, and stay (nearly) empty",
            mel->n_missing, mel->options.n_bands, mel->first_missing, settings->window_samples,
            settings->sample_rate_hz);
}

static void destroy(void *tables)
{
    mfcc_tables *made = tables;
    ws_spectrogram_deinit(&made->spectrogram);
    ws_mfcc_deinit(&made->mfcc);
    free(made);
}

static ws_status create(const ws_feature_settings *settings, const ws_log *log, void **tables,
                        ws_error *err)
{
    mfcc_tables *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "mfcc features");
    const ws_spectrogram_options options = {settings->desired_samples, settings->window_samples,
                                            settings->stride_samples};
    ws_status status = ws_spectrogram_init(&made->spectrogram, &options, err);
    if (status == WS_OK)
        status = ws_mfcc_init(&made->mfcc, made->spectrogram.n_bins, settings->sample_rate_hz,
                              settings->width, err);
    if (status != WS_OK) {
        destroy(made);
        return status;
    }
    made->spectrogram.level = made->mfcc.level = settings->level;
    made->spectrogram.n_wanted = made->mfcc.mel.end_bin;
    warn_of_missing_bands(&made->mfcc.mel, settings, log);
    *tables = made;
    return WS_OK;
}

static size_t scratch_doubles(const void *tables)
{
    const mfcc_tables *made = tables;
    return ws_spectrogram_scratch_doubles(&made->spectrogram) +
           ws_mfcc_scratch_doubles(&made->mfcc);
}

static void run(const void *tables, const ws_feature_settings *settings, const float *samples,
                double *scratch, float *out)
{
    const mfcc_tables *made = tables;
    double *own = scratch + ws_spectrogram_scratch_doubles(&made->spectrogram);

    ws_spectrogram_load(&made->spectrogram, samples, scratch);
    for (size_t frame = 0; frame < settings->n_frames; frame += WS_FFT_LANES) {
        const size_t left = settings->n_frames - frame;
        const size_t n = left < WS_FFT_LANES ? left : WS_FFT_LANES;
        const double *power = ws_spectrogram_run(&made->spectrogram, frame, scratch);
        ws_mfcc_run(&made->mfcc, power, n, own, out + frame * settings->width);
    }
}

const ws_feature_kind ws_feature_kind_mfcc = {
    .name = "mfcc",
    .prepare = prepare,
    .create = create,
    .destroy = destroy,
    .scratch_doubles = scratch_doubles,
    .run = run,
};
