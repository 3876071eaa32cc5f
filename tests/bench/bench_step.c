/* Times training steps of a network:
 *
 *     bench_step [model [threads [steps [isa [batch [way]]]]]]
 *
 * model may be `all`; way is fft, products or direct for convolutions, or quantized for a network
 * with fake quantisation. Prints the median step and each phase's median, and the least in
 * brackets, which a busy machine disturbs less. Features are random; dropout as in training. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "models/model.h"
#include "nn/network.h"
#include "nn/passes/quantize.h"

enum { MAX_STEPS = 10000, N_LABELS = 12, N_FRAMES = 98, WIDTH = 40 };

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_line(void *user, ws_log_level level, const char *line)
{
    (void)user;
    (void)level;
    printf("%s\n", line);
}

/** Median and least, in milliseconds. */
static void print_times(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    printf("%7.2f (%.2f) ms", 1e3 * values[n / 2], 1e3 * values[0]);
}

static void fill(float *features, int32_t *labels, size_t n)
{
    ws_random random;
    ws_random_init(&random, 7, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n * N_FRAMES * WIDTH; i++)
        features[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int32_t)ws_random_below(&random, N_LABELS);
}

/** Times of each phase, then of the whole step. */
static void time_steps(ws_network *network, ws_batch *batch, size_t n_steps, float *logits)
{
    static double steps[MAX_STEPS], predictions[MAX_STEPS];
    static double times[WS_NETWORK_MAX_PHASES][MAX_STEPS];
    ws_phase_time phases[WS_NETWORK_MAX_PHASES];
    size_t n_phases = 0;

    for (size_t i = 0; i < n_steps + 2; i++) { /* two to warm up */
        const size_t at = i < 2 ? 0 : i - 2;
        batch->dropout.step = i + 1;
        double start = ws_clock_monotonic();
        (void)ws_network_train(network, batch, logits);
        steps[at] = ws_clock_monotonic() - start;
        n_phases = ws_network_phases(network, phases);
        for (size_t p = 0; p < n_phases; p++)
            times[p][at] = phases[p].seconds;
        start = ws_clock_monotonic();
        ws_network_predict(network, batch->features, batch->n, logits);
        predictions[at] = ws_clock_monotonic() - start;
    }
    for (size_t p = 0; p < n_phases; p++) {
        printf("  stage %zu %-20s ", phases[p].stage, phases[p].name);
        print_times(times[p], n_steps);
        printf("\n");
    }
    printf("step ");
    print_times(steps, n_steps);
    printf(", prediction ");
    print_times(predictions, n_steps);
    printf("\n");
}

static int run(const char *model_name, ws_network_options *options, size_t n_steps, bool quantizes)
{
    ws_graph graph;
    const ws_model *model;
    ws_network *network;
    ws_error err;
    const size_t n = options->max_batch;
    float *features = malloc(n * N_FRAMES * WIDTH * sizeof *features);
    float *logits = malloc(n * N_LABELS * sizeof *logits);
    int32_t *labels = malloc(n * sizeof *labels);

    if (features == NULL || logits == NULL || labels == NULL ||
        ws_model_find(&model, model_name, &err) != WS_OK ||
        model->build(&graph, &(ws_model_settings){N_FRAMES, WIDTH, N_LABELS, NULL}, &err) !=
            WS_OK ||
        (quantizes && ws_graph_quantize(&graph, -1.0f, 1.0f, &err) != WS_OK) ||
        ws_network_create(&network, &graph, options, &err) != WS_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    ws_network_init_parameters(network, 1);
    fill(features, labels, n);
    ws_batch batch = {.features = features,
                      .labels = labels,
                      .n = n,
                      .dropout = {.rate = 0.5, .seed = 5, .step = 0}};
    time_steps(network, &batch, n_steps, logits);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
    free(features);
    free(logits);
    free(labels);
    return 0;
}

/** @return the exit code */
static int run_all(ws_network_options *options, size_t n_steps, bool quantizes)
{
    int code = 0;
    for (size_t i = 0; i < ws_model_n() && code == 0; i++) {
        printf("%s\n", ws_model_get(i)->name);
        code = run(ws_model_get(i)->name, options, n_steps, quantizes);
    }
    return code;
}

static ws_convolution convolution_of(const char *name)
{
    if (strcmp(name, "fft") == 0)
        return WS_CONVOLUTION_BY_FFT;
    if (strcmp(name, "products") == 0)
        return WS_CONVOLUTION_BY_PRODUCTS;
    return strcmp(name, "direct") == 0 ? WS_CONVOLUTION_DIRECT : WS_CONVOLUTION_CHEAPER;
}

int main(int argc, char **argv)
{
    const int n_steps = argc > 3 ? atoi(argv[3]) : 20, batch = argc > 5 ? atoi(argv[5]) : 100;
    const ws_log log = {.level = WS_LOG_DEBUG, .write = print_line};
    ws_network_options options = {.max_batch = (size_t)batch,
                                  .n_threads = argc > 2 ? (unsigned)atoi(argv[2]) : 2,
                                  .isa = argc > 4 ? argv[4] : "",
                                  .convolution = convolution_of(argc > 6 ? argv[6] : ""),
                                  .log = &log};

    if (n_steps < 1 || n_steps > MAX_STEPS || batch < 1) {
        (void)fprintf(stderr, "usage: bench_step [model [threads [steps [isa [batch [way]]]]]]\n");
        return 2;
    }
    const char *model = argc > 1 ? argv[1] : "conv";
    const bool quantizes = argc > 6 && strcmp(argv[6], "quantized") == 0;
    return strcmp(model, "all") == 0 ? run_all(&options, (size_t)n_steps, quantizes)
                                     : run(model, &options, (size_t)n_steps, quantizes);
}
