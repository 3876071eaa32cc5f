/* Times labelling: bench_label data_dir [architecture [rounds]]. The clips of all words through a
 * model of random weights: clips a second as a whole, and what decoding, features and network take
 * of it when each is done for itself. Of several rounds the fastest counts, on all threads; on a
 * busy machine, processor time says more than time. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/sound.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "bench/bench.h"
#include "models/model.h"
#include "recognize/labeller.h"

enum { RATE_HZ = 16000, N_LABELS = 10, BATCH = 100, MAX_THREADS = 256 };

typedef struct bench {
    ws_text_list paths;
    ws_frozen model;
    ws_labeller *labeller;
    ws_features *features;
    ws_network *network;
    size_t size;  /* of a fingerprint */
    float *clips; /* [BATCH, RATE_HZ] */
    float *rows;  /* [BATCH, size] */
    float scores[BATCH * N_LABELS];
    ws_error faults[BATCH];
    void *scratch[MAX_THREADS];
} bench;

static void list_clips(bench *b, const char *data_dir)
{
    ws_text_list words = {0};
    ws_error err;

    bench_check(ws_dir_list(data_dir, &words, &err), &err);
    for (size_t w = 0; w < words.n_items; w++) {
        char *folder = ws_path_join(data_dir, words.items[w]);
        ws_text_list names = {0};
        if (words.items[w][0] != '_' && ws_dir_exists(folder))
            bench_check(ws_dir_list(folder, &names, &err), &err);
        for (size_t i = 0; i < names.n_items; i++) {
            char *path = ws_path_join(folder, names.items[i]);
            if (ws_text_has_suffix(path, ".wav"))
                bench_check(ws_text_list_push(&b->paths, path), &err);
            free(path);
        }
        ws_text_list_deinit(&names);
        free(folder);
    }
    ws_text_list_deinit(&words);
}

static void open_bench(bench *b, const char *architecture)
{
    ws_feature_settings settings;
    const ws_model *model;
    ws_error err;

    b->model.features = (ws_feature_options){"mfcc", RATE_HZ, 1000, 30.0, 10.0, 40};
    bench_check(ws_feature_settings_init(&b->model.features, &settings, &err), &err);
    bench_check(ws_features_create(&settings, NULL, &b->features, &err), &err);
    b->size = settings.size;
    bench_check(ws_model_find(&model, architecture, &err), &err);
    bench_check(
        model->build(&b->model.graph,
                     &(ws_model_settings){settings.n_frames, settings.width, N_LABELS, NULL}, &err),
        &err);
    bench_check(ws_network_create(&b->network, &b->model.graph,
                                  &(ws_network_options){.max_batch = BATCH}, &err),
                &err);
    ws_network_init_parameters(b->network, 1);
    b->model.parameters = bench_memory(b->model.graph.n_weights * sizeof(float));
    memcpy(b->model.parameters, ws_network_parameters(b->network),
           b->model.graph.n_weights * sizeof(float));
    bench_check(ws_labeller_create(&(ws_labeller_options){.model = &b->model, .max_clips = BATCH},
                                   &b->labeller, &err),
                &err);
    b->clips = bench_memory(BATCH * RATE_HZ * sizeof(float));
    b->rows = bench_memory(BATCH * b->size * sizeof(float));
    for (int i = 0; i < omp_get_max_threads(); i++)
        b->scratch[i] = bench_memory(ws_features_scratch_bytes(b->features));
}

static void close_bench(bench *b)
{
    ws_labeller_destroy(b->labeller);
    ws_network_destroy(b->network);
    ws_features_destroy(b->features);
    ws_frozen_deinit(&b->model);
    ws_text_list_deinit(&b->paths);
    free(b->clips);
    free(b->rows);
    for (int i = 0; i < omp_get_max_threads(); i++)
        free(b->scratch[i]);
}

/* The work on clips first .. first+n-1: as a whole and in its parts. */

static void label(bench *b, size_t first, size_t n)
{
    ws_labeller_run(b->labeller, (const char *const *)b->paths.items + first, n, b->scores,
                    b->faults);
    for (size_t i = 0; i < n; i++)
        bench_check(b->faults[i].status, &b->faults[i]);
}

static void decode(bench *b, size_t first, size_t n)
{
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i++) {
        ws_sound sound;
        ws_error err;
        bench_check(ws_sound_read_at(b->paths.items[first + i], RATE_HZ, RATE_HZ, &sound, &err),
                    &err);
        memcpy(b->clips + i * RATE_HZ, sound.samples, sound.n_samples * sizeof(float));
        ws_sound_deinit(&sound);
    }
}

static void make_features(bench *b, size_t first, size_t n)
{
    (void)first;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i++)
        ws_features_run(b->features, b->clips + i * RATE_HZ, b->scratch[omp_get_thread_num()],
                        b->rows + i * b->size);
}

static void predict(bench *b, size_t first, size_t n)
{
    (void)first;
    ws_network_predict(b->network, b->rows, n, b->scores);
}

/** What something took for all clips. */
typedef struct cost {
    double seconds, cpu_seconds;
} cost;

static cost time_all(bench *b, void (*work)(bench *b, size_t first, size_t n), int n_rounds)
{
    cost best = {1e30, 1e30};

    for (int round = 0; round < n_rounds; round++) {
        const double start = ws_clock_monotonic();
        const clock_t cpu_start = clock();
        for (size_t first = 0; first < b->paths.n_items; first += BATCH) {
            const size_t left = b->paths.n_items - first;
            work(b, first, left < BATCH ? left : BATCH);
        }
        const double seconds = ws_clock_monotonic() - start;
        const double cpu_seconds = (double)(clock() - cpu_start) / CLOCKS_PER_SEC;
        best.seconds = seconds < best.seconds ? seconds : best.seconds;
        best.cpu_seconds = cpu_seconds < best.cpu_seconds ? cpu_seconds : best.cpu_seconds;
    }
    return best;
}

int main(int argc, char **argv)
{
    static bench b;
    static const struct {
        const char *name;
        void (*work)(bench *b, size_t first, size_t n);
    } parts[] = {{"decoding", decode}, {"features", make_features}, {"network", predict}};
    const char *architecture = argc > 2 ? argv[2] : "conv";
    const int n_rounds = argc > 3 ? atoi(argv[3]) : 3;

    if (argc < 2 || n_rounds < 1 || omp_get_max_threads() > MAX_THREADS) {
        fprintf(stderr, "Usage: bench_label data_dir [architecture [rounds]]\n");
        return 2;
    }
    list_clips(&b, argv[1]);
    open_bench(&b, architecture);
    const double n = (double)b.paths.n_items;
    const cost all = time_all(&b, label, n_rounds);
    printf("%s, %zu clips, %d threads: %.0f clips a second, %.0f us of processor time a clip\n",
           architecture, b.paths.n_items, omp_get_max_threads(), n / all.seconds,
           all.cpu_seconds / n * 1e6);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const cost part = time_all(&b, parts[i].work, n_rounds);
        printf("  %-8s %5.1f us, %4.1f %%; %5.1f us of processor time, %4.1f %%\n", parts[i].name,
               part.seconds / n * 1e6, 100.0 * part.seconds / all.seconds,
               part.cpu_seconds / n * 1e6, 100.0 * part.cpu_seconds / all.cpu_seconds);
    }
    close_bench(&b);
    return 0;
}
