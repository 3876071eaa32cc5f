/**
 * Where the parts of the confusion picture lie. All in pixels, all even.
 *
 *      +--------------------------------------------------+
 *      | title                                    summary |
 *      |                     PREDICTED                    |
 *      |            (column labels, upward)               |
 *      |     left,top +---------------------+             |
 *      | TRUE  labels |  n_labels x pitch   | recall  REC |
 *      |              +---------------------+             |
 *      |      PREC %     precision                        |
 *      +--------------------------------------------------+
 */
#ifndef WS_PLOT_CONFUSION_LAYOUT_H
#define WS_PLOT_CONFUSION_LAYOUT_H

#include <stdbool.h>

#include "plot/canvas.h"
#include "plot/confusion_plot.h"

enum {
    WS_LAYOUT_STROKE = 4, /* of all text but the title and the numbers in large cells */
    WS_LAYOUT_GAP = 2,    /* between two cells: thinner lines come and go when scaled */
    WS_LAYOUT_MARGIN = 6, /* free on all four sides */
    WS_LAYOUT_SPACE = 6,  /* between the matrix and what is written along its edges */
    WS_LAYOUT_EDGE = 44   /* room for a number at the right edge */
};

typedef struct ws_confusion_layout {
    int n_labels;
    int size;         /* the picture is size x size */
    int title_stroke; /* wide enough to survive the scaling of a picture of that size */
    bool two_lines;   /* title and summary do not fit side by side */
    int axis_space;   /* between the labels and the title of their axis */
    int label_length; /* room for a label in the direction of reading; 0: no labels at the edges */
    int pitch;        /* from one cell to the next */
    int cell_stroke;  /* of the numbers in the cells, where they fit so */
    bool foot_upward; /* the precision is turned upward, the cells being narrow */
    int foot_height;  /* of the line of the precision */
    int left, top;    /* the upper left corner of the first cell */
} ws_confusion_layout;

/** The layout for these labels and titles. */
void ws_confusion_layout_find(const ws_confusion_plot_args *args, ws_confusion_layout *layout);

/** From one line of the titles to the next. */
int ws_confusion_layout_line(const ws_confusion_layout *layout);

/** The cell of a class (row) taken for another one (column). */
ws_rect ws_confusion_layout_cell(const ws_confusion_layout *layout, size_t row, size_t column);

/**
 * The label as it is written at the edges: without the underscores around it, and cut if too long
 * (a label in underscores to its first three letters: SIL, UNK).
 *
 * @param shown  [WS_FONT_MAX_BYTES]
 */
void ws_confusion_layout_label(const char *label, int max_length, char *shown);

#endif
