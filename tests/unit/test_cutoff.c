/* metrics/cutoff: counted where enough was heard, and a sound guess where not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "metrics/cutoff.h"

enum { N = 36000, EACH = 33 }; /* seconds of sound: ten hours */

static const ws_det_rule rule = {1, EACH};

/** Sound whose logits of one second exceed x with probability exp(-(x + 4) / scale). */
static void make_means(uint32_t stream, double scale, size_t n, float *means)
{
    ws_random random;

    ws_random_init(&random, 3, WS_RANDOM_TEST, 2, stream);
    for (size_t i = 0; i < n * EACH; i++)
        means[i] = 0.0f;
    for (size_t i = 0; i < n; i++) {
        const double logit = -4.0 - scale * log(1.0 - ws_random_uniform(&random));
        means[i * EACH + ws_random_below(&random, EACH / 2)] = (float)(1.0 / (1.0 + exp(-logit)));
    }
}

static ws_cutoff choose(const float *means, size_t n, double rate)
{
    ws_det det = {.rule = rule};
    ws_peaks peaks = {.scores = malloc(n * sizeof(float)), .seconds = (double)n};

    assert_non_null(peaks.scores);
    ws_det_push_other(&det, means, n * EACH, (double)n);
    peaks.n = ws_cutoff_find_peaks(means, n * EACH, EACH, peaks.scores);
    assert_int_equal(peaks.n, n);
    const ws_cutoff chosen = ws_cutoff_choose(&det, &peaks, rate);
    free(peaks.scores);
    return chosen;
}

/** Of a tail that is known: each guess from a part of the sound is near the truth. */
static void guesses_are_near_the_truth(void **state)
{
    const double scale = 0.7, rate = 0.5;
    /* 3600 exp(-(x + 4) / scale) = rate */
    const double truth = -4.0 + scale * log(3600.0 / rate);
    float *means = malloc(N * EACH * sizeof *means);
    double sum = 0.0;
    (void)state;

    assert_non_null(means);
    for (uint32_t stream = 0; stream < 20; stream++) {
        make_means(stream, scale, 900, means); /* a quarter of an hour */
        const ws_cutoff guess = choose(means, 900, rate);
        const double logit = log(guess.cutoff / (1.0 - guess.cutoff));
        assert_true(guess.is_extrapolated && fabs(guess.least_rate - 12.0) < 1e-9);
        assert_true(fabs(logit - truth) < 2.5);
        sum += logit;
    }
    assert_true(fabs(sum / 20.0 - truth) < 0.5);
    /* ten hours are enough to count 0.5 an hour: at most five */
    make_means(99, scale, N, means);
    const ws_cutoff counted = choose(means, N, rate);
    assert_false(counted.is_extrapolated);
    assert_true(ws_det_find(&rule, means, N * EACH, counted.cutoff, NULL) <= 5);
    assert_true(ws_det_find(&rule, means, N * EACH, counted.cutoff - 1.0 / 256.0, NULL) > 5);
    free(means);
}

static void the_guess_is_never_below_what_was_heard(void **state)
{
    float means[2 * EACH] = {0};
    (void)state;

    means[0] = 0.9f; /* one loud moment in two seconds */
    const ws_cutoff chosen = choose(means, 2, 0.5);
    assert_true(chosen.is_extrapolated && chosen.cutoff >= 0.9 && chosen.cutoff < 1.0);
    means[0] = 0.0f;
    assert_true(choose(means, 2, 0.5).cutoff > 0.0);
    means[0] = 1.0f;
    assert_true(choose(means, 2, 0.5).cutoff < 1.0);
}

/** A rate is never shown as zero, nor as a power of ten. */
static void rates_are_for_people(void **state)
{
    static const struct {
        double rate;
        const char *text;
    } cases[] = {{0.0125, "0.013"}, {0.03, "0.03"}, {2.34, "2.3"},
                 {9.99, "10"},      {124.6, "125"}, {10800.0, "10800"}};
    char text[WS_CUTOFF_RATE_BYTES];
    float means[2 * EACH] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_cutoff_write_least_rate(&(ws_cutoff){.least_rate = cases[i].rate}, text);
        assert_string_equal(text, cases[i].text);
    }
    assert_true(fabs(choose(means, 2, 100.0).needed_seconds - 108.0) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guesses_are_near_the_truth),
        cmocka_unit_test(the_guess_is_never_below_what_was_heard),
        cmocka_unit_test(rates_are_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
