/* metrics/norm: against plain double precision, at the ends of the range, on each
 * instruction set. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "metrics/norm.h"
#include "metrics/norm_kernels.h"

static const size_t sizes[] = {0, 1, 31, 32, 33, 4095, 4097, 32768, 32769, 100003, 3000001};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static float *make_values(size_t n, double scale)
{
    float *values = malloc((n + 1) * sizeof *values);
    ws_random random;
    assert_non_null(values);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(scale * (2.0 * ws_random_uniform(&random) - 1.0));
    return values;
}

static double sum_plainly(const float *values, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++)
        total += (double)values[i] * (double)values[i];
    return total;
}

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-5 * want))
        fail_msg("%.9g instead of %.9g", got, want);
}

static void it_is_the_root_of_the_sum_of_squares(void **state)
{
    static const double scales[] = {1.0, 1e-3, 1e-25, 1e15, 1e30};
    (void)state;
    for (size_t i = 0; i < N_SIZES; i++) {
        for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
            float *values = make_values(sizes[i], scales[s]);
            assert_near(ws_norm_get(values, sizes[i]), sqrt(sum_plainly(values, sizes[i])));
            free(values);
        }
    }
}

static void every_instruction_set_sums(void **state)
{
    (void)state;
    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        for (size_t i = 0; i < N_SIZES; i++) {
            float *values = make_values(sizes[i], 1.0);
            assert_near(ws_norm_kernels_get(level)->sum_squares(values, sizes[i]),
                        sum_plainly(values, sizes[i]));
            free(values);
        }
    }
}

static void numbers_that_are_not_finite_show(void **state)
{
    float *values = make_values(5000, 1.0);
    (void)state;
    values[4321] = -INFINITY;
    assert_true(isinf(ws_norm_get(values, 5000)));
    values[17] = NAN;
    assert_true(isnan(ws_norm_get(values, 5000)));
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_root_of_the_sum_of_squares),
        cmocka_unit_test(every_instruction_set_sums),
        cmocka_unit_test(numbers_that_are_not_finite_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
