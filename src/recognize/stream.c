#include "recognize/stream.h"

#include <assert.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "recognize/recognizer.h"
#include "recognize/stream_features.h"

_Static_assert((int)WS_STREAM_MAX_WINDOWS == (int)WS_RECOGNIZER_BATCH, "a run is a batch");

struct ws_stream {
    ws_recognizer recognizer;
    ws_stream_features *features;
    size_t stride, window; /* samples */
    size_t distance;       /* of windows in the buffer: the samples between them are left out */
    size_t capacity;
    uint64_t n_pushed; /* samples of the stream so far */
    uint64_t n_done;   /* windows so far */
    ws_arena arena;
    float *samples;   /* [capacity + slack] from the next window on, scaled */
    size_t n_samples; /* that are there */
    float *rows;      /* [max windows, settings.size] unless there is no need to copy them */
    float *logits;    /* [max windows, n_labels] */
    float *of_track;  /* likewise, of one track */
};

static ws_status open_model(ws_stream *stream, const ws_stream_options *options, ws_error *err)
{
    const ws_recognizer_options model = {.model = options->model,
                                         .n_threads = options->n_threads,
                                         .engine = options->engine,
                                         .isa = options->isa,
                                         .log = options->log};
    ws_recognizer *recognizer = &stream->recognizer;

    ws_status status = ws_recognizer_init(&model, recognizer, err);
    if (status == WS_OK)
        status = ws_stream_features_create(
            &(ws_stream_features_options){.settings = &recognizer->front.settings,
                                          .stride_samples = options->stride_samples,
                                          .max_windows = WS_STREAM_MAX_WINDOWS,
                                          .n_threads = recognizer->n_threads,
                                          .log = options->log},
            &stream->features, err);
    if (status == WS_OK)
        status =
            ws_recognizer_open_network(recognizer, ws_stream_features_step(stream->features), err);
    return status;
}

/** Whether the network needs separate rows of features, but they overlap. */
static bool copies_rows(const ws_stream *stream)
{
    return ws_stream_features_n_tracks(stream->features) > 0 &&
           !ws_recognizer_shares_rows(&stream->recognizer);
}

static void place_arrays(ws_stream *stream, ws_layout *layout)
{
    const size_t n_samples = stream->capacity + ws_stream_features_slack(stream->features);
    const size_t n_rows = copies_rows(stream) ? WS_STREAM_MAX_WINDOWS : 0;
    const size_t n_logits = WS_STREAM_MAX_WINDOWS * stream->recognizer.front.n_labels;

    stream->samples = ws_layout_push(layout, n_samples, sizeof(float));
    stream->rows =
        ws_layout_push(layout, n_rows * stream->recognizer.front.settings.size, sizeof(float));
    stream->logits = ws_layout_push(layout, n_logits, sizeof(float));
    stream->of_track = ws_layout_push(layout, n_logits, sizeof(float));
}

static ws_status make_arrays(ws_stream *stream, ws_error *err)
{
    ws_layout layout = {0};

    place_arrays(stream, &layout);
    const ws_status status = ws_layout_reserve(&layout, &stream->arena, err);
    if (status == WS_OK)
        place_arrays(stream, &layout);
    return status;
}

ws_status ws_stream_create(const ws_stream_options *options, ws_stream **stream, ws_error *err)
{
    assert(options->stride_samples > 0);
    *stream = NULL;
    ws_stream *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a stream");
    ws_status status = open_model(made, options, err);
    if (status == WS_OK) {
        made->stride = options->stride_samples;
        made->window = made->recognizer.front.settings.desired_samples;
        made->distance = made->stride < made->window ? made->stride : made->window;
        /* one sample more, which completes the last window */
        made->capacity = (WS_STREAM_MAX_WINDOWS - 1) * made->distance + made->window + 1;
        status = make_arrays(made, err);
    }
    if (status != WS_OK) {
        ws_stream_destroy(made);
        return status;
    }
    *stream = made;
    return WS_OK;
}

void ws_stream_destroy(ws_stream *stream)
{
    if (stream == NULL)
        return;
    ws_recognizer_deinit(&stream->recognizer);
    ws_stream_features_destroy(stream->features);
    ws_arena_deinit(&stream->arena);
    free(stream);
}

size_t ws_stream_window_samples(const ws_stream *stream)
{
    return stream->window;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Appends samples to the buffer. @return the number that fitted */
static size_t append(ws_stream *stream, const float *samples, size_t n)
{
    const size_t n_now = smaller(n, stream->capacity - stream->n_samples);
    float *to = stream->samples + stream->n_samples;

    for (size_t i = 0; i < n_now; i++)
        to[i] = stream->recognizer.front.sample_scale * samples[i];
    stream->n_samples += n_now;
    return n_now;
}

size_t ws_stream_push(ws_stream *stream, const float *samples, size_t n)
{
    const size_t stride = stream->stride, window = stream->window;
    size_t n_taken = 0, n_now = 1;

    for (; n_taken < n && n_now > 0; n_taken += n_now, stream->n_pushed += n_now) {
        /* if windows have gaps between them: samples since the start of the last one */
        const size_t behind = stride > window ? (size_t)(stream->n_pushed % stride) : 0;
        const size_t left = n - n_taken;
        if (behind >= window)
            n_now = smaller(left, stride - behind);
        else
            n_now = append(stream, samples + n_taken,
                           stride > window ? smaller(left, window - behind) : left);
    }
    return n_taken;
}

/** The number of complete windows that a sample follows. */
static size_t count_ready(const ws_stream *stream)
{
    if (stream->n_pushed <= stream->window)
        return 0;
    return (size_t)((stream->n_pushed - stream->window - 1) / stream->stride + 1 - stream->n_done);
}

static void make_features(ws_stream *stream, size_t n)
{
    const size_t n_chunks = ws_stream_features_begin(stream->features, stream->distance, n);

#pragma omp parallel for schedule(dynamic) num_threads(stream->recognizer.n_threads)
    for (size_t i = 0; i < n_chunks; i++)
        ws_stream_features_make(stream->features, stream->samples, i, omp_get_thread_num());
}

/** One track after the other; the network reads the frames in place. */
static void predict_tracks(ws_stream *stream)
{
    const size_t n_tracks = ws_stream_features_n_tracks(stream->features);
    const size_t n_labels = stream->recognizer.front.n_labels;

    for (size_t t = 0; t < n_tracks; t++) {
        const ws_track_windows windows = ws_stream_features_get_track(stream->features, t);
        if (windows.n == 0)
            continue;
        ws_recognizer_predict(&stream->recognizer,
                              ws_stream_features_get(stream->features, windows.first), windows.n,
                              stream->of_track);
        for (size_t i = 0; i < windows.n; i++)
            memcpy(stream->logits + (windows.first + i * n_tracks) * n_labels,
                   stream->of_track + i * n_labels, n_labels * sizeof *stream->logits);
    }
}

/** The windows' features as the network reads them. */
static const float *lay_out_rows(ws_stream *stream, size_t n)
{
    const size_t size = stream->recognizer.front.settings.size;

    if (!copies_rows(stream))
        return ws_stream_features_get(stream->features, 0);
    for (size_t i = 0; i < n; i++)
        memcpy(stream->rows + i * size, ws_stream_features_get(stream->features, i),
               size * sizeof *stream->rows);
    return stream->rows;
}

static void predict(ws_stream *stream, size_t n)
{
    if (ws_recognizer_shares_rows(&stream->recognizer))
        predict_tracks(stream);
    else
        ws_recognizer_predict(&stream->recognizer, lay_out_rows(stream, n), n, stream->logits);
}

static ws_status fill_scores(const ws_stream *stream, size_t n, float *scores, ws_error *err)
{
    const ws_recognizer *recognizer = &stream->recognizer;

    for (size_t i = 0; i < n; i++) {
        const size_t at = i * recognizer->front.n_labels;
        if (!ws_front_find_scores(&recognizer->front, stream->logits + at, scores + at))
            return ws_fail(err, WS_ENUMERIC,
                           "the model's scores of the window at sample %llu are not finite numbers",
                           (unsigned long long)((stream->n_done + i) * stream->stride));
    }
    return WS_OK;
}

ws_status ws_stream_run(ws_stream *stream, bool has_ended, float *scores, size_t *n_windows,
                        ws_error *err)
{
    const size_t n_ready = count_ready(stream);
    const size_t n = smaller(n_ready, WS_STREAM_MAX_WINDOWS);

    *n_windows = 0;
    /* a network of batches gets whole ones, so that the last bits do not depend on the pieces that
     * sound comes in */
    if (n == 0 || (n < WS_STREAM_MAX_WINDOWS && !has_ended &&
                   !ws_recognizer_takes_any_batch(&stream->recognizer)))
        return WS_OK;
    make_features(stream, n);
    predict(stream, n);
    ws_stream_features_finish(stream->features);
    const ws_status status = fill_scores(stream, n, scores, err);
    const size_t n_used = n * stream->distance;
    stream->n_samples -= n_used;
    memmove(stream->samples, stream->samples + n_used, stream->n_samples * sizeof(float));
    stream->n_done += n;
    *n_windows = n;
    return status;
}
