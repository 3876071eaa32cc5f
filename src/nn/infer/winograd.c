#include "nn/infer/winograd.h"

/* The points but infinity, in the order of the kernels. */
static const double points[WS_WINOGRAD_N_POINTS - 1] = {0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5};

enum { INFINITE = WS_WINOGRAD_N_POINTS - 1 };

bool ws_winograd_fits(const ws_window *window, ws_shape in, ws_shape out)
{
    /* a whole vector, and enough products for each number that goes to points and back */
    enum { LEAST_CHANNELS = 16 };

    if (window->w < 3 || window->w > 5 || window->stride_w > 1 || window->dilation_w > 1)
        return false;
    const size_t n = WS_WINOGRAD_N_POINTS * ws_winograd_n_tiles(window->w, out.w);
    return in.c >= LEAST_CHANNELS && out.c >= LEAST_CHANNELS && 3 * n <= 2 * out.w * window->w;
}

size_t ws_winograd_n_outputs(size_t kernel_w)
{
    return WS_WINOGRAD_N_POINTS + 1 - kernel_w;
}

size_t ws_winograd_n_tiles(size_t kernel_w, size_t width)
{
    const size_t n = ws_winograd_n_outputs(kernel_w);
    return (width + n - 1) / n;
}

size_t ws_winograd_n_columns(size_t kernel_w, size_t width)
{
    return WS_WINOGRAD_N_POINTS * ws_winograd_n_tiles(kernel_w, width) + 1;
}

/** What a column of the kernel counts at a point. */
static double find_factor(size_t point, size_t column, size_t kernel_w)
{
    if (point == INFINITE)
        return column + 1 == kernel_w ? 1.0 : 0.0;
    double factor = 1.0;
    for (size_t i = 0; i < INFINITE; i++)
        factor /= i == point ? 1.0 : points[point] - points[i];
    for (size_t i = 0; i < column; i++)
        factor *= points[point];
    return factor;
}

void ws_winograd_bring_weights(const float *w, size_t kernel_h, size_t kernel_w, size_t n,
                               size_t point, float *at_point)
{
    double factors[WS_WINOGRAD_N_POINTS];

    for (size_t j = 0; j < kernel_w; j++)
        factors[j] = find_factor(point, j, kernel_w);
    for (size_t i = 0; i < kernel_h; i++) {
        for (size_t k = 0; k < n; k++) {
            double sum = 0.0;
            for (size_t j = 0; j < kernel_w; j++)
                sum += factors[j] * (double)w[(i * kernel_w + j) * n + k];
            at_point[i * n + k] = (float)sum;
        }
    }
}
