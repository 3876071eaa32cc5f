/** Private to run.c and steps.c: one item of a phase. */
#ifndef WS_NN_ENGINE_LANES_ITEM_H
#define WS_NN_ENGINE_LANES_ITEM_H

#include "nn/engine/lanes/maps.h"
#include "nn/engine/lanes/run.h"

/** Factors by band and channel of a normalisation, [n_bands, c] each. */
typedef struct ws_lanes_factors {
    float *a, *b, *mean;             /* y = a x + b */
    float *back_a, *back_b, *back_c; /* dx = back_a dy + back_b x + back_c */
    double *inverse;                 /* 1 / sqrt(variance + epsilon) */
} ws_lanes_factors;

/** What all items share. */
typedef struct ws_lanes_shared {
    const ws_lanes_program *program;
    ws_lanes_plan plan;
    const ws_lanes_products *products, *few_products; /* for blocks of 16 lanes, and of few */
    const ws_lanes_maps *maps, *few_maps;
    float *memory, *parts;
    ws_lanes_factors *factors; /* [n_norms] */
    float **weights;           /* [n_nodes] of an operator if not those of the parameters:
                                  transposed, or constant; else NULL */
    float *ones;               /* factors of a bias */
    ws_lanes_levels *levels;   /* [n_quantizers] */
    const ws_lanes_pass *pass;
    size_t first_block;   /* of the pass, in the whole batch */
    ws_ranks *ranks;      /* borrowed; NULL: one process */
    size_t *ends;         /* [ranks] bytes */
    ws_ranks_task *tasks; /* [n_nodes] of its parts */
} ws_lanes_shared;

typedef struct ws_lanes_item {
    const ws_lanes_shared *shared;
    const ws_lanes_phase *phase;
    size_t block, band;
    size_t n_live;                     /* samples in the block */
    size_t n_lanes;                    /* of the block; plans are made for 16 */
    const float *live;                 /* [n_lanes] of a block that is not full, or NULL */
    const ws_lanes_products *products; /* for that many */
    const ws_lanes_maps *maps;
    float *scratch;
    ptrdiff_t group;       /* first row of those that the sweep is at */
    ws_lanes_ahead *ahead; /* what is read from memory after these, or NULL */
} ws_lanes_item;

/* rows.c */

static inline const ws_lanes_node *ws_lanes_node_at(const ws_lanes_item *item, size_t node)
{
    return &item->shared->program->nodes[node];
}

/** Converts a distance or size of a plan, which is made for 16 lanes, to that in the item's block.
 */
static inline ptrdiff_t ws_lanes_floats(const ws_lanes_item *item, ptrdiff_t n)
{
    return n / WS_LANES * (ptrdiff_t)item->n_lanes;
}

static inline size_t ws_lanes_size(const ws_lanes_item *item, size_t n)
{
    return n / WS_LANES * item->n_lanes;
}

/** Row `row` of a stored node, of the item's block. */
static inline float *ws_lanes_memory_row(const ws_lanes_item *item, const ws_lanes_array *array,
                                         ptrdiff_t row)
{
    return item->shared->memory + array->offset + item->block * array->block +
           ws_lanes_floats(item, row * (ptrdiff_t)array->row);
}

/** Whether a step writes rows around the caches: they lie in a buffer, too. */
static inline bool ws_lanes_streams(const ws_lanes_item *item, const ws_lanes_step *step)
{
    return step->keeps_own && item->shared->plan.streams && item->n_lanes == WS_LANES;
}

/** Whether it does so while it computes them. */
static inline bool ws_lanes_streams_as_it_goes(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_op op = ws_lanes_node_at(item, step->node)->op;
    const bool is_window = op == WS_LANES_CONV || op == WS_LANES_CONV_BACK ||
                           op == WS_LANES_DEPTHWISE || op == WS_LANES_DEPTHWISE_BACK;

    return ws_lanes_streams(item, step) &&
           (step->join.is_join || (is_window && item->products->keeps));
}

/** Row `row` of what a step gives. */
float *ws_lanes_step_row(const ws_lanes_item *item, const ws_lanes_step *step, ptrdiff_t row);
/** A source of a step from row `row` on; a source of one row is repeated. */
ws_lanes_in ws_lanes_input_rows(const ws_lanes_item *item, const ws_lanes_step *step, size_t source,
                                ptrdiff_t row);
/** A map over rows of the step, with what is common to all operators. */
void ws_lanes_describe_map(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows,
                           ws_lanes_map *map);

/* ahead.c */

/** Groups of rows that a sweep takes one after the other. */
size_t ws_lanes_count_row_groups(const ws_lanes_item *item, const ws_lanes_sweep *sweep);
/** The rows of a group; a step may have fewer of them. */
ws_lanes_span ws_lanes_get_row_group(const ws_lanes_item *item, const ws_lanes_sweep *sweep,
                                     size_t group);
/** Those that a step computes. */
ws_lanes_span ws_lanes_rows_of_group(const ws_lanes_item *item, const ws_lanes_sweep *sweep,
                                     const ws_lanes_step *step, size_t group);
/** Finds what the group after this one reads from memory: of the sweep, of the next sweeps or of
 *  the next item.
 *  @param sweep  number, of the phase
 *  @param next   the next item, or NULL */
void ws_lanes_look_ahead(const ws_lanes_item *item, size_t sweep, size_t group,
                         const ws_lanes_item *next, ws_lanes_ahead *ahead);

/* elementwise.c, windows.c */

void ws_lanes_run_elementwise(const ws_lanes_item *item, const ws_lanes_step *step,
                              ws_lanes_span rows);
/** Output pixels of a convolution: from the first place of each window. */
void ws_lanes_run_window(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows);
/** Input places of a convolution, class by class (taps.c). */
void ws_lanes_run_window_back(const ws_lanes_item *item, const ws_lanes_step *step,
                              ws_lanes_span rows);
/** The whole band's part of the gradient of weights. */
void ws_lanes_run_weights(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows);

/* max_pool.c */

void ws_lanes_run_max_pool(const ws_lanes_item *item, const ws_lanes_step *step,
                           ws_lanes_span rows);
/** To the first of the largest numbers under each window that meets the rows. */
void ws_lanes_run_max_pool_back(const ws_lanes_item *item, const ws_lanes_step *step,
                                ws_lanes_span rows);

/* share.c; by one thread */

/** Hands round what the items of a phase have given to sums, and waits for what the next phase
 *  needs of it. */
void ws_lanes_share_phase(const ws_lanes_shared *shared, const ws_lanes_phase *phase);
/** Waits for what the gradients of weights are made of. */
void ws_lanes_share_finish(const ws_lanes_shared *shared);

/* weights.c */

/** Floats of the weights that node i has for itself; 0: it reads the parameters. */
size_t ws_lanes_count_own_weights(const ws_lanes_program *program, size_t i);
/** Those that are the same for all passes: of averages. */
void ws_lanes_fill_constant_weights(const ws_lanes_shared *shared);
/** Those of a gradient by the input: [tap, in, out] to [tap, out, in]. Nothing for other nodes. */
void ws_lanes_transpose_weights(const ws_lanes_shared *shared, size_t i);

/* steps.c */

/** Zeros what a step sums up. */
void ws_lanes_step_begin(const ws_lanes_item *item, const ws_lanes_step *step);
/** Computes some rows. */
void ws_lanes_step_run(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows);
/** Gives the item's part. */
void ws_lanes_step_end(const ws_lanes_item *item, const ws_lanes_step *step);

/** The part of a sum that an item of the whole batch gives. */
static inline float *ws_lanes_part(const ws_lanes_shared *shared, const ws_lanes_step *step,
                                   size_t block, size_t band)
{
    const size_t item = block * shared->program->n_bands + band;
    return shared->parts + step->parts + item * step->n_part;
}

/** The item's own. */
static inline float *ws_lanes_own_part(const ws_lanes_item *item, const ws_lanes_step *step)
{
    return ws_lanes_part(item->shared, step, item->shared->first_block + item->block, item->band);
}

#endif
