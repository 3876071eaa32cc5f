/** Where the time of a step goes. */
#ifndef WS_NN_PHASE_TIME_H
#define WS_NN_PHASE_TIME_H

#include <stdbool.h>
#include <stddef.h>

enum { WS_NETWORK_MAX_PHASES = 128 * 7 }; /* most stages (plan.h), three phases forward, four back */

/**
 * What a phase has to do, counted from shapes and not measured. Operations are single additions
 * and multiplications of transforms and products, those of padded lanes too; what is done to each
 * element on the way (bias, ReLU, dropout, pooling) is not counted. Bytes are those of the arrays
 * that a phase takes from the one before and leaves to the next one, each number once; scratch
 * memory, which stays in cache, is not counted.
 */
typedef struct ws_phase_work {
    double n_operations;
    double n_bytes;
} ws_phase_work;

/** A part of the last training step; see engine/fft/README.md. */
typedef struct ws_phase_time {
    const char *name;
    size_t stage; /* of the plan */
    bool is_backward;
    double seconds;
    ws_phase_work work;
} ws_phase_time;

#endif
