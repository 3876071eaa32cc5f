/**
 * The scores of a clip's logits: the sum that all its probabilities share.
 *
 * One label is a question to be answered yes or no: its score is the sigmoid of its logit. That is
 * the softmax over two labels, of which the other one has the logit 0, and so it is computed here.
 */
#ifndef WS_BASE_SOFTMAX_H
#define WS_BASE_SOFTMAX_H

#include <stddef.h>

/**
 * Label k has the probability exp(logits[k] - *largest) / sum. Taking the largest logit off changes
 * no probability, but keeps exp in range.
 *
 * @param logits   [n_labels], at least one
 * @param largest  filled: the largest logit, of one label at least 0
 * @return the sum, 1..n_labels (1..2 of one label); NaN if any logit is NaN or the largest is
 *         infinite
 */
double ws_softmax_sum(const float *logits, size_t n_labels, double *largest);

#endif
