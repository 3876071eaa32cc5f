/**
 * How a wake word does at all cutoffs, as a picture: false accepts an hour from left to right, 0.1
 * to 100 on a logarithmic scale, and the share of missed phrases from bottom to top, 0 to 100 %. A
 * better detector's curve is nearer to the lower left corner.
 *
 * It is WS_DET_PLOT_WIDTH x WS_DET_PLOT_HEIGHT pixels, as pictures of clips are (clip_plot.h).
 */
#ifndef WS_PLOT_DET_PLOT_H
#define WS_PLOT_DET_PLOT_H

#include <stddef.h>

#include "plot/canvas.h"

enum {
    WS_DET_PLOT_WIDTH = 700, /* pixels */
    WS_DET_PLOT_HEIGHT = 360,
};

/** One cutoff. */
typedef struct ws_det_plot_point {
    double rate;   /* false accepts an hour, 0 or more */
    double misses; /* share of phrases, 0 to 1 */
} ws_det_plot_point;

/** Where a point is drawn: what lies beyond an end of a scale is drawn at that end. */
void ws_det_plot_place(const ws_det_plot_point *point, int *x, int *y);

/**
 * @param points  [n] in the order of cutoffs; each is joined with the next one
 * @param canvas  overwritten; ws_canvas_deinit() it after success
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_det_plot_draw(const ws_det_plot_point *points, size_t n,
                                         ws_canvas *canvas, ws_error *err);

#endif
