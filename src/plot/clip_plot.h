/**
 * A clip as a picture: what is to be said of it, its spectrogram, and the fingerprint that the
 * network sees, both with time from left to right and low frequencies (or the first numbers of a
 * frame) at the bottom.
 *
 *      LEFT HEARD AS RIGHT                97.2%
 *      LEFT/0A7C2A8D_NOHASH_0.WAV
 *      +--------------------------------------+
 *      |             spectrogram              |
 *      +--------------------------------------+
 *      +--------------------------------------+
 *      |             fingerprint              |
 *      +--------------------------------------+
 *
 * It is WS_CLIP_PLOT_WIDTH x WS_CLIP_PLOT_HEIGHT pixels: about as wide for its height as the cards
 * of TensorBoard's Time Series page, and on a multiple of the 350 pixels of its Images page. Both
 * scale it down without smoothing, so strokes are 4 pixels wide.
 */
#ifndef WS_PLOT_CLIP_PLOT_H
#define WS_PLOT_CLIP_PLOT_H

#include <stddef.h>

#include "plot/canvas.h"

enum {
    WS_CLIP_PLOT_WIDTH = 700, /* pixels */
    WS_CLIP_PLOT_HEIGHT = 360,
};

/** Frames of numbers: [n_frames, width], borrowed. */
typedef struct ws_clip_panel {
    const float *values;
    size_t n_frames, width; /* 1 or more */
} ws_clip_panel;

typedef struct ws_clip_plot_args {
    const char *said, *heard; /* words, cut where there is no room; NULL: there is no clip */
    const char *mark;         /* at the top right; "": none */
    const char *detail;       /* below the words */
    /** In decibels, 0 for full scale; the loudest (from WS_CLIP_PLOT_QUIET_DB on) and all within
     *  WS_CLIP_PLOT_RANGE_DB below it can be told apart. */
    ws_clip_panel spectrogram;
    /** Numbers of any kind: all but the largest and smallest few percent can be told apart. */
    ws_clip_panel fingerprint;
} ws_clip_plot_args;

enum {
    WS_CLIP_PLOT_RANGE_DB = 70,
    WS_CLIP_PLOT_QUIET_DB = -60, /* so that nothing is not as bright as noise */
};

/**
 * Draws a clip.
 *
 * @param args    NULL panels (values) stay empty: there is no clip to show
 * @param canvas  made by this function; the caller's, to be given back with ws_canvas_deinit()
 * @return WS_OK or WS_ENOMEM; then canvas is empty
 */
WS_MUST_CHECK ws_status ws_clip_plot_run(const ws_clip_plot_args *args, ws_canvas *canvas,
                                         ws_error *err);

#endif
