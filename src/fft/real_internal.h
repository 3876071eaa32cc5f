/** The tables of a plan, and the transform for each instruction set. Private to fft/. */
#ifndef WS_FFT_REAL_INTERNAL_H
#define WS_FFT_REAL_INTERNAL_H

#include "fft/real_plan.h"

struct ws_fft_real {
    size_t half;           /* h, length of the complex transform */
    unsigned n_layers;     /* log2(h) */
    size_t *reversed;      /* [h] bit-reversed indices */
    double *cos_h, *sin_h; /* [h] exp(-2 pi sqrt(-1) k / h) */
    double *cos_n, *sin_n; /* [h/2 + 1] exp(-2 pi sqrt(-1) k / n) */
};

typedef void ws_fft_real_kernel(const ws_fft_real *plan, const double *in, double *re, double *im);

#define WS_FFT_REAL_DECLARE(level, NAME) ws_fft_real_kernel ws_fft_real_run_##level;
WS_CPU_KERNEL_MAP(WS_FFT_REAL_DECLARE)
#undef WS_FFT_REAL_DECLARE

#endif
