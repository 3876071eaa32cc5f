#include "metrics/norm.h"

#include <math.h>

#include "metrics/norm_kernels.h"

/* Squares of numbers as small or as large as this do not fit into single precision. */
static const double least_sum = 1e-30, most_sum = 1e36;

WS_CPU_DEFINE_GETTER(ws_norm_kernels, ws_norm_kernels_get)

static double sum_squares_exactly(const float *values, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++)
        total += (double)values[i] * (double)values[i];
    return total;
}

double ws_norm_get(const float *values, size_t n)
{
    const ws_norm_kernels *kernels = ws_norm_kernels_get(ws_cpu_level_get_best());
    double total = kernels->sum_squares(values, n);

    if (!(total > least_sum && total < most_sum)) /* a NaN is neither */
        total = sum_squares_exactly(values, n);
    return sqrt(total);
}
