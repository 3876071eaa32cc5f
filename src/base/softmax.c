#include "base/softmax.h"

#include <math.h>

double ws_softmax_sum(const float *logits, size_t n_labels, double *largest)
{
    /* not of doubles: GCC 12 for AArch64 breaks down on that */
    float most = n_labels == 1 ? fmaxf(logits[0], 0.0f) : logits[0];
    double sum = 0.0;

    for (size_t k = 1; k < n_labels; k++)
        most = fmaxf(most, logits[k]);
    *largest = (double)most;
    if (n_labels == 1) /* the other label */
        sum = exp(-*largest);
    for (size_t k = 0; k < n_labels; k++)
        sum += exp((double)logits[k] - *largest);
    return sum;
}
