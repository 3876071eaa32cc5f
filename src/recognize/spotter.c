#include "recognize/spotter.h"

#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/infer/infer.h"
#include "recognize/front.h"
#include "recognize/stream_features.h"

/* Windows that are judged in one go where that much sound comes at once: their frames fill the
 * lanes of the transforms. */
enum { MAX_WINDOWS = 16 };

struct ws_spotter {
    ws_front front;
    ws_stream_features *features;
    ws_infer *infer;
    size_t window, stride; /* samples */
    uint64_t n_done;       /* windows so far */
    ws_arena arena;
    float *samples; /* [capacity + slack] scaled */
    size_t capacity;
    size_t first, end; /* in samples: from the next window on, what is there */
    float *logits;     /* [n_labels] */
    float *scores;     /* [n_labels] */
};

static ws_status check_stride(const ws_spotter *spotter, ws_error *err)
{
    if (spotter->stride >= 1 && spotter->stride <= spotter->window)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "windows that are %zu samples apart: expected 1 to the %zu samples of a window",
                   spotter->stride, spotter->window);
}

static ws_status open_model(ws_spotter *spotter, const ws_spotter_options *options, ws_error *err)
{
    const ws_frozen *model = options->model;
    ws_status status = ws_front_init(model, &spotter->front, err);

    spotter->front.settings.level = options->level;
    spotter->window = spotter->front.settings.desired_samples;
    spotter->stride = options->stride_samples;
    if (status == WS_OK)
        status = check_stride(spotter, err);
    if (status == WS_OK)
        status = ws_stream_features_create(
            &(ws_stream_features_options){.settings = &spotter->front.settings,
                                          .stride_samples = spotter->stride,
                                          .max_windows = MAX_WINDOWS,
                                          .n_threads = 1},
            &spotter->features, err);
    if (status == WS_OK)
        status = ws_infer_create(&spotter->infer, &model->graph,
                                 &(ws_infer_numbers){model->parameters, model->states},
                                 options->level, err);
    return status;
}

static void place_arrays(ws_spotter *spotter, ws_layout *layout)
{
    const size_t n_samples = spotter->capacity + ws_stream_features_slack(spotter->features);

    spotter->samples = ws_layout_push(layout, n_samples, sizeof(float));
    spotter->logits = ws_layout_push(layout, spotter->front.n_labels, sizeof(float));
    spotter->scores = ws_layout_push(layout, spotter->front.n_labels, sizeof(float));
}

static ws_status make_arrays(ws_spotter *spotter, ws_error *err)
{
    ws_layout layout = {0};

    /* twice what is needed, so that samples are moved to the front only now and then */
    spotter->capacity = 2 * (spotter->window + (MAX_WINDOWS - 1) * spotter->stride);
    place_arrays(spotter, &layout);
    const ws_status status = ws_layout_reserve(&layout, &spotter->arena, err);
    if (status == WS_OK)
        place_arrays(spotter, &layout);
    return status;
}

ws_status ws_spotter_create(const ws_spotter_options *options, ws_spotter **spotter, ws_error *err)
{
    *spotter = NULL;
    ws_spotter *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a spotter");
    ws_status status = open_model(made, options, err);
    if (status == WS_OK)
        status = make_arrays(made, err);
    if (status != WS_OK) {
        ws_spotter_destroy(made);
        return status;
    }
    *spotter = made;
    return WS_OK;
}

void ws_spotter_destroy(ws_spotter *spotter)
{
    if (spotter == NULL)
        return;
    ws_stream_features_destroy(spotter->features);
    ws_infer_destroy(spotter->infer);
    ws_arena_deinit(&spotter->arena);
    free(spotter);
}

size_t ws_spotter_window_samples(const ws_spotter *spotter)
{
    return spotter->window;
}

void ws_spotter_reset(ws_spotter *spotter)
{
    ws_stream_features_reset(spotter->features);
    spotter->n_done = 0;
    spotter->first = 0;
    spotter->end = 0;
}

/** Appends samples. @return the number that fitted, at least 1 if there are any */
static size_t append(ws_spotter *spotter, const float *samples, size_t n)
{
    if (spotter->end == spotter->capacity) {
        spotter->end -= spotter->first;
        memmove(spotter->samples, spotter->samples + spotter->first,
                spotter->end * sizeof *spotter->samples);
        spotter->first = 0;
    }
    const size_t room = spotter->capacity - spotter->end, n_now = n < room ? n : room;
    float *to = spotter->samples + spotter->end;
    for (size_t i = 0; i < n_now; i++)
        to[i] = spotter->front.sample_scale * samples[i];
    spotter->end += n_now;
    return n_now;
}

static size_t count_ready(const ws_spotter *spotter)
{
    const size_t n_samples = spotter->end - spotter->first;
    const size_t n =
        n_samples < spotter->window ? 0 : (n_samples - spotter->window) / spotter->stride + 1;
    return n < MAX_WINDOWS ? n : MAX_WINDOWS;
}

static ws_status judge(ws_spotter *spotter, size_t i, ws_spotter_see *see, void *user,
                       ws_error *err)
{
    const uint64_t first_sample = (spotter->n_done + i) * spotter->stride;

    ws_infer_run(spotter->infer, ws_stream_features_get(spotter->features, i), 1, spotter->logits);
    if (!ws_front_find_scores(&spotter->front, spotter->logits, spotter->scores))
        return ws_fail(err, WS_ENUMERIC,
                       "the model's scores of the window at sample %llu are not finite numbers",
                       (unsigned long long)first_sample);
    see(user, spotter->scores, first_sample);
    return WS_OK;
}

/** Judges the next n windows. */
static ws_status run_windows(ws_spotter *spotter, size_t n, ws_spotter_see *see, void *user,
                             ws_error *err)
{
    const size_t n_chunks = ws_stream_features_begin(spotter->features, spotter->stride, n);
    ws_status status = WS_OK;

    for (size_t i = 0; i < n_chunks; i++)
        ws_stream_features_make(spotter->features, spotter->samples + spotter->first, i, 0);
    for (size_t i = 0; i < n; i++) {
        const ws_status own = judge(spotter, i, see, user, status == WS_OK ? err : NULL);
        if (status == WS_OK)
            status = own;
    }
    ws_stream_features_finish(spotter->features);
    spotter->n_done += n;
    spotter->first += n * spotter->stride;
    return status;
}

ws_status ws_spotter_push(ws_spotter *spotter, const float *samples, size_t n, ws_spotter_see *see,
                          void *user, ws_error *err)
{
    ws_status status = WS_OK;
    size_t n_ready;

    for (size_t at = 0; at < n;) {
        at += append(spotter, samples + at, n - at);
        while ((n_ready = count_ready(spotter)) > 0) {
            const ws_status own =
                run_windows(spotter, n_ready, see, user, status == WS_OK ? err : NULL);
            if (status == WS_OK)
                status = own;
        }
    }
    return status;
}
