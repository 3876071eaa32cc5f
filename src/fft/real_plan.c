#include "fft/real_plan.h"

#include <math.h>
#include <stdlib.h>

#include "fft/real_internal.h"

static void fill_twiddles(double *re, double *im, size_t n_values, size_t n)
{
    const long double turn = 2.0L * 3.141592653589793238462643383279502884L;
    for (size_t k = 0; k < n_values; k++) {
        re[k] = (double)cosl(turn * (long double)k / (long double)n);
        im[k] = (double)-sinl(turn * (long double)k / (long double)n);
    }
}

static void fill_reversed(size_t *reversed, size_t half)
{
    reversed[0] = 0;
    for (size_t size = 1; size < half; size *= 2) {
        for (size_t i = 0; i < size; i++) {
            reversed[i] *= 2;
            reversed[size + i] = reversed[i] + 1;
        }
    }
}

ws_status ws_fft_real_create(size_t n, ws_fft_real **plan, ws_error *err)
{
    *plan = NULL;
    if (n < 2 || n > WS_FFT_MAX_REAL || (n & (n - 1)) != 0)
        return ws_fail(err, WS_EINVAL, "FFT of length %zu: expected a power of two, 2 to %zu", n,
                       WS_FFT_MAX_REAL);
    ws_fft_real *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "an FFT");
    const size_t half = n / 2, quarter = half / 2 + 1;
    made->half = half;
    while ((size_t)1 << made->n_layers < half)
        made->n_layers++;
    made->reversed = malloc(half * sizeof *made->reversed);
    made->cos_h = malloc(2 * (half + quarter) * sizeof(double));
    if (made->reversed == NULL || made->cos_h == NULL) {
        ws_fft_real_destroy(made);
        return ws_fail_memory(err, "an FFT");
    }
    made->sin_h = made->cos_h + half;
    made->cos_n = made->sin_h + half;
    made->sin_n = made->cos_n + quarter;
    fill_reversed(made->reversed, half);
    fill_twiddles(made->cos_h, made->sin_h, half, half);
    fill_twiddles(made->cos_n, made->sin_n, quarter, n);
    *plan = made;
    return WS_OK;
}

void ws_fft_real_destroy(ws_fft_real *plan)
{
    if (plan == NULL)
        return;
    free(plan->reversed);
    free(plan->cos_h); /* and the three tables after it */
    free(plan);
}

void ws_fft_real_run(const ws_fft_real *plan, ws_cpu_level level, const double *in, double *re,
                     double *im)
{
    static ws_fft_real_kernel *const kernels[] = {
#define KERNEL(level, NAME) ws_fft_real_run_##level,
        WS_CPU_KERNEL_MAP(KERNEL)
#undef KERNEL
    };
    kernels[level](plan, in, re, im);
}
