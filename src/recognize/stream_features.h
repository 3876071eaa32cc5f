/**
 * The features of overlapping windows of a stream. Each frame is made only once where possible.
 *
 * For some kinds a frame does not depend on its window. Then windows whose frames begin at the same
 * samples share them: every window if the stride is a multiple of the frames' stride, otherwise
 * every second, third, ... Windows that share frames are a track; its frames are kept while a later
 * window needs them:
 *
 *     stride 480, frames every 160 samples       stride 240: 2 tracks
 *     window 0  | | | | | |                      track 0  window 0  | | | | | |
 *     window 1        | | | | | |                         window 2        | | | | | |
 *     window 2              | | | | | |          track 1  window 1    | | | | | |
 *
 * The features are those of each window by itself, bit for bit. Private to recognize/.
 */
#ifndef WS_RECOGNIZE_STREAM_FEATURES_H
#define WS_RECOGNIZE_STREAM_FEATURES_H

#include <stddef.h>

#include "audio/features.h"
#include "base/log.h"
#include "base/status.h"

typedef struct ws_stream_features_options {
    const ws_feature_settings *settings; /* of a window; borrowed for the call */
    size_t stride_samples;               /* from one window to the next, at least 1 */
    size_t max_windows;                  /* in one run, at least 1 */
    int n_threads;                       /* that make chunks at the same time, at least 1 */
    const ws_log *log;                   /* as ws_features_create's */
} ws_stream_features_options;

typedef struct ws_stream_features ws_stream_features;

/** @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_stream_features_create(const ws_stream_features_options *options,
                                                  ws_stream_features **features, ws_error *err);

/** NULL is fine. */
void ws_stream_features_destroy(ws_stream_features *features);

/** How many tracks there are; 0 if windows share nothing. */
size_t ws_stream_features_n_tracks(const ws_stream_features *features);

/** Frames from one window of a track to its next one; 0 if windows share nothing. */
size_t ws_stream_features_step(const ws_stream_features *features);

/** How many samples after the last window may be read; their values do not matter. */
size_t ws_stream_features_slack(const ws_stream_features *features);

/**
 * Begins a run: the features of the next windows, in chunks that do not depend on each other. All
 * of them must be made before the features are read.
 *
 * @param distance the stride; less if windows share nothing and the samples between them are left
 * out
 * @param n        windows, 1 .. max_windows
 * @return the number of chunks
 */
size_t ws_stream_features_begin(ws_stream_features *features, size_t distance, size_t n);

/**
 * Makes one chunk. Several threads may make different chunks at the same time.
 *
 * @param samples  from the first of these windows; window i begins at i * distance
 * @param i        chunk, below what ws_stream_features_begin() gave
 * @param thread   0 .. n_threads - 1; each has scratch of its own
 */
void ws_stream_features_make(const ws_stream_features *features, const float *samples, size_t i,
                             int thread);

/** Features [n_frames, width] of window i of that run. Windows that share nothing are stored one
 *  after the other. */
const float *ws_stream_features_get(const ws_stream_features *features, size_t i);

/** The windows of track t in that run: first, first + n_tracks, ... (of the run). */
typedef struct ws_track_windows {
    size_t first, n;
} ws_track_windows;

ws_track_windows ws_stream_features_get_track(const ws_stream_features *features, size_t t);

/** Ends the run: drops the frames that no later window needs. */
void ws_stream_features_finish(ws_stream_features *features);

/** Forgets all windows: the next one is the first of another stream. */
void ws_stream_features_reset(ws_stream_features *features);

#endif
