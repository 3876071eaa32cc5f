/**
 * A picture of few colours: one byte a pixel, an index into a palette of at most 256 colours. It
 * is what a palette PNG holds, so nothing has to be converted or counted on the way there.
 *
 *     (0, 0) ----> x
 *       |                 pixels[y * width + x]
 *       v
 *       y
 */
#ifndef WS_PLOT_CANVAS_H
#define WS_PLOT_CANVAS_H

#include "base/status.h"
#include "plot/colour.h"

#define WS_CANVAS_MAX_SIDE    4096 /* pixels */
#define WS_CANVAS_MAX_COLOURS 256

typedef struct ws_canvas {
    int width, height;     /* pixels, 1..WS_CANVAS_MAX_SIDE */
    unsigned char *pixels; /* owned, [height][width], each below n_colours */
    int n_colours;
    unsigned char palette[WS_CANVAS_MAX_COLOURS][3]; /* [n_colours] red, green, blue */
} ws_canvas;

/** A rectangle of pixels; x and y are its upper left corner. */
typedef struct ws_rect {
    int x, y, width, height;
} ws_rect;

/**
 * Makes a canvas all of one colour, which becomes colour 0.
 *
 * @param width, height  pixels, 1..WS_CANVAS_MAX_SIDE
 * @return WS_OK; WS_EINVAL for another size, WS_ENOMEM; then there is nothing to deinit
 */
WS_MUST_CHECK ws_status ws_canvas_init(ws_canvas *canvas, int width, int height, ws_rgb background,
                                       ws_error *err);
/** Gives the memory back; a canvas of zeros and a deinitialised one are fine. */
void ws_canvas_deinit(ws_canvas *canvas);

/** Adds a colour to the palette (more than 256 is our bug: asserts). @return its index */
unsigned char ws_canvas_push_colour(ws_canvas *canvas, ws_rgb colour);

/** Neighbouring colours of the palette that stand for rising values. */
typedef struct ws_shades {
    unsigned char first; /* index into the palette */
    int n;
} ws_shades;

/** Adds n shades: ramp(0), ..., ramp(1), evenly spaced in between. */
ws_shades ws_canvas_push_shades(ws_canvas *canvas, int n, ws_rgb (*ramp)(double place));

/** The colour of a pixel, which must lie on the canvas. */
ws_rgb ws_canvas_get(const ws_canvas *canvas, int x, int y);

/** Paints a rectangle; what lies outside the canvas is cut off. */
void ws_canvas_fill(ws_canvas *canvas, ws_rect rect, unsigned char colour);

#endif
