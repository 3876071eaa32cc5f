/* --preprocess=average: a spectrogram whose bins are averaged in groups. */
#include <stdlib.h>

#include "audio/average_kernels.h"
#include "audio/feature_kind.h"
#include "audio/spectrogram.h"

typedef struct average_tables {
    ws_spectrogram spectrogram;
    ws_average average;
} average_tables;

/** Groups so large that n_wanted or more of them fit: somewhat more numbers may come out. */
static ws_status prepare(const ws_feature_options *options, ws_feature_settings *settings,
                         ws_error *err)
{
    const size_t n_bins = settings->fft_length / 2 + 1;
    const size_t group = n_bins / (size_t)options->feature_bin_count;

    if (group == 0)
        return ws_fail(err, WS_EUSAGE,
                       "--feature_bin_count=%lld: a window of %zu samples has %zu frequencies to "
                       "average, expected 1 to %zu",
                       (long long)options->feature_bin_count, settings->window_samples, n_bins,
                       n_bins);
    settings->average_width = group;
    settings->width = (n_bins + group - 1) / group;
    return WS_OK;
}

static void destroy(void *tables)
{
    average_tables *made = tables;
    ws_spectrogram_deinit(&made->spectrogram);
    free(made);
}

static ws_status create(const ws_feature_settings *settings, const ws_log *log, void **tables,
                        ws_error *err)
{
    const ws_spectrogram_options options = {settings->desired_samples, settings->window_samples,
                                            settings->stride_samples};
    average_tables *made = calloc(1, sizeof *made);
    (void)log;
    if (made == NULL)
        return ws_fail_memory(err, "averaged features");
    const ws_status status = ws_spectrogram_init(&made->spectrogram, &options, err);
    if (status != WS_OK) {
        destroy(made);
        return status;
    }
    made->spectrogram.level = settings->level;
    made->average = (ws_average){
        .n_bins = made->spectrogram.n_bins,
        .group = settings->average_width,
        .n_means = settings->width,
    };
    *tables = made;
    return WS_OK;
}

static size_t scratch_doubles(const void *tables)
{
    const average_tables *made = tables;
    return ws_spectrogram_scratch_doubles(&made->spectrogram);
}

static void run(const void *tables, const ws_feature_settings *settings, const float *samples,
                double *scratch, float *out)
{
    const average_tables *made = tables;
    ws_average_kernel *average = ws_average_kernel_get(settings->level);

    ws_spectrogram_load(&made->spectrogram, samples, scratch);
    for (size_t frame = 0; frame < settings->n_frames; frame += WS_FFT_LANES) {
        const size_t left = settings->n_frames - frame;
        const size_t n = left < WS_FFT_LANES ? left : WS_FFT_LANES;
        const double *power = ws_spectrogram_run(&made->spectrogram, frame, scratch);
        average(&made->average, power, n, out + frame * settings->width);
    }
}

const ws_feature_kind ws_feature_kind_average = {
    .name = "average",
    .prepare = prepare,
    .create = create,
    .destroy = destroy,
    .scratch_doubles = scratch_doubles,
    .run = run,
};
