/* --preprocess=micro and --preprocess=micro_device: the fixed-point front end, see micro.h. */
#include <stdlib.h>

#include "audio/feature_kind.h"
#include "audio/micro.h"
#include "audio/spectrogram.h"

/** The front end knows whole milliseconds only: what of n samples it takes. */
static size_t cut_to_ms(size_t n_samples, int sample_rate_hz)
{
    const size_t rate = (size_t)sample_rate_hz;
    return n_samples * 1000 / rate * rate / 1000;
}

static ws_micro_options make_options(const ws_feature_settings *settings)
{
    return (ws_micro_options){
        .n_samples = settings->desired_samples,
        .window_samples = cut_to_ms(settings->window_samples, settings->sample_rate_hz),
        .stride_samples = cut_to_ms(settings->stride_samples, settings->sample_rate_hz),
        .sample_rate_hz = settings->sample_rate_hz,
        .n_channels = settings->width,
        .lower_hz = WS_MICRO_LOWER_HZ,
        .upper_hz = WS_MICRO_UPPER_HZ,
        .sample_scale = settings->sample_scale,
        .is_device = settings->kind == &ws_feature_kind_micro_device,
    };
}

/** Cutting to milliseconds may cost less than a frame, but must not change their number. */
static ws_status check_frames(const ws_feature_options *options,
                              const ws_feature_settings *settings, ws_error *err)
{
    const ws_micro_options micro = make_options(settings);

    if (micro.window_samples < WS_MICRO_MIN_WINDOW || micro.window_samples > WS_MICRO_MAX_WINDOW)
        return ws_fail(err, WS_EUSAGE,
                       "--window_size_ms=%g: %s takes whole milliseconds, expected 1 or more, at "
                       "most %d samples",
                       options->window_size_ms, options->preprocess, WS_MICRO_MAX_WINDOW);
    if (micro.stride_samples < 1)
        return ws_fail(err, WS_EUSAGE,
                       "--window_stride_ms=%g: %s takes whole milliseconds, expected 1 or more",
                       options->window_stride_ms, options->preprocess);
    const size_t n_frames =
        ws_spectrogram_n_frames(micro.n_samples, micro.window_samples, micro.stride_samples);
    if (n_frames != settings->n_frames)
        return ws_fail(err, WS_EUSAGE,
                       "--preprocess=%s cuts --window_size_ms=%g and --window_stride_ms=%g to "
                       "%zu and %zu samples at %d Hz, as it counts whole milliseconds: %zu frames, "
                       "but the network would expect %zu",
                       options->preprocess, options->window_size_ms, options->window_stride_ms,
                       micro.window_samples, micro.stride_samples, settings->sample_rate_hz,
                       n_frames, settings->n_frames);
    return WS_OK;
}

static ws_status prepare(const ws_feature_options *options, ws_feature_settings *settings,
                         ws_error *err)
{
    ws_micro probe;

    if (options->feature_bin_count > WS_MICRO_MAX_CHANNELS)
        return ws_fail(err, WS_EUSAGE,
                       "--feature_bin_count=%lld: %s has at most %d channels, expected 1 to %d",
                       (long long)options->feature_bin_count, options->preprocess,
                       WS_MICRO_MAX_CHANNELS, WS_MICRO_MAX_CHANNELS);
    settings->width = (size_t)options->feature_bin_count;
    ws_status status = check_frames(options, settings, err);
    if (status != WS_OK)
        return status;
    const ws_micro_options micro = make_options(settings);
    status = ws_micro_init(&probe, &micro, err);
    ws_micro_deinit(&probe);
    if (status == WS_EINVAL)
        return ws_fail(err, WS_EUSAGE,
                       "--sample_rate=%d: %s looks at sound up to %g Hz, expected more than %g",
                       settings->sample_rate_hz, options->preprocess, (double)WS_MICRO_UPPER_HZ,
                       2.0 * (double)WS_MICRO_UPPER_HZ);
    return status;
}

static void destroy(void *tables)
{
    ws_micro *micro = tables;
    ws_micro_deinit(micro);
    free(micro);
}

static ws_status create(const ws_feature_settings *settings, const ws_log *log, void **tables,
                        ws_error *err)
{
    const ws_micro_options options = make_options(settings);
    ws_micro *micro = malloc(sizeof *micro);
    (void)log;
    if (micro == NULL)
        return ws_fail_memory(err, "micro features");
    const ws_status status = ws_micro_init(micro, &options, err);
    if (status != WS_OK) {
        free(micro);
        return status;
    }
    micro->level = settings->level;
    *tables = micro;
    return WS_OK;
}

static size_t scratch_doubles(const void *tables)
{
    return ws_micro_scratch_bytes(tables) / sizeof(double);
}

static void run(const void *tables, const ws_feature_settings *settings, const float *samples,
                double *scratch, float *out)
{
    (void)settings;
    ws_micro_run(tables, samples, scratch, out);
}

static size_t memory_bytes(const void *tables)
{
    return ws_micro_memory_bytes(tables);
}

static void run_on(const void *tables, const float *samples, void *memory, double *scratch,
                   float *out)
{
    ws_micro_run_on(tables, samples, memory, scratch, out);
}

#define KIND(title)                                                                \
    {                                                                              \
        .name = (title), .has_memory = true, .prepare = prepare, .create = create, \
        .destroy = destroy, .scratch_doubles = scratch_doubles, .run = run,        \
        .memory_bytes = memory_bytes, .run_on = run_on,                            \
    }

const ws_feature_kind ws_feature_kind_micro = KIND("micro");
const ws_feature_kind ws_feature_kind_micro_device = KIND("micro_device");
