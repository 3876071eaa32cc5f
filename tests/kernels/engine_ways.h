/** Ways to compute a network, for tests that hold them to the reference. */
#ifndef WS_TESTS_ENGINE_WAYS_H
#define WS_TESTS_ENGINE_WAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/network.h"

typedef struct way {
    const char *name;
    ws_engine engine;
    ws_convolution convolution;
    const char *isa; /* as ws_network_options has them */
} way;

/** What the others are held to. */
extern const way way_reference;

/** Whether this processor has what the way needs. */
bool way_can_go(const way *by);

/** A network at the starting weights of a seed that is always the same. Fails the running test if
 *  it cannot be made. */
ws_network *way_create_network(const way *by, const ws_graph *graph, size_t max_batch,
                               unsigned n_threads);

/** The largest difference, as a share of the largest number wanted; NaN if there is one. */
double way_relative_error(const float *got, const float *want, size_t n);

#endif
