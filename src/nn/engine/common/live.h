/**
 * Private: which outputs of a convolution by FFT are alive, that is, see anything but zeros.
 *
 * The output of a window of zeros is exactly 0. A transform makes it 1e-7 of the image's largest
 * number instead, of either sign, and that matters: with a bias of 0, as in the first steps, it is
 * ReLU's border, and half of such outputs would let a gradient through that is not there. Silence
 * before or behind a word is full of them. So the dead ones are found, and set to 0 again before
 * the bias is added.
 *
 * A map has a bit for each place of an image, row by row; a row begins with a new word, bit v % 64
 * of its word v / 64 is column v, and bits without a column are 0. No float is compared: not a
 * number is not 0, and -0 is.
 */
#ifndef WS_NN_ENGINE_COMMON_LIVE_H
#define WS_NN_ENGINE_COMMON_LIVE_H

#include "nn/engine/common/tail.h"
#include "nn/engine/engine.h"
#include "nn/plan.h"

enum { WS_LIVE_MAX_W = 4096 }; /* columns of an image: no grid is larger (fft.c) */

/** Words of a map of an image; c does not matter. */
size_t ws_live_n_words(ws_shape image);

/** map [n_words] is filled: places of x [h, w, c] with a channel that is not zero. */
void ws_live_find(ws_shape image, const float *x, uint64_t *map);

/** The same of a tile [h, w, WS_TILE_LANES], which c does not matter for. */
void ws_live_find_tile(ws_shape image, const ws_tail_kernels *kernels, const float *tile,
                       uint64_t *map);

/** map |= other, of the same image. */
void ws_live_add(ws_shape image, const uint64_t *other, uint64_t *map);

/**
 * Places of a convolution's output whose window sees one.
 *
 * @param stage  stride 1; no window lies in the padding alone
 * @param map    of stage->in
 * @param live   of stage->middle, filled
 */
void ws_live_widen(const ws_stage *stage, const uint64_t *map, uint64_t *live);

/** Sets the outputs at dead places to 0, but for what is not finite: a weight that is not shows.
 *
 * @param live   of middle
 * @param rows   of middle
 * @param z      [rows, middle.w, WS_TILE_LANES]
 */
void ws_live_clear_dead(const uint64_t *live, ws_shape middle, ws_range rows, float *z);

#endif
