/**
 * A font of our own whose letters are made of square strokes: capitals and digits 3 strokes wide
 * and 5 high (N is 4 wide, M, W and # are 5, I is 1). A picture that is scaled down without
 * smoothing, as TensorBoard does, keeps a letter as long as its strokes are wider than the scale
 * factor; no font has wider strokes for its size than this one.
 *
 * Text is UTF-8. Lower case is drawn as capitals; every character that the font lacks, and every
 * byte that is no UTF-8, is drawn as a solid box.
 */
#ifndef WS_PLOT_FONT_H
#define WS_PLOT_FONT_H

#include <stdbool.h>

#include "plot/canvas.h"

#define WS_FONT_HEIGHT    5    /* strokes */
#define WS_FONT_MAX_BYTES 1024 /* of a fitted text and its terminator */

/** Whether the font has every character of the text. */
bool ws_font_has(const char *text);

/** How text is drawn. */
typedef struct ws_pen {
    int stroke;           /* pixels, >= 1 */
    int gap;              /* pixels between two letters */
    bool upward;          /* read from bottom to top (turned left by 90 degrees) */
    unsigned char colour; /* index into the palette */
} ws_pen;

/** A pen for text read from left to right, its letters one stroke apart. */
ws_pen ws_pen_make(int stroke, unsigned char colour);

/** How long the text is in the direction of reading, in pixels; 0 for "". Its height across is
 *  WS_FONT_HEIGHT strokes. */
int ws_font_width(const ws_pen *pen, const char *text);

/** Draws the text; (x, y) is the upper left corner of the box that it takes on the canvas. */
void ws_font_draw(ws_canvas *canvas, const ws_pen *pen, const char *text, int x, int y);

/**
 * The text itself if it is at most max_width long, else its longest beginning that is so with a
 * full stop after it, else "".
 *
 * @param fitted  [WS_FONT_MAX_BYTES]
 */
void ws_font_fit(const ws_pen *pen, const char *text, int max_width, char *fitted);

#endif
