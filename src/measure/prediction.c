#include "measure/prediction.h"

#include <omp.h>
#include <stdlib.h>

#include "audio/features.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/random.h"
#include "measure/median.h"
#include "recognize/labeller.h"
#include "recognize/scorer.h"

enum { N_CLIPS = 100, STREAM_SECONDS = 20, N_WARM = 1 };

/** White noise, not too loud for 16 bits. @return [n] to free(); NULL without memory */
static float *make_noise(size_t n)
{
    float *samples = malloc(n * sizeof *samples);
    ws_random random;

    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; samples != NULL && i < n; i++)
        samples[i] = (float)(0.6 * ws_random_uniform(&random) - 0.3);
    return samples;
}

/** What is timed, with its memory. */
typedef struct bench {
    const ws_prediction_options *options;
    ws_feature_settings settings; /* of what the features are made of at once */
    ws_features *features;
    ws_labeller *labeller; /* NULL: a stream */
    ws_scorer *scorer;     /* of a stream */
    size_t n_calls;        /* of the model, in a run */
    float *samples, *scores;
    const char *names[N_CLIPS];
    ws_error *faults; /* [N_CLIPS] */
    char *scratch;    /* [n_threads, n_scratch] */
    float *rows;      /* [n_threads, size] */
    size_t n_scratch;
    double *seconds; /* [n_runs] */
} bench;

static ws_status open_model(bench *b, ws_error *err)
{
    const ws_prediction_options *o = b->options;

    if (ws_frozen_is_stream(o->model))
        return ws_scorer_create(
            &(ws_scorer_options){.model = o->model, .level = ws_cpu_level_get_best()}, &b->scorer,
            err);
    return ws_labeller_create(
        &(ws_labeller_options){
            .model = o->model,
            .max_clips = N_CLIPS,
            .n_threads = o->n_threads,
            .engine = o->engine,
            .isa = o->isa,
        },
        &b->labeller, err);
}

/** The features: a clip's, or as many frames as a stream's sound has. */
static ws_status open_features(bench *b, ws_error *err)
{
    const ws_frozen *model = b->options->model;
    ws_feature_settings *s = &b->settings;

    const ws_status status = ws_feature_settings_init(&model->features, s, err);
    if (status != WS_OK)
        return status;
    if (b->scorer != NULL) {
        b->n_calls = ws_scorer_n_scores(b->scorer, (size_t)(STREAM_SECONDS * s->sample_rate_hz));
        ws_feature_settings_set_frames(s, b->n_calls * ws_frozen_n_features(model) / s->width);
    } else {
        b->n_calls = N_CLIPS;
    }
    return ws_features_create(s, NULL, &b->features, err);
}

static ws_status open_bench(bench *b, ws_error *err)
{
    const size_t n_threads = b->options->n_threads;

    ws_status status = open_model(b, err);
    if (status == WS_OK)
        status = open_features(b, err);
    if (status != WS_OK)
        return status;
    const size_t n_clips = b->scorer != NULL ? 1 : N_CLIPS;
    b->n_scratch = ws_arena_round(ws_features_scratch_bytes(b->features));
    b->samples = make_noise(n_clips * b->settings.desired_samples);
    const size_t n_scores =
        b->scorer != NULL ? b->n_calls : N_CLIPS * ws_labeller_n_labels(b->labeller);
    b->scores = calloc(n_scores, sizeof *b->scores);
    b->faults = calloc(n_clips, sizeof *b->faults);
    b->scratch = aligned_alloc(WS_ARENA_ALIGNMENT, n_threads * b->n_scratch);
    b->rows = calloc(n_threads * b->settings.size, sizeof *b->rows);
    b->seconds = calloc(b->options->n_runs, sizeof *b->seconds);
    for (size_t i = 0; i < N_CLIPS; i++)
        b->names[i] = "noise";
    return b->samples != NULL && b->scores != NULL && b->faults != NULL && b->scratch != NULL &&
                   b->rows != NULL && b->seconds != NULL
               ? WS_OK
               : ws_fail_memory(err, "the clips of a bench");
}

static void close_bench(bench *b)
{
    ws_labeller_destroy(b->labeller);
    ws_scorer_destroy(b->scorer);
    ws_features_destroy(b->features);
    free(b->samples);
    free(b->scores);
    free(b->faults);
    free(b->scratch);
    free(b->rows);
    free(b->seconds);
}

static void predict(const bench *b)
{
    if (b->scorer != NULL)
        ws_scorer_run(b->scorer, b->samples, b->settings.desired_samples, b->scores);
    else
        ws_labeller_run_samples(b->labeller, b->samples, b->names, N_CLIPS, b->scores, b->faults);
}

static void make_features(const bench *b)
{
    const ws_feature_settings *s = &b->settings;
    const size_t n_clips = b->scorer != NULL ? 1 : N_CLIPS;

#pragma omp parallel for schedule(dynamic) num_threads(b->options->n_threads)
    for (size_t i = 0; i < n_clips; i++) {
        const size_t thread = (size_t)omp_get_thread_num();
        ws_features_run(b->features, b->samples + i * s->desired_samples,
                        b->scratch + thread * b->n_scratch, b->rows + thread * s->size);
    }
}

/** The median time of a run. */
static double time_runs(const bench *b, void (*run)(const bench *b))
{
    for (int i = 0; i < N_WARM; i++)
        run(b);
    for (size_t i = 0; i < b->options->n_runs; i++) {
        const double begin = ws_clock_monotonic();
        run(b);
        b->seconds[i] = ws_clock_monotonic() - begin;
    }
    return ws_median(b->seconds, b->options->n_runs);
}

ws_status ws_prediction_measure(const ws_prediction_options *options, ws_prediction *prediction,
                                ws_error *err)
{
    bench b = {.options = options};

    *prediction = (ws_prediction){.is_step = ws_frozen_is_stream(options->model)};
    const ws_status status = open_bench(&b, err);
    if (status == WS_OK) {
        const ws_feature_settings *s = &b.settings;
        const size_t step_samples = s->n_frames / b.n_calls * s->stride_samples;
        prediction->sound_seconds =
            (double)(prediction->is_step ? step_samples : s->desired_samples) / s->sample_rate_hz;
        prediction->seconds = time_runs(&b, predict) / (double)b.n_calls;
        prediction->feature_seconds = time_runs(&b, make_features) / (double)b.n_calls;
    }
    close_bench(&b);
    return status;
}
