/* dataset/tempo: the same sound at the factor 1, voices at their pitch and at another length, and
 * events at their places. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "dataset/tempo.h"
#include "support/check.h"

enum { N = 32000, RATE_HZ = 16000 };

static const double pi = 3.14159265358979323846;
static float samples[N], out[N], scratch[2 * N];

/** A voice of that pitch: pulses through two resonances. */
static void fill_voice(double hz)
{
    double phase = 0.0;

    for (size_t i = 0; i < N; i++) {
        const double t = phase / hz;
        samples[i] = (float)(0.3 * exp(-300.0 * t) *
                             (sin(2.0 * pi * 700.0 * t) + 0.5 * sin(2.0 * pi * 1900.0 * t)));
        phase += hz / RATE_HZ;
        phase -= phase >= 1.0 ? 1.0 : 0.0;
    }
}

static void the_factor_1_changes_nothing(void **state)
{
    static const size_t lengths[] = {1, 100, 255, 256, 257, 511, 512, 5000, N};
    ws_random random;

    (void)state;
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++)
        samples[i] = (float)(ws_random_uniform(&random) - 0.5);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t n = lengths[i];
        float *own = malloc(n * sizeof *own), *room = malloc(ws_tempo_scratch(n) * sizeof *room);
        assert_true(own != NULL && room != NULL); /* the sanitizer guards their ends */
        ws_tempo_run(1.0, RATE_HZ, samples, room, own, n);
        assert_close("the same", own, samples, n, 1e-6);
        free(own);
        free(room);
    }
}

/** How much the sound is like itself a period later, from 0.3 of its length to 0.7. */
static double find_likeness(const float *sound, size_t period)
{
    double product = 0.0, energy = 0.0;

    for (size_t i = N * 3 / 10; i < N * 7 / 10; i++) {
        product += (double)sound[i] * (double)sound[i + period];
        energy += (double)sound[i] * (double)sound[i];
    }
    return product / energy;
}

static void voices_keep_their_pitch(void **state)
{
    static const double factors[] = {0.8, 0.9, 1.1, 1.25};
    static const size_t periods[] = {80, 128, 160}; /* 200, 125 and 100 Hz */

    (void)state;
    for (size_t p = 0; p < 3; p++) {
        fill_voice((double)RATE_HZ / (double)periods[p]);
        for (size_t f = 0; f < 4; f++) {
            ws_tempo_run(factors[f], RATE_HZ, samples, scratch, out, N);
            assert_true(find_likeness(out, periods[p]) > 0.9);
            /* another speed would have given it this period */
            const size_t other = (size_t)lround((double)periods[p] / factors[f]);
            assert_true(find_likeness(out, other) < 0.9);
        }
    }
}

static void events_are_at_their_places(void **state)
{
    static const double factors[] = {0.8, 1.0, 1.2};
    enum { EVENT = 22000, LENGTH = 3000 };

    (void)state;
    fill_voice(125.0);
    memset(samples, 0, EVENT * sizeof *samples);
    memset(samples + EVENT + LENGTH, 0, (N - EVENT - LENGTH) * sizeof *samples);
    for (size_t f = 0; f < 3; f++) {
        const double start = N / 2 + (EVENT - N / 2) / factors[f];
        const double end = N / 2 + (EVENT + LENGTH - N / 2) / factors[f];
        size_t first = 0, last = 0;
        ws_tempo_run(factors[f], RATE_HZ, samples, scratch, out, N);
        for (size_t i = 0; i < N; i++)
            if (fabsf(out[i]) > 0.03f) {
                first = first == 0 ? i : first;
                last = i;
            }
        assert_true(fabs((double)first - start) < 500.0); /* 30 ms */
        assert_true(fabs((double)last - end) < 500.0);
    }
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    memset(samples, 0, sizeof samples);
    ws_tempo_run(1.3, RATE_HZ, samples, scratch, out, N);
    for (size_t i = 0; i < N; i++)
        assert_true(fabsf(out[i]) < 1e-9f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_factor_1_changes_nothing),
        cmocka_unit_test(voices_keep_their_pitch),
        cmocka_unit_test(events_are_at_their_places),
        cmocka_unit_test(nothing_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
