/** Where the time of a step goes. */
#ifndef WS_NN_PHASE_TIME_H
#define WS_NN_PHASE_TIME_H

#include <stddef.h>

enum { WS_NETWORK_MAX_PHASES = 64 * 6 }; /* most stages (plan.h), three phases each way */

/** A part of the last training step; see README.md. */
typedef struct ws_phase_time {
    const char *name;
    size_t stage; /* of the plan */
    double seconds;
} ws_phase_time;

#endif
