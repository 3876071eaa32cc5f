#include "base/softmax.h"

#include <math.h>

double ws_softmax_sum(const float *logits, size_t n_labels, double *largest)
{
    double sum = 0.0;

    *largest = n_labels == 1 ? fmax((double)logits[0], 0.0) : (double)logits[0];
    if (n_labels == 1) /* the other label */
        sum = exp(-*largest);
    for (size_t k = 1; k < n_labels; k++)
        *largest = fmax(*largest, (double)logits[k]);
    for (size_t k = 0; k < n_labels; k++)
        sum += exp((double)logits[k] - *largest);
    return sum;
}
