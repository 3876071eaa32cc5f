/* The kernels of quant_kernels.h, compiled once per instruction set. They compare, and what is not
 * a number must stay so; and products and sums are not fused, so that every instruction set, and
 * TensorFlow, finds the same levels. */
#include "nn/quant_kernels.h"

#include <math.h>

#define NAME_PASTE(name, level)  name##_##level
#define NAME_EXPAND(name, level) NAME_PASTE(name, level)

enum { LANES = 16 };

static void find_range(const float *x, size_t n, float *min, float *max)
{
    float least[LANES] = {0.0f}, most[LANES] = {0.0f};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            const float value = x[i + lane];
            least[lane] = value < least[lane] ? value : least[lane];
            most[lane] = value > most[lane] ? value : most[lane];
        }
    }
    for (; i < n; i++) {
        least[0] = x[i] < least[0] ? x[i] : least[0];
        most[0] = x[i] > most[0] ? x[i] : most[0];
    }
    *min = least[0];
    *max = most[0];
    for (size_t lane = 1; lane < LANES; lane++) {
        *min = least[lane] < *min ? least[lane] : *min;
        *max = most[lane] > *max ? most[lane] : *max;
    }
}

static void quantize(const ws_levels *levels, const float *x, size_t n, float *y)
{
    const float min = levels->min, max = levels->max, scale = levels->scale;
    const float zero = levels->zero;

    if (scale <= 0.0f) {
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * 0.0f;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const float below = x[i] > max ? max : x[i];
        const float inside = below < min ? min : below;
        y[i] = floorf((inside - min) / scale - zero + 0.5f) * scale;
    }
}

static void mask(const ws_levels *levels, const float *x, size_t n, const float *dy, float *dx)
{
    const float min = levels->min, max = levels->max;
    const int is_nothing = levels->scale <= 0.0f;

    for (size_t i = 0; i < n; i++) {
        const float gradient = dy[i];
        const int gets_through = (x[i] >= min) & (x[i] <= max);
        dx[i] = (gets_through | is_nothing) ? gradient : 0.0f;
    }
}

const ws_quant_kernels NAME_EXPAND(ws_quant_kernels, WS_LEVEL) = {
    .find_range = find_range, .quantize = quantize, .mask = mask};
