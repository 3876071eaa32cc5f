/** Softmax cross entropy of one sample, with its gradient; network.h has the mean for users. */
#ifndef WS_NN_LOSS_H
#define WS_NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/**
 * @param logits    [n_labels]
 * @param label     below n_labels
 * @param gradient  [n_labels], filled: of this sample's loss by its logits
 * @return -log softmax(logits)[label]
 */
double ws_softmax_cross_entropy(const double *logits, size_t n_labels, int32_t label,
                                double *gradient);

#endif
