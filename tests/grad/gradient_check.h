/** A node's plain gradient against central differences, in double. */
#ifndef WS_TESTS_GRAD_GRADIENT_CHECK_H
#define WS_TESTS_GRAD_GRADIENT_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "nn/graph.h"

/** Numbers from -1 to 1 (free()). @param stream  other numbers for another one */
double *make_random(size_t n, uint32_t stream);

/**
 * Checks a graph's last node on n samples of random numbers.
 *
 * The loss is a fixed random mix of the outputs, sum r[i] y[i], so its gradient by y is r, and
 * backward must give the derivative by each input and each weight.
 */
void check_last(const ws_graph *graph, size_t n);

#endif
