/* bench_spot [MODEL]: how many times faster than real time libwordspot hears, on one thread, pushed
 * in pieces of 10 ms and as a whole; how long a push of 10 ms takes at most in 99 of 100 cases. In
 * processor time, so that other programs do not count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <wordspot/wordspot.h>

#include "unit/wordspot_fixture.h"

enum { N_SECONDS = 20, N = N_SECONDS * WS_TEST_SPOT_RATE_HZ, PIECE = WS_TEST_SPOT_RATE_HZ / 100 };

typedef struct trial {
    const char *architecture, *preprocess;
    int stride_ms;
    int is_continuous;
} trial;

static const trial trials[] = {
    {"tiny_conv", "mfcc", 30, 0},        {"tiny_conv", "micro", 30, 0},
    {"single_fc", "mfcc", 10, 0},        {"mixednet", "micro", 10, 0},
    {"mixednet", "micro", 0, 1},         {"mixednet", "mfcc", 30, 0},
    {"ds_cnn_s", "mfcc", 20, 0},         {"bc_resnet_1", "mfcc", 20, 0},
    {"low_latency_svdf", "mfcc", 20, 0}, {"low_latency_conv", "mfcc", 20, 0},
    {"tc_resnet_8", "mfcc", 20, 0},      {"conv", "mfcc", 30, 0},
};

/** Seconds of this thread, whatever else runs. */
static double thread_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void run(const trial *t, const float *samples, double *times)
{
    ws_test_spot *spot = ws_test_spot_create(t->architecture, t->preprocess);
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    wordspot *spotter;
    size_t n_pieces = 0;

    options.labels = spot->labels;
    options.stride_ms = t->stride_ms;
    options.continuous = t->is_continuous;
    assert_int_equal(wordspot_open(spot->graph, &options, &spotter, NULL), WORDSPOT_OK);
    const double start = thread_seconds();
    for (size_t at = 0; at + PIECE <= N; at += PIECE) {
        const double before = thread_seconds();
        (void)wordspot_push_float(spotter, samples + at, PIECE, NULL);
        times[n_pieces++] = thread_seconds() - before;
    }
    const double pieces_s = thread_seconds() - start;
    wordspot_reset(spotter);
    const double middle = thread_seconds();
    (void)wordspot_push_float(spotter, samples, N, NULL);
    const double stride_s = wordspot_stride_s(spotter);
    const double whole_s = thread_seconds() - middle;
    qsort(times, n_pieces, sizeof *times, compare);
    printf("%-18s %-6s %3.0f ms %-10s  %7.0f x in pieces  %7.0f x whole  99 %%: %.3f ms\n",
           t->architecture, t->preprocess, 1e3 * stride_s, t->is_continuous ? "continuous" : "",
           N_SECONDS / pieces_s, N_SECONDS / whole_s, 1e3 * times[n_pieces * 99 / 100]);
    wordspot_close(spotter);
    ws_test_spot_destroy(spot);
}

int main(int argc, char **argv)
{
    float *samples = malloc(N * sizeof *samples);
    double *times = malloc(N / PIECE * sizeof *times);

    if (samples == NULL || times == NULL)
        return 1;
    ws_test_spot_fill(samples, N, WS_TEST_SPOT_RATE_HZ);
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        if (argc < 2 || strcmp(argv[1], trials[i].architecture) == 0)
            run(&trials[i], samples, times);
    free(samples);
    free(times);
    return 0;
}
