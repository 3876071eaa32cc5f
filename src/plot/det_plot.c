#include "plot/det_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plot/font.h"

enum {
    LEFT = 90, /* pixels, of the field of the curve */
    RIGHT = 680,
    TOP = 20,
    BOTTOM = 300,
    STROKE = 4,
    LINE = 3,
    GAP = 8,
    LIMIT = WS_DET_PLOT_WIDTH - GAP, /* of letters */
};

static const ws_rgb white = {255, 255, 255}, grey = {218, 218, 218}, black = {40, 40, 40},
                    blue = {31, 119, 180};
static const double least_rate = 0.1, decades = 3.0;

void ws_det_plot_place(const ws_det_plot_point *point, int *x, int *y)
{
    const double rate = fmax(point->rate, least_rate);
    const double across = fmin(log10(rate / least_rate) / decades, 1.0);
    const double up = fmin(fmax(point->misses, 0.0), 1.0);

    *x = LEFT + (int)lround(across * (RIGHT - LEFT));
    *y = BOTTOM - (int)lround(up * (BOTTOM - TOP));
}

/** Lines and numbers at 0.1, 1, 10 and 100 an hour, and at each fourth of the phrases. */
static void draw_scales(ws_canvas *canvas, unsigned char lines, const ws_pen *pen)
{
    static const char *const rates[] = {"0.1", "1", "10", "100/H"};
    int x, y;

    for (int i = 0; i < 4; i++) {
        ws_det_plot_place(&(ws_det_plot_point){least_rate * pow(10.0, i), 0.0}, &x, &y);
        ws_canvas_fill(canvas, (ws_rect){x, TOP, 2, BOTTOM - TOP}, lines);
        const int width = ws_font_width(pen, rates[i]);
        const int from = x - width / 2;
        ws_font_draw(canvas, pen, rates[i], from + width > LIMIT ? LIMIT - width : from,
                     BOTTOM + 2 * GAP);
    }
    for (int i = 0; i <= 4; i++) {
        char text[16];
        ws_det_plot_place(&(ws_det_plot_point){least_rate, i / 4.0}, &x, &y);
        ws_canvas_fill(canvas, (ws_rect){LEFT, y, RIGHT - LEFT, 2}, lines);
        (void)snprintf(text, sizeof text, "%d%%", 25 * i);
        ws_font_draw(canvas, pen, text, LEFT - GAP - ws_font_width(pen, text),
                     y - WS_FONT_HEIGHT * STROKE / 2);
    }
}

/** A step from one point to the next: between two cutoffs there is nothing. */
static void draw_step(ws_canvas *canvas, const ws_det_plot_point *from, const ws_det_plot_point *to,
                      unsigned char colour)
{
    int x, y, to_x, to_y;

    ws_det_plot_place(from, &x, &y);
    ws_det_plot_place(to, &to_x, &to_y);
    ws_canvas_fill(canvas, (ws_rect){x < to_x ? x : to_x, y, abs(to_x - x) + LINE, LINE}, colour);
    ws_canvas_fill(canvas, (ws_rect){to_x, y < to_y ? y : to_y, LINE, abs(to_y - y) + LINE},
                   colour);
}

ws_status ws_det_plot_draw(const ws_det_plot_point *points, size_t n, ws_canvas *canvas,
                           ws_error *err)
{
    const ws_status status =
        ws_canvas_init(canvas, WS_DET_PLOT_WIDTH, WS_DET_PLOT_HEIGHT, white, err);

    if (status != WS_OK)
        return status;
    const unsigned char lines = ws_canvas_push_colour(canvas, grey);
    const ws_pen pen = ws_pen_make(STROKE, ws_canvas_push_colour(canvas, black));
    const unsigned char curve = ws_canvas_push_colour(canvas, blue);
    draw_scales(canvas, lines, &pen);
    for (size_t i = 0; i + 1 < n; i++)
        draw_step(canvas, &points[i], &points[i + 1], curve);
    return WS_OK;
}
