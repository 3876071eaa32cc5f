/** Softmax over the logits of a clip: the sum that all its probabilities share. */
#ifndef WS_BASE_SOFTMAX_H
#define WS_BASE_SOFTMAX_H

#include <stddef.h>

/**
 * Label k has the probability exp(logits[k] - *largest) / sum. Taking the largest logit off changes
 * no probability, but keeps exp in range.
 *
 * @param logits   [n_labels], at least one
 * @param largest  filled
 * @return the sum, 1..n_labels; NaN if any logit is NaN or the largest is infinite
 */
double ws_softmax_sum(const float *logits, size_t n_labels, double *largest);

#endif
