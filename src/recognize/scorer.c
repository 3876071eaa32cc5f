#include "recognize/scorer.h"

#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/infer/infer.h"
#include "nn/passes/stream.h"
#include "recognize/front.h"

/* Calls whose frames are made in one go where there is that much sound: they fill the lanes of the
 * transforms. */
enum { MANY = 16 };

struct ws_scorer {
    ws_front front;
    ws_feature_settings settings; /* of the frames of a call */
    ws_features *features;        /* of one call */
    ws_features *many;            /* of MANY calls; the same memory serves both */
    size_t label, n_labels;
    ws_infer *infer;  /* of a graph; NULL: a model of small runtimes, by run */
    ws_lite_run *run; /* NULL: a graph */
    int output;       /* tensor of run */
    size_t step;      /* frames a call */
    size_t n_seen;    /* frames that a score depends on */
    size_t memory_bytes;
    ws_arena arena;
    void *memory, *scratch; /* of the features */
    float *samples;         /* [desired_samples of a call] scaled */
    float *frames;          /* [step, width] */
    float *logits, *scores; /* [n_labels] */
};

static ws_status open_graph(ws_scorer *scorer, const ws_scorer_options *options, ws_error *err)
{
    const ws_frozen *model = options->model;
    ws_error why_not = {.status = WS_OK};
    ws_stream_form form;
    ws_status status = ws_front_init(model, &scorer->front, err);

    if (status != WS_OK)
        return status;
    status = ws_stream_form_init(&form, &model->graph, model->parameters, model->states, &why_not);
    if (status == WS_ENOMEM)
        return ws_fail_memory(err, "a network that follows a stream");
    if (status != WS_OK)
        return ws_fail(err, WS_EUSAGE, "the network cannot follow a stream of sound: %.900s",
                       why_not.message);
    scorer->step = form.step;
    scorer->n_seen = form.n_frames;
    status = ws_infer_create(&scorer->infer, &form.model.graph,
                             &(ws_infer_numbers){form.model.parameters, form.model.states},
                             options->level, err);
    ws_stream_form_deinit(&form);
    return status;
}

/** A file whose input is the next few frames. */
static ws_status open_lite(ws_scorer *scorer, const ws_scorer_options *options, ws_error *err)
{
    const ws_frozen *model = options->model;
    ws_status status = ws_feature_settings_init(&model->features, &scorer->front.settings, err);

    if (status == WS_OK)
        status = ws_lite_run_create(&scorer->run, model->lite,
                                    &(ws_lite_run_options){.rounding = model->rounding}, err);
    if (status != WS_OK)
        return status;
    const ws_lite_tensor *input = ws_lite_run_get_input(scorer->run, 0);
    const size_t width = scorer->front.settings.width;
    const size_t n = ws_lite_tensor_size(input);
    if (n == scorer->front.settings.size || n % width != 0 || input->n_dims != 3)
        return ws_fail(err, WS_EUSAGE,
                       "the model judges whole clips: expected one that follows a stream, as "
                       "wordspot freeze --target=esphome writes it");
    scorer->front.n_labels = ws_frozen_n_labels(model);
    scorer->front.sample_scale = 1.0f;
    scorer->front.gives_scores = true;
    scorer->output = model->lite->graphs[0].outputs[0];
    scorer->step = n / width;
    scorer->n_seen = scorer->front.settings.n_frames;
    return WS_OK;
}

static void place_arrays(ws_scorer *scorer, ws_layout *layout)
{
    scorer->memory = ws_layout_push(layout, scorer->memory_bytes, 1);
    scorer->scratch = ws_layout_push(layout, ws_features_scratch_bytes(scorer->many), 1);
    scorer->samples =
        ws_layout_push(layout, ws_features_settings(scorer->many)->desired_samples, sizeof(float));
    scorer->frames = ws_layout_push(layout, MANY * ws_scorer_call_size(scorer), sizeof(float));
    scorer->logits = ws_layout_push(layout, scorer->n_labels, sizeof(float));
    scorer->scores = ws_layout_push(layout, scorer->n_labels, sizeof(float));
}

static ws_status open_features(ws_scorer *scorer, const ws_scorer_options *options, ws_error *err)
{
    ws_layout layout = {0};

    scorer->settings = scorer->front.settings;
    scorer->settings.level = options->level;
    if (!ws_feature_settings_can_run_on(&scorer->settings) ||
        scorer->settings.window_samples < scorer->settings.stride_samples)
        return ws_fail(err, WS_EUSAGE, "features of the kind %s cannot follow a stream of sound",
                       ws_feature_settings_name(&scorer->settings));
    ws_feature_settings_set_frames(&scorer->settings, scorer->step);
    ws_feature_settings many = scorer->settings;
    ws_feature_settings_set_frames(&many, MANY * scorer->step);
    ws_status status = ws_features_create(&scorer->settings, NULL, &scorer->features, err);
    if (status == WS_OK)
        status = ws_features_create(&many, NULL, &scorer->many, err);
    if (status != WS_OK)
        return status;
    scorer->memory_bytes = ws_features_memory_bytes(scorer->features);
    place_arrays(scorer, &layout);
    status = ws_layout_reserve(&layout, &scorer->arena, err);
    if (status == WS_OK)
        place_arrays(scorer, &layout);
    return status;
}

ws_status ws_scorer_create(const ws_scorer_options *options, ws_scorer **scorer, ws_error *err)
{
    ws_scorer *made = calloc(1, sizeof *made);

    *scorer = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "the scores of a recording");
    ws_status status = options->model->lite != NULL ? open_lite(made, options, err)
                                                    : open_graph(made, options, err);
    made->label = options->label;
    made->n_labels = made->front.n_labels;
    if (status == WS_OK)
        status = open_features(made, options, err);
    if (status != WS_OK) {
        ws_scorer_destroy(made);
        return status;
    }
    *scorer = made;
    return WS_OK;
}

void ws_scorer_destroy(ws_scorer *scorer)
{
    if (scorer == NULL)
        return;
    ws_infer_destroy(scorer->infer);
    ws_lite_run_destroy(scorer->run);
    ws_features_destroy(scorer->features);
    ws_features_destroy(scorer->many);
    ws_arena_deinit(&scorer->arena);
    free(scorer);
}

size_t ws_scorer_stride(const ws_scorer *scorer)
{
    return scorer->step * scorer->settings.stride_samples;
}

size_t ws_scorer_n_blind(const ws_scorer *scorer)
{
    return (scorer->n_seen - 1) / scorer->step;
}

size_t ws_scorer_call_size(const ws_scorer *scorer)
{
    return scorer->step * scorer->settings.width;
}

size_t ws_scorer_n_scores(const ws_scorer *scorer, size_t n_samples)
{
    const size_t first = scorer->settings.desired_samples;

    return n_samples < first ? 0 : 1 + (n_samples - first) / ws_scorer_stride(scorer);
}

/** Makes the frames of the next calls of a recording: of MANY, or of one where fewer are left.
 *  @return how many */
static size_t find_frames(ws_scorer *scorer, const float *samples, size_t n_left, float *frames)
{
    const size_t n = n_left < MANY ? 1 : MANY;
    const ws_features *features = n == 1 ? scorer->features : scorer->many;
    const size_t n_samples = ws_features_settings(features)->desired_samples;

    for (size_t k = 0; k < n_samples; k++)
        scorer->samples[k] = scorer->front.sample_scale * samples[k];
    ws_features_run_on(features, scorer->samples, scorer->memory, scorer->scratch, frames);
    return n;
}

static float find_score(ws_scorer *scorer, const float *frames)
{
    if (scorer->run != NULL) {
        ws_lite_run_write(scorer->run, 0, frames);
        ws_lite_run_invoke(scorer->run);
        ws_lite_run_read(scorer->run, scorer->output, scorer->scores);
    } else {
        ws_infer_run(scorer->infer, frames, 1, scorer->logits);
        (void)ws_front_find_scores(&scorer->front, scorer->logits, scorer->scores);
    }
    return scorer->scores[scorer->label];
}

static void reset_network(ws_scorer *scorer)
{
    if (scorer->run != NULL)
        ws_lite_run_reset(scorer->run);
    else
        ws_infer_reset(scorer->infer);
}

void ws_scorer_find_frames(ws_scorer *scorer, const float *samples, size_t n_samples, float *frames)
{
    const size_t n_scores = ws_scorer_n_scores(scorer, n_samples);

    memset(scorer->memory, 0, scorer->memory_bytes);
    for (size_t i = 0; i < n_scores;)
        i += find_frames(scorer, samples + i * ws_scorer_stride(scorer), n_scores - i,
                         frames + i * ws_scorer_call_size(scorer));
}

void ws_scorer_run_frames(ws_scorer *scorer, const float *frames, size_t n_scores, float *scores)
{
    reset_network(scorer);
    for (size_t i = 0; i < n_scores; i++)
        scores[i] = find_score(scorer, frames + i * ws_scorer_call_size(scorer));
}

void ws_scorer_continue(ws_scorer *scorer, const float *samples, size_t n_samples, float *scores)
{
    const size_t n_scores = ws_scorer_n_scores(scorer, n_samples);

    for (size_t i = 0; i < n_scores;) {
        const size_t n = find_frames(scorer, samples + i * ws_scorer_stride(scorer), n_scores - i,
                                     scorer->frames);
        for (size_t k = 0; k < n; k++)
            scores[i + k] = find_score(scorer, scorer->frames + k * ws_scorer_call_size(scorer));
        i += n;
    }
}

void ws_scorer_run(ws_scorer *scorer, const float *samples, size_t n_samples, float *scores)
{
    reset_network(scorer);
    memset(scorer->memory, 0, scorer->memory_bytes);
    ws_scorer_continue(scorer, samples, n_samples, scores);
}
