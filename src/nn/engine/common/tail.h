/**
 * What a stage does after its convolution or product, on numbers that are still in cache: bias,
 * ReLU, dropout and max pooling in one pass, with 16 channels side by side.
 *
 *     z [middle_h, middle_w, c]  --bias, relu, dropout, pool-->  y [out_h, out_w, c]
 *
 * A stage without pooling is pooled with windows of one element. The way back needs one byte for
 * each element of y, its code: the place u * pool.w + v of the winner in its window, or
 * WS_TILE_DEAD if no gradient gets through (ReLU or dropout made the element zero).
 *
 * Numbers lie in one of two ways. The FFT has tiles: 16 channels of one sample, some rows at a
 * time. All other kits have whole samples [h, w, c]. The kernels do one block of up to 16 channels
 * in either; ws_tail_forward and ws_tail_backward do all channels of whole samples.
 */
#ifndef WS_NN_ENGINE_COMMON_TAIL_H
#define WS_NN_ENGINE_COMMON_TAIL_H

#include "base/cpu.h"
#include "nn/dropout.h"
#include "nn/engine/engine.h"
#include "nn/plan.h"

enum {
    WS_TILE_LANES = 16,
    WS_TILE_DEAD = 255,
};

/** One block of channels of one sample. */
typedef struct ws_tail {
    ws_shape middle, out; /* c: all channels, of which the block has n_lanes */
    ws_window pool; /* with the padding of middle; windows of at most WS_PLAN_MAX_POOL elements */
    bool has_relu;
    size_t channel; /* the block's first */
    size_t n_lanes; /* 1 .. 16: no other number is read or written at any place */
    float bias[WS_TILE_LANES];
    const uint32_t *keep; /* the sample's dropout mask, bit e for element e of middle; or NULL */
    float scale;          /* of what is kept; 1 without a mask */
    uint8_t *codes;       /* those of place p of out begin at p * code_stride; NULL: none wanted */
    size_t code_stride;
} ws_tail;

/** Words of a mask of this stage, a few more than its bits need as kernels read ahead; 0 if the
 *  stage has no dropout. */
size_t ws_tail_mask_words(const ws_stage *stage);

/** Draws the mask of the batch's row into keep [ws_tail_mask_words], if there is one to draw.
 *  @param dropout  NULL: not training */
void ws_tail_mask_draw(const ws_stage *stage, const ws_dropout *dropout, size_t row,
                       uint32_t *keep);

/** The tail of a stage: channels from 0, no bias, no codes.
 *  @param keep  the sample's mask, which is drawn; ignored where nothing is drawn */
ws_tail ws_tail_make(const ws_stage *stage, const ws_dropout *dropout, const uint32_t *keep);

/** Rows of z, and the rows of y that are made of them and of no others. */
typedef struct ws_tile_rows {
    ws_range z, y;
} ws_tile_rows;

/** All rows of a sample. */
ws_tile_rows ws_tile_rows_all(const ws_stage *stage);

/** Number of groups of rows that a stage's image can be cut into so that each window lies in one
 *  group. */
size_t ws_tile_rows_count(const ws_stage *stage);
ws_tile_rows ws_tile_rows_get(const ws_stage *stage, size_t group);
/** Rows of z in a group, at most. */
size_t ws_tile_rows_most(const ws_stage *stage);

/**
 * The tail of one sample, all channels, bias excepted: sums of these kits begin with it.
 *
 * @param tail  as ws_tail_make gives it, with codes [out] or NULL
 * @param z     [rows.z, middle_w, c]; without pooling it may be where rows.y of y are
 * @param y     [out], of which rows.y are filled, as are their codes
 */
void ws_tail_forward(const ws_tail *tail, ws_cpu_level level, ws_tile_rows rows, const float *z,
                     float *y);

/** And back by the codes of forward.
 *  @param dy  [out], the gradient by y
 *  @param dz  [rows.z, middle_w, c], filled; without pooling it may be where rows.y of dy are */
void ws_tail_backward(const ws_tail *tail, ws_cpu_level level, ws_tile_rows rows, const float *dy,
                      float *dz);

/** Whether each place of z lies in exactly one window, so that backward kernels fill all of dz. */
bool ws_tail_fills(const ws_tail *tail);

/** The block's numbers of each place of an image or of some rows of it: those of place p begin at
 *  p * stride. */
typedef struct ws_tile_places {
    float *at;
    size_t stride;
} ws_tile_places;
typedef struct ws_tile_input {
    const float *at;
    size_t stride;
} ws_tile_input;

typedef struct ws_tail_kernels {
    /** @param z  the places of rows.z
     *  @param y  all places of y, of which rows.y are filled, as are their codes */
    void (*forward)(const ws_tail *tail, ws_tile_rows rows, ws_tile_input z, ws_tile_places y);
    /** @param dy    all places of the gradient by y
     *  @param dz    the places of rows.z: the gradient by z. Filled if ws_tail_fills; else it has
     *               zeros in it
     *  @param sums  [16], added to: the sum of dz over its places */
    void (*backward)(const ws_tail *tail, ws_tile_rows rows, ws_tile_input dy, ws_tile_places dz,
                     float *sums);
    /** @param y  [n, 16], n up to 64
     *  @return bits of the places with a lane that is not zero, the first one lowest (live.h) */
    uint64_t (*find_live)(const float *y, size_t n);
} ws_tail_kernels;

const ws_tail_kernels *ws_tail_kernels_get(ws_cpu_level level);

#endif
