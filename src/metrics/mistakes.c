#include "metrics/mistakes.h"

#include <math.h>

#include "metrics/confusion.h"

/**
 * What is missing of certainty: the sum of exp(logit - logit of what was heard) over the other
 * labels, which tells mistakes apart whose probabilities all round to 1. Infinite if a logit is no
 * number.
 */
static double find_doubt(const float *logits, size_t n_labels, size_t heard)
{
    double doubt = 0;
    for (size_t i = 0; i < n_labels; i++) {
        if (i != heard)
            doubt += exp((double)logits[i] - (double)logits[heard]);
    }
    return isnan(doubt) ? (double)INFINITY : doubt;
}

size_t ws_mistakes_find(const ws_predictions *predictions, size_t n_wanted, ws_mistake *mistakes)
{
    size_t n = 0;

    for (size_t row = 0; row < predictions->n_clips && n_wanted > 0; row++) {
        const float *logits = predictions->logits + row * predictions->n_labels;
        const size_t said = (size_t)predictions->labels[row];
        const size_t heard = ws_confusion_predict(logits, predictions->n_labels);
        if (heard == said)
            continue;
        /* sureness stands for doubt until all are found: rounding comes last */
        const double doubt = find_doubt(logits, predictions->n_labels, heard);
        size_t place = n;
        while (place > 0 && doubt < mistakes[place - 1].sureness)
            place--;
        if (place == n_wanted)
            continue;
        n += n < n_wanted;
        for (size_t i = n - 1; i > place; i--)
            mistakes[i] = mistakes[i - 1];
        mistakes[place] = (ws_mistake){row, said, heard, doubt};
    }
    for (size_t i = 0; i < n; i++)
        mistakes[i].sureness = 1 / (1 + mistakes[i].sureness);
    return n;
}
