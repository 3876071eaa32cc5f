/** Colours: 8-bit sRGB, ramps between and of them, and which of two can be read on a third. */
#ifndef WS_PLOT_COLOUR_H
#define WS_PLOT_COLOUR_H

typedef struct ws_rgb {
    unsigned char red, green, blue;
} ws_rgb;

/** What all pictures are drawn on, with, and what stands back. */
extern const ws_rgb ws_colour_paper, ws_colour_ink, ws_colour_soft_ink;

/** The colour at place 0..1 of a row of n >= 2 equally spaced ones, mixed in between. */
ws_rgb ws_colour_mix(const ws_rgb *colours, int n, double place);

/**
 * The colour for a quantity at place 0..1: from a dark purple over blue and green to a light
 * yellow, even steps of lightness for even steps of place, so that it can be read without the hue
 * too. Made in Oklab (Bjoern Ottosson, 2020), a space in which equal distances look equal.
 */
ws_rgb ws_colour_heat(double place);

/** The colour for a quantity with a sign, -1..1: blue below zero, white at it, red above. */
ws_rgb ws_colour_signed(double value);

/** How much light a colour gives off, 0 (black) to 1 (white). */
double ws_colour_luminance(ws_rgb colour);

/** The contrast of two colours as WCAG 2 defines it, 1 (none) to 21 (black on white). */
double ws_colour_contrast(ws_rgb a, ws_rgb b);

#endif
