/**
 * Convolutions with fewer products: Winograd's, along the columns of an image.
 *
 * Kernel and image are polynomials whose coefficients are their columns. A tile of 8 columns of the
 * image is brought to the values of a polynomial at 8 points, 0, +-1, +-2, +-1/2 and infinity, and
 * so is the kernel, once. At each point, what was a convolution along columns is a product; sums
 * over rows and channels remain. The way back gives 9 - w columns of the output, w columns of the
 * kernel:
 *
 *     y = At ((G w) (Bt x))       8 products in place of (9 - w) w: 20 with a kernel of 4 columns
 *
 * Bt: coefficients of the product of all (t - p) but that of the own point p (of infinity: of all);
 * G: powers of p, divided by that product's value at p; At: powers of p. Rounding grows by about
 * one decimal place, to 1e-6 of an image's numbers.
 */
#ifndef WS_NN_INFER_WINOGRAD_H
#define WS_NN_INFER_WINOGRAD_H

#include <stdbool.h>

#include "nn/graph.h"

enum { WS_WINOGRAD_N_POINTS = 8 };

/** Whether a convolution can be done so, with less work. */
bool ws_winograd_fits(const ws_window *window, ws_shape in, ws_shape out);

/** Columns of the output that a tile makes. */
size_t ws_winograd_n_outputs(size_t kernel_w);

/** Tiles of a row. @param width  of the output */
size_t ws_winograd_n_tiles(size_t kernel_w, size_t width);

/** Columns of a row that holds the values at all points, with an unused one: rows that are a power
 * of two apart would meet in a few sets of the cache. */
size_t ws_winograd_n_columns(size_t kernel_w, size_t width);

/**
 * The kernel at a point.
 *
 * @param w         [kernel_h, kernel_w, n] of all pairs of channels
 * @param at_point  [kernel_h, n], filled
 */
void ws_winograd_bring_weights(const float *w, size_t kernel_h, size_t kernel_w, size_t n,
                               size_t point, float *at_point);

#endif
