/* train/plateau: when a run ends because validation does not become better. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "train/plateau.h"

/** The number of validations after which a run with that patience ends; 0: it does not. */
static int find_end(const double *accuracies, int n_accuracies, int64_t patience)
{
    ws_plateau plateau = {.n_since_best = 0};

    for (int i = 0; i < n_accuracies; i++) {
        ws_plateau_push(&plateau, accuracies[i]);
        if (ws_plateau_is_reached(&plateau, patience))
            return i + 1;
    }
    return 0;
}

static void a_better_validation_starts_the_count_again(void **state)
{
    static const double rising[] = {0.1, 0.2, 0.3, 0.4};
    static const double waves[] = {0.3, 0.2, 0.25, 0.31, 0.31, 0.1, 0.3};
    static const double falling[] = {0.9, 0.8};
    (void)state;
    assert_int_equal(find_end(rising, 4, 1), 0);
    assert_int_equal(find_end(waves, 7, 1), 2);
    assert_int_equal(find_end(waves, 7, 2), 3);
    assert_int_equal(find_end(waves, 7, 3), 7); /* an equal one is not better */
    assert_int_equal(find_end(waves, 7, 4), 0);
    assert_int_equal(find_end(falling, 2, 1), 2);
    assert_int_equal(find_end(falling, 2, 0), 0); /* 0 is never */
}

/* A checkpoint keeps the best accuracy as a float: the run in one go must compare so, too. */
static void accuracies_are_compared_as_floats(void **state)
{
    static const double close[] = {0.7, 0.7 + 1e-12};
    (void)state;
    assert_int_equal(find_end(close, 2, 1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_better_validation_starts_the_count_again),
        cmocka_unit_test(accuracies_are_compared_as_floats),
    };
    return cmocka_run_group_tests_name("plateau", tests, NULL, NULL);
}
