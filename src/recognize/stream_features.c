#include "recognize/stream_features.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/divisor.h"
#include "base/layout.h"

/* Frames that are made at a time, side by side; where windows come one by one, as few as lanes. */
enum { CHUNK = 16, FEW = 8 };

typedef struct track {
    float *frames;   /* [capacity, width] from the first one of its next window on */
    size_t n_frames; /* that are there */
} track;

/** Frames to be made: CHUNK or n_few of a track, or a window with all of its own. */
typedef struct chunk {
    const ws_features *features;
    size_t sample; /* where it begins */
    float *out;
} chunk;

struct ws_stream_features {
    ws_feature_settings settings; /* of a window */
    ws_features *features;        /* of a chunk */
    ws_features *few;             /* of one with n_few frames */
    size_t n_few;                 /* a step from window to window, if that is FEW at most; else 0 */
    int n_threads;
    size_t max_windows;
    size_t n_tracks, step; /* 0, 0: windows share nothing */
    size_t capacity;       /* of a track, frames */
    uint64_t n_done;       /* windows of earlier runs */
    size_t n_windows;      /* of this run */
    ws_arena arena;
    track *tracks; /* [n_tracks] */
    float *rows;   /* [max_windows, settings.size] if they share nothing */
    chunk *chunks; /* [max_chunks] of this run */
    size_t max_chunks, n_chunks;
    unsigned char *scratch; /* [n_threads, n_scratch_bytes] */
    size_t n_scratch_bytes;
};

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

/** Finds what windows share, and the most frames that a run makes. */
static void choose_tracks(ws_stream_features *f, size_t stride)
{
    const size_t hop = f->settings.stride_samples, n_frames = f->settings.n_frames;
    const size_t divisor = ws_find_divisor(stride, hop);

    f->max_chunks = f->max_windows;
    if (ws_feature_settings_has_memory(&f->settings) || stride / divisor >= n_frames)
        return;
    f->n_tracks = hop / divisor;
    f->step = stride / divisor;
    const size_t n_windows = divide_up(f->max_windows, f->n_tracks);
    const size_t n_new = (n_windows - 1) * f->step + n_frames;
    f->capacity = n_new + CHUNK - 1;
    f->max_chunks = f->n_tracks * divide_up(n_new, CHUNK);
}

/** The tables for chunks. Frames have the same bits in a chunk of any length. */
static ws_status make_features(ws_stream_features *f, const ws_log *log, ws_error *err)
{
    ws_feature_settings of_chunk = f->settings;

    if (f->n_tracks > 0)
        ws_feature_settings_set_frames(&of_chunk, CHUNK);
    const ws_status status = ws_features_create(&of_chunk, log, &f->features, err);
    if (status != WS_OK || f->n_tracks == 0 || f->step > FEW)
        return status;
    f->n_few = f->step;
    ws_feature_settings_set_frames(&of_chunk, f->n_few);
    return ws_features_create(&of_chunk, NULL, &f->few, err);
}

static void place_arrays(ws_stream_features *f, ws_layout *layout)
{
    const size_t n_rows = f->n_tracks == 0 ? f->max_windows : 0;

    f->tracks = ws_layout_push(layout, f->n_tracks, sizeof *f->tracks);
    f->rows = ws_layout_push(layout, n_rows * f->settings.size, sizeof *f->rows);
    f->chunks = ws_layout_push(layout, f->max_chunks, sizeof *f->chunks);
    f->scratch = ws_layout_push(layout, (size_t)f->n_threads, f->n_scratch_bytes);
    float *frames =
        ws_layout_push(layout, f->n_tracks * f->capacity * f->settings.width, sizeof *frames);
    for (size_t t = 0; frames != NULL && t < f->n_tracks; t++)
        f->tracks[t].frames = frames + t * f->capacity * f->settings.width;
}

static ws_status make_arrays(ws_stream_features *f, ws_error *err)
{
    ws_layout layout = {0};

    f->n_scratch_bytes = ws_arena_round(ws_features_scratch_bytes(f->features));
    if (f->few != NULL && ws_arena_round(ws_features_scratch_bytes(f->few)) > f->n_scratch_bytes)
        f->n_scratch_bytes = ws_arena_round(ws_features_scratch_bytes(f->few));
    place_arrays(f, &layout);
    const ws_status status = ws_layout_reserve(&layout, &f->arena, err);
    if (status == WS_OK)
        place_arrays(f, &layout);
    return status;
}

ws_status ws_stream_features_create(const ws_stream_features_options *options,
                                    ws_stream_features **features, ws_error *err)
{
    ws_stream_features *made = calloc(1, sizeof *made);

    *features = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "features of a stream");
    made->settings = *options->settings;
    made->n_threads = options->n_threads;
    made->max_windows = options->max_windows;
    choose_tracks(made, options->stride_samples);
    ws_status status = make_features(made, options->log, err);
    if (status == WS_OK)
        status = make_arrays(made, err);
    if (status != WS_OK) {
        ws_stream_features_destroy(made);
        return status;
    }
    *features = made;
    return WS_OK;
}

void ws_stream_features_destroy(ws_stream_features *features)
{
    if (features == NULL)
        return;
    ws_features_destroy(features->features);
    ws_features_destroy(features->few);
    ws_arena_deinit(&features->arena);
    free(features);
}

size_t ws_stream_features_n_tracks(const ws_stream_features *features)
{
    return features->n_tracks;
}

size_t ws_stream_features_step(const ws_stream_features *features)
{
    return features->step;
}

size_t ws_stream_features_slack(const ws_stream_features *features)
{
    return features->n_tracks > 0 ? (CHUNK - 1) * features->settings.stride_samples : 0;
}

ws_track_windows ws_stream_features_get_track(const ws_stream_features *features, size_t t)
{
    const size_t n_tracks = features->n_tracks, n = features->n_windows;
    const size_t behind = (size_t)(features->n_done % n_tracks); /* the track of window 0 */
    const size_t first = (t + n_tracks - behind) % n_tracks;

    return (ws_track_windows){first, first < n ? (n - 1 - first) / n_tracks + 1 : 0};
}

static void push_chunk(ws_stream_features *f, const ws_features *features, size_t sample,
                       float *out)
{
    assert(f->n_chunks < f->max_chunks);
    f->chunks[f->n_chunks++] = (chunk){features, sample, out};
}

/** Lists the frames that a track lacks for its windows of this run. The last chunk may make extra
 *  frames from incomplete samples; they are made again later. */
static void list_frames(ws_stream_features *f, size_t t, size_t distance)
{
    const ws_track_windows windows = ws_stream_features_get_track(f, t);
    const size_t start = windows.first * distance, hop = f->settings.stride_samples;
    track *own = &f->tracks[t];

    if (windows.n == 0)
        return;
    const size_t n_wanted = (windows.n - 1) * f->step + f->settings.n_frames;
    for (size_t i = own->n_frames; i < n_wanted; i += CHUNK)
        push_chunk(f, n_wanted - i <= f->n_few ? f->few : f->features, start + i * hop,
                   own->frames + i * f->settings.width);
    own->n_frames = n_wanted;
}

size_t ws_stream_features_begin(ws_stream_features *features, size_t distance, size_t n)
{
    ws_stream_features *f = features;

    assert(n > 0 && n <= f->max_windows);
    f->n_windows = n;
    f->n_chunks = 0;
    for (size_t t = 0; t < f->n_tracks; t++)
        list_frames(f, t, distance);
    for (size_t i = 0; f->n_tracks == 0 && i < n; i++)
        push_chunk(f, f->features, i * distance, f->rows + i * f->settings.size);
    return f->n_chunks;
}

void ws_stream_features_make(const ws_stream_features *features, const float *samples, size_t i,
                             int thread)
{
    const chunk *own = &features->chunks[i];

    assert(i < features->n_chunks && thread < features->n_threads);
    ws_features_run(own->features, samples + own->sample,
                    features->scratch + (size_t)thread * features->n_scratch_bytes, own->out);
}

void ws_stream_features_reset(ws_stream_features *features)
{
    for (size_t t = 0; t < features->n_tracks; t++)
        features->tracks[t].n_frames = 0;
    features->n_done = 0;
    features->n_windows = 0;
}

const float *ws_stream_features_get(const ws_stream_features *features, size_t i)
{
    if (features->n_tracks == 0)
        return features->rows + i * features->settings.size;
    const size_t t = (size_t)((features->n_done + i) % features->n_tracks);
    const size_t nth = i / features->n_tracks; /* of the track's windows in this run */
    return features->tracks[t].frames + nth * features->step * features->settings.width;
}

void ws_stream_features_finish(ws_stream_features *features)
{
    const size_t width = features->settings.width;

    for (size_t t = 0; t < features->n_tracks; t++) {
        const size_t n_old = ws_stream_features_get_track(features, t).n * features->step;
        track *own = &features->tracks[t];
        own->n_frames -= n_old;
        memmove(own->frames, own->frames + n_old * width,
                own->n_frames * width * sizeof *own->frames);
    }
    features->n_done += features->n_windows;
    features->n_windows = 0;
}
