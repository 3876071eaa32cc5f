/* dataset/mixup: which rows meet, with what shares, and what becomes of features. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "dataset/mixup.h"

enum { N = 37, SIZE = 19 };

static void each_row_is_mixed_into_one_other(void **state)
{
    ws_mixup mixup = {.seed = 5, .alpha = 0.3, .n = N};
    size_t n_shifts = 0, last = 0;
    (void)state;

    for (mixup.step = 1; mixup.step < 20; mixup.step++) {
        bool is_taken[N] = {false};
        for (size_t row = 0; row < N; row++) {
            const ws_mixed_row draw = ws_mixup_draw(&mixup, row);
            assert_true(draw.other < N && draw.other != row && !is_taken[draw.other]);
            is_taken[draw.other] = true;
        }
        const size_t shift = ws_mixup_draw(&mixup, 0).other;
        n_shifts += shift != last;
        last = shift;
    }
    assert_true(n_shifts > 10);
}

/** Of Beta(a, a) the variance is 1 / (4 (2a + 1)); the larger of a share and the rest lies as far
 *  from a half as the share. */
static void shares_are_of_the_distribution(void **state)
{
    static const double alphas[] = {0.05, 0.2, 0.5, 1.0};
    enum { N_DRAWS = 20000 };
    (void)state;

    for (size_t i = 0; i < sizeof alphas / sizeof *alphas; i++) {
        const ws_mixup mixup = {.seed = 1, .step = 3, .alpha = alphas[i], .n = N_DRAWS};
        const double want = 1.0 / (4.0 * (2.0 * alphas[i] + 1.0));
        double squares = 0.0;
        for (size_t row = 0; row < N_DRAWS; row++) {
            const double share = (double)ws_mixup_draw(&mixup, row).share;
            assert_true(share >= 0.5 && share <= 1.0);
            squares += (share - 0.5) * (share - 0.5);
        }
        print_message("  alpha %.2f: variance %.4f, expected %.4f\n", alphas[i], squares / N_DRAWS,
                      want);
        assert_true(fabs(squares / N_DRAWS - want) < 0.02 * want);
    }
}

static void features_are_means(void **state)
{
    const ws_mixup mixup = {.seed = 9, .step = 12, .alpha = 0.4, .n = N};
    float features[N * SIZE], mixed[N * SIZE], again[N * SIZE];
    (void)state;

    for (size_t i = 0; i < N * SIZE; i++)
        features[i] = (float)(i * i % 101) - 50.0f;
    ws_mixup_run(&mixup, features, SIZE, 1, mixed);
    ws_mixup_run(&mixup, features, SIZE, 3, again);
    assert_memory_equal(mixed, again, sizeof mixed);
    for (size_t row = 0; row < N; row++) {
        const ws_mixed_row draw = ws_mixup_draw(&mixup, row);
        for (size_t k = 0; k < SIZE; k++) {
            const double want =
                (double)draw.share * (double)features[row * SIZE + k] +
                (1.0 - (double)draw.share) * (double)features[draw.other * SIZE + k];
            assert_true(fabs((double)mixed[row * SIZE + k] - want) < 1e-5);
        }
    }
}

static void a_lonely_row_stays(void **state)
{
    const ws_mixup mixup = {.seed = 9, .step = 12, .alpha = 0.4, .n = 1};
    const float features[3] = {1, 2, 3};
    float mixed[3];
    (void)state;

    ws_mixup_run(&mixup, features, 3, 1, mixed);
    assert_memory_equal(mixed, features, sizeof mixed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_mixed_into_one_other),
        cmocka_unit_test(shares_are_of_the_distribution),
        cmocka_unit_test(features_are_means),
        cmocka_unit_test(a_lonely_row_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
