/* dataset/speed: against sums in double precision, tones at another pitch, and clips of any length
 * on every level of the processor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "dataset/speed.h"
#include "support/check.h"

enum { N = 4000, RATE_HZ = 16000, N_SIDE = 100 };

static const double pi = 3.14159265358979323846;
static float clip[N], scratch[N + 64], got[N], want[N];

static void run(const ws_speed *speed, size_t i, size_t n_samples, float *out, size_t n)
{
    assert_true(ws_speed_scratch(n) <= sizeof scratch / sizeof *scratch);
    ws_speed_run(speed, i, &(ws_samples){.floats = clip, .n = n_samples}, scratch, out, n,
                 ws_cpu_level_get_best());
}

/** The same by a sum over every sample of the clip. */
static void run_plainly(double factor, size_t n_samples, float *out, size_t n)
{
    const double cutoff = factor > 1.0 ? 1.0 / factor : 1.0;
    const double middle = (double)(n / 2);
    for (size_t i = 0; i < n; i++) {
        const double at =
            floor((middle + ((double)i - middle) * factor) * 256.0 + 0.5 + 1e-6) / 256.0;
        double sum = 0.0, weights = 0.0;
        for (long k = (long)floor(at) - 7; k <= (long)floor(at) + 8; k++) {
            const double t = (double)k - at, x = pi * cutoff * t;
            const double window = fabs(t) < 8.0 ? pow(cos(pi * t / 16.0), 2.0) : 0.0;
            const double weight = (fabs(x) < 1e-9 ? 1.0 : sin(x) / x) * window;
            weights += weight;
            if (k >= 0 && (size_t)k < n_samples)
                sum += weight * (double)clip[k];
        }
        out[i] = (float)(sum / weights);
    }
}

static void fill_noise(void)
{
    ws_random random;
    ws_random_init(&random, 2, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++)
        clip[i] = (float)((int)ws_random_below(&random, 65536) - 32768) / 32768.0f;
}

static void clips_are_what_sums_say(void **state)
{
    static const double changes[] = {0.1, 0.5, 0.013};
    static const size_t lengths[] = {N, 3000, 9, 1, 0};
    (void)state;
    fill_noise();
    for (size_t c = 0; c < sizeof changes / sizeof *changes; c++) {
        ws_speed *speed;
        assert_int_equal(ws_speed_create(changes[c], &speed, NULL), WS_OK);
        assert_true(fabs(ws_speed_get_factor(speed, 0) - (1.0 - changes[c])) < 1e-12);
        assert_true(fabs(ws_speed_get_factor(speed, WS_N_SPEEDS - 1) - (1.0 + changes[c])) < 1e-12);
        for (size_t i = 0; i < WS_N_SPEEDS; i++) {
            const size_t n_samples = lengths[i % 5];
            run(speed, i, n_samples, got, N);
            run_plainly(ws_speed_get_factor(speed, i), n_samples, want, N);
            assert_close("a clip at another speed", got, want, N, 1e-5);
        }
        ws_speed_destroy(speed);
    }
}

/** The middle speed changes nothing. */
static void one_is_one(void **state)
{
    ws_speed *speed;
    (void)state;
    fill_noise();
    assert_int_equal(ws_speed_create(0.2, &speed, NULL), WS_OK);
    run(speed, WS_N_SPEEDS / 2, N, got, N);
    assert_close("speed 1", got, clip, N, 1e-7);
    ws_speed_destroy(speed);
}

static double level_at_ends(double hz, size_t i, const ws_speed *speed, double *error)
{
    const double factor = ws_speed_get_factor(speed, i);
    double sum = 0.0;
    for (size_t k = 0; k < N; k++)
        clip[k] = (float)(0.5 * sin(2.0 * pi * hz * ((double)k - N / 2) / RATE_HZ));
    run(speed, i, N, got, N);
    *error = 0.0;
    for (size_t k = N / 2 - 1500; k < N / 2 + 1500; k++) {
        const double tone = 0.5 * sin(2.0 * pi * hz * factor * ((double)k - N / 2) / RATE_HZ);
        *error = fmax(*error, fabs((double)got[k] - tone));
        sum += (double)got[k] * (double)got[k];
    }
    return 10.0 * log10(sum / 3000.0 / 0.125);
}

/** A tone comes out as a tone of the pitch times the speed, or not at all where there is no room.
 */
static void tones_change_their_pitch(void **state)
{
    ws_speed *speed;
    double error;
    (void)state;
    assert_int_equal(ws_speed_create(0.2, &speed, NULL), WS_OK);
    for (size_t i = 0; i < WS_N_SPEEDS; i++) {
        (void)level_at_ends(300.0, i, speed, &error);
        assert_true(error < 3e-3);
        (void)level_at_ends(3000.0, i, speed, &error);
        assert_true(error < 8e-3);
        (void)level_at_ends(5000.0, i, speed, &error);
        assert_true(error < 5e-2);
    }
    assert_true(level_at_ends(7900.0, WS_N_SPEEDS - 1, speed, &error) < -20.0); /* 9480 Hz */
    assert_true(level_at_ends(6000.0, WS_N_SPEEDS - 1, speed, &error) > -6.0);
    ws_speed_destroy(speed);
}

/** From memory that ends where the samples end, in both formats, on every level, any length. */
static void every_level_and_length_gives_the_same(void **state)
{
    ws_speed *speed;
    (void)state;
    fill_noise();
    assert_int_equal(ws_speed_create(0.5, &speed, NULL), WS_OK);
    for (size_t n = 1; n < N_SIDE; n++) {
        for (size_t n_samples = 0; n_samples < N_SIDE; n_samples += 1 + n_samples / 3) {
            float *floats = malloc(n_samples * sizeof *floats + 1);
            int16_t *narrow = malloc(n_samples * sizeof *narrow + 1);
            float *room = malloc(ws_speed_scratch(n) * sizeof *room);
            float *first = malloc(n * sizeof *first), *out = malloc(n * sizeof *out);
            const size_t i = (n + n_samples) % WS_N_SPEEDS;
            assert_true(floats && narrow && room && first && out);
            for (size_t k = 0; k < n_samples; k++) {
                floats[k] = clip[k];
                narrow[k] = (int16_t)(clip[k] * 32768.0f);
            }
            ws_speed_run(speed, i, &(ws_samples){.floats = floats, .n = n_samples}, room, first, n,
                         WS_CPU_GENERIC);
            run_plainly(ws_speed_get_factor(speed, i), n_samples < n ? n_samples : n, want, n);
            assert_close("a short clip", first, want, n, 1e-5);
            for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
                const ws_samples both[] = {{.floats = floats, .n = n_samples},
                                           {.int16 = narrow, .n = n_samples}};
                for (size_t f = 0; f < 2; f++) {
                    ws_speed_run(speed, i, &both[f], room, out, n, level);
                    assert_memory_equal(out, first, n * sizeof *out);
                }
            }
            free(floats);
            free(narrow);
            free(room);
            free(first);
            free(out);
        }
    }
    ws_speed_destroy(speed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_are_what_sums_say),
        cmocka_unit_test(one_is_one),
        cmocka_unit_test(tones_change_their_pitch),
        cmocka_unit_test(every_level_and_length_gives_the_same),
    };
    return cmocka_run_group_tests_name("speed", tests, NULL, NULL);
}
