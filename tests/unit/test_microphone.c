/* dataset/microphone: tones against the response that filters of Butterworth have, and clipping. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataset/microphone.h"

enum { RATE_HZ = 16000, N = 16000, N_START = 4000 };

static const double pi = 3.14159265358979323846;
static float samples[N];

/** A frequency as the bilinear transform bends it. */
static double bend(double hz)
{
    return tan(pi * hz / RATE_HZ);
}

/** What a tone becomes, as a factor, after the filters have settled. */
static double find_gain(const ws_microphone *microphone, double hz)
{
    double s = 0.0, c = 0.0;

    for (size_t i = 0; i < N; i++)
        samples[i] = (float)(0.5 * sin(2.0 * pi * hz * (double)i / RATE_HZ));
    ws_microphone_run(microphone, RATE_HZ, samples, N);
    for (size_t i = N_START; i < N; i++) {
        s += (double)samples[i] * sin(2.0 * pi * hz * (double)i / RATE_HZ);
        c += (double)samples[i] * cos(2.0 * pi * hz * (double)i / RATE_HZ);
    }
    return 2.0 * sqrt(s * s + c * c) / (N - N_START) / 0.5;
}

static void the_band_is_butterworths(void **state)
{
    const ws_microphone microphone = {.low_hz = 200.0, .high_hz = 3000.0, .most = 1.0};

    (void)state;
    for (double hz = 40.0; hz < 7900.0; hz += 260.0) {
        const double low = pow(bend(200.0) / bend(hz), 4.0);
        const double high = pow(bend(hz) / bend(3000.0), 4.0);
        const double expected = 1.0 / sqrt((1.0 + low) * (1.0 + high));
        assert_true(fabs(find_gain(&microphone, hz) - expected) < 1e-3);
    }
}

static void what_is_too_loud_is_clipped(void **state)
{
    const ws_microphone clean = {.low_hz = 30.0, .high_hz = 7600.0, .most = 1.0};
    const ws_microphone clipping = {.low_hz = 30.0, .high_hz = 7600.0, .most = 0.1};

    (void)state;
    /* a square wave of that height, but for what the band takes away */
    assert_true(fabs(find_gain(&clean, 500.0) - 1.0) < 1e-2);
    assert_true(fabs(find_gain(&clipping, 500.0) - 0.2 * 4.0 / pi) < 1e-2);
}

static void drawn_microphones_are_in_range(void **state)
{
    size_t n_clipping = 0;

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        ws_microphone microphone;
        ws_random random;
        ws_random_init(&random, 1, WS_RANDOM_TEST, 0, i);
        ws_microphone_draw(&random, RATE_HZ, 0.25, 0.4, &microphone);
        assert_true(microphone.low_hz >= 30.0 && microphone.low_hz < 351.0);
        assert_true(microphone.high_hz > 3000.0 && microphone.high_hz < 7601.0);
        assert_true(microphone.most > 0.0 && microphone.most <= 1.0);
        n_clipping += microphone.most < 0.4;
    }
    assert_in_range(n_clipping, 180, 320);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_band_is_butterworths),
        cmocka_unit_test(what_is_too_loud_is_clipped),
        cmocka_unit_test(drawn_microphones_are_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
