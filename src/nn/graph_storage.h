/** Private to the graph: how its arrays grow. */
#ifndef WS_NN_GRAPH_STORAGE_H
#define WS_NN_GRAPH_STORAGE_H

#include "nn/graph.h"

/**
 * Appends an element to one of the graph's arrays, unless the graph has an error.
 *
 * @param array    of *n elements; only this function has changed it
 * @param element  [size bytes]
 * @return the array, moved perhaps; in lack of memory as it was, and the graph has an error
 */
void *ws_graph_append(ws_graph *graph, void *array, size_t *n, const void *element, size_t size);

#endif
