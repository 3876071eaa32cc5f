#include "measure/peak.h"

#include <omp.h>

#include "base/arena.h"
#include "base/clock.h"
#include "measure/peak_kernels.h"

enum {
    N_ROUNDS = 16,        /* of each measurement; the best counts */
    N_PRODUCTS = 1 << 20, /* kernel rounds per measured round: about ten milliseconds */
    N_FLOATS = 1 << 26,   /* read by all threads together: 256 MiB, more than caches hold */
    GRAIN = 256,          /* floats, what the kernel reads in one go */
};

WS_CPU_DEFINE_GETTER(ws_peak_kernels, ws_peak_kernels_get)

/** What a thread reads of the array. */
static const float *share_of(const float *numbers, unsigned n_threads, size_t *n)
{
    *n = (size_t)N_FLOATS / n_threads / GRAIN * GRAIN;
    return numbers + (size_t)omp_get_thread_num() * *n;
}

/** Seconds of one round on all threads. numbers: [N_FLOATS], shared out among them; or NULL: they
 *  multiply. */
static double time_round(const ws_peak_kernels *kernels, unsigned n_threads, const float *numbers)
{
    double start = 0.0, seconds = 0.0;
    float total = 0.0f; /* so that the results are used */

#pragma omp parallel num_threads(n_threads) reduction(+ : total)
    {
        size_t n = 0;
        const float *share = numbers != NULL ? share_of(numbers, n_threads, &n) : NULL;
#pragma omp barrier
#pragma omp master
        start = ws_clock_monotonic();
        total += share != NULL ? kernels->read(share, n) : kernels->multiply_add(N_PRODUCTS);
#pragma omp barrier
#pragma omp master
        seconds = ws_clock_monotonic() - start;
    }
    volatile float sink = total;
    (void)sink;
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
    const ws_peak_kernels *kernels = ws_peak_kernels_get(level);
    const double n_products = (double)N_PRODUCTS * (double)kernels->n_operations * n_threads;
    const size_t n_bytes = N_FLOATS * sizeof(float);
    ws_arena arena;

    const ws_status status = ws_arena_init(&arena, n_bytes, err);
    if (status != WS_OK)
        return status;
    float *numbers = ws_arena_push(&arena, n_bytes);
#pragma omp parallel for num_threads(n_threads)
    for (size_t i = 0; i < N_FLOATS; i++) /* pages never written share one physical page */
        numbers[i] = 1.0f;
    peak->operations_per_second = n_products / time_best(kernels, n_threads, NULL);
    peak->bytes_per_second = (double)n_bytes / time_best(kernels, n_threads, numbers);
    ws_arena_deinit(&arena);
    return WS_OK;
}
