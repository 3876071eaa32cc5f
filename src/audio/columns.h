/**
 * A clip laid out so that the same sample of neighbouring frames stands together, as code wants it
 * that works on many frames side by side.
 *
 * Sample f * stride + row is at [row, f]: with rows for a stride (or a window, if that is shorter),
 * sample i of frame f is in row i % stride, column f + i / stride. Overlapping frames are so stored
 * only once. Private to audio/.
 */
#ifndef WS_AUDIO_COLUMNS_H
#define WS_AUDIO_COLUMNS_H

#include <stddef.h>

#include "base/cpu.h"
#include "base/status.h"

typedef struct ws_columns {
    size_t n_samples, stride_samples;
    size_t n_rows, pitch; /* floats from one row to the next */
    size_t *offsets;      /* [n_offsets] owned; where sample i of frame 0 is */
} ws_columns;

typedef struct ws_columns_options {
    size_t n_samples; /* of a clip */
    size_t window_samples, stride_samples;
    size_t n_frames;
    size_t n_lanes;   /* frames that are read together, from a multiple of it on */
    size_t n_offsets; /* window_samples or more; those after the window are 0 */
} ws_columns_options;

/** @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_columns_init(ws_columns *columns, const ws_columns_options *options,
                                        ws_error *err);

/** All zeros is fine. */
void ws_columns_deinit(ws_columns *columns);

/** What the layout of a clip takes, a multiple of WS_FFT_ALIGNMENT. */
size_t ws_columns_bytes(const ws_columns *columns);

/**
 * Lays a clip out; what lies after its end is zero.
 *
 * @param samples  [n_samples]
 * @param out      [n_rows, pitch], aligned to WS_FFT_ALIGNMENT
 */
void ws_columns_load(const ws_columns *columns, ws_cpu_level level, const float *samples,
                     float *out);

#endif
