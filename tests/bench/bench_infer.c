/* Times inference of one clip on one thread:
 *
 *     bench_infer [model [rounds [isa [directory]]]]
 *
 * model may be `all`. Prints the median and, in brackets, the least time of a clip in microseconds,
 * and the speed of its products. Weights and
 * features are random, of the shape that the model was made for. With a directory it also writes
 * each model as a TFLite and an ONNX file there, for peers to run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/features.h"
#include "base/clock.h"
#include "base/random.h"
#include "bench/bench.h"
#include "formats/frozen.h"
#include "models/model.h"
#include "nn/cost.h"
#include "nn/infer/infer.h"

enum { N_LABELS = 12, MAX_ROUNDS = 100000 };

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static float *random_numbers(size_t n, double low, double high)
{
    float *numbers = bench_memory((n + 1) * sizeof *numbers);
    ws_random random;

    ws_random_init(&random, 7, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        numbers[i] = (float)(low + (high - low) * ws_random_uniform(&random));
    return numbers;
}

/** Sets graph and features. */
static void build(const ws_model *model, ws_frozen *frozen)
{
    static const ws_model_features usual = {"mfcc", 1000, 30.0, 10.0, 40};
    const ws_model_features *f = model->features != NULL ? model->features : &usual;
    frozen->features = (ws_feature_options){f->preprocess,
                                            16000,
                                            (int)f->clip_duration_ms,
                                            f->window_size_ms,
                                            f->window_stride_ms,
                                            (int)f->feature_bin_count};
    ws_feature_settings settings;
    ws_error err;

    bench_check(ws_feature_settings_init(&frozen->features, &settings, &err), &err);
    bench_check(
        model->build(&frozen->graph,
                     &(ws_model_settings){settings.n_frames, settings.width, N_LABELS, NULL}, &err),
        &err);
}

static double count_products(const ws_graph *graph)
{
    double n = 0.0;

    for (size_t i = 0; i < graph->n_nodes; i++)
        n += ws_graph_count_products(graph, i);
    return n;
}

static void time_model(const ws_model *model, const ws_frozen *frozen, size_t n_rounds,
                       ws_cpu_level level)
{
    static double times[MAX_ROUNDS];
    const ws_graph *graph = &frozen->graph;
    float logits[N_LABELS];
    ws_infer *infer;
    ws_error err;

    float *features = random_numbers(ws_shape_size(ws_graph_input_shape(graph)), -1.0, 1.0);
    bench_check(ws_infer_create(&infer, graph,
                                &(ws_infer_numbers){frozen->parameters, frozen->states}, level,
                                &err),
                &err);
    for (size_t i = 0; i < n_rounds + 3; i++) { /* three to warm up */
        const double start = ws_clock_monotonic();
        ws_infer_run(infer, features, 1, logits);
        times[i < 3 ? 0 : i - 3] = ws_clock_monotonic() - start;
    }
    qsort(times, n_rounds, sizeof *times, compare_doubles);
    const double median = times[n_rounds / 2];
    printf("%-20s %9.1f us (%.1f)  %6.1f GFLOP/s  %7.1f kB\n", model->name, 1e6 * median,
           1e6 * times[0], 2e-9 * count_products(graph) / median,
           (double)ws_infer_get_bytes(infer) / 1e3);
    ws_infer_destroy(infer);
    free(features);
}

/** The same model in 8 bits, written as NAME.int8.tflite, read and run as label_wav does. */
static void time_int8(const ws_frozen *frozen, const char *name, const char *directory,
                      size_t n_rounds)
{
    enum { N_CLIPS = 2 };
    static double times[MAX_ROUNDS];
    static ws_frozen read;
    const size_t size = ws_shape_size(ws_graph_input_shape(&frozen->graph));
    ws_lite_run *run;
    ws_error err;
    char path[4096];

    float *clips = random_numbers(N_CLIPS * size, -1.0, 1.0);
    const ws_frozen_write_options options = {
        .is_int8 = true,
        .input_type = WS_LITE_INT8,
        .output_type = WS_LITE_INT8,
        .clips = clips,
        .n_clips = N_CLIPS,
    };
    snprintf(path, sizeof path, "%s/%s.int8.tflite", directory, name);
    bench_check(ws_frozen_write(path, "tflite", frozen, &options, &err), &err);
    bench_check(ws_frozen_read(path, 0, &read, &err), &err);
    bench_check(ws_lite_run_create(&run, read.lite,
                                   &(ws_lite_run_options){.rounding = WS_LITE_ROUNDING_EXACT},
                                   &err),
                &err);
    ws_lite_run_write(run, 0, clips);
    for (size_t i = 0; i < n_rounds + 3; i++) {
        const double start = ws_clock_monotonic();
        ws_lite_run_invoke(run);
        times[i < 3 ? 0 : i - 3] = ws_clock_monotonic() - start;
    }
    qsort(times, n_rounds, sizeof *times, compare_doubles);
    printf("%-20s %9.1f us (%.1f)  in 8 bits\n", name, 1e6 * times[n_rounds / 2], 1e6 * times[0]);
    ws_lite_run_destroy(run);
    ws_frozen_deinit(&read);
    free(clips);
}

static void run_model(const ws_model *model, size_t n_rounds, ws_cpu_level level,
                      const char *directory)
{
    static ws_frozen frozen;
    ws_error err;

    frozen = (ws_frozen){.micro_sample_scale = 0.0f};
    build(model, &frozen);
    frozen.parameters = random_numbers(frozen.graph.n_weights, -0.1, 0.1);
    frozen.states = random_numbers(frozen.graph.n_state_numbers, 0.5, 1.0);
    if (directory != NULL) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.tflite", directory, model->name);
        bench_check(ws_frozen_write(path, "tflite", &frozen, NULL, &err), &err);
        snprintf(path, sizeof path, "%s/%s.onnx", directory, model->name);
        bench_check(ws_frozen_write(path, "onnx", &frozen, NULL, &err), &err);
    }
    time_model(model, &frozen, n_rounds, level);
    if (directory != NULL)
        time_int8(&frozen, model->name, directory, n_rounds);
    ws_frozen_deinit(&frozen);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "all";
    const int n_rounds = argc > 2 ? atoi(argv[2]) : 200;
    ws_cpu_level level = ws_cpu_level_get_best();
    ws_error err;

    if (n_rounds < 1 || n_rounds > MAX_ROUNDS) {
        fprintf(stderr, "Usage: bench_infer [model [rounds [isa [directory]]]]\n");
        return 2;
    }
    if (argc > 3 && argv[3][0] != '\0')
        bench_check(ws_cpu_level_find(argv[3], &level, &err), &err);
    for (size_t i = 0; i < ws_model_n(); i++) {
        const ws_model *model = ws_model_get(i);
        if (strcmp(name, "all") == 0 || strcmp(name, model->name) == 0)
            run_model(model, (size_t)n_rounds, level, argc > 4 ? argv[4] : NULL);
    }
    return 0;
}
