/** The loss of one sample, with its gradient; network.h has the mean for users. */
#ifndef WS_NN_LOSS_H
#define WS_NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/**
 * What the samples of a batch should come to, where that is not one label each. All zeros: it is.
 *
 *     loss = (1 - s) * sum over k of -shares[k] log softmax(logits)[k]
 *            + s * T^2 * KL(softmax(teacher / T) || softmax(logits / T))
 *
 * with s = teacher_share and T = temperature; the second term only with a teacher. All is borrowed.
 *
 * A network of one label answers yes or no. Then labels are 1 for yes and 0 for no, and the loss is
 * the binary cross entropy of sigmoid(logit): what the formula gives with another label that always
 * has the logit 0, and what shares leave of 1. There, the loss reads the logit times logit_factor:
 * the network learns a logit that many times as small, so its score, the sigmoid of the logit,
 * comes less near to 0 and 1.
 */
typedef struct ws_soft_targets {
    const float *shares;   /* [n, n_labels] 0 to 1, each row sums to 1; NULL: 1 for the label */
    const double *teacher; /* [n, n_labels] logits of another network; NULL: there is none */
    double temperature;    /* above 0 */
    double teacher_share;  /* 0 to 1 */
    const float *weights;  /* [n] factors of the samples' losses, 0 or more; NULL: 1 each */
    double logit_factor;   /* of one label, above 0; 0: 1 */
} ws_soft_targets;

/**
 * Softmax cross entropy.
 *
 * @param logits    [n_labels]
 * @param label     below n_labels
 * @param gradient  [n_labels], filled: of this sample's loss by its logits
 * @return -log softmax(logits)[label]
 */
double ws_softmax_cross_entropy(const double *logits, size_t n_labels, int32_t label,
                                double *gradient);

/**
 * Binary cross entropy of sigmoid(logit), also where that is 0 or 1 to the last digit.
 *
 * @param share     0 to 1: how much of a yes the sample is
 * @param gradient  filled: of the loss by the logit
 * @return -share log sigmoid(logit) - (1 - share) log (1 - sigmoid(logit))
 */
double ws_binary_cross_entropy(double logit, double share, double *gradient);

/**
 * The loss of a sample of a batch.
 *
 * @param labels    [n] of the batch
 * @param targets   of the batch
 * @param sample    which one
 * @param logits    [n_labels] its own
 * @param gradient  [n_labels], filled
 * @return the loss; to the bit ws_softmax_cross_entropy's (of one label ws_binary_cross_entropy's)
 *         where targets are all zeros
 */
double ws_sample_loss(const int32_t *labels, const ws_soft_targets *targets, size_t sample,
                      const double *logits, size_t n_labels, double *gradient);

#endif
