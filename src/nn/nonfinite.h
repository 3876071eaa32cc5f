/** Finding out where a training step left the finite numbers. */
#ifndef WS_NN_NONFINITE_H
#define WS_NN_NONFINITE_H

#include "nn/network.h"

/** @return the index of the first number that is infinite or NaN; n: all are finite */
size_t ws_nonfinite_find(const float *values, size_t n);

/** The parameter that number i of all belongs to. */
const ws_variable *ws_nonfinite_parameter(const ws_graph *graph, size_t i);

enum { WS_NONFINITE_MAX_TEXT = 320 };

/** A training step to be taken again. */
typedef struct ws_nonfinite_step {
    const ws_graph *graph;
    const float *parameters;      /* [n_weights] before the step */
    const ws_quant_range *ranges; /* [n_quantizers] likewise */
    const ws_batch *batch;
    unsigned n_threads; /* 0: as many as the process may use */
} ws_nonfinite_step;

/**
 * Takes a step again with the reference engine, whose operators keep every tensor, and says which
 * is the first that single precision cannot hold as finite numbers. The order is that of the
 * computation: features; then for each operator its parameters and its output; the loss; then from
 * the last operator to the first the gradients of its output and its parameters. It takes as long
 * as plain loops do, and allocates.
 *
 * @param text  set to words such as "the output of Conv2D \"second_weights\" (nan, in clip 3 of
 *              the batch)", or to "" if all tensors are finite
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_nonfinite_search(const ws_nonfinite_step *step,
                                            char text[WS_NONFINITE_MAX_TEXT], ws_error *err);

#endif
