#include "plot/colour.h"

#include <math.h>

static unsigned char mix_channel(unsigned char from, unsigned char to, double share)
{
    return (unsigned char)lround(from + (to - from) * share);
}

ws_rgb ws_colour_mix(const ws_rgb *colours, int n, double place)
{
    const double at = place * (n - 1);
    int i = (int)at;
    if (i > n - 2)
        i = n - 2;
    const ws_rgb from = colours[i];
    const ws_rgb to = colours[i + 1];
    return (ws_rgb){.red = mix_channel(from.red, to.red, at - i),
                    .green = mix_channel(from.green, to.green, at - i),
                    .blue = mix_channel(from.blue, to.blue, at - i)};
}

/** The transfer function of sRGB: a stored value to a share of full light. */
static double to_linear(unsigned char channel)
{
    const double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

double ws_colour_luminance(ws_rgb colour)
{
    return 0.2126 * to_linear(colour.red) + 0.7152 * to_linear(colour.green) +
           0.0722 * to_linear(colour.blue);
}

double ws_colour_contrast(ws_rgb a, ws_rgb b)
{
    const double one = ws_colour_luminance(a) + 0.05;
    const double other = ws_colour_luminance(b) + 0.05;
    return one > other ? one / other : other / one;
}
