/* The loss, and where the backward pass begins. With p[k] = exp(x[k]) / sum over j of exp(x[j]):
 *
 *     loss = -log p[label]        dx[k] = p[k] - (1 if k is the label, else 0)
 *
 * The largest logit is taken off first, which changes nothing but keeps exp in range. It is not an
 * operator of the table, for it reads labels too and ends every training graph in the same way. */
#include "base/softmax.h"
#include "nn/loss.h"
#include "nn/network.h"

#include <assert.h>
#include <math.h>

double ws_softmax_cross_entropy(const double *logits, size_t n_labels, int32_t label,
                                double *gradient)
{
    double largest = logits[0];
    double sum = 0.0;

    assert(label >= 0 && (size_t)label < n_labels);
    for (size_t k = 1; k < n_labels; k++)
        largest = logits[k] > largest ? logits[k] : largest;
    for (size_t k = 0; k < n_labels; k++) {
        gradient[k] = exp(logits[k] - largest);
        sum += gradient[k];
    }
    for (size_t k = 0; k < n_labels; k++)
        gradient[k] /= sum;
    gradient[label] -= 1.0;
    return log(sum) + largest - logits[label];
}

double ws_cross_entropy(const float *logits, const int32_t *labels, size_t n, size_t n_labels)
{
    double total = 0.0;

    for (size_t i = 0; i < n; i++) {
        const float *row = logits + i * n_labels;
        double largest;
        const double sum = ws_softmax_sum(row, n_labels, &largest);
        total += log(sum) + largest - (double)row[labels[i]];
    }
    return total / (double)n;
}
