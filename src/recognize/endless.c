#include "recognize/endless.h"

#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/passes/stream.h"
#include "recognize/judge.h"

struct ws_endless {
    ws_feature_settings settings; /* of the frames of a call */
    ws_features *features;
    ws_judge judge;
    size_t step;      /* frames a call */
    size_t n_frames;  /* of a window */
    size_t n_between; /* frames from one score to the next */
    uint64_t n_done;  /* frames so far */
    size_t memory_bytes;
    ws_arena arena;
    void *memory, *scratch; /* of the features */
    float *frames;          /* [step, width] */
    float *logits;          /* [n_labels] */
};

static ws_status check(const ws_endless_options *options, size_t step, ws_error *err)
{
    const ws_feature_settings *settings = &options->front->settings;
    const size_t call_samples = step * settings->stride_samples;

    if (!ws_feature_settings_can_run_on(settings) ||
        settings->window_samples < settings->stride_samples)
        return ws_fail(err, WS_EUSAGE, "features of the kind %s cannot follow endless sound",
                       ws_feature_settings_name(settings));
    const double ms = 1000.0 / settings->sample_rate_hz;
    if (options->stride_samples % call_samples != 0)
        return ws_fail(err, WS_EUSAGE,
                       "scores that are %zu samples apart (%g ms): expected a multiple of %zu "
                       "(%g ms), as the network takes %zu frames of %zu samples at a time",
                       options->stride_samples, (double)options->stride_samples * ms, call_samples,
                       (double)call_samples * ms, step, settings->stride_samples);
    return WS_OK;
}

static void place_arrays(ws_endless *endless, size_t n_labels, ws_layout *layout)
{
    endless->memory = ws_layout_push(layout, endless->memory_bytes, 1);
    endless->scratch = ws_layout_push(layout, ws_features_scratch_bytes(endless->features), 1);
    endless->frames =
        ws_layout_push(layout, endless->step * endless->settings.width, sizeof(float));
    endless->logits = ws_layout_push(layout, n_labels, sizeof(float));
}

/** The network in streaming form. */
static ws_status open_graph(ws_endless *endless, const ws_endless_options *options, ws_error *err)
{
    const ws_frozen *model = options->model;
    ws_error why_not = {.status = WS_OK};
    ws_stream_form form;

    ws_status status =
        ws_stream_form_init(&form, &model->graph, model->parameters, model->states, &why_not);
    if (status == WS_ENOMEM)
        return ws_fail_memory(err, "a network that follows endless sound");
    if (status != WS_OK)
        return ws_fail(err, WS_EUSAGE, "the network cannot follow endless sound: %.900s",
                       why_not.message);
    endless->step = form.step;
    endless->n_frames = form.n_frames;
    status = ws_judge_open_graph(&endless->judge, &form.model.graph,
                                 &(ws_infer_numbers){form.model.parameters, form.model.states}, 0,
                                 options->level, err);
    ws_stream_form_deinit(&form);
    return status;
}

/** A TFLite model of streams; scores are shown from the first whole clip on. */
static ws_status open_lite(ws_endless *endless, const ws_endless_options *options, ws_error *err)
{
    const ws_front *front = options->front;

    if (front->step == 0)
        return ws_fail(
            err, WS_EUSAGE,
            "the TFLite model judges clips and cannot follow endless sound: expected one "
            "of streams (`wordspot freeze --target=esphome`)");
    endless->step = front->step;
    endless->n_frames = front->settings.n_frames;
    return ws_judge_open_lite(&endless->judge, options->model, front, err);
}

static ws_status open_features(ws_endless *endless, const ws_endless_options *options,
                               ws_error *err)
{
    const size_t hop = options->front->settings.stride_samples;
    ws_layout layout = {0};

    endless->n_between =
        options->stride_samples > 0 ? options->stride_samples / hop : endless->step;
    endless->settings = options->front->settings;
    ws_feature_settings_set_frames(&endless->settings, endless->step);
    ws_status status = ws_features_create(&endless->settings, NULL, &endless->features, err);
    if (status != WS_OK)
        return status;
    endless->memory_bytes = ws_features_memory_bytes(endless->features);
    place_arrays(endless, options->front->n_labels, &layout);
    status = ws_layout_reserve(&layout, &endless->arena, err);
    if (status == WS_OK)
        place_arrays(endless, options->front->n_labels, &layout);
    return status;
}

ws_status ws_endless_create(const ws_endless_options *options, ws_endless **endless, ws_error *err)
{
    *endless = NULL;
    ws_endless *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "endless sound");
    ws_status status = options->model->lite != NULL ? open_lite(made, options, err)
                                                    : open_graph(made, options, err);
    if (status == WS_OK)
        status = check(options, made->step, err);
    if (status == WS_OK)
        status = open_features(made, options, err);
    if (status != WS_OK) {
        ws_endless_destroy(made);
        return status;
    }
    *endless = made;
    return WS_OK;
}

void ws_endless_destroy(ws_endless *endless)
{
    if (endless == NULL)
        return;
    ws_features_destroy(endless->features);
    ws_judge_close(&endless->judge);
    ws_arena_deinit(&endless->arena);
    free(endless);
}

size_t ws_endless_stride(const ws_endless *endless)
{
    return endless->n_between * endless->settings.stride_samples;
}

size_t ws_endless_n_needed(const ws_endless *endless)
{
    return endless->settings.desired_samples;
}

size_t ws_endless_n_used(const ws_endless *endless)
{
    return endless->step * endless->settings.stride_samples;
}

const float *ws_endless_run(ws_endless *endless, const float *samples, uint64_t *first_sample)
{
    const uint64_t n_calls = (endless->n_frames + endless->step - 1) / endless->step;
    const uint64_t n_first = n_calls * endless->step; /* frames before the first score */

    ws_features_run_on(endless->features, samples, endless->memory, endless->scratch,
                       endless->frames);
    ws_judge_run(&endless->judge, endless->frames, 1, endless->logits);
    endless->n_done += endless->step;
    if (endless->n_done < n_first || (endless->n_done - n_first) % endless->n_between != 0)
        return NULL;
    *first_sample = (endless->n_done - endless->n_frames) * endless->settings.stride_samples;
    return endless->logits;
}

void ws_endless_reset(ws_endless *endless)
{
    memset(endless->memory, 0, endless->memory_bytes);
    ws_judge_reset(&endless->judge);
    endless->n_done = 0;
}
