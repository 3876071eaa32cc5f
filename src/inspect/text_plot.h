/** A small plot of printable ASCII characters, for any terminal. Every point is drawn as it is:
 *  nothing is smoothed, averaged or cut off, and both axes say where they begin and end. */
#ifndef WS_INSPECT_TEXT_PLOT_H
#define WS_INSPECT_TEXT_PLOT_H

#include <stdint.h>
#include <stdio.h>

enum { WS_TEXT_PLOT_COLUMNS = 64, WS_TEXT_PLOT_ROWS = 15 };

typedef struct ws_text_plot {
    int64_t first_step, last_step; /* of the x axis */
    double least, most;            /* of the y axis */
    char cells[WS_TEXT_PLOT_ROWS][WS_TEXT_PLOT_COLUMNS];
} ws_text_plot;

/** An empty plot. @param least, most  finite; where they are equal the axis gets some room */
void ws_text_plot_init(ws_text_plot *plot, int64_t first_step, int64_t last_step, double least,
                       double most);

/** Marks a point with a character; '*' where another one is already. What is not finite or outside
 *  the axes is not drawn. */
void ws_text_plot_push(ws_text_plot *plot, char mark, int64_t step, double value);

/** Prints it, at most 80 columns wide. */
void ws_text_plot_print(const ws_text_plot *plot, FILE *out);

#endif
