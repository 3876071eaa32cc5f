/* Optimisers: their formulas on numbers that can be followed by hand, and the cutting into pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "optim/optimizer.h"

static void they_are_found_by_name(void **state)
{
    const ws_optimizer *optimizer = NULL;
    ws_error err;
    (void)state;

    assert_int_equal(ws_optimizer_find("gradient_descent", &optimizer, &err), WS_OK);
    assert_null(optimizer->slot);
    assert_int_equal(ws_optimizer_find("momentum", &optimizer, &err), WS_OK);
    assert_string_equal(optimizer->slot, "Momentum");
    assert_int_equal(ws_optimizer_find("adam", &optimizer, &err), WS_ENOTFOUND);
    assert_string_equal(
        err.message, "unknown --optimizer \"adam\", expected one of: gradient_descent, momentum");
}

static void gradient_descent_goes_down(void **state)
{
    float weights[3] = {1, 2, 3};
    const float gradients[3] = {8, -8, 0}, expected[3] = {0, 3, 3};
    (void)state;

    ws_optimizer_run(
        &ws_optimizer_gradient_descent,
        &(ws_update){.weights = weights, .gradients = gradients, .n = 3, .rate = 0.125f}, 0);
    assert_memory_equal(weights, expected, sizeof weights);
}

/** a = 0.9 a + g, w -= rate (g + 0.9 a). */
static void momentum_looks_ahead(void **state)
{
    float weight = 1.0f, slot = 0.0f;
    const float gradient = 2.0f;
    const ws_update update = {
        .weights = &weight, .gradients = &gradient, .slots = &slot, .n = 1, .rate = 0.5f};
    (void)state;

    ws_optimizer_run(&ws_optimizer_momentum, &update, 1);
    assert_float_equal(slot, 2.0f, 0.0f);
    assert_float_equal(weight, 1.0f - 0.5f * (2.0f + 1.8f), 1e-6f);
    ws_optimizer_run(&ws_optimizer_momentum, &update, 1);
    assert_float_equal(slot, 3.8f, 1e-6f);
    assert_float_equal(weight, 1.0f - 0.5f * (3.8f + 2.0f + 3.42f), 1e-6f);
}

static float *make_random(size_t n, uint32_t stream)
{
    float *values = malloc((n + 1) * sizeof *values);
    ws_random random;

    assert_non_null(values);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i <= n; i++)
        values[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    return values;
}

/** Pieces of 32768 and a remainder: each number is updated once, and the one after the last is not.
 */
static void check_pieces(const ws_optimizer *optimizer, size_t n, unsigned n_threads)
{
    float *weights = make_random(n, 1), *want = make_random(n, 1);
    float *slots = make_random(n, 2), *want_slots = make_random(n, 2);
    float *gradients = make_random(n, 3);
    const ws_update all = {weights, gradients, slots, n, 0.1f};
    const ws_update whole = {want, gradients, want_slots, n, 0.1f};

    ws_optimizer_run(optimizer, &all, n_threads);
    optimizer->update(&whole);
    assert_memory_equal(weights, want, (n + 1) * sizeof *weights);
    assert_memory_equal(slots, want_slots, (n + 1) * sizeof *slots);
    free(weights);
    free(want);
    free(slots);
    free(want_slots);
    free(gradients);
}

static void threads_do_not_change_a_bit(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 32767, 32768, 32769, 100003};
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (unsigned n_threads = 1; n_threads < 5; n_threads++) {
            check_pieces(&ws_optimizer_gradient_descent, sizes[i], n_threads);
            check_pieces(&ws_optimizer_momentum, sizes[i], n_threads);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_found_by_name),
        cmocka_unit_test(gradient_descent_goes_down),
        cmocka_unit_test(momentum_looks_ahead),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
