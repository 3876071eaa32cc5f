/* Times training steps of today's networks by the lanes engine, without input and optimiser:
 * bench_lanes [threads [rounds [network [level]]]]. A line for each network: median milliseconds
 * forward and back, and memory. With a network's name also a line for each phase: its least time of
 * all rounds. With one thread it is processor time that is taken for the step, so that a busy
 * machine disturbs less. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "nn/engine/lanes/run.h"
#include "support/lanes_networks.h"

enum { BATCH = 100, MAX_ROUNDS = 999 };

/** With one thread processor time, which a busy machine disturbs less. */
static double now(unsigned n_threads)
{
    struct timespec t;
    clock_gettime(n_threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fill(float *x, size_t n, float scale)
{
    unsigned state = 12345;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = scale * ((float)(state >> 8) / 8388608.0f - 1.0f);
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void find_least(const ws_lanes_runner *runner, bool is_first, double *least)
{
    for (size_t p = 0; p < ws_lanes_runner_n_phases(runner); p++) {
        const double seconds = ws_lanes_runner_time(runner, p).seconds;
        least[p] = is_first || seconds < least[p] ? seconds : least[p];
    }
}

static void print_phases(const ws_lanes_runner *runner, const double *least)
{
    for (size_t p = 0; p < ws_lanes_runner_n_phases(runner); p++) {
        ws_lanes_phase_time time = ws_lanes_runner_time(runner, p);
        time.seconds = least[p];
        printf("  %3zu %s %-60s %7.3f ms %7.1f MB %6.1f GB/s %7.1f GFLOP/s\n", p,
               time.is_backward ? "back" : "    ", time.name, time.seconds * 1e3,
               time.n_bytes / 1e6, time.n_bytes / time.seconds / 1e9,
               time.n_operations / time.seconds / 1e9);
    }
}

static void run(const lanes_network_kind *kind, unsigned n_threads, size_t n_rounds,
                const char *level, bool shows_phases)
{
    static double seconds[MAX_ROUNDS];
    lanes_network net;
    ws_lanes_runner *runner;
    ws_error err;
    ws_lanes_runner_options options = {
        .max_batch = BATCH, .n_threads = n_threads, .level = ws_cpu_level_get_best()};

    if (level != NULL)
        bench_check(ws_cpu_level_find(level, &options.level, &err), &err);
    lanes_network_init(&net, kind);
    bench_check(ws_lanes_program_status(&net.program, &err), &err);
    bench_check(ws_lanes_runner_create(&runner, &net.program, &options, &err), &err);
    const ws_lanes_node *in = &net.program.nodes[0], *out = &net.program.nodes[net.program.output];
    float *parameters = bench_memory(net.n_parameters * sizeof(float));
    float *gradients = bench_memory(net.n_parameters * sizeof(float));
    float *state = bench_memory(net.n_state * sizeof(float) + 4);
    float *features = bench_memory(BATCH * in->h * in->w * in->c * sizeof(float));
    float *logits = bench_memory(BATCH * out->c * sizeof(float));
    double *least = bench_memory(ws_lanes_runner_n_phases(runner) * sizeof *least);
    fill(parameters, net.n_parameters, 0.2f);
    fill(features, BATCH * in->h * in->w * in->c, 1.0f);
    const ws_lanes_pass pass = {.parameters = parameters,
                                .state = state,
                                .is_training = true,
                                .n = BATCH,
                                .n_all = BATCH,
                                .features = features,
                                .logits = logits,
                                .dlogits = logits,
                                .gradients = gradients};
    for (size_t i = 0; i < n_rounds; i++) {
        const double start = now(n_threads);
        ws_lanes_forward(runner, &pass);
        ws_lanes_backward(runner, &pass);
        seconds[i] = now(n_threads) - start;
        find_least(runner, i == 0, least);
    }
    qsort(seconds, n_rounds, sizeof *seconds, compare);
    printf("%-12s %7zu parameters  %4zu phases  %8.2f ms (least %.2f)  %7.1f MB\n", kind->name,
           net.n_parameters, ws_lanes_runner_n_phases(runner), seconds[n_rounds / 2] * 1e3,
           seconds[0] * 1e3, (double)ws_lanes_runner_bytes(runner) / 1e6);
    fflush(stdout);
    if (shows_phases)
        print_phases(runner, least);
    ws_lanes_runner_destroy(runner);
    lanes_network_deinit(&net);
    free(parameters);
    free(gradients);
    free(state);
    free(features);
    free(logits);
    free(least);
}

int main(int argc, char **argv)
{
    const unsigned n_threads = argc > 1 ? (unsigned)atoi(argv[1]) : 2;
    const size_t n_rounds = argc > 2 ? (size_t)atoi(argv[2]) : 15;
    const char *wanted = argc > 3 && strcmp(argv[3], "all") != 0 ? argv[3] : NULL;

    for (const lanes_network_kind *kind = lanes_networks; kind->name != NULL; kind++)
        if (wanted == NULL || strcmp(kind->name, wanted) == 0)
            run(kind, n_threads, n_rounds < MAX_ROUNDS ? n_rounds : MAX_ROUNDS,
                argc > 4 ? argv[4] : NULL, wanted != NULL);
    return 0;
}
