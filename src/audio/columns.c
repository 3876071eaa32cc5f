#include "audio/columns.h"

#include <stdlib.h>

#include "audio/spectrum_kernels.h"
#include "fft/real_plan.h"

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

ws_status ws_columns_init(ws_columns *columns, const ws_columns_options *options, ws_error *err)
{
    const size_t window = options->window_samples, stride = options->stride_samples;
    const size_t n_columns = round_up(options->n_frames, options->n_lanes) + (window - 1) / stride;
    const size_t pitch = round_up(n_columns, 16);

    *columns = (ws_columns){
        .n_samples = options->n_samples,
        .stride_samples = stride,
        .n_rows = stride < window ? stride : window,
        /* rows of powers of two would all begin in the same few places of a cache */
        .pitch = pitch % 64 == 0 ? pitch + 16 : pitch,
        .offsets = calloc(options->n_offsets, sizeof *columns->offsets),
    };
    if (columns->offsets == NULL)
        return ws_fail_memory(err, "the layout of a clip");
    for (size_t i = 0; i < window; i++)
        columns->offsets[i] = i % stride * columns->pitch + i / stride;
    return WS_OK;
}

void ws_columns_deinit(ws_columns *columns)
{
    free(columns->offsets);
    *columns = (ws_columns){0};
}

size_t ws_columns_bytes(const ws_columns *columns)
{
    return round_up(columns->n_rows * columns->pitch * sizeof(float), WS_FFT_ALIGNMENT);
}

void ws_columns_load(const ws_columns *columns, ws_cpu_level level, const float *samples,
                     float *out)
{
    ws_spectrum_kernels_get(level)->transpose(columns, samples, out);
}
