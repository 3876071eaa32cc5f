/** Looking at every tensor of a training step while the reference engine makes it. */
#ifndef WS_NN_TENSOR_WATCH_H
#define WS_NN_TENSOR_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/** One sample's part of a tensor. */
typedef struct ws_tensor_seen {
    size_t sample;    /* row of the batch */
    size_t node;      /* of the graph, whose output it is */
    bool is_gradient; /* it is the gradient of the loss by that */
    const double *values;
    size_t n;
} ws_tensor_seen;

typedef struct ws_tensor_watch {
    /** A sample is seen by one thread, forward in the order of nodes, then backward; others are
     *  seen at the same time. */
    void (*push)(void *user, const ws_tensor_seen *seen);
    void *user; /* borrowed */
} ws_tensor_watch;

#endif
