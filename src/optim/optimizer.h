/**
 * Optimisers: how gradients change weights. One optimiser a file, one row in the table of
 * optimizer.c. They see flat arrays and know nothing of layers.
 */
#ifndef WS_OPTIM_OPTIMIZER_H
#define WS_OPTIM_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum {
    WS_OPTIMIZER_MAX_SLOTS = 2,
    WS_OPTIMIZER_N_POWERS = 2, /* with powers: of beta1 and of beta2 */
};

/** The numbers that a user chooses. Each optimiser reads some. */
typedef struct ws_hyper {
    float momentum;     /* 0 <= momentum < 1 */
    float beta1, beta2; /* of Adam's two means; 0 <= beta < 1 */
    float epsilon;      /* above 0; added to the root of Adam's second mean */
    float weight_decay; /* 0: none */
} ws_hyper;

/** A part of the weights: [begin, end). */
typedef struct ws_span {
    size_t begin, end;
} ws_span;

/** One step of n weights. All is borrowed for the call. */
typedef struct ws_update {
    float *weights;         /* [n] changed in place */
    const float *gradients; /* [n] of the mean loss of the batch */
    /** [n] each: what the optimiser remembers of each weight, changed in place; NULL for those that
     *  it does not have. */
    float *slots[WS_OPTIMIZER_MAX_SLOTS];
    float *powers; /* [WS_OPTIMIZER_N_POWERS] of an optimiser with powers, changed in place */
    size_t n;
    float rate;  /* the learning rate, above 0 */
    float scale; /* what gradients are multiplied by before anything else: 1, or less to clip */
    const ws_hyper *hyper;
    /** [n_decayed] the weights that hyper->weight_decay applies to: rising, without overlap. */
    const ws_span *decayed;
    size_t n_decayed;
} ws_update;

typedef struct ws_optimizer {
    const char *name; /* the value of --optimizer */
    /** The names of what it stores for each weight, then NULL. TensorFlow appends them to the
     *  weight's name in a checkpoint: "Momentum". Slots start as zeros. */
    const char *slots[WS_OPTIMIZER_MAX_SLOTS + 1];
    bool has_powers;      /* it stores beta1 and beta2, each to the power of the step to come */
    bool decays_apart;    /* decay shrinks weights by rate * weight_decay; otherwise weight_decay
                             times the weight is added to the gradient */
    const char *graph_op; /* TensorFlow's name of such an update, for the graph page */
    /** Updates each number independently, so that parts of the arrays can be updated separately.
     *  Does not read scale, decayed and hyper->weight_decay: ws_optimizer_run has applied them. */
    void (*update)(const ws_update *update);
} ws_optimizer;

/** w <- w - rate * g. */
extern const ws_optimizer ws_optimizer_gradient_descent;

/** Nesterov's momentum: a <- m a + g,  w <- w - rate * (g + m a). */
extern const ws_optimizer ws_optimizer_momentum;

/** Plain momentum: a <- m a + g,  w <- w - rate * a. */
extern const ws_optimizer ws_optimizer_sgd_momentum;

/** Adam (Kingma and Ba); adam.c has the formula. */
extern const ws_optimizer ws_optimizer_adam;

/** Adam with decay apart from the gradient (Loshchilov and Hutter). */
extern const ws_optimizer ws_optimizer_adamw;

/** Finds an optimiser by name. @return WS_OK or WS_ENOTFOUND with the list of names in err. */
WS_MUST_CHECK ws_status ws_optimizer_find(const char *name, const ws_optimizer **optimizer,
                                          ws_error *err);

/** The number of its slots. */
size_t ws_optimizer_n_slots(const ws_optimizer *optimizer);

/**
 * Runs a step on n_threads threads (0: all that the process may use). The result has the same bits
 * for any number of threads.
 */
void ws_optimizer_run(const ws_optimizer *optimizer, const ws_update *update, unsigned n_threads);

/** What an optimiser remembers from step to step. */
typedef struct ws_optimizer_memory {
    float *slots[WS_OPTIMIZER_MAX_SLOTS]; /* [n] each, owned; NULL for those it does not have */
    float powers[WS_OPTIMIZER_N_POWERS];
} ws_optimizer_memory;

/** As before the first step of n weights. @return WS_OK or WS_ENOMEM; deinit it in either case */
WS_MUST_CHECK ws_status ws_optimizer_memory_init(ws_optimizer_memory *memory,
                                                 const ws_optimizer *optimizer,
                                                 const ws_hyper *hyper, size_t n, ws_error *err);
/** All zeros is fine. */
void ws_optimizer_memory_deinit(ws_optimizer_memory *memory);

/**
 * What gradients are multiplied by so that all together are at most so long (clipping by the global
 * norm).
 *
 * @param norm      of all gradients, not negative; NaN and infinity are kept for others to report
 * @param max_norm  above 0; 0: there is no bound
 * @return 1 or less
 */
float ws_clip_scale(double norm, double max_norm);

#endif
