/* The loss, and where the backward pass begins. With p[k] = exp(x[k]) / sum over j of exp(x[j]):
 *
 *     loss = -log p[label]        dx[k] = p[k] - (1 if k is the label, else 0)
 *
 * Of one label there is another one with the logit 0: with s = 1 / (1 + exp(-x)),
 *
 *     loss = -log s if the sample is a yes, else -log(1 - s)        dx = s - (1 if yes, else 0)
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

double ws_binary_cross_entropy(double logit, double share, double *gradient)
{
    const double small = exp(-fabs(logit)); /* 0 to 1 */
    const double yes = logit >= 0.0 ? 1.0 / (1.0 + small) : small / (1.0 + small);

    *gradient = yes - share;
    return log1p(small) + fmax(logit, 0.0) - share * logit;
}

/** log of the sum of exp(x[k] / temperature), of one label with exp(0) of the other one. */
static double log_sum(const double *x, size_t n, double temperature)
{
    double largest = n == 1 ? fmax(x[0], 0.0) : x[0];
    double sum = n == 1 ? exp(-largest / temperature) : 0.0;

    for (size_t k = 1; k < n; k++)
        largest = x[k] > largest ? x[k] : largest;
    for (size_t k = 0; k < n; k++)
        sum += exp((x[k] - largest) / temperature);
    return log(sum) + largest / temperature;
}

/** Cross entropy with shares of labels. @param gradient  [n_labels] filled */
static double share_loss(const float *shares, const double *logits, size_t n_labels,
                         double *gradient)
{
    const double whole = log_sum(logits, n_labels, 1.0);
    double loss = 0.0;

    for (size_t k = 0; k < n_labels; k++) {
        const double share = (double)shares[k];
        loss += share * (whole - logits[k]);
        gradient[k] = exp(logits[k] - whole) - share;
    }
    return loss;
}

/** T^2 KL(teacher || student), whose gradient is T (student - teacher). Both go into what is there
 *  with the weights of the formula of loss.h. */
static double add_teacher(const ws_soft_targets *targets, const double *teacher,
                          const double *logits, size_t n_labels, double loss, double *gradient)
{
    const double t = targets->temperature, share = targets->teacher_share;
    const double own = log_sum(logits, n_labels, t);
    const double others = log_sum(teacher, n_labels, t);
    double divergence = 0.0;

    for (size_t k = 0; k < n_labels; k++) {
        const double log_own = logits[k] / t - own, log_other = teacher[k] / t - others;
        const double other = exp(log_other);
        divergence += other * (log_other - log_own);
        gradient[k] = (1.0 - share) * gradient[k] + share * t * (exp(log_own) - other);
    }
    if (n_labels == 1) /* the other label, with the logit 0 */
        divergence += exp(-others) * (own - others);
    return (1.0 - share) * loss + share * t * t * divergence;
}

/** The loss by labels or shares. */
static double label_loss(const int32_t *labels, const ws_soft_targets *targets, size_t sample,
                         const double *logits, size_t n_labels, double *gradient)
{
    const float *shares = targets->shares != NULL ? targets->shares + sample * n_labels : NULL;

    if (n_labels == 1)
        return ws_binary_cross_entropy(
            logits[0], shares != NULL ? (double)shares[0] : (double)labels[sample], gradient);
    return shares != NULL ? share_loss(shares, logits, n_labels, gradient)
                          : ws_softmax_cross_entropy(logits, n_labels, labels[sample], gradient);
}

double ws_sample_loss(const int32_t *labels, const ws_soft_targets *targets, size_t sample,
                      const double *logits, size_t n_labels, double *gradient)
{
    const bool is_scaled = n_labels == 1 && targets->logit_factor > 0.0;
    const double factor = is_scaled ? targets->logit_factor : 1.0, scaled = factor * logits[0];

    logits = is_scaled ? &scaled : logits;
    double loss = label_loss(labels, targets, sample, logits, n_labels, gradient);
    if (targets->teacher != NULL)
        loss = add_teacher(targets, targets->teacher + sample * n_labels, logits, n_labels, loss,
                           gradient);
    if (is_scaled)
        gradient[0] *= factor;
    if (targets->weights == NULL)
        return loss;
    for (size_t k = 0; k < n_labels; k++)
        gradient[k] *= (double)targets->weights[sample];
    return loss * (double)targets->weights[sample];
}

double ws_cross_entropy(const float *logits, const int32_t *labels, size_t n, size_t n_labels)
{
    double total = 0.0;

    for (size_t i = 0; i < n; i++) {
        const float *row = logits + i * n_labels;
        double largest;
        const double sum = ws_softmax_sum(row, n_labels, &largest);
        const double own =
            n_labels > 1 ? (double)row[labels[i]] : (double)labels[i] * (double)row[0];
        total += log(sum) + largest - own;
    }
    return total / (double)n;
}
