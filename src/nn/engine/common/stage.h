/**
 * The fast engine inside: what its files share.
 *
 * A batch runs through a list of **phases**; a phase is one parallel loop over items (samples,
 * blocks of samples, parts of a matrix), each done by one thread in scratch memory of its own.
 * Items of a phase write to different places, so their order does not matter.
 *
 * A stage of the plan is done by a kit of phases (kits.h). Between stages numbers lie in y and dy,
 * as [n, h, w, c]; only between two stages by FFT they are handed over tile by tile, and lie
 * nowhere.
 */
#ifndef WS_NN_ENGINE_COMMON_STAGE_H
#define WS_NN_ENGINE_COMMON_STAGE_H

#include "base/layout.h"
#include "nn/engine/common/share.h"
#include "nn/engine/common/tail.h"
#include "nn/engine/common/window_rows.h"
#include "nn/engine/engine.h"
#include "nn/engine/fft/fftconv.h"
#include "nn/plan.h"
#include "nn/quant_kernels.h"

/**
 * A convolution by FFT: its plan and its spectra, all of the batch under way. Blocks are of 16
 * channels; spectra are as in fftconv.h. With one input channel there is no y, and dv is apart from
 * v, for it is summed chunk of samples by chunk.
 */
typedef struct ws_fft_arrays {
    ws_fftconv conv;
    bool rows_are_channels; /* of an image that is one row high: see fft.c */
    const ws_tail_kernels *tail;
    float *x;         /* X, later dX */
    float *y;         /* Y, later dY */
    float *v;         /* V, later dV */
    float *dv;        /* [n_chunks, out_blocks, one_v floats], one input channel */
    float *bias_sums; /* [n_chunks, out_blocks, 16], likewise */
    size_t n_mask_words;
    uint32_t *masks; /* [max_batch, n_mask_words] of dropout */
    uint64_t *seen;  /* [max_batch, tiles of in] maps of what is not zero in x: one of each sample,
                        of each tile if x comes in tiles (live.h) */
    uint64_t *live;  /* [max_batch] maps of the outputs that see any of it */
} ws_fft_arrays;

/** A direct convolution of one channel (direct.c). Groups are of 16 samples. */
typedef struct ws_direct_arrays {
    float *images;    /* [groups, image_h, image_w, 16] with padding */
    uint32_t *masks;  /* [max_batch, words] of dropout */
    float *gradients; /* [groups * bands, weights then bias] */
} ws_direct_arrays;

/** Arrays of a stage that are summed over ranks, at most: weights and bias. */
enum { WS_FAST_MAX_SUMS = 2 };

typedef struct ws_fast_stage {
    const ws_stage *plan;
    const struct ws_fast_kit *kit;
    size_t max_batch;
    ws_cpu_level level; /* the instruction set to use */
    bool is_first;      /* nobody wants a gradient of what it reads */
    size_t stream_step; /* rows of x from one sample to the next, which they share; 0: apart */

    /* Between two stages by FFT there is no y and no dy. */
    struct ws_fast_stage *successor; /* takes tiles of y, and gives tiles of dy; or NULL */
    bool is_successor;               /* the stage before has it as its successor */

    const ws_shards *shards; /* of the pass under way, in training */

    /* With ranks: what they sum, and what is made of it (kit->list_sums, kit->list_finished). */
    ws_fast_exchange sums[WS_FAST_MAX_SUMS], finished;
    size_t n_sums;
    ws_shard_span own; /* columns of the first sum that this rank finishes; all, without ranks */

    const float *x; /* [n, in] of the pass under way: the features, or y of the stage before */
    float *dx;      /* [n, in] dy of the stage before; NULL if is_first */
    float *y;       /* [max_batch, out] */
    float *dy;      /* [max_batch, out] gradient of the loss by y */
    uint8_t *codes; /* [max_batch, out] what the tail keeps for the way back (tail.h); by FFT
                       [max_batch, out_blocks, out.h out.w, 16] */

    /* conv.c */
    ws_window_rows rows;
    size_t tile_h;          /* rows of middle in a tile */
    float *block_gradients; /* [WS_N_SAMPLE_BLOCKS, weights then bias] */

    /* dense.c */
    size_t n_parts;   /* parts into which the rows of the matrix are cut */
    float *part_sums; /* [n_parts, max_batch, padded middle] what each part gives */
    float *padded_dy; /* [max_batch, padded middle] gradient before the tail (dense_kernels.h) */

    /* quant.c */
    float *sample_mins, *sample_maxs; /* [max_batch] of what is quantised */
    ws_levels levels;                 /* of the pass under way */

    /* fft.c */
    ws_fft_arrays fft;

    /* direct.c */
    ws_direct_arrays direct;
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
    ws_phase_work (*count)(const ws_fast_stage *stage, const ws_pass *pass);
    bool is_small; /* so little work that waking other threads would take longer */
} ws_phase;

enum { WS_KIT_MAX_PHASES = 3 }; /* and one late one; see also nn/phase_time.h */

/** How a stage is done. Phases run in the order of the lists; unused places are zero. */
typedef struct ws_fast_kit {
    const char *name;
    /** Chooses sizes; called before place. May be NULL, as place. */
    void (*init)(ws_fast_stage *stage);
    /** Lays out the arrays that only this kit uses. */
    void (*place)(ws_fast_stage *stage, ws_layout *layout);
    /** Whether forward can, and is faster if it does, go over the rows only once that samples
     *  share which are a step apart. NULL: never. */
    bool (*shares_rows)(const ws_fast_stage *stage, size_t step);
    size_t (*n_scratch_bytes)(const ws_fast_stage *stage);
    /** The shards whose sums over the batch the stage makes apart, so that ranks may share it out.
     *  NULL: there is one shard only. */
    ws_shard_rule (*shard_rule)(const ws_fast_stage *stage);
    /** With shard_rule: the arrays that ranks sum after the phases backward.
     *  @param pass  NULL: `at` is not wanted
     *  @return how many: WS_FAST_MAX_SUMS at most */
    size_t (*list_sums)(const ws_fast_stage *stage, const ws_pass *pass, ws_fast_columns *sums);
    /** What each rank makes of its own columns of the first sum in the phase `late`, which all
     *  ranks need. NULL: all ranks need the first sum itself. pass: as above */
    ws_fast_columns (*list_finished)(const ws_fast_stage *stage, const ws_pass *pass);
    ws_phase forward[WS_KIT_MAX_PHASES];  /* x -> y */
    ws_phase backward[WS_KIT_MAX_PHASES]; /* x, y, dy -> dx, gradients or what becomes gradients */
    ws_phase late; /* backward, when the first sum is complete; no other stage waits for it */
} ws_fast_kit;

/* Common numbers of items. */
size_t ws_items_samples(const ws_fast_stage *stage, size_t n);

/* Work of phases that are the same in several kits (product_work.c): all products of a stage
 * forward, or back to both gradients; what only passes over y, or its gradient. */
ws_phase_work ws_count_products_forward(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_count_products_back(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_count_tail(const ws_fast_stage *stage, const ws_pass *pass);

/** Dropout of a pass, NULL if it is not training. */
static inline const ws_dropout *ws_pass_dropout(const ws_pass *pass)
{
    return pass->labels != NULL ? pass->dropout : NULL;
}

/** Lays out the codes of the tail, for kits whose samples are [h, w, c]. */
void ws_fast_tail_place(ws_fast_stage *stage, ws_layout *layout);

/** The tail of a sample forward, from z to y, with the mask in keep, which is drawn.
 *  @param z  [rows.z, middle_w, c]; without pooling it may be where those rows of y are */
void ws_fast_tail_forward(const ws_phase_run *run, size_t sample, const uint32_t *keep,
                          ws_tile_rows rows, const float *z);

/** And back, from dy to dz [rows.z, middle_w, c]. Without pooling dz may be where those rows of dy
 *  are. */
void ws_fast_tail_backward(const ws_phase_run *run, size_t sample, ws_tile_rows rows, float *dz);

/** The stage's parameters and where their gradients go; bias parts are NULL without one. */
typedef struct ws_fast_weights {
    const float *weights, *bias;
    float *weights_gradient, *bias_gradient;
} ws_fast_weights;

ws_fast_weights ws_fast_weights_of(const ws_fast_stage *stage, const ws_pass *pass);

/** The sums of a stage whose gradients of weights and bias are made in place (kit->list_sums). */
size_t ws_fast_list_gradients(const ws_fast_stage *stage, const ws_pass *pass,
                              ws_fast_columns *sums);

/** Fills n rows of z [n, c] with the bias, or zeros: what sums begin with. */
void ws_fast_start_sums(const float *bias, size_t n, size_t c, float *z);

#endif
