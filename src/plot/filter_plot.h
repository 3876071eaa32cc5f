/**
 * Filters of a first layer as one picture: a tile each, time from left to right, low frequencies
 * at the bottom; white is zero, red above it, blue below, on one scale for all tiles, whose end
 * is written at the right (a few numbers may lie beyond). Values that are not finite are black.
 *
 *      STEP 400 FIRST_WEIGHTS          64 +-0.312
 *      [    ] [    ] [    ] [    ] [    ] [    ]
 *      [    ] [    ] [    ] [    ] [    ] [    ]
 *
 * It is WS_FILTER_PLOT_WIDTH pixels wide, and about half as high where the tiles allow it: see
 * clip_plot.h. Numbers are as many whole pixels wide and high as there is room for.
 */
#ifndef WS_PLOT_FILTER_PLOT_H
#define WS_PLOT_FILTER_PLOT_H

#include <stddef.h>

#include "plot/canvas.h"

enum {
    WS_FILTER_PLOT_WIDTH = 700,      /* pixels */
    WS_FILTER_PLOT_MAX_FRAMES = 688, /* of a tile: a pixel each */
    WS_FILTER_PLOT_MAX_BINS = 400,
    WS_FILTER_PLOT_MAX_TILES = 64,
};

typedef struct ws_filter_plot_args {
    const float *values;       /* [n_tiles, n_frames, n_bins] borrowed */
    size_t n_tiles;            /* 1..WS_FILTER_PLOT_MAX_TILES */
    size_t n_frames, n_bins;   /* 1 to the maxima */
    const char *const *labels; /* [n_tiles] above each tile, cut where too long; NULL: none */
    const char *title;         /* at the top left; cut where there is no room */
    const char *note;          /* at the top right, before the scale: "64" */
} ws_filter_plot_args;

/**
 * Draws the tiles.
 *
 * @param canvas  made by this function; the caller's, to be given back with ws_canvas_deinit()
 * @return WS_OK; WS_EINVAL beyond the maxima, WS_ENOMEM; then canvas is empty
 */
WS_MUST_CHECK ws_status ws_filter_plot_run(const ws_filter_plot_args *args, ws_canvas *canvas,
                                           ws_error *err);

#endif
