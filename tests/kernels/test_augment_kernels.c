/* The kernels of dataset/augment on every level that this processor has: the same bits as plain
 * code, with odd lengths and places, guards before and after the output, inputs that end where
 * their memory ends. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataset/augment_kernels.h"
#include "kernels/guarded.h"

enum { MAX_N = 200 };

/** What a sample becomes; the products are rounded before they are added. */
static float mixed(float sample, const float *noise, ws_augment_gains gains)
{
    volatile float sum = gains.clip * sample;
    if (noise != NULL) {
        volatile float product = *noise * gains.noise;
        sum = sum + product;
    }
    return sum < -1.0f ? -1.0f : sum > 1.0f ? 1.0f : sum;
}

static void assert_same(float got, float want)
{
    if (isnan(want))
        assert_true(isnan(got));
    else
        assert_memory_equal(&got, &want, sizeof got);
}

static void check(const ws_augment_kernels *kernels, size_t n, bool has_noise,
                  ws_augment_gains gains)
{
    float *samples = malloc(n * sizeof *samples + 1), *noise = malloc(n * sizeof *noise + 1);
    int16_t *narrow = malloc(n * sizeof *narrow + 1);
    guarded out = guarded_create(n);
    assert_true(samples != NULL && noise != NULL && narrow != NULL);
    fill_random(samples, n, 1);
    fill_random(noise, n, 2);
    for (size_t i = 0; i < n; i++)
        narrow[i] = (int16_t)(i % 7 == 0 ? -32768 : (int)(32767.0f * samples[i]));
    for (size_t i = 0; i < n; i += 11)
        samples[i] = i % 2 == 0 ? NAN : -3.0f;
    const float *with = has_noise ? noise : NULL;

    kernels->mix_floats(samples, with, gains, out.at, n);
    for (size_t i = 0; i < n; i++)
        assert_same(out.at[i], mixed(samples[i], has_noise ? noise + i : NULL, gains));
    kernels->mix_int16(narrow, with, gains, out.at, n);
    for (size_t i = 0; i < n; i++)
        assert_same(out.at[i],
                    mixed((float)narrow[i] / 32768.0f, has_noise ? noise + i : NULL, gains));
    kernels->mix_nothing(with, gains, out.at, n);
    for (size_t i = 0; i < n; i++)
        assert_true(out.at[i] == mixed(0.0f, has_noise ? noise + i : NULL, gains));
    guarded_destroy(&out);
    free(samples);
    free(noise);
    free(narrow);
}

static void every_level_gives_the_same_bits(void **state)
{
    static const ws_augment_gains gains[] = {{1.0f, 0.07f}, {0.0f, 0.6f}, {1.0f, 60.0f}};
    (void)state;
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        for (size_t n = 0; n < MAX_N; n++) {
            for (size_t i = 0; i < sizeof gains / sizeof *gains; i++) {
                check(ws_augment_kernels_get(level), n, true, gains[i]);
                check(ws_augment_kernels_get(level), n, false, gains[i]);
            }
        }
    }
}

/** The energies of samples that end where their memory ends. */
static void check_energies(size_t n)
{
    const ws_augment_kernels *first = ws_augment_kernels_get(WS_CPU_GENERIC);
    float *samples = malloc(n * sizeof *samples + 1);
    int16_t *narrow = malloc(n * sizeof *narrow + 1);
    double sum = 0.0, narrow_sum = 0.0;
    assert_true(samples != NULL && narrow != NULL);
    fill_random(samples, n, 3);
    for (size_t i = 0; i < n; i++) {
        narrow[i] = (int16_t)(i % 5 == 0 ? -32768 : (int)(32767.0f * samples[i]));
        sum += (double)samples[i] * (double)samples[i];
        narrow_sum += (narrow[i] / 32768.0) * (narrow[i] / 32768.0);
    }
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        const ws_augment_kernels *kernels = ws_augment_kernels_get(level);
        const double got = kernels->energy_floats(samples, n);
        const double want = first->energy_floats(samples, n);
        assert_memory_equal(&got, &want, sizeof got);
        assert_true(fabs(got - sum) <= 1e-12 * sum);
        assert_true(fabs(kernels->energy_int16(narrow, n) - narrow_sum) <= 1e-12 * narrow_sum);
    }
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)narrow[i] / 32768.0f;
    assert_true(first->energy_floats(samples, n) == first->energy_int16(narrow, n));
    free(samples);
    free(narrow);
}

static void energies_are_those_of_plain_sums(void **state)
{
    (void)state;
    for (size_t n = 0; n < MAX_N; n++)
        check_energies(n);
    check_energies(1023);
    check_energies(5000);
    check_energies(16000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gives_the_same_bits),
        cmocka_unit_test(energies_are_those_of_plain_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
