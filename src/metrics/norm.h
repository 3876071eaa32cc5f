/** The length of a long vector, as of all gradients of a step. */
#ifndef WS_METRICS_NORM_H
#define WS_METRICS_NORM_H

#include <stddef.h>

/**
 * The square root of the sum of squares; NaN or infinite where a number is.
 *
 * Single precision where that is enough, within 1e-5 of the exact value. One thread does it: a
 * million numbers take some 50 microseconds, and waiting for another may take longer.
 */
double ws_norm_get(const float *values, size_t n);

#endif
