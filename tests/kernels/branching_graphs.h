/** Small graphs that have what today's networks have, for tests that hold engines to the reference.
 */
#ifndef WS_TESTS_KERNELS_BRANCHING_GRAPHS_H
#define WS_TESTS_KERNELS_BRANCHING_GRAPHS_H

#include "nn/graph.h"

typedef struct branching_graph {
    const char *name;
    void (*build)(ws_graph *graph); /* appends to an empty one; at most 8 labels */
} branching_graph;

enum { N_BRANCHING_GRAPHS = 7 };

extern const branching_graph branching_graphs[N_BRANCHING_GRAPHS];

#endif
