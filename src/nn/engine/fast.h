/**
 * The fast engine inside: what its files share.
 *
 * A batch runs through a list of **phases**; a phase is one parallel loop over items (samples,
 * blocks of samples, parts of a matrix), each done by one thread in scratch memory of its own.
 * Items of a phase write to different places, so their order does not matter.
 *
 * A stage of the plan brings a kit of phases: dense.c and conv.c today. Another algorithm for a
 * convolution is another file with another kit. Between stages numbers lie in y and dy, as
 * [n, h, w, c].
 */
#ifndef WS_NN_ENGINE_FAST_H
#define WS_NN_ENGINE_FAST_H

#include "nn/engine/engine.h"
#include "nn/engine/layout.h"
#include "nn/engine/window_rows.h"
#include "nn/plan.h"

typedef struct ws_fast_stage {
    const ws_stage *plan;
    const struct ws_fast_kit *kit;
    size_t max_batch;
    bool is_first; /* nobody wants a gradient of what it reads */

    const float *x;   /* [n, in] of the pass under way: the features, or y of the stage before */
    float *dx;        /* [n, in] dy of the stage before; NULL if is_first */
    float *y;         /* [max_batch, out] */
    float *dy;        /* [max_batch, out] gradient of the loss by y */
    uint8_t *winners; /* [max_batch, out] of the pooling, or NULL */

    /* conv.c */
    ws_window_rows rows;
    size_t tile_h;          /* rows of middle in a tile */
    float *block_gradients; /* [WS_N_SAMPLE_BLOCKS, weights then bias] */

    /* dense.c */
    size_t n_parts;   /* the matrix is cut into so many parts of its rows */
    float *part_sums; /* [n_parts, max_batch, middle] what each part gives */
} ws_fast_stage;

/** What an item gets: the pass, its stage, and scratch of its thread. */
typedef struct ws_phase_run {
    const ws_pass *pass;
    ws_fast_stage *stage;
    size_t item;
    void *scratch; /* [kit->n_scratch_bytes], aligned for vectors */
} ws_phase_run;

typedef struct ws_phase {
    const char *name;
    size_t (*n_items)(const ws_fast_stage *stage, size_t n); /* for a batch of n */
    void (*run)(const ws_phase_run *run);
} ws_phase;

enum { WS_KIT_MAX_PHASES = 3 };

/** How a stage is done. Phases run in the order of the lists; unused places are zero. */
typedef struct ws_fast_kit {
    const char *name;
    /** Chooses sizes; called before place. */
    void (*init)(ws_fast_stage *stage);
    /** Lays out the arrays that only this kit uses. */
    void (*place)(ws_fast_stage *stage, ws_layout *layout);
    size_t (*n_scratch_bytes)(const ws_fast_stage *stage);
    ws_phase forward[WS_KIT_MAX_PHASES];  /* x -> y */
    ws_phase backward[WS_KIT_MAX_PHASES]; /* x, y, dy -> dx, gradients */
} ws_fast_kit;

extern const ws_fast_kit ws_fast_conv;
extern const ws_fast_kit ws_fast_dense;

/* Common numbers of items. */
size_t ws_items_samples(const ws_fast_stage *stage, size_t n);
size_t ws_items_sample_blocks(const ws_fast_stage *stage, size_t n);

/** Dropout of a pass, NULL if it is not training. */
static inline const ws_dropout *ws_pass_dropout(const ws_pass *pass)
{
    return pass->labels != NULL ? pass->dropout : NULL;
}

/** The stage's parameters and where their gradients go; bias parts are NULL without one. */
typedef struct ws_fast_weights {
    const float *weights, *bias;
    float *weights_gradient, *bias_gradient;
} ws_fast_weights;

ws_fast_weights ws_fast_weights_of(const ws_fast_stage *stage, const ws_pass *pass);

/** Fills n rows of z [n, c] with the bias, or zeros: what sums begin with. */
void ws_fast_start_sums(const float *bias, size_t n, size_t c, float *z);

#endif
