/**
 * A table of numbers as coloured cells: x from left to right, y from the bottom up, as time and
 * frequency are drawn. A cell is a whole number of pixels wide and high, so that it stays a cell
 * when TensorBoard scales the picture without smoothing.
 */
#ifndef WS_PLOT_HEAT_H
#define WS_PLOT_HEAT_H

#include <stddef.h>

#include "plot/canvas.h"

typedef struct ws_heat {
    const float *values; /* number (x, y) stands at x * x_stride + y * y_stride; borrowed */
    size_t n_x, n_y;     /* 1 or more */
    size_t x_stride, y_stride;
    double low, high; /* get the first and the last shade, as does what lies beyond */
    ws_shades shades;
    unsigned char absent; /* the colour of values that are not finite */
} ws_heat;

/** How many cells an axis gets, of how many numbers and pixels each. */
typedef struct ws_heat_axis {
    size_t n_cells;
    size_t n_values; /* whose mean a cell shows; 1 if they all fit; less at the end */
    int n_pixels;    /* 1 or more */
} ws_heat_axis;

/** The axis for n values that fits into room pixels (1 or more). */
ws_heat_axis ws_heat_axis_find(size_t n, int room);

/** Draws the table as large as it fits into the upper left of box (1 pixel or more each way).
 *  @return what it takes of it */
ws_rect ws_heat_draw(ws_canvas *canvas, const ws_heat *heat, ws_rect box);

/**
 * The range of some numbers without their outliers.
 *
 * @param cut   share of the numbers that may lie below low, and above high, 0 to 0.5
 * @param low, high  set; of the finite ones; both 0 if there are none
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_heat_find_range(const float *values, size_t n, double cut, double *low,
                                           double *high, ws_error *err);

#endif
