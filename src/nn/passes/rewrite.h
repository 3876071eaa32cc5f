/**
 * What passes share: a graph is written again, node after node, while a function says what becomes
 * of each one.
 */
#ifndef WS_NN_PASSES_REWRITE_H
#define WS_NN_PASSES_REWRITE_H

#include "nn/graph.h"

/** A graph being written again. */
typedef struct ws_rewrite {
    const ws_graph *from;
    ws_graph *to;    /* has the quantizers, scopes and constants of from already */
    size_t *values;  /* [from->n_nodes] the value of to that stands for each earlier one of from */
    int *parameters; /* [from->n_parameters] their numbers in to, or WS_NO_VARIABLE */
    int *states;     /* [from->n_states] likewise */
    void *user;      /* of the pass */
} ws_rewrite;

/** Pushes what becomes of node i of `from`. @return the value of `to` that stands for its own */
typedef size_t ws_rewrite_node(ws_rewrite *rewrite, size_t i);

/** What node i of `from` is where nothing changes: pushes it with its variables.
 *  @return its value in `to` */
size_t ws_rewrite_keep(ws_rewrite *rewrite, size_t i);

/** The same for a copy of a node with other attributes; its variables and inputs are those of
 * `from`. */
size_t ws_rewrite_keep_as(ws_rewrite *rewrite, const ws_node *node);

/**
 * Writes a graph again. Variables that no pushed node has are not in the new one.
 *
 * @param to         uninitialised before; empty after an error
 * @param node  called for each node in order
 * @param user  borrowed, for node
 * @return WS_OK; the first error of a push; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_rewrite_run(ws_graph *to, const ws_graph *from, ws_rewrite_node *node,
                                       void *user, ws_error *err);

/** Arrays of both graphs' variables. */
typedef struct ws_rewrite_numbers {
    const float *parameters, *states; /* of from */
    float *to_parameters, *to_states;
} ws_rewrite_numbers;

/** Copies the numbers of the variables of node i of `from`, which was kept. */
void ws_rewrite_copy_numbers(const ws_rewrite *rewrite, size_t i,
                             const ws_rewrite_numbers *numbers);

/** The one node that reads value i, or 0: none, or several. */
size_t ws_rewrite_find_reader(const ws_graph *graph, size_t i);

#endif
