#include "recognize/spotter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/cost.h"
#include "nn/passes/stream.h"
#include "recognize/endless.h"
#include "recognize/front.h"
#include "recognize/judge.h"
#include "recognize/stream_features.h"

/* Windows that are judged in one go where that much sound comes at once: their frames fill the
 * lanes of the transforms. */
enum { MAX_WINDOWS = 16 };

/* A network that can follow a stream gets each frame once, `step` of them a call, and keeps what it
 * needs of earlier ones. Its calls are aligned so that one ends with the last frame of a window. */
typedef struct follower {
    bool is_used;     /* otherwise each window is judged as a clip */
    size_t step;      /* frames a call */
    size_t n_frames;  /* of a window: those that scores depend on */
    size_t n_before;  /* zeros before the first frame, for the alignment */
    size_t n_between; /* frames from one window to the next */
    size_t max_calls; /* for a window */
    float *first;     /* [n_before + n_frames, width] */
} follower;

struct ws_spotter {
    ws_front front;
    ws_endless *endless;          /* NULL: windows are separate clips, by the next three */
    ws_stream_features *features; /* NULL if it is endless */
    ws_judge judge;
    follower follower;
    size_t window, stride; /* samples */
    uint64_t n_done;       /* windows so far */
    ws_arena arena;
    float *samples; /* [capacity + slack] scaled */
    size_t capacity;
    size_t first, end; /* in samples: from the next window on, what is there */
    float *logits;     /* [max_calls, n_labels] */
    float *scores;     /* [n_labels] */
};

static ws_status check_stride(const ws_spotter *spotter, ws_error *err)
{
    if (spotter->stride >= 1 && spotter->stride <= spotter->window)
        return WS_OK;
    const double ms = 1000.0 / spotter->front.settings.sample_rate_hz;
    return ws_fail(err, WS_EUSAGE,
                   "windows that are %zu samples apart (%g ms): expected 1 to the %zu samples of a "
                   "window (%g ms)",
                   spotter->stride, (double)spotter->stride * ms, spotter->window,
                   (double)spotter->window * ms);
}

/** Whether the windows are such that a network in streaming form can judge them, with less work. */
static bool can_follow(const ws_spotter *spotter, const ws_stream_form *form, const ws_graph *clip)
{
    const ws_feature_settings *settings = &spotter->front.settings;
    const size_t call_samples = settings->stride_samples * form->step;
    const double n_calls = (double)spotter->stride / (double)call_samples;

    return !ws_feature_settings_has_memory(settings) && form->n_frames <= settings->n_frames &&
           spotter->stride % call_samples == 0 &&
           n_calls * ws_graph_count_all_products(&form->model.graph) <
               ws_graph_count_all_products(clip);
}

static void set_follower(ws_spotter *spotter, const ws_stream_form *form)
{
    const size_t n_between = spotter->stride / spotter->front.settings.stride_samples;
    const size_t n_before = (form->step - form->n_frames % form->step) % form->step;
    const size_t n_first = (n_before + form->n_frames) / form->step;

    spotter->follower = (follower){
        .is_used = true,
        .step = form->step,
        .n_frames = form->n_frames,
        .n_before = n_before,
        .n_between = n_between,
        .max_calls = n_first > n_between / form->step ? n_first : n_between / form->step,
    };
}

/** Frames from one window to the next, if windows have the others in common; else 0. */
static size_t count_new_frames(const ws_spotter *spotter, const ws_graph *clip)
{
    const ws_feature_settings *settings = &spotter->front.settings;
    const bool are_shared = !ws_feature_settings_has_memory(settings) &&
                            ws_graph_input_shape(clip).h == settings->n_frames &&
                            spotter->stride % settings->stride_samples == 0;

    return are_shared ? spotter->stride / settings->stride_samples : 0;
}

/** Makes the network: in streaming form, or else as it is, with rows that windows share. */
static ws_status open_network(ws_spotter *spotter, const ws_spotter_options *options, ws_error *err)
{
    const ws_frozen *model = options->model;
    ws_error why_not = {.status = WS_OK};
    ws_stream_form form;

    if (model->lite != NULL)
        return ws_judge_open_lite(&spotter->judge, model, &spotter->front, err);
    const ws_status status =
        ws_stream_form_init(&form, &model->graph, model->parameters, model->states, &why_not);

    if (status == WS_ENOMEM)
        return ws_fail_memory(err, "a network that follows a stream");
    if (status == WS_OK && can_follow(spotter, &form, &model->graph))
        set_follower(spotter, &form);
    const ws_infer_numbers as_stream = {form.model.parameters, form.model.states};
    const ws_infer_numbers as_clip = {model->parameters, model->states};
    const bool follows = spotter->follower.is_used;
    const ws_status made = ws_judge_open_graph(
        &spotter->judge, follows ? &form.model.graph : &model->graph,
        follows ? &as_stream : &as_clip, follows ? 0 : count_new_frames(spotter, &model->graph),
        options->level, err);
    if (status == WS_OK)
        ws_stream_form_deinit(&form);
    return made;
}

static ws_status open_endless(ws_spotter *spotter, const ws_spotter_options *options, ws_error *err)
{
    const ws_status status =
        ws_endless_create(&(ws_endless_options){.model = options->model,
                                                .front = &spotter->front,
                                                .stride_samples = options->stride_samples,
                                                .level = options->level},
                          &spotter->endless, err);
    if (status == WS_OK)
        spotter->stride = ws_endless_stride(spotter->endless);
    return status;
}

static ws_status open_model(ws_spotter *spotter, const ws_spotter_options *options, ws_error *err)
{
    const ws_frozen *model = options->model;
    ws_status status = ws_front_init(model, &spotter->front, err);

    spotter->front.settings.level = options->level;
    spotter->window = spotter->front.settings.desired_samples;
    spotter->stride = options->stride_samples;
    spotter->follower = (follower){.max_calls = 1};
    if (status == WS_OK && (options->is_endless || spotter->front.step > 0))
        return open_endless(spotter, options, err);
    if (status == WS_OK)
        status = check_stride(spotter, err);
    if (status == WS_OK)
        status = ws_stream_features_create(
            &(ws_stream_features_options){.settings = &spotter->front.settings,
                                          .stride_samples = spotter->stride,
                                          .max_windows = MAX_WINDOWS,
                                          .n_threads = 1},
            &spotter->features, err);
    return status == WS_OK ? open_network(spotter, options, err) : status;
}

static void place_arrays(ws_spotter *spotter, ws_layout *layout)
{
    const size_t n_slack =
        spotter->features != NULL ? ws_stream_features_slack(spotter->features) : 0;
    const size_t n_samples = spotter->capacity + n_slack;

    spotter->samples = ws_layout_push(layout, n_samples, sizeof(float));
    const follower *f = &spotter->follower;
    spotter->follower.first = ws_layout_push(
        layout, f->is_used ? (f->n_before + f->n_frames) * spotter->front.settings.width : 0,
        sizeof(float));
    spotter->logits = ws_layout_push(layout, f->max_calls * spotter->front.n_labels, sizeof(float));
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
    ws_judge_close(&spotter->judge);
    ws_endless_destroy(spotter->endless);
    ws_arena_deinit(&spotter->arena);
    free(spotter);
}

size_t ws_spotter_window_samples(const ws_spotter *spotter)
{
    return spotter->window;
}

size_t ws_spotter_stride_samples(const ws_spotter *spotter)
{
    return spotter->stride;
}

void ws_spotter_reset(ws_spotter *spotter)
{
    if (spotter->endless != NULL) {
        ws_endless_reset(spotter->endless);
    } else {
        ws_stream_features_reset(spotter->features);
        ws_judge_reset(&spotter->judge);
    }
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

/** Hands the network the frames that it has not seen. @return the logits of the last call */
static const float *follow(ws_spotter *spotter, const float *frames, bool is_first)
{
    follower *f = &spotter->follower;
    const size_t width = spotter->front.settings.width;
    const size_t n_new = is_first || f->n_between > f->n_frames ? f->n_frames : f->n_between;
    const float *from = frames + (f->n_frames - n_new) * width;
    size_t n_calls = n_new / f->step;

    if (is_first) {
        memcpy(f->first + f->n_before * width, frames, f->n_frames * width * sizeof *frames);
        from = f->first;
        n_calls = (f->n_before + f->n_frames) / f->step;
    }
    ws_judge_run(&spotter->judge, from, n_calls, spotter->logits);
    return spotter->logits + (n_calls - 1) * spotter->front.n_labels;
}

/** @param frames  [n_frames, width] of a window */
static const float *find_logits(ws_spotter *spotter, const float *frames, bool is_first)
{
    if (spotter->follower.is_used)
        return follow(spotter, frames, is_first);
    ws_judge_run(&spotter->judge, frames, 1, spotter->logits);
    return spotter->logits;
}

static ws_status show(ws_spotter *spotter, const float *logits, uint64_t first_sample,
                      ws_spotter_see *see, void *user, ws_error *err)
{
    if (!ws_front_find_scores(&spotter->front, logits, spotter->scores))
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
        const uint64_t at = spotter->n_done + i;
        const float *frames = ws_stream_features_get(spotter->features, i);
        const ws_status own = show(spotter, find_logits(spotter, frames, at == 0),
                                   at * spotter->stride, see, user, status == WS_OK ? err : NULL);
        if (status == WS_OK)
            status = own;
    }
    ws_stream_features_finish(spotter->features);
    spotter->n_done += n;
    spotter->first += n * spotter->stride;
    return status;
}

/** Judges what is there of endless sound. */
static ws_status run_endless(ws_spotter *spotter, ws_spotter_see *see, void *user, ws_error *err)
{
    const size_t n_needed = ws_endless_n_needed(spotter->endless);
    ws_status status = WS_OK;
    uint64_t first_sample;

    while (spotter->end - spotter->first >= n_needed) {
        const float *logits =
            ws_endless_run(spotter->endless, spotter->samples + spotter->first, &first_sample);
        spotter->first += ws_endless_n_used(spotter->endless);
        if (logits == NULL)
            continue;
        const ws_status own =
            show(spotter, logits, first_sample, see, user, status == WS_OK ? err : NULL);
        status = status == WS_OK ? own : status;
    }
    return status;
}

/** Judges what is there. */
static ws_status run_ready(ws_spotter *spotter, ws_spotter_see *see, void *user, ws_error *err)
{
    ws_status status = WS_OK;
    size_t n_ready;

    if (spotter->endless != NULL)
        return run_endless(spotter, see, user, err);
    while ((n_ready = count_ready(spotter)) > 0) {
        const ws_status own =
            run_windows(spotter, n_ready, see, user, status == WS_OK ? err : NULL);
        status = status == WS_OK ? own : status;
    }
    return status;
}

ws_status ws_spotter_push(ws_spotter *spotter, const float *samples, size_t n, ws_spotter_see *see,
                          void *user, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t at = 0; at < n;) {
        at += append(spotter, samples + at, n - at);
        const ws_status own = run_ready(spotter, see, user, status == WS_OK ? err : NULL);
        status = status == WS_OK ? own : status;
    }
    return status;
}
