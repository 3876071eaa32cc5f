/**
 * Optimisers: how gradients change weights. One optimiser a file, one row in the table of
 * optimizer.c. They see flat arrays and know nothing of layers.
 */
#ifndef WS_OPTIM_OPTIMIZER_H
#define WS_OPTIM_OPTIMIZER_H

#include <stddef.h>

#include "base/status.h"

/** One step of n weights. */
typedef struct ws_update {
    float *weights;         /* [n] changed in place */
    const float *gradients; /* [n] of the mean loss of the batch */
    float *slots; /* [n] what the optimiser remembers, changed in place; NULL if nothing */
    size_t n;
    float rate; /* the learning rate, above 0 */
} ws_update;

typedef struct ws_optimizer {
    const char *name; /* the value of --optimizer */
    /** The name of what it stores for each weight. TensorFlow appends it to the weight's name
     *  in a checkpoint: "Momentum". NULL: it stores nothing. Slots start as zeros. */
    const char *slot;
    /** Updates each number independently, so that parts of the arrays can be updated separately. */
    void (*update)(const ws_update *update);
} ws_optimizer;

/** w <- w - rate * g. */
extern const ws_optimizer ws_optimizer_gradient_descent;

/** Nesterov's momentum of 0.9: a <- 0.9 a + g,  w <- w - rate * (g + 0.9 a). */
extern const ws_optimizer ws_optimizer_momentum;

/** Finds an optimiser by name. @return WS_OK or WS_ENOTFOUND with the list of names in err. */
WS_MUST_CHECK ws_status ws_optimizer_find(const char *name, const ws_optimizer **optimizer,
                                          ws_error *err);

/** Runs a step on n_threads threads (0: all that the process may use). The result has the same bits
 * for any number of threads. */
void ws_optimizer_run(const ws_optimizer *optimizer, const ws_update *update, unsigned n_threads);

#endif
