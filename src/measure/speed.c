#include "measure/speed.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/layout.h"
#include "base/random.h"
#include "dataset/augment.h"
#include "measure/median.h"
#include "nn/cost.h"
#include "nn/network.h"

enum {
    N_WARM = 3, /* steps that are not timed: threads start, pages are touched */
    LARGEST_SHIFT_MS = 100,
};

/** What is timed in each step; the network's phases follow. */
enum { STEP, INPUT, UPDATE, PREDICTION, N_SERIES };

typedef struct bench {
    const ws_speed_options *options;
    ws_graph *graph; /* owned */
    ws_network *network;
    ws_features *features;
    ws_arena arena;
    int16_t *clips;      /* [batch_size, n_samples] */
    float *noise;        /* [2 n_samples] */
    float *mixed;        /* [n_threads, n_samples] */
    char *scratch;       /* [n_threads, n_scratch] bytes */
    float *fingerprints; /* [batch_size, size of one] */
    float *logits;       /* [batch_size, n_labels] */
    int32_t *labels;     /* [batch_size] */
    double *times;       /* [N_SERIES + WS_NETWORK_MAX_PHASES, n_steps] seconds */
    size_t n_samples;    /* of a clip */
    size_t n_scratch;
} bench;

static void place_arrays(bench *b, ws_layout *layout)
{
    const ws_speed_options *o = b->options;

    b->clips = ws_layout_push(layout, o->batch_size * b->n_samples, sizeof *b->clips);
    b->noise = ws_layout_push(layout, 2 * b->n_samples, sizeof *b->noise);
    b->mixed = ws_layout_push(layout, o->n_threads * b->n_samples, sizeof *b->mixed);
    b->scratch = ws_layout_push(layout, o->n_threads, b->n_scratch);
    b->fingerprints =
        ws_layout_push(layout, o->batch_size * o->features->size, sizeof *b->fingerprints);
    b->logits = ws_layout_push(layout, o->batch_size * o->n_labels, sizeof *b->logits);
    b->labels = ws_layout_push(layout, o->batch_size, sizeof *b->labels);
    b->times =
        ws_layout_push(layout, (N_SERIES + WS_NETWORK_MAX_PHASES) * o->n_steps, sizeof *b->times);
}

/** White noise for clips, and labels at random. */
static void fill_arrays(bench *b)
{
    const ws_speed_options *o = b->options;
    ws_random random;

    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < o->batch_size * b->n_samples; i++)
        b->clips[i] = (int16_t)((int32_t)ws_random_below(&random, 20001) - 10000);
    for (size_t i = 0; i < 2 * b->n_samples; i++)
        b->noise[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    for (size_t i = 0; i < o->batch_size; i++)
        b->labels[i] = (int32_t)ws_random_below(&random, (uint32_t)o->n_labels);
}

static ws_status make_network(bench *b, ws_error *err)
{
    const ws_speed_options *o = b->options;
    const ws_model_settings settings = {
        .n_frames = o->features->n_frames, .width = o->features->width, .n_labels = o->n_labels};
    const ws_network_options options = {
        .max_batch = o->batch_size,
        .n_threads = o->n_threads,
        .isa = ws_cpu_level_get_name(o->features->level),
    };

    b->graph = calloc(1, sizeof *b->graph);
    if (b->graph == NULL)
        return ws_fail_memory(err, "a model");
    const ws_status status = o->model->build(b->graph, &settings, err);
    if (status != WS_OK)
        return status;
    return ws_network_create(&b->network, b->graph, &options, err);
}

static ws_status open_bench(bench *b, ws_error *err)
{
    ws_layout layout = {0};
    ws_status status = make_network(b, err);

    if (status == WS_OK)
        status = ws_features_create(b->options->features, NULL, &b->features, err);
    if (status != WS_OK)
        return status;
    b->n_samples = b->options->features->desired_samples;
    b->n_scratch = ws_arena_round(ws_features_scratch_bytes(b->features));
    place_arrays(b, &layout);
    status = ws_layout_reserve(&layout, &b->arena, err);
    if (status != WS_OK)
        return status;
    place_arrays(b, &layout);
    fill_arrays(b);
    ws_network_init_parameters(b->network, 1);
    return WS_OK;
}

static void close_bench(bench *b)
{
    ws_network_destroy(b->network);
    ws_features_destroy(b->features);
    ws_arena_deinit(&b->arena);
    if (b->graph != NULL)
        ws_graph_deinit(b->graph);
    free(b->graph);
}

/** One row of the batch, as training makes it. */
static void make_row(const bench *b, size_t step, size_t row)
{
    const ws_feature_settings *settings = b->options->features;
    const size_t thread = (size_t)omp_get_thread_num();
    float *mixed = b->mixed + thread * b->n_samples;
    const int64_t largest_shift = (int64_t)settings->sample_rate_hz * LARGEST_SHIFT_MS / 1000;
    const ws_samples clip = {.int16 = b->clips + row * b->n_samples, .n = b->n_samples};
    const ws_augmentation augmentation = {
        .shift =
            (int64_t)((step * 613 + row * 101) % (size_t)(2 * largest_shift + 1)) - largest_shift,
        .gain = 1.0f,
        .noise = b->noise + (step * 977 + row * 89) % b->n_samples,
        .noise_gain = 0.05f,
        .level = settings->level,
    };

    ws_augmentation_run(&augmentation, &clip, mixed, b->n_samples);
    ws_features_run(b->features, mixed, b->scratch + thread * b->n_scratch,
                    b->fingerprints + row * settings->size);
}

static void make_input(const bench *b, size_t step)
{
    const size_t n = b->options->batch_size;

#pragma omp parallel for schedule(static) num_threads(b->options->n_threads)
    for (size_t row = 0; row < n; row++)
        make_row(b, step, row);
}

static void note_time(bench *b, size_t series, size_t i, double seconds)
{
    b->times[series * b->options->n_steps + i] = seconds;
}

/** @param i  where its times go */
static void run_step(bench *b, size_t step, size_t i, ws_speed *speed)
{
    const ws_batch batch = {.features = b->fingerprints,
                            .labels = b->labels,
                            .n = b->options->batch_size,
                            .dropout = {.rate = 0.5, .seed = 1, .step = step}};
    const double begin = ws_clock_monotonic();
    make_input(b, step);
    const double has_input = ws_clock_monotonic();
    (void)ws_network_train(b->network, &batch, b->logits);
    const double has_gradients = ws_clock_monotonic();
    ws_optimizer_run(b->options->optimizer,
                     &(ws_update){.weights = ws_network_parameters(b->network),
                                  .gradients = ws_network_gradients(b->network),
                                  .n = b->graph->n_weights,
                                  .rate = 0.001f,
                                  .scale = 1.0f},
                     b->options->n_threads);
    const double end = ws_clock_monotonic();

    note_time(b, STEP, i, end - begin);
    note_time(b, INPUT, i, has_input - begin);
    note_time(b, UPDATE, i, end - has_gradients);
    speed->n_phases = ws_network_phases(b->network, speed->phases);
    for (size_t p = 0; p < speed->n_phases; p++)
        note_time(b, N_SERIES + p, i, speed->phases[p].seconds);
    const double before = ws_clock_monotonic();
    ws_network_predict(b->network, b->fingerprints, b->options->batch_size, b->logits);
    note_time(b, PREDICTION, i, ws_clock_monotonic() - before);
}

static double find_median(const bench *b, size_t series)
{
    return ws_median(b->times + series * b->options->n_steps, b->options->n_steps);
}

ws_status ws_speed_measure(const ws_speed_options *options, ws_speed *speed, ws_error *err)
{
    bench b = {.options = options};

    *speed = (ws_speed){.n_phases = 0};
    const ws_status status = open_bench(&b, err);
    if (status == WS_OK) {
        for (size_t step = 1; step <= N_WARM; step++)
            run_step(&b, step, 0, speed);
        for (size_t i = 0; i < options->n_steps; i++)
            run_step(&b, N_WARM + 1 + i, i, speed);
        speed->step_seconds = find_median(&b, STEP);
        speed->input_seconds = find_median(&b, INPUT);
        speed->update_seconds = find_median(&b, UPDATE);
        speed->prediction_seconds = find_median(&b, PREDICTION);
        for (size_t p = 0; p < speed->n_phases; p++) {
            speed->phases[p].seconds = find_median(&b, N_SERIES + p);
            (void)snprintf(speed->names[p], sizeof speed->names[p], "%s", speed->phases[p].name);
            speed->phases[p].name = speed->names[p]; /* the network's own goes with it */
        }
        speed->n_bytes = ws_network_get_bytes(b.network) + b.arena.size;
        speed->n_operations =
            (double)options->batch_size * ws_graph_count_training_operations(b.graph);
        speed->n_products = ws_graph_count_all_products(b.graph);
        speed->n_weights = b.graph->n_weights;
    }
    close_bench(&b);
    return status;
}
