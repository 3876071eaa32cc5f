#include "audio/micro.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/micro_kernels.h"
#include "audio/spectrogram.h"

static ws_status check_options(const ws_micro_options *options, ws_error *err)
{
    const size_t window = options->window_samples;
    if (window < WS_MICRO_MIN_WINDOW || window > WS_MICRO_MAX_WINDOW)
        return ws_fail(err, WS_EINVAL, "micro window of %zu samples, expected %d to %d", window,
                       WS_MICRO_MIN_WINDOW, WS_MICRO_MAX_WINDOW);
    if (options->stride_samples == 0)
        return ws_fail(err, WS_EINVAL, "micro stride of 0 samples, expected 1 or more");
    if (options->n_samples < window)
        return ws_fail(err, WS_EINVAL, "micro clip of %zu samples, expected a window (%zu) or more",
                       options->n_samples, window);
    if (options->n_channels < 1 || options->n_channels > WS_MICRO_MAX_CHANNELS)
        return ws_fail(err, WS_EINVAL, "%zu micro channels, expected 1 to %d", options->n_channels,
                       WS_MICRO_MAX_CHANNELS);
    return WS_OK;
}

/**
 * Number i of a window half a sample off the usual one of Hann. Single precision where the
 * originals have it: TensorFlow's operator rounds the height alone, the C code each step.
 */
static float window_at(size_t i, float step, bool is_device)
{
    if (!is_device)
        return (float)(0.5 - 0.5 * cos((double)step * ((double)i + 0.5)));
    const float angle = step * ((float)i + 0.5f);
    return 0.5f - 0.5f * (float)cos((double)angle);
}

static ws_status make_window(ws_micro *micro, const ws_micro_options *options, size_t fft_length,
                             ws_error *err)
{
    const size_t n = options->window_samples;
    const float step = (float)(2.0 * 3.14159265358979323846 / (double)n);

    micro->window = calloc(fft_length, sizeof *micro->window);
    if (micro->window == NULL)
        return ws_fail_memory(err, "a window");
    for (size_t i = 0; i < n; i++) {
        const float height = window_at(i, step, options->is_device);
        micro->window[i] = (int32_t)floor((double)height * 4096.0 + 0.5);
    }
    return WS_OK;
}

static ws_status make_columns(ws_micro *micro, const ws_micro_options *options, size_t fft_length,
                              ws_error *err)
{
    const ws_columns_options columns = {
        .n_samples = options->n_samples,
        .window_samples = options->window_samples,
        .stride_samples = options->stride_samples,
        .n_frames = micro->n_frames,
        .n_lanes = WS_MICRO_LANES,
        .n_offsets = fft_length,
    };
    return ws_columns_init(&micro->columns, &columns, err);
}

static ws_status make_bank(ws_micro *micro, const ws_micro_options *options, size_t fft_length,
                           ws_error *err)
{
    const ws_micro_bank_options bank = {
        .n_bins = fft_length / 2 + 1,
        .sample_rate_hz = options->sample_rate_hz,
        .n_channels = options->n_channels,
        .lower_hz = options->lower_hz,
        .upper_hz = options->upper_hz,
        .is_device = options->is_device,
    };
    return ws_micro_bank_init(&micro->bank, &bank, err);
}

ws_status ws_micro_init(ws_micro *micro, const ws_micro_options *options, ws_error *err)
{
    *micro = (ws_micro){0};
    ws_status status = check_options(options, err);
    if (status != WS_OK)
        return status;
    const size_t fft_length = ws_spectrogram_fft_length(options->window_samples);
    *micro = (ws_micro){
        .n_samples = options->n_samples,
        .n_frames = ws_spectrogram_n_frames(options->n_samples, options->window_samples,
                                            options->stride_samples),
        .n_channels = options->n_channels,
        .n_pairs = (options->window_samples + 1) / 2,
        .sample_scale = options->sample_scale,
        .level = ws_cpu_level_get_best(),
    };
    status = make_window(micro, options, fft_length, err);
    if (status == WS_OK)
        status = make_columns(micro, options, fft_length, err);
    if (status == WS_OK)
        status = ws_micro_fft_init(&micro->fft, fft_length, err);
    if (status == WS_OK)
        status = make_bank(micro, options, fft_length, err);
    if (status != WS_OK) {
        ws_micro_deinit(micro);
        return status;
    }
    ws_micro_gain_init(&micro->gain, fft_length, options->is_device);
    return WS_OK;
}

void ws_micro_deinit(ws_micro *micro)
{
    free(micro->window);
    ws_columns_deinit(&micro->columns);
    ws_micro_fft_deinit(&micro->fft);
    ws_micro_bank_deinit(&micro->bank);
    *micro = (ws_micro){0};
}

/** The parts of a clip's scratch. */
typedef struct scratch_parts {
    float *columns;
    int32_t *spectrum; /* [half + 1, lanes]; before that, pairs of samples */
    int32_t *work;     /* [half, lanes]; then energies */
    int32_t *roots;    /* [n_rooms, lanes]: n_channels, rounded up to a multiple of lanes */
    int32_t *shifts;   /* [lanes] */
    int32_t *noise;    /* [n_rooms] */
    size_t n_rooms;
    size_t n_bytes; /* of all */
} scratch_parts;

/** Hands out the next piece, which starts at an alignment boundary. */
static void *push(unsigned char *scratch, size_t *used, size_t n_bytes)
{
    void *piece = scratch == NULL ? NULL : scratch + *used;
    *used += (n_bytes + WS_FFT_ALIGNMENT - 1) / WS_FFT_ALIGNMENT * WS_FFT_ALIGNMENT;
    return piece;
}

/** @param scratch  NULL: only n_bytes is wanted */
static scratch_parts part_scratch(const ws_micro *micro, void *scratch)
{
    const size_t row_bytes = WS_MICRO_LANES * sizeof(int32_t);
    scratch_parts parts;
    size_t used = 0;

    parts.n_rooms = (micro->n_channels + WS_MICRO_LANES - 1) / WS_MICRO_LANES * WS_MICRO_LANES;

    parts.columns = push(scratch, &used, ws_columns_bytes(&micro->columns));
    parts.spectrum = push(scratch, &used, (micro->fft.half + 1) * row_bytes);
    parts.work = push(scratch, &used, micro->fft.half * row_bytes);
    parts.roots = push(scratch, &used, parts.n_rooms * row_bytes);
    parts.shifts = push(scratch, &used, row_bytes);
    parts.noise = push(scratch, &used, parts.n_rooms * sizeof(int32_t));
    parts.n_bytes = used;
    return parts;
}

size_t ws_micro_scratch_bytes(const ws_micro *micro)
{
    return part_scratch(micro, NULL).n_bytes;
}

size_t ws_micro_memory_bytes(const ws_micro *micro)
{
    return part_scratch(micro, NULL).n_rooms * sizeof(int32_t);
}

/** @param noise  [n_rooms] estimates from the frames before; updated */
static void run_frames(const ws_micro *micro, const scratch_parts *parts, const float *samples,
                       int32_t *noise, float *out)
{
    const ws_micro_kernels *kernels = ws_micro_kernels_get(micro->level);
    const ws_micro_fft_kernels *fft = ws_micro_fft_kernels_get(micro->level);

    ws_columns_load(&micro->columns, micro->level, samples, parts->columns);
    memset(parts->roots, 0, parts->n_rooms * WS_MICRO_LANES * sizeof *parts->roots);
    for (size_t frame = 0; frame < micro->n_frames; frame += WS_MICRO_LANES) {
        const size_t left = micro->n_frames - frame;
        const size_t n = left < WS_MICRO_LANES ? left : WS_MICRO_LANES;
        fft->window(micro, parts->columns + frame, parts->spectrum, parts->shifts);
        fft->transform(&micro->fft, parts->spectrum, parts->shifts, parts->work);
        fft->split(&micro->fft, parts->work, parts->spectrum);
        kernels->channels(&micro->bank, parts->spectrum, parts->shifts, parts->work, parts->roots);
        kernels->finish(micro, n, parts->roots, noise, out + frame * micro->n_channels);
    }
}

void ws_micro_run(const ws_micro *micro, const float *samples, void *scratch, float *out)
{
    const scratch_parts parts = part_scratch(micro, scratch);

    memset(parts.noise, 0, parts.n_rooms * sizeof *parts.noise);
    run_frames(micro, &parts, samples, parts.noise, out);
}

void ws_micro_run_on(const ws_micro *micro, const float *samples, void *memory, void *scratch,
                     float *out)
{
    const scratch_parts parts = part_scratch(micro, scratch);

    run_frames(micro, &parts, samples, memory, out);
}
