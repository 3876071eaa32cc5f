/**
 * Optimisers: how weights follow from gradients. One optimiser a file, one row in the table of
 * optimizer.c. They see flat arrays and know nothing of layers.
 */
#ifndef WS_OPTIM_OPTIMIZER_H
#define WS_OPTIM_OPTIMIZER_H

#include <stddef.h>

#include "base/status.h"

typedef struct ws_optimizer {
    const char *name; /* the value of --optimizer */
    /**
     * Moves n weights one step.
     *
     * @param weights    [n] changed in place
     * @param gradients  [n] of the mean loss of the batch
     * @param rate       the learning rate, above 0
     */
    void (*update)(float *weights, const float *gradients, size_t n, float rate);
} ws_optimizer;

/** w <- w - rate * g. */
extern const ws_optimizer ws_optimizer_gradient_descent;

/** Finds an optimiser by name. @return WS_OK or WS_ENOTFOUND with the list of names in err. */
WS_MUST_CHECK ws_status ws_optimizer_find(const char *name, const ws_optimizer **optimizer,
                                          ws_error *err);

#endif
