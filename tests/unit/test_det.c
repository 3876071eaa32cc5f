/* Detection error trade-off: against a detector that is written as the device's is, score by score,
 * and against limits from tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "metrics/det.h"
#include "metrics/limits.h"

enum { N = 3000, MAX_LAST = 8 };

/** A detector with a ring of scores that it clears, as firmware has it. @return detections */
static size_t device(const ws_det_rule *rule, const float *scores, size_t n, double cutoff,
                     size_t *at)
{
    double ring[MAX_LAST] = {0};
    size_t pause = 0, n_found = 0;

    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        ring[i % rule->n_last] = (double)scores[i];
        for (size_t k = 0; k < rule->n_last; k++)
            sum += ring[k];
        if (pause > 0) {
            pause--;
            continue;
        }
        if ((double)(float)(sum / (double)rule->n_last) <= cutoff)
            continue;
        at[n_found++] = i;
        memset(ring, 0, sizeof ring);
        pause = rule->n_pause;
    }
    return n_found;
}

/** Mostly low, with hills of all heights. */
static void make_scores(uint32_t stream, float *scores)
{
    ws_random random;
    double level = 0.0;

    ws_random_init(&random, 7, WS_RANDOM_TEST, 1, stream);
    for (size_t i = 0; i < N; i++) {
        if (ws_random_below(&random, 20) == 0)
            level = pow(ws_random_uniform(&random), 2.0);
        /* eighths of 1/256: sums of them are exact, so both ways compare the same numbers */
        scores[i] = (float)floor(level * 256.0 + 2.0 * ws_random_uniform(&random)) / 258.0f;
        scores[i] = floorf(scores[i] * 2048.0f) / 2048.0f;
    }
}

static void detects_as_a_device(void **state)
{
    static float scores[N], means[N];
    static size_t at[N], expected[N];
    static const ws_det_rule rules[] = {{1, 1}, {1, 30}, {2, 2}, {4, 4}, {4, 33}, {8, 100}};
    (void)state;

    for (uint32_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        ws_det det = {.rule = rules[r]};
        make_scores(r, scores);
        ws_det_find_means(&rules[r], scores, N, means);
        ws_det_push_other(&det, means, N, 90.0);
        size_t n_all = 0;
        for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++) {
            const double cutoff = ws_det_cutoff(i);
            const size_t n = device(&rules[r], scores, N, cutoff, expected);
            assert_int_equal(ws_det_find(&rules[r], means, N, cutoff, at), n);
            assert_memory_equal(at, expected, n * sizeof *at);
            assert_int_equal(det.n_false[i], n);
            n_all += n;
        }
        assert_true(n_all > 500); /* the scores try something */
    }
}

static void counts_misses_and_rates(void **state)
{
    static const ws_det_rule rule = {1, 1};
    ws_det det = {.rule = rule}, part = {.rule = rule};
    const float other[] = {0.9f, 0.0f, 0.0f, 0.6f, 0.0f, 0.0f, 0.6f, 0.0f};
    (void)state;

    assert_true(isnan(ws_det_rate(&det, 0)) && isnan(ws_det_miss_share(&det, 0)));
    ws_det_push_phrase(&det, 0.5f); /* not above its own cutoff */
    ws_det_push_phrase(&part, 1.0f);
    ws_det_push_phrase(&part, 0.0f);
    ws_det_push_other(&part, other, 8, 1800.0);
    ws_det_add(&det, &part);
    assert_int_equal(det.n_phrases, 3);
    assert_int_equal(det.n_missed[0], 1);
    assert_int_equal(det.n_missed[127], 1);
    assert_int_equal(det.n_missed[128], 2);
    assert_int_equal(det.n_missed[255], 2);
    assert_true(fabs(ws_det_miss_share(&det, 128) - 2.0 / 3.0) < 1e-15);
    assert_true(ws_det_rate(&det, 128) == 6.0 && ws_det_rate(&det, 200) == 2.0);
    assert_true(ws_det_rate(&det, 240) == 0.0);
    assert_int_equal(ws_det_find_cutoff(&det, 6.0), 0);
    assert_int_equal(ws_det_find_cutoff(&det, 5.9), 154); /* 0.6 is 153.6 / 256 */
    assert_int_equal(ws_det_find_cutoff(&det, 2.0), 154);
    assert_int_equal(ws_det_find_cutoff(&det, 1.9), 231); /* 0.9 is 230.4 / 256 */
}

/** Hits at the lowest cutoffs with none, one and two false accepts, in the mean. */
static void the_mean_recall_is_over_false_accepts(void **state)
{
    ws_det det = {.rule = {1, 1}};
    const float other[] = {0.9f, 0.0f, 0.0f, 0.6f, 0.0f, 0.0f, 0.3f, 0.0f};
    (void)state;

    assert_true(ws_det_mean_recall(&det, 2) == 0.0);
    ws_det_push_other(&det, other, 8, 100.0);
    ws_det_push_phrase(&det, 0.95f);
    ws_det_push_phrase(&det, 0.8f);
    ws_det_push_phrase(&det, 0.5f);
    ws_det_push_phrase(&det, 0.1f);
    assert_true(fabs(ws_det_mean_recall(&det, 0) - 0.25) < 1e-12);
    assert_true(fabs(ws_det_mean_recall(&det, 2) - (0.25 + 0.5 + 0.75) / 3.0) < 1e-12);
    assert_true(ws_det_rule_of_device(0.03).n_pause == 33 &&
                ws_det_rule_of_device(0.03).n_last == 5);
    assert_true(ws_det_rule_of_device(1.0).n_pause == 5);
}

/** A loud stretch that never ends is one detection a pause at every cutoff, and no cutoff is found.
 */
static void no_cutoff_is_found_in_shouting(void **state)
{
    ws_det det = {.rule = {2, 4}};
    float means[100];
    (void)state;

    for (size_t i = 0; i < 100; i++)
        means[i] = 1.0f;
    ws_det_push_other(&det, means, 100, 3.6);
    assert_int_equal(det.n_false[0], 20);
    assert_int_equal(det.n_false[255], 20);
    assert_int_equal(ws_det_find_cutoff(&det, 10.0), 255);
}

/** Of tables (Garwood 1936; Clopper and Pearson by sums in exact arithmetic). */
static void limits_are_those_of_tables(void **state)
{
    static const struct {
        uint64_t n;
        double low, high;
    } counts[] = {{0, 0.0, 2.99573},     {1, 0.02532, 5.57164},   {2, 0.24221, 7.22469},
                  {3, 0.61867, 8.76727}, {10, 4.79539, 18.39036}, {100, 81.36397, 121.62717}};
    static const struct {
        uint64_t n, n_all;
        double low, high;
    } shares[] = {{0, 10, 0.0, 0.258866},
                  {10, 10, 0.741134, 1.0},
                  {1, 10, 0.002529, 0.445016},
                  {5, 97, 0.016947, 0.116203},
                  {11, 97, 0.057989, 0.193854}};
    (void)state;

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const ws_limits limits = ws_limits_of_count(counts[i].n);
        assert_true(fabs(limits.low - counts[i].low) < 2e-5 * (1.0 + counts[i].low));
        assert_true(fabs(limits.high - counts[i].high) < 2e-5 * (1.0 + counts[i].high));
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        const ws_limits limits = ws_limits_of_share(shares[i].n, shares[i].n_all);
        assert_true(fabs(limits.low - shares[i].low) < 2e-6);
        assert_true(fabs(limits.high - shares[i].high) < 2e-6);
    }
    assert_true(ws_limits_of_share(0, 0).high == 1.0 && ws_limits_of_share(0, 0).low == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detects_as_a_device),
        cmocka_unit_test(counts_misses_and_rates),
        cmocka_unit_test(the_mean_recall_is_over_false_accepts),
        cmocka_unit_test(no_cutoff_is_found_in_shouting),
        cmocka_unit_test(limits_are_those_of_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
