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

/** log of the sum of exp(x[k] / temperature). */
static double log_sum(const double *x, size_t n, double temperature)
{
    double largest = x[0], sum = 0.0;

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
    return (1.0 - share) * loss + share * t * t * divergence;
}

double ws_sample_loss(const int32_t *labels, const ws_soft_targets *targets, size_t sample,
                      const double *logits, size_t n_labels, double *gradient)
{
    const size_t row = sample * n_labels;
    const double loss = targets->shares != NULL
                            ? share_loss(targets->shares + row, logits, n_labels, gradient)
                            : ws_softmax_cross_entropy(logits, n_labels, labels[sample], gradient);

    if (targets->teacher == NULL)
        return loss;
    return add_teacher(targets, targets->teacher + row, logits, n_labels, loss, gradient);
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
