/**
 * What a stage does behind its convolution (tail.h), on tiles of 16 channels: bias, ReLU, dropout
 * and pooling in one go, some rows at a time while they are in the nearest cache.
 *
 *     z [middle_h, middle_w, 16]  --bias, relu, dropout, pool-->  y [out_h, out_w, 16]
 *
 * A stage without pooling is pooled with windows of one element. All that the way back needs is a
 * byte for each element of y, its code: the place u * pool.w + v of the winner in the window, or
 * WS_TILE_DEAD if no gradient gets through it (ReLU or dropout made it zero).
 */
#ifndef WS_NN_ENGINE_COMMON_TILE_TAIL_H
#define WS_NN_ENGINE_COMMON_TILE_TAIL_H

#include "base/cpu.h"
#include "nn/engine/engine.h"
#include "nn/plan.h"

enum {
    WS_TILE_LANES = 16,
    WS_TILE_DEAD = 255,
    /* a mask is read in pieces of 64 bits: so many words may lie behind its last one */
    WS_TILE_MASK_SLACK = 2,
};

/** One block of channels of one sample. */
typedef struct ws_tile_tail {
    ws_shape middle, out; /* c: all channels, of which the tile has 16 */
    ws_window pool;       /* behind pads of middle; windows of at most WS_PLAN_MAX_POOL elements */
    bool has_relu;
    size_t channel; /* the block's first */
    float bias[WS_TILE_LANES];
    const uint32_t *keep; /* the sample's dropout mask, bit e for element e of middle; or NULL */
    float scale;          /* of what is kept; 1 without a mask */
    uint8_t *codes;       /* [out_h, out_w, 16], or NULL: there will be no way back */
} ws_tile_tail;

/** Rows of z, and the rows of y that are made of them and of no others. */
typedef struct ws_tile_rows {
    ws_range z, y;
} ws_tile_rows;

/** 16 numbers of each place of y or its gradient: those of place p begin at p * stride. */
typedef struct ws_tile_places {
    float *places;
    size_t stride;
} ws_tile_places;

/** Into how many groups of rows a stage's image can be cut so that no window is in two. */
size_t ws_tile_rows_count(const ws_stage *stage);
ws_tile_rows ws_tile_rows_get(const ws_stage *stage, size_t group);
/** Rows of z in a group, at most. */
size_t ws_tile_rows_most(const ws_stage *stage);

typedef struct ws_tile_tail_kernels {
    /** @param z  [rows.z, middle_w, 16]
     *  @param y  all places of y, of which rows.y are filled, as are their codes */
    void (*forward)(const ws_tile_tail *tail, ws_tile_rows rows, const float *z, ws_tile_places y);
    /** @param dy    the gradient by y
     *  @param dz    [rows.z, middle_w, 16], filled: the gradient by z
     *  @param sums  [16], added to: the sum of dz over its places */
    void (*backward)(const ws_tile_tail *tail, ws_tile_rows rows, ws_tile_places dy, float *dz,
                     float *sums);
    /** @param y  [n, 16], n up to 64
     *  @return bits of the places with a lane that is not zero, the first one lowest (live.h) */
    uint64_t (*find_live)(const float *y, size_t n);
} ws_tile_tail_kernels;

const ws_tile_tail_kernels *ws_tile_tail_kernels_get(ws_cpu_level level);

#endif
