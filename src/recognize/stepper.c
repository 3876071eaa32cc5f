#include "recognize/stepper.h"

#include <omp.h>
#include <stdlib.h>

#include "audio/features.h"
#include "audio/sound.h"
#include "recognize/scorer.h"

struct ws_stepper {
    ws_scorer **scorers; /* [n_threads] */
    int n_threads;
    int rate_hz;
    size_t first_samples; /* that the first score takes */
};

/** How much sound stands before the first score. */
static ws_status find_first(ws_stepper *stepper, const ws_frozen *model, ws_error *err)
{
    ws_feature_settings settings;

    const ws_status status = ws_feature_settings_init(&model->features, &settings, err);
    if (status != WS_OK)
        return status;
    ws_feature_settings_set_frames(&settings,
                                   ws_scorer_call_size(stepper->scorers[0]) / settings.width);
    stepper->rate_hz = settings.sample_rate_hz;
    stepper->first_samples = settings.desired_samples;
    return WS_OK;
}

ws_status ws_stepper_create(const ws_frozen *model, unsigned n_threads, ws_stepper **stepper,
                            ws_error *err)
{
    const ws_scorer_options options = {.model = model, .level = ws_cpu_level_get_best()};
    ws_status status = WS_OK;

    *stepper = NULL;
    if (ws_frozen_n_labels(model) != 1)
        return ws_fail(err, WS_EFORMAT,
                       "the model follows a stream and gives %zu scores a step, expected one",
                       ws_frozen_n_labels(model));
    ws_stepper *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "labelling");
    made->n_threads = n_threads > 0 ? (int)n_threads : omp_get_num_procs();
    made->scorers = calloc((size_t)made->n_threads, sizeof(ws_scorer *));
    if (made->scorers == NULL)
        status = ws_fail_memory(err, "labelling");
    for (int i = 0; status == WS_OK && i < made->n_threads; i++)
        status = ws_scorer_create(&options, &made->scorers[i], err);
    if (status == WS_OK)
        status = find_first(made, model, err);
    if (status != WS_OK) {
        ws_stepper_destroy(made);
        return status;
    }
    *stepper = made;
    return WS_OK;
}

void ws_stepper_destroy(ws_stepper *stepper)
{
    if (stepper == NULL)
        return;
    for (int i = 0; stepper->scorers != NULL && i < stepper->n_threads; i++)
        ws_scorer_destroy(stepper->scorers[i]);
    free(stepper->scorers);
    free(stepper);
}

static ws_status find_peak(const ws_stepper *stepper, ws_scorer *scorer, const ws_sound *sound,
                           const char *path, float *score, float *time, ws_error *fault)
{
    const size_t n = ws_scorer_n_scores(scorer, sound->n_samples);
    size_t best = 0;

    if (n == 0)
        return ws_fail(fault, WS_EFORMAT,
                       "%s: has %zu samples at %d Hz, but the model's first step takes %zu", path,
                       sound->n_samples, stepper->rate_hz, stepper->first_samples);
    float *scores = malloc(n * sizeof *scores);
    if (scores == NULL)
        return ws_fail_memory(fault, path);
    ws_scorer_run(scorer, sound->samples, sound->n_samples, scores);
    for (size_t i = 1; i < n; i++)
        best = scores[i] > scores[best] ? i : best;
    *score = scores[best];
    *time = (float)((double)(best * ws_scorer_stride(scorer) + stepper->first_samples) /
                    stepper->rate_hz);
    free(scores);
    return WS_OK;
}

void ws_stepper_run(ws_stepper *stepper, const char *const *paths, size_t n, float *scores,
                    float *times, ws_error *faults)
{
#pragma omp parallel for schedule(dynamic) num_threads(stepper->n_threads)
    for (size_t i = 0; i < n; i++) {
        ws_sound sound;
        scores[i] = times[i] = 0.0f;
        faults[i].status = ws_sound_read_at(paths[i], stepper->rate_hz, 0, &sound, &faults[i]);
        if (faults[i].status != WS_OK)
            continue;
        faults[i].status = find_peak(stepper, stepper->scorers[omp_get_thread_num()], &sound,
                                     paths[i], &scores[i], &times[i], &faults[i]);
        ws_sound_deinit(&sound);
    }
}
