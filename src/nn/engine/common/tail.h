/**
 * What a stage does behind its convolution or product, on numbers that are still in cache:
 * ReLU, dropout, max pooling. (The bias is there already: sums begin with it.)
 *
 *     z [middle]  --relu-->  --dropout-->  --pool-->  y [out]
 *
 * The way back needs no copy of z. With ReLU an element is alive exactly if y > 0, for dropout
 * makes the dropped ones zero; without it the mask is drawn again.
 */
#ifndef WS_NN_ENGINE_COMMON_TAIL_H
#define WS_NN_ENGINE_COMMON_TAIL_H

#include <stdint.h>

#include "nn/dropout.h"
#include "nn/engine/engine.h"
#include "nn/plan.h"

/** One sample behind one stage. */
typedef struct ws_tail {
    const ws_stage *stage;
    const uint32_t *keep; /* mask of the sample, bit e for element e of middle; NULL: none */
    float scale;          /* 1 / (1 - rate), 1 without a mask */
} ws_tail;

/** Words of scratch that a mask of this stage needs; 0 if it has no dropout. */
size_t ws_tail_n_words(const ws_stage *stage);

/** Draws the mask of the batch's row into keep, if there is one to draw.
 *  @param dropout  NULL: not training */
ws_tail ws_tail_make(const ws_stage *stage, const ws_dropout *dropout, size_t row, uint32_t *keep);

/** ReLU and dropout on elements first .. first + n of middle, in place in z [n]. */
void ws_tail_forward(const ws_tail *tail, size_t first, size_t n, float *z);

/**
 * Max pooling of some rows of out.
 *
 * @param z        rows of middle, the first of which is row z_begin
 * @param y        which rows of out
 * @param out      [out], those rows of it filled
 * @param winners  [out], likewise: place in the window, u * pool.w + v
 */
void ws_tail_pool(const ws_stage *stage, const float *z, size_t z_begin, ws_range y, float *out,
                  uint8_t *winners);

/**
 * All the way back for one sample: from the gradient by y to that by z.
 *
 * @param y, dy    [out]
 * @param winners  [out] with pooling, else unused
 * @param dz       [middle], filled; may be dy if there is no pooling
 */
void ws_tail_backward(const ws_tail *tail, const float *y, const float *dy, const uint8_t *winners,
                      float *dz);

/** The same for elements first .. first + n of a stage without pooling.
 *  @param y, dy, dz  [n] those elements; dz may be dy */
void ws_tail_backward_part(const ws_tail *tail, size_t first, size_t n, const float *y,
                           const float *dy, float *dz);

#endif
