/**
 * When and where a program's nodes are computed.
 *
 * The plan is a list of **phases**. A phase is one parallel loop over items, each a block of 16
 * samples and one of n_bands bands of their rows; all items are done before the next phase begins.
 * So a node has to wait for a later phase only if it needs sums over the batch, or rows that other
 * items make. Everything else is strung together: a convolution's output is read by statistics,
 * activation and the next convolution while its rows are in the nearest cache.
 *
 * Within an item, a phase is a list of **sweeps** over the rows. A sweep takes some rows at a time
 * through all of its **steps**. What a later sweep needs, for it reads other rows or the whole
 * band, lies in a buffer for the band; what only its own sweep needs, in a buffer for those few
 * rows.
 *
 *     memory    arrays of nodes that later phases read; shared by nodes whose lives do not overlap
 *     scratch   of a thread: buffers and sums of an item
 *     parts     what each item gives to sums over the batch, added in order: same bits for any
 *               number of threads
 */
#ifndef WS_NN_ENGINE_LANES_PLAN_H
#define WS_NN_ENGINE_LANES_PLAN_H

#include "nn/engine/lanes/maps.h"
#include "nn/engine/lanes/products.h"
#include "nn/engine/lanes/program.h"

enum { WS_LANES_MAX_NAME = 80 };

typedef enum ws_lanes_place {
    WS_LANES_NOWHERE, /* sums over the batch */
    WS_LANES_MEMORY,
    WS_LANES_BAND_BUFFER,
    WS_LANES_ROWS_BUFFER,
} ws_lanes_place;

/** Taps of a group of channels, or of the output pixels whose row and column leave these
 *  remainders; see taps.c. */
typedef struct ws_lanes_class {
    size_t first, n; /* of the step's taps */
} ws_lanes_class;

/** Input number `input` of a node; none if the node is WS_LANES_NONE. */
typedef struct ws_lanes_source {
    size_t node, input;
} ws_lanes_source;

/* The sources of a step: of its operator in order, or as those of ws_lanes_map. */
enum { WS_LANES_X, WS_LANES_Z, WS_LANES_N, WS_LANES_M, WS_LANES_Q, WS_LANES_MAX_SOURCES };

/** Nodes element by element one after the other, done in one go (ws_lanes_maps.join; or on the way
 *  into a sum); WS_LANES_NONE where a part is missing. */
typedef struct ws_lanes_join {
    bool is_join;
    size_t factors; /* node whose normalisation or bias gives a and b */
    size_t mask;    /* likewise of m */
    size_t back;    /* normalisation back of which q is the input */
    float n_factor;
    ws_lanes_gate gate;
} ws_lanes_join;

/** An array in memory, floats: block b's row r lies at offset + b block + r row; in a block of 4
 *  lanes, rows are a quarter as long. */
typedef struct ws_lanes_array {
    size_t offset, block, row;
} ws_lanes_array;

/** Where a step finds a source. */
typedef struct ws_lanes_binding {
    size_t in;            /* the step that gives it; WS_LANES_NONE: memory has it */
    ws_lanes_array array; /* if memory has it */
    size_t pitch;         /* floats from one row to the next */
    bool is_repeated;     /* one row for all */
    bool is_narrow;       /* one pixel for all of a row */
} ws_lanes_binding;

typedef struct ws_lanes_step {
    size_t node; /* whose array it fills, or sum */
    ws_lanes_join join;
    ws_lanes_source sources[WS_LANES_MAX_SOURCES];
    ws_lanes_binding inputs[WS_LANES_MAX_SOURCES]; /* of the sources */
    size_t level;                                  /* order of its sweep */
    size_t h;                                      /* rows that the sweep goes over, of a sample */
    bool is_whole;                                 /* takes the whole band at once */
    bool is_last;                                  /* of its sweep: reads much, gives no rows */
    bool is_narrow;                                /* neither reads nor gives more than a pixel */
    ws_lanes_place place;
    ws_lanes_array array; /* of its node, if that is stored */
    bool keeps_own;       /* copies the band's own rows to memory: it has computed others, too, or
                             they are streamed */
    size_t home;          /* the step in whose buffer it lies: itself, or a PAD around it */
    size_t offset;        /* of the buffer in scratch, floats */
    size_t inset;         /* from there to the first row, floats */
    size_t pitch;         /* floats from one row to the next */
    size_t sums;          /* offset in scratch of what an item sums */
    size_t parts;         /* offset in the parts' memory: [items, n_part] */
    size_t n_part;
    ws_lanes_span *spans; /* [n_bands] rows that an item computes */
    ws_lanes_tap *taps;
    ws_lanes_class *classes; /* [groups], or [stride_h, stride_w] of a gradient, else one */
} ws_lanes_step;

typedef struct ws_lanes_sweep {
    size_t begin, end; /* steps */
    size_t n_rows;     /* at a time, at most */
} ws_lanes_sweep;

typedef struct ws_lanes_phase {
    ws_lanes_step *steps;
    size_t n_steps;
    ws_lanes_sweep *sweeps;
    size_t n_sweeps;
    bool is_backward;
    char name[WS_LANES_MAX_NAME];
} ws_lanes_phase;

/** What is known of a node. */
typedef struct ws_lanes_schedule {
    size_t phase;               /* in which it is computed, if it is computed once or stored */
    size_t available;           /* the first phase that can read any of its rows */
    size_t first_use, last_use; /* phases */
    size_t n_readers;
    bool is_stored;
    size_t memory; /* offset in memory, floats, if it is stored */
} ws_lanes_schedule;

typedef struct ws_lanes_plan {
    const ws_lanes_program *program; /* borrowed */
    size_t max_blocks, max_lanes;    /* lanes of all of them */
    ws_lanes_schedule *schedule;     /* [n_nodes] */
    double *reads;                   /* [n_nodes] what making a node again would read, a sample */
    ws_lanes_phase *phases;
    size_t n_phases, n_forward;          /* phases of both ways, of the way forward */
    size_t n_memory, n_scratch, n_parts; /* floats */
    bool streams;                        /* rows that are read in their phase, too, go to memory
                                            around the caches */
} ws_lanes_plan;

/** @param program    borrowed as long as the plan lives; without error, differentiated or not
 *  @return WS_OK or WS_ENOMEM; deinit in either case */
WS_MUST_CHECK ws_status ws_lanes_plan_init(ws_lanes_plan *plan, const ws_lanes_program *program,
                                           size_t max_batch, ws_error *err);
void ws_lanes_plan_deinit(ws_lanes_plan *plan);

/** Floats of one row, and of one sample block. */
static inline size_t ws_lanes_row_floats(const ws_lanes_node *node)
{
    return node->w * node->c * WS_LANES;
}
static inline size_t ws_lanes_block_floats(const ws_lanes_node *node)
{
    return node->h * ws_lanes_row_floats(node);
}

/** The rows of a band of h rows that are its own. */
static inline ws_lanes_span ws_lanes_own_rows(size_t h, size_t n_bands, size_t band)
{
    return (ws_lanes_span){(ptrdiff_t)(h * band / n_bands), (ptrdiff_t)(h * (band + 1) / n_bands)};
}

/* For the files of this folder. */

/** Something that needs memory from one time to another, both included. */
typedef struct ws_lanes_lease {
    size_t size, begin, end;
    size_t offset; /* set by ws_lanes_leases_place */
} ws_lanes_lease;

/** Gives each an offset, so that those that live at the same time do not overlap.
 *  @param[out] size  what all of them take together */
WS_MUST_CHECK ws_status ws_lanes_leases_place(ws_lanes_lease *leases, size_t n, size_t *size,
                                              ws_error *err);

/** Fills plan->schedule but for memory, and the numbers of phases. */
void ws_lanes_schedule_nodes(ws_lanes_plan *plan);
/** Makes phase number `p`. */
WS_MUST_CHECK ws_status ws_lanes_phase_init(ws_lanes_plan *plan, size_t p, ws_error *err);
/** Fills inputs and arrays of all steps, whose places are known; `in` of the inputs has been set.
 */
void ws_lanes_bind(const ws_lanes_plan *plan, ws_lanes_phase *phase);
/** Fills taps and classes of a step with its inputs. */
WS_MUST_CHECK ws_status ws_lanes_taps_init(const ws_lanes_plan *plan, ws_lanes_step *step,
                                           ws_error *err);
/** The node that a step reads there. */
size_t ws_lanes_source_node(const ws_lanes_program *program, ws_lanes_source source);
/** Strings the nodes of a phase together: steps [n_steps] with their joins and sources.
 *  @param is_step  [n_nodes]
 *  @param readers  [n_nodes] of them, how many read each
 *  @return n_steps */
size_t ws_lanes_join_steps(const ws_lanes_plan *plan, const bool *is_step, const size_t *readers,
                           size_t *step_of, ws_lanes_step *steps);
/** The name of a phase: its expensive operators. */
void ws_lanes_phase_name(const ws_lanes_plan *plan, const ws_lanes_phase *phase, char *name,
                         size_t size);
/** Counted, not measured: operations of products with weights, and bytes of the arrays in memory
 *  that the phase reads and writes, each number once.
 *  @param n_lanes  of all blocks of a batch (ws_lanes_count_lanes) */
void ws_lanes_phase_work(const ws_lanes_plan *plan, const ws_lanes_phase *phase, size_t n_lanes,
                         double *n_operations, double *n_bytes);

#endif
