/** How much arithmetic a graph asks for, done plainly: the yardstick for an engine's speed. */
#ifndef WS_NN_COST_H
#define WS_NN_COST_H

#include "nn/graph.h"

/** Multiplications with weights that one node does for one sample, forward; those with padding
 *  count too, as they do in papers and in other frameworks. */
double ws_graph_count_products(const ws_graph *graph, size_t node);

/** The same of all nodes. */
double ws_graph_count_all_products(const ws_graph *graph);

/**
 * Floating-point operations of one training step for one sample: two for each product and its
 * sum, forward, for the gradient of the weights and, after the first layer, for that of what the
 * layer reads. Activations, loss and update are left out.
 */
double ws_graph_count_training_operations(const ws_graph *graph);

#endif
