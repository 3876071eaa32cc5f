/**
 * The confusion matrix as a picture for TensorBoard, which shows it scaled down to 350 or even
 * 215 pixels without smoothing: so strokes are 4 pixels wide and lie, as everything else, on even
 * coordinates.
 *
 *      VALIDATION STEP 400            ACC 88.1% N 3093
 *                  P R E D I C T E D
 *             SIL UNK YES NO  UP ...                     (turned upward)
 *      T SIL  [99][  ][  ][  ][  ]                99  R
 *      R UNK  [  ][70][ 3][12][  ]                70  E
 *      U YES  [  ][ 4][88][  ][  ]                88  C
 *      E ...
 *      PREC %  100 81  92  ...
 *
 * A row holds the clips of one class, a column what the model said. On the diagonal stands the
 * percentage of the row (never rounded up to 100), elsewhere the number of clips; empty cells
 * stay blank. A cell is the darker the larger its share of the row: blue on the diagonal, orange
 * where the model was wrong, on a scale that is the same in every picture (0..1, square root, so
 * that a single wrong clip can be seen). At the edges: recall and precision in percent, "-" where
 * there is no clip to divide by.
 *
 * Of a good model that is little more than a diagonal. With errors_only the diagonal is not looked
 * at: a cell is the darker the larger its count, on a scale up to the largest one in the picture,
 * and the edges count clips: those of the class that were missed, and those that were falsely taken
 * for it. Where the last label is the rest of many, its cells have no colour, and its diagonal
 * counts the confusions among them.
 *
 * Up to about 13 labels it is 700 pixels wide, then 1050, 1400 and so on (multiples of 350, for
 * the true size). Above WS_CONFUSION_PLOT_CROWD labels only the largest confusions have numbers.
 */
#ifndef WS_PLOT_CONFUSION_PLOT_H
#define WS_PLOT_CONFUSION_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plot/canvas.h"

#define WS_CONFUSION_PLOT_MAX_LABELS 256
#define WS_CONFUSION_PLOT_CROWD      20

typedef struct ws_confusion_plot_args {
    size_t n_labels;           /* 1..WS_CONFUSION_PLOT_MAX_LABELS */
    const uint64_t *counts;    /* [n_labels true][n_labels predicted], borrowed */
    const char *const *labels; /* [n_labels], UTF-8; too long ones are cut, "_silence_" is "SIL" */
    const char *title;         /* at the top left: "VALIDATION STEP 400" */
    const char *summary;       /* at the top right: "ACC 88.1% N 3093"; "" for none */
    bool errors_only;          /* see above */
    bool has_rest; /* with it: the last label stands for all that have no row of their own */
} ws_confusion_plot_args;

/**
 * Draws the matrix.
 *
 * @param canvas  made by this function; the caller's, to be given back with ws_canvas_deinit()
 * @return WS_OK; WS_EINVAL for another number of labels, WS_ENOMEM; then canvas is empty
 */
WS_MUST_CHECK ws_status ws_confusion_plot_run(const ws_confusion_plot_args *args, ws_canvas *canvas,
                                              ws_error *err);

#endif
