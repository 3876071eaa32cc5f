/**
 * A convolution as matrix products: the windows of an image laid out as rows of a matrix.
 *
 * Small windows are laid out whole (im2col): row (y, x) holds the window of output (y, x), and
 * one product gives a whole tile. Large ones (many channels, stride 1 in h) are laid out one
 * kernel row at a time, which takes a window's height less memory:
 *
 *     rows [line, x, kernel_w * c]     line = image row, x = output column
 *
 *     output row y and kernel row u need line y + u: the products of all u add up, and each
 *     reads `rows` from line u on, contiguously over (y, x).
 *
 * A tile is some rows of the output. Both layouts are "lines" of out_w rows; they differ in how
 * many kernel rows stand side by side in a row.
 */
#ifndef WS_NN_ENGINE_COMMON_WINDOW_ROWS_H
#define WS_NN_ENGINE_COMMON_WINDOW_ROWS_H

#include "nn/graph.h"

typedef struct ws_window_rows {
    ws_shape in;
    ws_shape out;
    ws_window window;
    size_t kernel_rows; /* side by side in a row: window.h, or 1 */
    size_t n_products;  /* that add up to a tile: 1, or window.h */
    size_t row_size;    /* numbers: kernel_rows * window.w * in.c */
} ws_window_rows;

/** Chooses the layout. */
void ws_window_rows_init(ws_window_rows *rows, ws_shape in, ws_shape out, const ws_window *window);

/** Numbers in the rows of a tile of n output rows. */
size_t ws_window_rows_size(const ws_window_rows *rows, size_t n);

/** Lays out the tile that begins at output row y and has n rows; zeros for padding.
 *  @param image   [in]
 *  @param matrix  [ws_window_rows_size(rows, n)], filled */
void ws_window_rows_expand(const ws_window_rows *rows, const float *image, size_t y, size_t n,
                           float *matrix);

/** The transpose of expanding: adds every number of the matrix to the image element that it
 *  would have been copied from. */
void ws_window_rows_fold(const ws_window_rows *rows, const float *matrix, size_t y, size_t n,
                         float *image);

#endif
