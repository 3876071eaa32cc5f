/* Measured speeds: what must hold on any machine, however busy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/peak.h"
#include "measure/speed.h"

static ws_speed speed;

static void measure(const char *name, size_t batch_size)
{
    const ws_feature_options flags = {"mfcc", 16000, 1000, 30.0, 10.0, 40};
    ws_feature_settings features;
    ws_speed_options options = {.features = &features,
                                .n_labels = 5,
                                .batch_size = batch_size,
                                .n_threads = 2,
                                .n_steps = 3};
    ws_error err;

    assert_int_equal(ws_feature_settings_init(&flags, &features, &err), WS_OK);
    assert_int_equal(ws_model_find(&options.model, name, &err), WS_OK);
    assert_int_equal(ws_optimizer_find("gradient_descent", &options.optimizer, &err), WS_OK);
    assert_int_equal(ws_speed_measure(&options, &speed, &err), WS_OK);
}

static const ws_phase_work *work_of(const char *name)
{
    for (size_t p = 0; p < speed.n_phases; p++) {
        if (strcmp(speed.phases[p].name, name) == 0)
            return &speed.phases[p].work;
    }
    fail_msg("no phase \"%s\"", name);
    return NULL;
}

static void every_part_takes_time(void **state)
{
    (void)state;
    measure("tiny_conv", 3);
    assert_true(speed.input_seconds > 0.0 && speed.prediction_seconds > 0.0);
    assert_true(speed.step_seconds >= speed.input_seconds);
    assert_true(speed.n_phases > 2);
    for (size_t p = 0; p < speed.n_phases; p++)
        assert_true(speed.phases[p].seconds > 0.0 && speed.phases[p].work.n_bytes > 0.0);
    /* weights, gradients, and at least the activations of three clips */
    assert_true(speed.n_bytes > (2 * 39850 + 3 * 7840) * sizeof(float));
}

/* One dense layer: [3, 3920] x [3920, 5], and its gradient by the weights. */
static void work_of_products(void **state)
{
    (void)state;
    measure("single_fc", 3);
    assert_true(work_of("dense sums")->n_operations == 2.0 * 3 * 3920 * 5);
    assert_true(work_of("dense sums")->n_bytes == 4.0 * (3 * 3920 + 3920 * 5 + 3 * 5));
    assert_true(work_of("dense back")->n_operations == 2.0 * 3 * 3920 * 5);
    assert_true(speed.n_operations == 2.0 * 2 * 3 * 3920 * 5);
}

/* The second convolution: of real products 3 for a complex one, at each frequency. Gauss's way on a
 * grid needs far fewer than the sum over all taps. */
static void work_of_an_fft(void **state)
{
    (void)state;
    measure("conv", 2);
    const double forward = work_of("product")->n_operations;
    const double per_frequency = 2.0 * 3.0 * 2 * 64 * 64;
    const double n_frequencies = forward / per_frequency;

    assert_true(n_frequencies == (double)(long)n_frequencies);
    assert_true(n_frequencies >= 53 * 22 / 2.0 && n_frequencies <= 64 * 32 / 2.0);
    assert_true(work_of("products back")->n_operations == 2.0 * forward);
    assert_true(forward < 2.0 * 2 * 49 * 20 * 64.0 * 40 * 64 / 10);
}

static void the_peak_of_the_machine(void **state)
{
    ws_peak one, two;
    ws_error err;

    (void)state;
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        assert_int_equal(ws_peak_measure(1, level, &one, &err), WS_OK);
        /* slower than 10 million is no computer of today, faster than 1000 times a good one no
         * measurement but a loop that was optimised away */
        assert_true(one.operations_per_second > 1e7 && one.operations_per_second < 1e14);
        assert_true(one.bytes_per_second > 1e7 && one.bytes_per_second < 1e14);
    }
    assert_int_equal(ws_peak_measure(2, WS_CPU_GENERIC, &two, &err), WS_OK);
    assert_true(two.operations_per_second > 1e7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_takes_time),
        cmocka_unit_test(work_of_products),
        cmocka_unit_test(work_of_an_fft),
        cmocka_unit_test(the_peak_of_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
