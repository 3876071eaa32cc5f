/* fft/real_plan: against the defining sum in long double, every size and every lane. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "fft/real_plan.h"
#include "support/check.h"

enum { MAX_N = 4096 };

static double *new_lanes(size_t n_rows)
{
    double *lanes = aligned_alloc(WS_FFT_ALIGNMENT, n_rows * WS_FFT_LANES * sizeof(double));
    assert_non_null(lanes);
    return lanes;
}

/** Bin k of one lane by definition; turns are reduced exactly before the cosine. */
static void defining_sum(const double *in, size_t lane, size_t n, size_t k, double want[2])
{
    const long double turn = 2.0L * 3.141592653589793238462643383279502884L;
    long double re = 0.0L, im = 0.0L;
    for (size_t i = 0; i < n; i++) {
        const long double angle = turn * (long double)(i * k % n) / (long double)n;
        re += (long double)in[i * WS_FFT_LANES + lane] * cosl(angle);
        im -= (long double)in[i * WS_FFT_LANES + lane] * sinl(angle);
    }
    want[0] = (double)re;
    want[1] = (double)im;
}

static void check_size(size_t n, ws_cpu_level level)
{
    char name[64];
    double *in = new_lanes(n), *re = new_lanes(n / 2 + 1), *im = new_lanes(n / 2 + 1);
    ws_fft_real *plan;
    ws_random random;

    ws_random_init(&random, 1, WS_RANDOM_TEST, n, 0);
    for (size_t i = 0; i < n * WS_FFT_LANES; i++)
        in[i] = 2.0 * ws_random_uniform(&random) - 1.0;
    assert_int_equal(ws_fft_real_create(n, &plan, NULL), WS_OK);
    ws_fft_real_run(plan, level, in, re, im);
    ws_fft_real_destroy(plan);
    /* all bins of small sizes; of large ones a prime stride, the sum being quadratic */
    for (size_t k = 0; k <= n / 2; k += n > 512 ? 37 : 1) {
        for (size_t lane = 0; lane < WS_FFT_LANES; lane++) {
            const size_t at = k * WS_FFT_LANES + lane;
            double want[2];
            defining_sum(in, lane, n, k, want);
            const double got[2] = {re[at], im[at]};
            (void)snprintf(name, sizeof name, "n %zu, bin %zu, lane %zu", n, k, lane);
            assert_close_double(name, got, want, 2, 1e-15 * sqrt((double)n) * 12.0);
        }
    }
    assert_true(im[0] == 0.0 && im[n / 2 * WS_FFT_LANES] == 0.0);
    free(in);
    free(re);
    free(im);
}

static void every_size_is_the_defining_sum(void **state)
{
    (void)state;
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        for (size_t n = 2; n <= MAX_N; n *= 2)
            check_size(n, level);
    }
}

static void lanes_do_not_mix(void **state)
{
    enum { N = 64 };
    double *in = new_lanes(N), *re = new_lanes(N / 2 + 1), *im = new_lanes(N / 2 + 1);
    ws_fft_real *plan;
    (void)state;
    memset(in, 0, N * WS_FFT_LANES * sizeof *in);
    for (size_t lane = 0; lane < WS_FFT_LANES; lane++) /* an impulse of its own height each */
        in[lane] = (double)lane;
    assert_int_equal(ws_fft_real_create(N, &plan, NULL), WS_OK);
    ws_fft_real_run(plan, WS_CPU_GENERIC, in, re, im);
    for (size_t at = 0; at < (N / 2 + 1) * WS_FFT_LANES; at++) {
        assert_true(re[at] == (double)(at % WS_FFT_LANES));
        assert_true(im[at] == 0.0);
    }
    ws_fft_real_destroy(plan);
    free(in);
    free(re);
    free(im);
}

static void other_lengths_are_refused(void **state)
{
    static const size_t lengths[] = {0, 1, 3, 48, 1000, 2 * WS_FFT_MAX_REAL};
    ws_fft_real *plan;
    ws_error err;
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(ws_fft_real_create(lengths[i], &plan, &err), WS_EINVAL);
        assert_null(plan);
        assert_non_null(strstr(err.message, "power of two"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_the_defining_sum),
        cmocka_unit_test(lanes_do_not_mix),
        cmocka_unit_test(other_lengths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
