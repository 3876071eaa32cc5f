/* dataset/phrase: a phrase between fades, clicks, hum and hiss, and clips without one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "dataset/phrase.h"

enum { RATE_HZ = 16000, N = 3 * RATE_HZ, START = 20000, END = 32000, TOLERANCE = 800 };

static const double pi = 3.14159265358979323846;
static int16_t clip[N];

/** Hiss of that amplitude over the whole clip. */
static void fill_hiss(double amplitude)
{
    ws_random random;

    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++)
        clip[i] = (int16_t)lround(amplitude * (2.0 * ws_random_uniform(&random) - 1.0));
}

static void add_tone(size_t start, size_t end, double hz, double amplitude)
{
    for (size_t i = start; i < end; i++)
        clip[i] = (int16_t)(clip[i] + lround(amplitude * sin(2.0 * pi * hz * (double)i / RATE_HZ)));
}

static ws_phrase find(size_t n, int rate_hz)
{
    ws_phrase phrase;

    assert_int_equal(ws_phrase_find(clip, n, rate_hz, &phrase, NULL), WS_OK);
    assert_true(phrase.start <= phrase.end && phrase.end <= n);
    return phrase;
}

static void assert_found(size_t start, size_t end)
{
    const ws_phrase phrase = find(N, RATE_HZ);

    assert_in_range(phrase.start, start - TOLERANCE, start + TOLERANCE);
    assert_in_range(phrase.end, end - TOLERANCE, end + TOLERANCE);
}

/* Two loud syllables with a pause between them and a soft sound at the end. */
static void add_phrase(double amplitude)
{
    add_tone(START, START + 3000, 500.0, amplitude);
    add_tone(START + 5500, START + 9000, 700.0, amplitude);
    add_tone(START + 9000, END, 3000.0, amplitude / 6.0);
}

static void a_phrase_is_found_at_all_levels(void **state)
{
    static const double amplitudes[] = {20000.0, 2000.0, 200.0};

    (void)state;
    for (size_t i = 0; i < sizeof amplitudes / sizeof *amplitudes; i++) {
        fill_hiss(amplitudes[i] / 50.0);
        add_phrase(amplitudes[i]);
        assert_found(START, END);
    }
}

static void zeros_and_fades_around_it_do_not_count(void **state)
{
    (void)state;
    fill_hiss(100.0);
    add_phrase(4000.0);
    memset(clip + N - 6000, 0, 6000 * sizeof *clip);
    for (size_t i = 0; i < 4000; i++)
        clip[i] = (int16_t)(clip[i] * (double)i / 4000.0);
    assert_found(START, END);
}

static void clicks_and_hum_do_not_count(void **state)
{
    (void)state;
    fill_hiss(100.0);
    add_tone(0, N, 50.0, 1000.0);
    add_phrase(4000.0);
    add_tone(4000, 4300, 2000.0, 20000.0);
    add_tone(44000, 44300, 2000.0, 20000.0);
    assert_found(START, END);
}

static void of_two_stretches_the_one_with_more_speech_is_taken(void **state)
{
    (void)state;
    fill_hiss(50.0);
    add_tone(4000, 6500, 900.0, 4000.0);
    add_phrase(4000.0);
    assert_found(START, END);
}

static void without_speech_it_is_empty(void **state)
{
    (void)state;
    memset(clip, 0, sizeof clip);
    assert_int_equal(find(N, RATE_HZ).end, find(N, RATE_HZ).start);
    fill_hiss(3000.0);
    assert_int_equal(find(N, RATE_HZ).end, find(N, RATE_HZ).start);
}

/* Nothing is read outside of a clip of any length and rate. */
static void clips_have_any_length(void **state)
{
    static const int rates_hz[] = {1000, 8000, 11025, 48000};

    (void)state;
    for (size_t n = 0; n < 3000; n = n * 3 / 2 + 1) {
        int16_t *own = malloc((n + 1) * sizeof *own); /* the sanitizer guards its ends */
        assert_non_null(own);
        for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
            ws_phrase phrase;
            for (size_t i = 0; i < n; i++)
                own[i] = (int16_t)(i > n / 2 ? 9000 - (int)(i % 7) * 3000 : 0);
            assert_int_equal(ws_phrase_find(own, n, rates_hz[r], &phrase, NULL), WS_OK);
            assert_true(phrase.start <= phrase.end && phrase.end <= n);
        }
        free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phrase_is_found_at_all_levels),
        cmocka_unit_test(zeros_and_fades_around_it_do_not_count),
        cmocka_unit_test(clicks_and_hum_do_not_count),
        cmocka_unit_test(of_two_stretches_the_one_with_more_speech_is_taken),
        cmocka_unit_test(without_speech_it_is_empty),
        cmocka_unit_test(clips_have_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
