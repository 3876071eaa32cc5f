/** Colours: 8-bit sRGB, ramps between them, and which of two can be read on a third. */
#ifndef WS_PLOT_COLOUR_H
#define WS_PLOT_COLOUR_H

typedef struct ws_rgb {
    unsigned char red, green, blue;
} ws_rgb;

/** The colour at place 0..1 of a row of n >= 2 equally spaced ones, mixed in between. */
ws_rgb ws_colour_mix(const ws_rgb *colours, int n, double place);

/** How much light a colour gives off, 0 (black) to 1 (white). */
double ws_colour_luminance(ws_rgb colour);

/** The contrast of two colours as WCAG 2 defines it, 1 (none) to 21 (black on white). */
double ws_colour_contrast(ws_rgb a, ws_rgb b);

#endif
