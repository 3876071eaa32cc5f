#include "plot/colour.h"

#include <math.h>

const ws_rgb ws_colour_paper = {255, 255, 255};
const ws_rgb ws_colour_ink = {24, 34, 48};
const ws_rgb ws_colour_soft_ink = {88, 101, 120};

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

/** The transfer function of sRGB backward: a share of full light to a stored value. */
static unsigned char to_stored(double light)
{
    const double kept = light < 0 ? 0 : light > 1 ? 1 : light;
    const double value = kept <= 0.0031308 ? 12.92 * kept : 1.055 * pow(kept, 1 / 2.4) - 0.055;
    return (unsigned char)lround(255 * value);
}

/** Oklab to sRGB. @param hue  in radians */
static ws_rgb from_oklch(double lightness, double chroma, double hue)
{
    const double a = chroma * cos(hue), b = chroma * sin(hue);
    const double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return (ws_rgb){
        .red = to_stored(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
        .green = to_stored(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
        .blue = to_stored(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
    };
}

ws_rgb ws_colour_heat(double place)
{
    const double degree = 3.14159265358979323846 / 180;
    /* as colourful as sRGB can be all the way, which is least in the middle, at blue-green */
    const double chroma = 0.09 + 0.09 * place * place * place;
    return from_oklch(0.22 + 0.72 * place, chroma, (320 - 215 * place) * degree);
}

ws_rgb ws_colour_signed(double value)
{
    static const ws_rgb colours[] = {
        {10, 50, 120}, {90, 155, 215}, {255, 255, 255}, {240, 140, 90}, {140, 20, 15}};
    return ws_colour_mix(colours, sizeof colours / sizeof *colours, (value + 1) / 2);
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
