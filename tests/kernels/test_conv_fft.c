/* The transforms of the FFT convolution: every instruction set of this machine against the
 * defining sum in extended precision. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fft/conv_fft.h"
#include "kernels/guarded.h"
#include "support/thin.h"

/** The number below n with these residues. */
static int with_residues(int n, const int *residues, const int *moduli, int n_moduli)
{
    for (int k = 0; k < n; k++) {
        int i = 0;
        while (i < n_moduli && k % moduli[i] == residues[i])
            i++;
        if (i == n_moduli)
            return k;
    }
    fail_msg("no number below %d with these residues", n);
    return -1;
}

static int column_frequency(const ws_conv_fft *fft, int position)
{
    const int *r = fft->h_factors;
    const int residues[3] = {position / r[2] % r[0], position / r[2] / r[0], position % r[2]};
    return with_residues(fft->n_h, residues, r, 3);
}

/** The frequency along a row that column c of a spectrum stands for (c = 0: 0). */
static int row_frequency(const ws_conv_fft *fft, int c)
{
    const int a = fft->w_factors[0], b = fft->w_factors[1], n_others = (b - 1) / 2;
    const int n_real_blocks = a % 2 == 0 ? 2 : 1;
    int residues[2] = {0, 0};
    if (c == 0)
        return 0;
    if (c <= n_real_blocks * n_others) {
        residues[0] = (c - 1) / n_others * (a / 2);
        residues[1] = 1 + (c - 1) % n_others;
    } else {
        const int i = c - 1 - n_real_blocks * n_others;
        residues[0] = 1 + i / b;
        residues[1] = i % b;
    }
    return with_residues(fft->n_w, residues, fft->w_factors, 2);
}

/** X[k_h, k_w] of one lane by definition: the sum of x exp(-2 pi i (h k_h / n_h + w k_w / n_w)). */
static void define_frequency(const ws_conv_fft *fft, const float *image, int lane, int k_h, int k_w,
                             double x[2])
{
    const long double turn = 6.283185307179586476925286766559L;
    long double re = 0, im = 0;
    for (int h = 0; h < fft->n_h; h++) {
        for (int w = 0; w < fft->n_w; w++) {
            const long double angle =
                turn * ((long double)(h * k_h % fft->n_h) / (long double)fft->n_h +
                        (long double)(w * k_w % fft->n_w) / (long double)fft->n_w);
            const long double value = (long double)image[(h * fft->n_w + w) * 16 + lane];
            re += value * cosl(angle);
            im -= value * sinl(angle);
        }
    }
    x[0] = (double)re;
    x[1] = (double)im;
}

/** Lane `lane` of the whole spectrum, in its own order: [n_freqs, 2]. */
static void define_spectrum(const ws_conv_fft *fft, const float *image, int lane, double *x)
{
    int n_extra = 0;
    for (int c = 0; c < fft->n_columns; c++)
        for (int p = 0; p < fft->n_h; p++)
            define_frequency(fft, image, lane, column_frequency(fft, p), row_frequency(fft, c),
                             x + 2 * (c * fft->n_h + p));
    for (int p = 0; p < fft->n_h; p++) { /* the Nyquist column, see conv_fft.h */
        const int q = fft->h_negative[p];
        const int place = q == p ? fft->n_columns * fft->n_h + n_extra++ : q;
        if (p <= q)
            define_frequency(fft, image, lane, column_frequency(fft, p), fft->n_w / 2,
                             x + 2 * place);
    }
}

static void check_transform(int n_h, int n_w)
{
    static const int lanes[] = {6, 0, 15};
    const int n_lanes = (int)ws_test_n_sizes(3, 1);
    const size_t n = (size_t)(n_h * n_w) * 16;
    ws_conv_fft fft;
    ws_conv_window window;
    ws_conv_fft_init(&fft, n_h, n_w);
    ws_conv_window_init(&window, &fft, n_h, n_w);
    const size_t n_spectrum = (size_t)fft.n_freqs * WS_CONV_COMPLEX;
    double *exact[3];
    guarded image = guarded_create(n);
    fill_random(image.at, n, (uint32_t)(n_h * 1000 + n_w));
    for (int i = 0; i < n_lanes; i++) {
        exact[i] = malloc((size_t)fft.n_freqs * 2 * sizeof(double));
        assert_non_null(exact[i]);
        define_spectrum(&fft, image.at, lanes[i], exact[i]);
    }
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
        const ws_conv_kernels *kernels = ws_conv_kernels_get((ws_cpu_level)level);
        guarded work = guarded_create(ws_conv_work_get_floats(&fft));
        guarded spectrum = guarded_create(n_spectrum), back = guarded_create(n);
        char what[100];
        (void)snprintf(what, sizeof what, "%d x %d on %s", n_h, n_w,
                       ws_cpu_level_get_name((ws_cpu_level)level));
        const ws_conv_target out = {.freqs = spectrum.at, .stride = WS_CONV_COMPLEX};
        ws_conv_forward(kernels, &fft, &window, image.at, &out, work.at);
        for (int i = 0; i < n_lanes; i++) {
            float *one = malloc((size_t)fft.n_freqs * 2 * sizeof(float));
            assert_non_null(one);
            for (int f = 0; f < fft.n_freqs * 2; f++)
                one[f] = spectrum.at[f * 16 + lanes[i]];
            assert_error_below(what, relative_error(one, exact[i], (size_t)fft.n_freqs * 2), 6e-7);
            free(one);
        }
        const ws_conv_source in = {.freqs = spectrum.at, .stride = WS_CONV_COMPLEX};
        ws_conv_inverse(kernels, &fft, &window, &in, back.at, work.at);
        double *scaled = malloc(n * sizeof(double));
        assert_non_null(scaled);
        for (size_t i = 0; i < n; i++)
            scaled[i] = (double)image.at[i] * n_h * n_w;
        assert_error_below(what, relative_error(back.at, scaled, n), 1e-6);
        free(scaled);
        guarded_destroy(&work);
        guarded_destroy(&spectrum);
        guarded_destroy(&back);
    }
    for (int i = 0; i < n_lanes; i++)
        free(exact[i]);
    guarded_destroy(&image);
}

static void columns_equal_their_definition(void **state)
{
    int n_sizes = 0;
    (void)state;
    for (int n_h = 1; n_h <= WS_CONV_MAX_H; n_h++) {
        if (ws_conv_cost_get(n_h, 2, n_h) < 0)
            continue;
        n_sizes++;
        if (n_h <= 250 || n_h == WS_CONV_MAX_H) /* the definition takes n^2 steps */
            check_transform(n_h, 2);
    }
    assert_int_equal(n_sizes, 59);
}

static void rows_equal_their_definition(void **state)
{
    int n_sizes = 0;
    (void)state;
    for (int n_w = 2; n_w <= WS_CONV_MAX_W; n_w += 2) {
        if (ws_conv_cost_get(1, n_w, 1) < 0)
            continue;
        n_sizes++;
        check_transform(1, n_w);
    }
    assert_int_equal(n_sizes, 20);
}

static void images_equal_their_definition(void **state)
{
    (void)state;
    check_transform(15, 12);
    check_transform(8, 22);
    check_transform(30, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_equal_their_definition),
        cmocka_unit_test(rows_equal_their_definition),
        cmocka_unit_test(images_equal_their_definition),
    };
    return cmocka_run_group_tests_name("conv_fft", tests, NULL, NULL);
}
