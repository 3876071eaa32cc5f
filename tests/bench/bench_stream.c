/* Times following a stream: bench_stream [threads [stride_ms [model]]]. Noise and tones
 * through models of random weights, a window every 30 ms: how many times faster than they would be
 * spoken, and what each window by itself would take, features and network. One thread unless told
 * otherwise; of several rounds the fastest counts. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "bench/bench.h"
#include "models/model.h"
#include "recognize/stream.h"

enum { RATE_HZ = 16000, N_SECONDS = 30, N_LABELS = 12, N_ROUNDS = 3, PIECE = 16000 };

typedef struct bench {
    float *sound; /* [N_SECONDS * RATE_HZ] */
    ws_frozen model;
    ws_feature_settings settings;
    unsigned n_threads;
    size_t stride;
} bench;

static void make_sound(bench *b)
{
    ws_random random;

    b->sound = bench_memory((size_t)N_SECONDS * RATE_HZ * sizeof(float));
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < (size_t)N_SECONDS * RATE_HZ; i++)
        b->sound[i] = (float)(0.3 * sin((double)i * 0.05 * (double)(1 + i / 20000)) +
                              0.2 * (ws_random_uniform(&random) - 0.5));
}

static void open_model(bench *b, const ws_model *model)
{
    ws_network *network;
    ws_error err;

    bench_check(
        model->build(&b->model.graph,
                     &(ws_model_settings){b->settings.n_frames, b->settings.width, N_LABELS, NULL},
                     &err),
        &err);
    bench_check(
        ws_network_create(&network, &b->model.graph, &(ws_network_options){.max_batch = 1}, &err),
        &err);
    ws_network_init_parameters(network, 1);
    const size_t n_bytes = b->model.graph.n_weights * sizeof(float);
    b->model.parameters = bench_memory(n_bytes);
    memcpy(b->model.parameters, ws_network_parameters(network), n_bytes);
    b->model.states = NULL;
    if (b->model.graph.n_states > 0) {
        const size_t n_state_bytes = b->model.graph.n_state_numbers * sizeof(float);
        b->model.states = bench_memory(n_state_bytes);
        memcpy(b->model.states, ws_network_states(network), n_state_bytes);
    }
    ws_network_destroy(network);
}

static double follow(const bench *b)
{
    static float scores[WS_STREAM_MAX_WINDOWS * N_LABELS];
    const size_t n_all = (size_t)N_SECONDS * RATE_HZ;
    const ws_stream_options options = {
        .model = &b->model, .stride_samples = b->stride, .n_threads = b->n_threads};
    ws_stream *stream;
    ws_error err;
    size_t n_windows;

    bench_check(ws_stream_create(&options, &stream, &err), &err);
    const double start = ws_clock_monotonic();
    for (size_t at = 0; at < n_all;) {
        at += ws_stream_push(stream, b->sound + at, n_all - at < PIECE ? n_all - at : PIECE);
        bench_check(ws_stream_run(stream, false, scores, &n_windows, &err), &err);
    }
    do
        bench_check(ws_stream_run(stream, true, scores, &n_windows, &err), &err);
    while (n_windows > 0);
    const double seconds = ws_clock_monotonic() - start;
    ws_stream_destroy(stream);
    return seconds;
}

/** A batch of windows, features and network of each for itself. @return seconds a window */
static double label_apart(const bench *b)
{
    const size_t n = WS_STREAM_MAX_WINDOWS, size = b->settings.size;
    float *rows = bench_memory(n * size * sizeof *rows);
    float *logits = bench_memory(n * N_LABELS * sizeof *logits);
    ws_features *features;
    ws_network *network;
    ws_error err;

    bench_check(ws_features_create(&b->settings, NULL, &features, &err), &err);
    bench_check(ws_network_create(&network, &b->model.graph,
                                  &(ws_network_options){.max_batch = n, .n_threads = b->n_threads},
                                  &err),
                &err);
    memcpy(ws_network_parameters(network), b->model.parameters,
           b->model.graph.n_weights * sizeof(float));
    void *scratch = bench_memory(ws_features_scratch_bytes(features));
    const double start = ws_clock_monotonic();
    for (size_t i = 0; i < n; i++)
        ws_features_run(features, b->sound + i * b->stride, scratch, rows + i * size);
    const double between = ws_clock_monotonic();
    ws_network_predict(network, rows, n, logits); /* meets its memory for the first time */
    const double warm = ws_clock_monotonic();
    ws_network_predict(network, rows, n, logits);
    const double seconds = ws_clock_monotonic() - warm + between - start;
    ws_network_destroy(network);
    ws_features_destroy(features);
    free(scratch);
    free(rows);
    free(logits);
    return seconds / (double)n;
}

static void run(bench *b, const ws_model *model)
{
    const double n_windows = (double)((size_t)(N_SECONDS - 1) * RATE_HZ / b->stride);
    double stream = HUGE_VAL, apart = HUGE_VAL;

    open_model(b, model);
    for (int round = 0; round < N_ROUNDS; round++) {
        stream = fmin(stream, follow(b));
        apart = fmin(apart, label_apart(b));
    }
    printf("%-20s %6.0f times real time, %6.1f us a window; each by itself %6.1f us: %.1f times\n",
           model->name, N_SECONDS / stream, stream / n_windows * 1e6, apart * 1e6,
           apart * n_windows / stream);
    ws_frozen_deinit(&b->model);
}

int main(int argc, char **argv)
{
    static bench b;
    static const ws_model_features usual = {"mfcc", 1000, 30.0, 10.0, 40};
    const int n_threads = argc > 1 ? atoi(argv[1]) : 1, stride_ms = argc > 2 ? atoi(argv[2]) : 30;
    const char *name = argc > 3 ? argv[3] : NULL;
    ws_error err;

    if (n_threads < 1 || stride_ms < 1 || stride_ms > 1000) {
        fprintf(stderr, "Usage: bench_stream [threads [stride_ms [model]]]\n");
        return 2;
    }
    b.n_threads = (unsigned)n_threads;
    b.stride = (size_t)stride_ms * RATE_HZ / 1000;
    make_sound(&b);
    for (size_t i = 0; i < ws_model_n(); i++) {
        const ws_model *model = ws_model_get(i);
        const ws_model_features *f = model->features != NULL ? model->features : &usual;
        b.model.features = (ws_feature_options){f->preprocess,
                                                RATE_HZ,
                                                (int)f->clip_duration_ms,
                                                f->window_size_ms,
                                                f->window_stride_ms,
                                                (int)f->feature_bin_count};
        bench_check(ws_feature_settings_init(&b.model.features, &b.settings, &err), &err);
        if (name == NULL || strcmp(name, model->name) == 0)
            run(&b, model);
    }
    free(b.sound);
    return 0;
}
