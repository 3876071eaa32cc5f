#include "plot/canvas.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

ws_status ws_canvas_init(ws_canvas *canvas, int width, int height, ws_rgb background, ws_error *err)
{
    *canvas = (ws_canvas){.pixels = NULL};
    if (width < 1 || width > WS_CANVAS_MAX_SIDE || height < 1 || height > WS_CANVAS_MAX_SIDE)
        return ws_fail(err, WS_EINVAL, "a picture of %d x %d pixels, expected 1 to %d each way",
                       width, height, WS_CANVAS_MAX_SIDE);
    unsigned char *pixels = calloc((size_t)width * (size_t)height, 1);
    if (pixels == NULL)
        return ws_fail_memory(err, "a picture");
    canvas->width = width;
    canvas->height = height;
    canvas->pixels = pixels;
    (void)ws_canvas_push_colour(canvas, background);
    return WS_OK;
}

void ws_canvas_deinit(ws_canvas *canvas)
{
    free(canvas->pixels);
    *canvas = (ws_canvas){.pixels = NULL};
}

unsigned char ws_canvas_push_colour(ws_canvas *canvas, ws_rgb colour)
{
    assert(canvas->n_colours < WS_CANVAS_MAX_COLOURS);
    unsigned char *entry = canvas->palette[canvas->n_colours];
    entry[0] = colour.red;
    entry[1] = colour.green;
    entry[2] = colour.blue;
    return (unsigned char)canvas->n_colours++;
}

ws_shades ws_canvas_push_shades(ws_canvas *canvas, int n, ws_rgb (*ramp)(double place))
{
    const ws_shades shades = {(unsigned char)canvas->n_colours, n};
    for (int i = 0; i < n; i++)
        (void)ws_canvas_push_colour(canvas, ramp((double)i / (n - 1)));
    return shades;
}

ws_rgb ws_canvas_get(const ws_canvas *canvas, int x, int y)
{
    assert(x >= 0 && x < canvas->width && y >= 0 && y < canvas->height);
    const unsigned char *entry =
        canvas->palette[canvas->pixels[(size_t)y * (size_t)canvas->width + (size_t)x]];
    return (ws_rgb){.red = entry[0], .green = entry[1], .blue = entry[2]};
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void ws_canvas_fill(ws_canvas *canvas, ws_rect rect, unsigned char colour)
{
    const int left = clamp(rect.x, 0, canvas->width);
    const int right = clamp(rect.x + rect.width, left, canvas->width);
    const int top = clamp(rect.y, 0, canvas->height);
    const int bottom = clamp(rect.y + rect.height, top, canvas->height);
    for (int y = top; y < bottom; y++) {
        unsigned char *row = canvas->pixels + (size_t)y * (size_t)canvas->width;
        memset(row + left, colour, (size_t)(right - left));
    }
}
