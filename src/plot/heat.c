#include "plot/heat.h"

#include <math.h>
#include <stdlib.h>

ws_heat_axis ws_heat_axis_find(size_t n, int room)
{
    const size_t pixels = (size_t)room;
    const size_t n_values = (n + pixels - 1) / pixels;
    const size_t n_cells = (n + n_values - 1) / n_values;
    return (ws_heat_axis){n_cells, n_values, (int)(pixels / n_cells)};
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** The mean of the values of a cell; NaN or infinite as soon as one of them is. */
static double find_mean(const ws_heat *heat, const ws_heat_axis axes[2], size_t x, size_t y)
{
    const size_t first_x = x * axes[0].n_values, first_y = y * axes[1].n_values;
    const size_t end_x = min_size(first_x + axes[0].n_values, heat->n_x);
    const size_t end_y = min_size(first_y + axes[1].n_values, heat->n_y);
    double sum = 0;
    for (size_t i = first_x; i < end_x; i++) {
        for (size_t k = first_y; k < end_y; k++)
            sum += (double)heat->values[i * heat->x_stride + k * heat->y_stride];
    }
    return sum / (double)((end_x - first_x) * (end_y - first_y));
}

static unsigned char find_colour(const ws_heat *heat, double value)
{
    if (!isfinite(value))
        return heat->absent;
    if (!(value > heat->low)) /* as is everything where low and high are the same */
        return heat->shades.first;
    const double place = value < heat->high ? (value - heat->low) / (heat->high - heat->low) : 1;
    return (unsigned char)(heat->shades.first + lround(place * (heat->shades.n - 1)));
}

ws_rect ws_heat_draw(ws_canvas *canvas, const ws_heat *heat, ws_rect box)
{
    const ws_heat_axis axes[2] = {ws_heat_axis_find(heat->n_x, box.width),
                                  ws_heat_axis_find(heat->n_y, box.height)};
    const int width = axes[0].n_pixels, height = axes[1].n_pixels;
    const int n_x = (int)axes[0].n_cells, n_y = (int)axes[1].n_cells;

    for (int x = 0; x < n_x; x++) {
        for (int y = 0; y < n_y; y++) {
            const double mean = find_mean(heat, axes, (size_t)x, (size_t)y);
            const ws_rect cell = {box.x + x * width, box.y + (n_y - 1 - y) * height, width, height};
            ws_canvas_fill(canvas, cell, find_colour(heat, mean));
        }
    }
    return (ws_rect){box.x, box.y, n_x * width, n_y * height};
}

static int compare(const void *a, const void *b)
{
    const float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

ws_status ws_heat_find_range(const float *values, size_t n, double cut, double *low, double *high,
                             ws_error *err)
{
    float *sorted = malloc((n + 1) * sizeof *sorted);
    size_t n_finite = 0;

    *low = *high = 0;
    if (sorted == NULL)
        return ws_fail_memory(err, "a picture");
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i]))
            sorted[n_finite++] = values[i];
    }
    if (n_finite > 0) {
        const size_t n_cut = min_size((size_t)(cut * (double)n_finite), (n_finite - 1) / 2);
        qsort(sorted, n_finite, sizeof *sorted, compare);
        *low = (double)sorted[n_cut];
        *high = (double)sorted[n_finite - 1 - n_cut];
    }
    free(sorted);
    return WS_OK;
}
