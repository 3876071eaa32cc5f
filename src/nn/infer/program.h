/**
 * Private to the engine: what it does with a sample, as steps that read and write values.
 *
 *     layers of lower.h -> compile.c: steps -> place.c: values in an arena -> pack.c: weights
 *                       -> run.c; slide.c for windows that overlap
 *
 * A value is rows [h, w * c] with room for rows of zeros around them, if a step reads beyond its
 * ends. Values share memory where they are not needed at the same time.
 */
#ifndef WS_NN_INFER_PROGRAM_H
#define WS_NN_INFER_PROGRAM_H

#include "base/arena.h"
#include "base/layout.h"
#include "nn/fake_quant.h"
#include "nn/infer/infer.h"
#include "nn/infer/kernels.h"
#include "nn/passes/lower.h"
#include "nn/quant_kernels.h"

/** Rows that do not depend on where a window of a stream begins and ends. */
typedef struct ws_infer_inner {
    size_t stride; /* rows of features from one to the next; 0: there are no such rows */
    size_t first, end;
} ws_infer_inner;

/** Up to this many windows lie between two that have rows in common. */
enum { WS_INFER_MAX_COPIES = 8 };

/** Rows that a window has from an earlier one. */
typedef struct ws_infer_shared {
    size_t n_copies;   /* from the window that many before; 0: all rows are computed */
    size_t advance;    /* how many rows the value lies further on than in that window */
    size_t first, end; /* its rows that are there already */
    size_t room;       /* rows by which a copy may move before it goes back to its beginning */
    size_t size;       /* floats of a copy */
    size_t at[WS_INFER_MAX_COPIES]; /* rows by which each has moved */
    size_t copy;                    /* of this window */
    bool is_there;                  /* in this window: the stream is long enough for that */
} ws_infer_shared;

typedef struct ws_infer_value {
    ws_shape shape;
    size_t before, after; /* rows of zeros */
    size_t first, last;   /* the step that makes it (SIZE_MAX: unknown yet), and the last reader */
    bool is_kept;         /* from one run to the next */
    bool is_made;         /* while rows are found that windows share: a step was seen */
    ws_infer_inner inner;
    ws_infer_shared shared;
    size_t offset; /* in the array of all values, of the rows of zeros before it */
    float *kept;   /* its first row, before it has moved */
    float *data;   /* its first row; of value 0, the features, those of the caller */
} ws_infer_value;

typedef enum ws_infer_kind {
    WS_INFER_PAD, /* a copy with columns of zeros around it */
    WS_INFER_PRODUCT,
    WS_INFER_TO_POINTS, /* and back: winograd.h */
    WS_INFER_FROM_POINTS,
    WS_INFER_TAPS,
    WS_INFER_DOTS,
    WS_INFER_SVDF,
    WS_INFER_ADD,
    WS_INFER_MUL,
    WS_INFER_SCALE,
    WS_INFER_ACTIVATE,
    WS_INFER_MEAN,
    WS_INFER_POOL,
    WS_INFER_COPY, /* a box of the input to a box of the output, or a change of shape */
    WS_INFER_QUANTIZE,
    WS_INFER_HISTORY, /* its output holds the rows of earlier samples */
} ws_infer_kind;

enum { WS_INFER_NO_VALUE = 0 }; /* in place of a residual; 0 is the features, never a residual */

/** Sums over the rows that a window shares with later ones: partial.c. */
typedef struct ws_infer_partial {
    size_t n_rows; /* last rows of the output, which no earlier window has; 0: sums are not kept */
    size_t room;   /* rows by which a copy may move before it goes back to its beginning */
    size_t at[WS_INFER_MAX_COPIES]; /* rows by which each has moved */
    float *sums;                    /* [n_copies, n_rows + room, row of the output] */
} ws_infer_partial;

typedef struct ws_infer_step {
    ws_infer_kind kind;
    const ws_node *node;           /* that has the attributes */
    size_t in[WS_INFER_MAX_TERMS]; /* values */
    size_t n_in;
    size_t out;      /* value; may be in[0] of ACTIVATE and QUANTIZE */
    size_t residual; /* value that is added, or WS_INFER_NO_VALUE */
    bool has_relu;
    ws_op_kind activation;           /* of ACTIVATE */
    size_t weights, bias_node, norm; /* nodes with variables: 0 for none */
    ws_window window;                /* that slides, with `zeros` that it has */
    ws_shape from, to, size;         /* of COPY: where the boxes begin, and their size */
    ws_levels levels;                /* of QUANTIZE */

    /* laid out by pack.c */
    float *w, *bias; /* SVDF: of the frequencies; SCALE: factors and shifts */
    float *times;    /* of SVDF: [blocks, h, block] */
    float *scratch;
    ptrdiff_t *offsets;              /* of TAPS: [n_taps] */
    size_t n_joined;                 /* of TAPS: rows of the value that are one row of the kernel */
    const ws_infer_kernels *kernels; /* of PRODUCT */
    ws_infer_product product;        /* of PRODUCT and SVDF, without the arrays of a run */
    int part_tiles[2][2];            /* of PRODUCT: for the rows before and after shared ones */
    bool is_at_points;               /* of PRODUCT: between TO_POINTS and FROM_POINTS */
    bool is_flat;                    /* of PRODUCT: positions of all rows follow each other */
    size_t n_blocks;                 /* of SVDF */
    ws_infer_partial partial;        /* of PRODUCT */
} ws_infer_step;

struct ws_infer {
    const ws_infer_kernels *kernels;
    const ws_quant_kernels *quant;
    ws_lowered lowered;
    ws_infer_value *values;
    size_t n_values;
    ws_infer_step *steps;
    size_t n_steps;
    size_t output; /* value */
    size_t n_inputs, n_labels;
    size_t n_rows;      /* of features from one window to the next; 0: samples are unrelated */
    uint64_t n_windows; /* since the stream began */
    size_t n_floats;    /* of all values */
    float *memory;      /* [n_floats] the values */
    ws_arena arena;
};

/** SVDF goes over its filters in blocks. */
enum { WS_INFER_SVDF_BLOCK = 64 };

/** The kernels for products of n_out outputs: those whose vectors are not half empty.
 *  @param best  of the instruction set */
const ws_infer_kernels *ws_infer_kernels_get_for(const ws_infer_kernels *best, size_t n_out);

/** Steps and values of infer->lowered. */
WS_MUST_CHECK ws_status ws_infer_compile(ws_infer *infer, ws_error *err);

/** Which rows of values windows share; nothing without infer->n_rows. */
void ws_infer_find_shared(ws_infer *infer);

/** Before the next window: where its values are, and which of their rows are there. */
void ws_infer_move_on(ws_infer *infer);

/** Which rows of zeros steps read; offsets of all values. */
WS_MUST_CHECK ws_status ws_infer_place(ws_infer *infer, ws_error *err);

/** Where the values are, in an array [n_floats] that begins with a line. */
void ws_infer_set_memory(ws_infer *infer, float *memory);

/** Lays out the arrays of a step. */
void ws_infer_place_weights(const ws_infer *infer, ws_infer_step *step, ws_layout *layout);

/** Fills them. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_infer_fill_weights(const ws_infer *infer, ws_infer_step *step,
                                              ws_error *err);

/** Which products keep partial sums. */
void ws_infer_find_partial(ws_infer *infer);

/** Computes the rows of its output that are not there from an earlier window. */
void ws_infer_run_step(const ws_infer *infer, ws_infer_step *step);

/** Rows [first, end) of a product's output, with the tiles that were chosen for all rows. */
ws_infer_product ws_infer_find_rows(const ws_infer *infer, const ws_infer_step *step, size_t first,
                                    size_t end);

/** The rows of a product from partial.n_rows before the end on. */
void ws_infer_run_partial(const ws_infer *infer, ws_infer_step *step);

/** Numbers in a row of a value. */
static inline size_t ws_infer_row(const ws_infer_value *value)
{
    return value->shape.w * value->shape.c;
}

#endif
