/** A chart of curves as inline SVG: axes with round numbers, lines, bands, dots with titles. */
#ifndef WS_PAGE_CHART_H
#define WS_PAGE_CHART_H

#include "base/buf.h"
#include "page/gather.h"

/** A line, and the band around it where it is a mean. Borrowed. */
typedef struct ws_chart_line {
    const ws_page_point *points; /* [n] by rising step */
    const double *spreads;       /* [n] half the height of the band; NULL: no band */
    size_t n;
    size_t colour;     /* a number from 0; colours repeat after WS_CHART_COLOURS */
    bool is_dashed;    /* what stands back: training */
    const char *title; /* of its dots, shown where the mouse rests */
} ws_chart_line;

enum { WS_CHART_COLOURS = 8 };

typedef struct ws_chart {
    const char *title, *x_title;
    const ws_chart_line *lines; /* [n_lines] */
    size_t n_lines;
    bool is_share;   /* the axis is in percent of values 0 to 1 */
    bool is_square;  /* a small square one, both axes 0 to 1, as of precision and recall */
    bool is_decades; /* x are powers of ten, by their exponents from -1 to 2; y is 0 to 1 */
} ws_chart;

/** Nothing is pushed for a chart without a point. */
void ws_chart_push(ws_buf *buf, const ws_chart *chart);

enum { WS_CHART_MAX_TICKS = 9 };

/**
 * Round numbers for an axis, in rising order: 1, 2 or 5 times a power of ten apart.
 *
 * @param least  below most; the difference is finite
 * @param ticks  [WS_CHART_MAX_TICKS] filled
 * @return how many, from least to most: at least 3, but fewer where least and most are so large
 *         that numbers between them look the same
 */
size_t ws_chart_find_ticks(double least, double most, double *ticks);

#endif
