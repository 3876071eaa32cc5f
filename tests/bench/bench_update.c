/* Times what a training step does besides the network: bench_update [weights [threads]]. The
 * updates of each optimiser, and the look at gradients and weights of --check_nans. Prints medians
 * and, in brackets, the least. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "nn/nonfinite.h"
#include "optim/optimizer.h"

enum { N_TRIALS = 51 };

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, double *seconds)
{
    qsort(seconds, N_TRIALS, sizeof *seconds, compare_doubles);
    printf("%-17s %6.3f (%.3f) ms\n", name, 1e3 * seconds[N_TRIALS / 2], 1e3 * seconds[0]);
}

static void time_update(const ws_optimizer *optimizer, const ws_update *update, unsigned n_threads)
{
    double seconds[N_TRIALS];

    for (size_t i = 0; i < N_TRIALS; i++) {
        const double start = ws_clock_monotonic();
        ws_optimizer_run(optimizer, update, n_threads);
        seconds[i] = ws_clock_monotonic() - start;
    }
    print_times(optimizer->name, seconds);
}

static int time_check(const ws_update *update)
{
    double seconds[N_TRIALS];
    size_t n_finite = 0;

    for (size_t i = 0; i < N_TRIALS; i++) {
        const double start = ws_clock_monotonic();
        n_finite += ws_nonfinite_find(update->gradients, update->n);
        n_finite += ws_nonfinite_find(update->weights, update->n);
        seconds[i] = ws_clock_monotonic() - start;
    }
    print_times("check_nans", seconds);
    return n_finite != 2 * N_TRIALS * update->n;
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? (size_t)atoi(argv[1]) : 926860; /* of conv */
    const unsigned n_threads = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
    float *weights = calloc(n + 1, sizeof *weights);
    float *gradients = calloc(n + 1, sizeof *gradients);
    float *slots = calloc(n + 1, sizeof *slots), *others = calloc(n + 1, sizeof *others);
    const ws_hyper hyper = {.momentum = 0.9f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};
    float powers[WS_OPTIMIZER_N_POWERS] = {0.9f, 0.999f};
    const ws_update update = {.weights = weights,
                              .gradients = gradients,
                              .slots = {slots, others},
                              .powers = powers,
                              .n = n,
                              .rate = 0.001f,
                              .scale = 1.0f,
                              .hyper = &hyper};
    int code = 1;

    if (weights != NULL && gradients != NULL && slots != NULL && others != NULL) {
        for (size_t i = 0; i < n; i++)
            gradients[i] = 0.01f * (float)(i % 7);
        time_update(&ws_optimizer_gradient_descent, &update, n_threads);
        time_update(&ws_optimizer_momentum, &update, n_threads);
        time_update(&ws_optimizer_sgd_momentum, &update, n_threads);
        time_update(&ws_optimizer_adam, &update, n_threads);
        code = time_check(&update);
    }
    free(weights);
    free(gradients);
    free(slots);
    free(others);
    return code;
}
