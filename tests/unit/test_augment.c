/* dataset/augment: shift, gain, noise and clipping, with padding and cutting before the shift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataset/augment.h"
#include "support/check.h"

enum { N = 5 };

static void run(int64_t shift, const float *samples, size_t n_samples, const float want[N])
{
    const ws_augmentation augmentation = {.shift = shift, .gain = 1.0f};
    float out[N] = {9, 9, 9, 9, 9};
    ws_augmentation_run(&augmentation, &(ws_samples){.floats = samples, .n = n_samples}, out, N);
    assert_close("shifted", out, want, N, 0.0);
}

static void shifts_lose_what_leaves(void **state)
{
    static const float clip[N + 2] = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f};
    (void)state;
    run(0, clip, N, (const float[N]){0.1f, 0.2f, 0.3f, 0.4f, 0.5f});
    run(2, clip, N, (const float[N]){0, 0, 0.1f, 0.2f, 0.3f});
    run(-2, clip, N, (const float[N]){0.3f, 0.4f, 0.5f, 0, 0});
    run(-1, clip, N + 2, (const float[N]){0.2f, 0.3f, 0.4f, 0.5f, 0}); /* the cut tail is gone */
    run(0, clip, 2, (const float[N]){0.1f, 0.2f, 0, 0, 0});
    run(1, clip, 2, (const float[N]){0, 0.1f, 0.2f, 0, 0});
    run(4, clip, 2, (const float[N]){0, 0, 0, 0, 0.1f});
    run(-1, clip, 2, (const float[N]){0.2f, 0, 0, 0, 0});
    run(-3, clip, 2, (const float[N]){0, 0, 0, 0, 0});
    run(5, clip, N, (const float[N]){0, 0, 0, 0, 0});
    run(-5, clip, N, (const float[N]){0, 0, 0, 0, 0});
    run(1000000, clip, N, (const float[N]){0, 0, 0, 0, 0});
    run(-1000000, clip, N, (const float[N]){0, 0, 0, 0, 0});
    run(3, NULL, 0, (const float[N]){0, 0, 0, 0, 0});
}

static void noise_is_added_then_clipped(void **state)
{
    static const float clip[N] = {0.5f, -0.5f, 0.25f, 1.0f, -1.0f};
    static const float noise[N] = {0.5f, -1.0f, 0.25f, 0.5f, -0.125f};
    static const float want[N] = {1.0f, -1.0f, 0.75f, 1.0f, -1.0f};
    static const float silent[N] = {1.0f, -1.0f, 0.5f, 1.0f, -0.25f};
    ws_augmentation augmentation = {.gain = 1.0f, .noise = noise, .noise_gain = 2.0f};
    float out[N];
    (void)state;
    ws_augmentation_run(&augmentation, &(ws_samples){.floats = clip, .n = N}, out, N);
    assert_close("speech", out, want, N, 0.0);
    augmentation.gain = 0.0f;
    ws_augmentation_run(&augmentation, &(ws_samples){.floats = clip, .n = N}, out, N);
    assert_close("silence", out, silent, N, 0.0);
}

static void loud_clips_are_clipped_without_noise(void **state)
{
    static const float clip[N] = {1.5f, -2.0f, 0.25f, 1.0f, 40.0f};
    static const float want[N] = {1.0f, -1.0f, 0.25f, 1.0f, 1.0f};
    (void)state;
    run(0, clip, N, want);
}

static void whole_numbers_are_the_same_clip(void **state)
{
    static const int16_t narrow[N] = {16384, -32768, 1, 32767, -8192};
    static const float noise[N] = {0.5f, -1.0f, 0.25f, 0.5f, -0.125f};
    float floats[N], want[N], out[N];
    (void)state;
    for (size_t i = 0; i < N; i++)
        floats[i] = (float)narrow[i] / 32768.0f;
    for (int64_t shift = -N - 1; shift <= N + 1; shift++) {
        for (size_t n = 0; n <= N; n++) {
            const ws_augmentation augmentation = {
                .shift = shift, .gain = 1.0f, .noise = noise, .noise_gain = 0.3f};
            ws_augmentation_run(&augmentation, &(ws_samples){.floats = floats, .n = n}, want, N);
            ws_augmentation_run(&augmentation, &(ws_samples){.int16 = narrow, .n = n}, out, N);
            assert_memory_equal(out, want, sizeof out);
        }
    }
}

static void power_is_the_mean_square(void **state)
{
    static const int16_t narrow[] = {16384, -16384, 0, 0};
    static const float floats[] = {0.5f, -0.5f, 0.0f, 0.0f};
    (void)state;
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        assert_true(ws_samples_get_power(&(ws_samples){.n = 0}, level) == 0.0);
        assert_true(ws_samples_get_power(&(ws_samples){.int16 = narrow, .n = 4}, level) == 0.125);
        assert_true(ws_samples_get_power(&(ws_samples){.floats = floats, .n = 4}, level) == 0.125);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_is_the_mean_square),
        cmocka_unit_test(shifts_lose_what_leaves),
        cmocka_unit_test(noise_is_added_then_clipped),
        cmocka_unit_test(loud_clips_are_clipped_without_noise),
        cmocka_unit_test(whole_numbers_are_the_same_clip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
