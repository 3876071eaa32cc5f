#include "measure/peak.h"

#include <omp.h>

#include "base/arena.h"
#include "base/clock.h"
#include "measure/peak_kernels.h"

enum {
    N_ROUNDS = 8,         /* of each measurement; the best counts */
    N_PRODUCTS = 1 << 20, /* rounds of the kernel in one: some ten milliseconds */
    N_FLOATS = 1 << 25,   /* read by each thread: 128 MiB, more than caches hold */
};

static const ws_peak_kernels *get_kernels(ws_cpu_level level)
{
#define DECLARE(level, NAME) extern const ws_peak_kernels ws_peak_kernels_##level;
    WS_CPU_LEVEL_MAP(DECLARE)
#undef DECLARE
    static const ws_peak_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_peak_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}

/** Written to, so that results are wanted. */
static volatile float sink;

/** Seconds of one round on all threads. numbers: [n_threads, N_FLOATS], or NULL to multiply. */
static double time_round(const ws_peak_kernels *kernels, unsigned n_threads, const float *numbers)
{
    double start = 0.0, seconds = 0.0;

#pragma omp parallel num_threads(n_threads)
    {
        const size_t thread = (size_t)omp_get_thread_num();
#pragma omp barrier
#pragma omp master
        start = ws_clock_monotonic();
        sink = numbers != NULL ? kernels->read(numbers + thread * N_FLOATS, N_FLOATS)
                               : kernels->multiply_add(N_PRODUCTS);
#pragma omp barrier
#pragma omp master
        seconds = ws_clock_monotonic() - start;
    }
    return seconds;
}

static double time_best(const ws_peak_kernels *kernels, unsigned n_threads, const float *numbers)
{
    double best = time_round(kernels, n_threads, numbers);

    for (int round = 1; round < N_ROUNDS; round++) {
        const double seconds = time_round(kernels, n_threads, numbers);
        if (seconds < best)
            best = seconds;
    }
    return best;
}

ws_status ws_peak_measure(unsigned n_threads, ws_cpu_level level, ws_peak *peak, ws_error *err)
{
    const ws_peak_kernels *kernels = get_kernels(level);
    const double n_products = (double)N_PRODUCTS * (double)kernels->n_operations * n_threads;
    const size_t n_floats = (size_t)n_threads * N_FLOATS;
    ws_arena arena;

    const ws_status status = ws_arena_init(&arena, n_floats * sizeof(float), err);
    if (status != WS_OK)
        return status;
    float *numbers = ws_arena_push(&arena, n_floats * sizeof(float));
#pragma omp parallel for num_threads(n_threads)
    for (size_t i = 0; i < n_floats; i++) /* pages that were never written to are all one page */
        numbers[i] = 1.0f;
    peak->operations_per_second = n_products / time_best(kernels, n_threads, NULL);
    peak->bytes_per_second =
        (double)(n_floats * sizeof(float)) / time_best(kernels, n_threads, numbers);
    ws_arena_deinit(&arena);
    return WS_OK;
}
