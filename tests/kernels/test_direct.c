/* The kernels of the direct convolution on every level that this processor has, against plain sums
 * in double precision, with guards around what they write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/engine/direct/direct_kernels.h"

enum { LANES = WS_DIRECT_LANES };

static const struct {
    size_t kernel_h, kernel_w, stride_h, stride_w, out_w, n_channels;
} cases[] = {
    {10, 8, 2, 2, 20, 8}, /* tiny_conv */
    {1, 1, 1, 1, 1, 1},   {3, 5, 1, 2, 7, 3}, {4, 3, 3, 1, 6, 13},
    {2, 7, 2, 4, 5, 17},  {5, 2, 1, 5, 3, 8}, {20, 8, 1, 1, 9, 4},
};

/** What a case works on: guarded inputs too, so that sanitizers see reads beyond them. */
typedef struct trial {
    ws_direct_shape shape;
    size_t n_taps, n_image, n_z, n_weights;
    guarded image, weights, bias, dz;
} trial;

static trial trial_create(size_t i)
{
    trial t = {.shape = {.image_h = cases[i].kernel_h,
                         .image_w = (cases[i].out_w - 1) * cases[i].stride_w + cases[i].kernel_w,
                         .kernel_h = cases[i].kernel_h,
                         .kernel_w = cases[i].kernel_w,
                         .stride_h = cases[i].stride_h,
                         .stride_w = cases[i].stride_w,
                         .out_w = cases[i].out_w,
                         .n_channels = cases[i].n_channels}};
    t.n_taps = t.shape.kernel_h * t.shape.kernel_w;
    t.n_image = t.shape.image_h * t.shape.image_w * LANES;
    t.n_z = t.shape.out_w * t.shape.n_channels * LANES;
    t.n_weights = t.n_taps * t.shape.n_channels;
    t.image = guarded_create(t.n_image);
    t.weights = guarded_create(t.n_weights);
    t.bias = guarded_create(t.shape.n_channels);
    t.dz = guarded_create(t.n_z);
    fill_random(t.image.at, t.n_image, 1);
    fill_random(t.weights.at, t.n_weights, 2);
    fill_random(t.bias.at, t.shape.n_channels, 3);
    fill_random(t.dz.at, t.n_z, 4);
    return t;
}

static void trial_destroy(trial *t)
{
    guarded_destroy(&t->image);
    guarded_destroy(&t->weights);
    guarded_destroy(&t->bias);
    guarded_destroy(&t->dz);
}

/** The image's element that output column j sees through a tap, in one lane. */
static double seen(const trial *t, size_t tap, size_t j, size_t lane)
{
    const ws_direct_shape *s = &t->shape;
    const size_t u = tap / s->kernel_w, v = tap % s->kernel_w;
    return (double)t->image.at[(u * s->image_w + j * s->stride_w + v) * LANES + lane];
}

static void check_forward(const trial *t, const ws_direct_kernels *kernels, bool has_bias,
                          const char *what)
{
    const size_t n_channels = t->shape.n_channels;
    double *want = zeros_create(t->n_z, sizeof *want);
    guarded z = guarded_create(t->n_z);

    for (size_t i = 0; i < t->n_z; i++) {
        const size_t lane = i % LANES, c = i / LANES % n_channels, j = i / LANES / n_channels;
        want[i] = has_bias ? (double)t->bias.at[c] : 0.0;
        for (size_t tap = 0; tap < t->n_taps; tap++)
            want[i] += seen(t, tap, j, lane) * (double)t->weights.at[tap * n_channels + c];
    }
    kernels->forward(&t->shape, t->image.at, t->weights.at, has_bias ? t->bias.at : NULL, z.at);
    assert_error_below(what, relative_error(z.at, want, t->n_z), 1e-6);
    guarded_destroy(&z);
    free(want);
}

static void check_weights(const trial *t, const ws_direct_kernels *kernels, const char *what)
{
    const size_t n_channels = t->shape.n_channels, n = t->n_weights + n_channels;
    double *want = zeros_create(n, sizeof *want);
    guarded sums = guarded_create(n * LANES), totals = guarded_create(n);

    for (size_t i = 0; i < n * t->shape.out_w * LANES; i++) {
        const size_t lane = i % LANES, j = i / LANES % t->shape.out_w;
        const size_t at = i / LANES / t->shape.out_w, tap = at / n_channels, c = at % n_channels;
        const double x = tap < t->n_taps ? seen(t, tap, j, lane) : 1.0;
        want[at] += 2.0 * x * (double)t->dz.at[(j * n_channels + c) * LANES + lane];
    }
    memset(sums.at, 0, n * LANES * sizeof *sums.at);
    kernels->weights_add(&t->shape, t->image.at, t->dz.at, sums.at);
    kernels->weights_add(&t->shape, t->image.at, t->dz.at, sums.at); /* it adds */
    kernels->add_lanes(sums.at, n, totals.at);
    assert_error_below(what, relative_error(totals.at, want, n), 1e-6);
    guarded_destroy(&sums);
    guarded_destroy(&totals);
    free(want);
}

static void every_level_equals_plain_sums(void **state)
{
    (void)state;
    for (int level = WS_CPU_GENERIC; level <= (int)ws_cpu_level_get_best(); level++) {
        const ws_direct_kernels *kernels = ws_direct_kernels_get((ws_cpu_level)level);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            trial t = trial_create(i);
            char what[64];
            (void)snprintf(what, sizeof what, "case %zu, %s", i,
                           ws_cpu_level_get_name((ws_cpu_level)level));
            check_forward(&t, kernels, true, what);
            check_forward(&t, kernels, false, what);
            check_weights(&t, kernels, what);
            trial_destroy(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_equals_plain_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
