/* libwordspot: spotters side by side in several threads give what each gives alone. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <wordspot/wordspot.h>

#include "unit/wordspot_fixture.h"

enum { N_THREADS = 4, N = 3 * WS_TEST_SPOT_RATE_HZ, MAX_WINDOWS = 80 };

typedef struct job {
    const ws_test_spot *spot;
    const float *samples;
    float scores[MAX_WINDOWS][WS_TEST_SPOT_N_LABELS];
    size_t n_windows;
    wordspot_status status;
} job;

static void see_scores(void *user, const float *scores, double start_s, double end_s)
{
    job *own = user;
    (void)start_s, (void)end_s;

    if (own->n_windows < MAX_WINDOWS)
        memcpy(own->scores[own->n_windows++], scores, sizeof own->scores[0]);
}

/** Opens, follows and closes. */
static void *run(void *argument)
{
    job *own = argument;
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    wordspot *spotter;

    options.labels = own->spot->labels;
    options.on_scores = see_scores;
    options.user = own;
    own->status = wordspot_open(own->spot->graph, &options, &spotter, NULL);
    for (size_t at = 0; own->status == WORDSPOT_OK && at < N; at += 1000)
        own->status = wordspot_push_float(spotter, own->samples + at, 1000, NULL);
    wordspot_close(spotter);
    return NULL;
}

static void spotters_do_not_disturb_each_other(void **state)
{
    ws_test_spot *spots[N_THREADS];
    job *jobs = calloc(2 * N_THREADS, sizeof *jobs);
    float *samples = malloc(N * sizeof *samples);
    pthread_t threads[N_THREADS];
    (void)state;

    assert_true(jobs != NULL && samples != NULL);
    ws_test_spot_fill(samples, N, WS_TEST_SPOT_RATE_HZ);
    for (size_t i = 0; i < N_THREADS; i++) {
        spots[i] =
            ws_test_spot_create(i % 2 == 0 ? "tiny_conv" : "single_fc", i < 2 ? "mfcc" : "micro");
        jobs[i] = jobs[N_THREADS + i] = (job){.spot = spots[i], .samples = samples};
        (void)run(&jobs[i]);
    }
    for (size_t i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &jobs[N_THREADS + i]), 0);
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(jobs[N_THREADS + i].status, WORDSPOT_OK);
        assert_true(jobs[i].n_windows > 60);
        assert_int_equal(jobs[N_THREADS + i].n_windows, jobs[i].n_windows);
        assert_memory_equal(jobs[N_THREADS + i].scores, jobs[i].scores, sizeof jobs[i].scores);
        ws_test_spot_destroy(spots[i]);
    }
    free(jobs);
    free(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spotters_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
