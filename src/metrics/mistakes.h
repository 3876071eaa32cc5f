/** The worst mistakes of an evaluation: where the model was wrong and most sure of it. */
#ifndef WS_METRICS_MISTAKES_H
#define WS_METRICS_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

typedef struct ws_mistake {
    size_t row;      /* of the clip among those evaluated */
    size_t said;     /* its true label */
    size_t heard;    /* what the model took it for, as the confusion matrix counts it */
    double sureness; /* the probability that the model gave to that, 0..1; 0 if that is NaN */
} ws_mistake;

/** What the model said of some clips; borrowed. */
typedef struct ws_predictions {
    size_t n_clips, n_labels;
    const int32_t *labels; /* [n_clips] the true ones, each below n_labels */
    const float *logits;   /* [n_clips, n_labels] */
} ws_predictions;

/**
 * Finds the mistakes with the highest sureness; of equally sure ones the earlier clips.
 *
 * @param n_wanted  the most that are wanted
 * @param mistakes  [n_wanted] filled from the worst on
 * @return how many there are
 */
size_t ws_mistakes_find(const ws_predictions *predictions, size_t n_wanted, ws_mistake *mistakes);

#endif
