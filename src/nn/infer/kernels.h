/**
 * The arithmetic of inference, compiled once per instruction set. Arrays are rows of numbers
 * [positions, channels]; a vector is as many channels as the set's registers hold.
 *
 * Where there are fewer channels than lanes, a kernel stores whole vectors in ascending order, so
 * that what lands after the last channel is overwritten by the next position: an array that a
 * kernel writes or reads has room for WS_INFER_SLACK numbers after its end. Where there are more,
 * the last vector begins early enough to end at the last channel, and makes some of them twice.
 */
#ifndef WS_NN_INFER_KERNELS_H
#define WS_NN_INFER_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cpu.h"
#include "nn/graph.h"

enum { WS_INFER_SLACK = 16 };

/**
 * y = relu(bias + x w + residual): a convolution or matrix product, or a group of them that are
 * alike. Positions are rows of places; a position reads n_runs runs of numbers. Its outputs are
 * blocks of up to max_vecs vectors; each sum goes over the inputs in order, whatever tile it is in.
 *
 * A sum over a part of the inputs begins with `start` in place of the bias, so that sums may be
 * made in several calls, to the same bits.
 */
typedef struct ws_infer_product {
    const float *x;
    size_t n_positions, x_step; /* of a row; from one to the next */
    size_t n_rows, x_row, y_row;
    size_t n_runs;                /* of inputs */
    size_t run;                   /* numbers in each */
    size_t run_step;              /* from one to the next */
    const float *w;               /* as pack lays them out, the groups one after the other */
    size_t n_inputs, first_input; /* that w has, and the first of them that belongs to x */
    const float *bias;
    const float *start;    /* like y; may be y if n_lanes divides n_out; NULL: the bias */
    const float *residual; /* like y; NULL: zeros */
    bool has_relu;
    size_t n_out;
    float *y;                          /* [n_rows, n_positions, n_out] */
    size_t n_groups, x_group, y_group; /* from one group to the next */
    int tiles[2]; /* chosen by choose_tiles: of the wider and the narrower blocks */
} ws_infer_product;

/**
 * y = relu(bias + sum over taps of w x): a depthwise convolution. A row has places of `length`
 * numbers, which are channels, or columns and channels; tap t reads them at an offset.
 */
typedef struct ws_infer_taps {
    const float *x;
    size_t n_rows, x_step, y_step; /* from one row to the next */
    size_t n_places, place_step;   /* of a row; from one to the next in x, in y `length` */
    size_t length;
    size_t n_taps;
    const ptrdiff_t *offsets; /* [n_taps] */
    const float *w;           /* [n_taps] rows, w_step apart */
    size_t w_step;
    const float *bias; /* [n_places, length], as the rows of w */
    bool has_relu;
    float *y;
} ws_infer_taps;

/** y [n_out] = relu(bias + w x): a matrix product with one vector, lanes along the inputs. */
typedef struct ws_infer_dots {
    const float *x; /* [n_in] */
    const float *w; /* [n_out, n_in] */
    const float *bias;
    size_t n_in, n_out;
    bool has_relu;
    float *y;
} ws_infer_dots;

/** A row of columns to their values at points, or back (winograd.h). Tile t is for the columns of
 *  the output from t * n_outputs on. Channels fill at least a vector. */
typedef struct ws_infer_columns {
    const float *x;
    size_t width; /* columns of the side that has columns */
    size_t n_channels;
    size_t before; /* columns of zeros before x */
    size_t n_tiles, n_outputs;
    const float *bias;     /* [n_channels] of the way back */
    const float *residual; /* like y of the way back; NULL: zeros */
    bool has_relu;
    float *y;
} ws_infer_columns;

/** Sums of n vectors of numbers, `step` apart, times a factor; of each group. */
typedef struct ws_infer_sums {
    const float *x;
    size_t n_groups, group_step;
    size_t n, step;
    size_t length;
    float factor;
    float *y; /* [n_groups, length] */
} ws_infer_sums;

/** Windows of one row of a pooling: for each place, the elements of its window in the image. */
typedef struct ws_infer_pool {
    const float *x; /* of the first row that the windows reach */
    size_t row_step, n_rows;
    size_t width, n_channels; /* of a row */
    size_t window_w, stride_w, before_w;
    size_t n_out; /* places */
    bool is_average;
    float *y; /* [n_out, n_channels] */
} ws_infer_pool;

enum { WS_INFER_MAX_TERMS = 4 };

/** y [n_rows, n_places, length] = relu(sum of the terms), or the product of two. A term that
 *  repeats along an axis has step 0 there. */
typedef struct ws_infer_terms {
    const float *x[WS_INFER_MAX_TERMS];
    size_t row_steps[WS_INFER_MAX_TERMS], place_steps[WS_INFER_MAX_TERMS];
    size_t n_terms; /* 2 .. WS_INFER_MAX_TERMS */
    size_t n_rows, n_places, length;
    bool has_relu; /* of a sum */
    float *y;
} ws_infer_terms;

typedef struct ws_infer_kernels {
    size_t n_lanes; /* of a vector */

    /** Floats of a packed matrix of n_in inputs, and of a bias. */
    size_t (*packed_size)(size_t n_in, size_t n_out);
    size_t (*bias_size)(size_t n_out);
    /** @param w  [n_in, n_out]  @param packed  [packed_size] */
    void (*pack)(const float *w, size_t n_in, size_t n_out, float *packed);
    /** @param bias  [n_out] or NULL: zeros */
    void (*pack_bias)(const float *bias, size_t n_out, float *packed);
    void (*choose_tiles)(ws_infer_product *product);
    void (*multiply)(const ws_infer_product *product);
    /** x [width, n_channels] to y [WS_WINOGRAD_N_POINTS, n_tiles, n_channels] */
    void (*to_points)(const ws_infer_columns *columns);
    /** x [WS_WINOGRAD_N_POINTS, n_tiles, n_channels] to y [width, n_channels] */
    void (*from_points)(const ws_infer_columns *columns);

    void (*taps)(const ws_infer_taps *taps);
    void (*dots)(const ws_infer_dots *dots);
    void (*sums)(const ws_infer_sums *sums);
    void (*pool)(const ws_infer_pool *pool);

    void (*add)(const ws_infer_terms *terms);
    void (*mul)(const ws_infer_terms *terms);
    /** y [n] = x scale + shift */
    void (*scale)(const float *x, const float *scale, const float *shift, size_t n, bool has_relu,
                  float *y);
    /** y [n] = x or its WS_OP_RELU, WS_OP_SILU or WS_OP_SIGMOID; y may be x */
    void (*activate)(ws_op_kind kind, const float *x, size_t n, float *y);
    /** y [length] += sum of the rows of x [n, length] times those of w [n, length] */
    void (*weigh)(const float *x, const float *w, size_t n, size_t length, float *y);
} ws_infer_kernels;

const ws_infer_kernels *ws_infer_kernels_get(ws_cpu_level level);

#endif
