/* The kernel of norm_kernels.h, compiled once per instruction set. */
#include "metrics/norm_kernels.h"

#define NAME_PASTE(name, level)  name##_##level
#define NAME_EXPAND(name, level) NAME_PASTE(name, level)

/* RUN numbers go into LANES single precision sums: so few into each that little is lost. */
enum { LANES = 32, RUN = 4096 };

static double sum_run(const float *x, size_t n)
{
    float sums[LANES] = {0.0f};
    double total = 0.0;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            sums[lane] += x[i + lane] * x[i + lane];
    for (; i < n; i++)
        total += (double)x[i] * (double)x[i];
    for (size_t lane = 0; lane < LANES; lane++)
        total += (double)sums[lane];
    return total;
}

static double sum_squares(const float *x, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i += RUN)
        total += sum_run(x + i, n - i < RUN ? n - i : RUN);
    return total;
}

const ws_norm_kernels NAME_EXPAND(ws_norm_kernels, WS_LEVEL) = {.sum_squares = sum_squares};
