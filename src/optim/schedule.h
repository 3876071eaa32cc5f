/**
 * The learning rate over a run: phases with a number of steps and a rate each, as given by
 * --how_many_training_steps=15000,3000 --learning_rate=0.001,0.0001.
 */
#ifndef WS_OPTIM_SCHEDULE_H
#define WS_OPTIM_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { WS_SCHEDULE_MAX_PHASES = 64 };

typedef struct ws_schedule {
    size_t n_phases;
    int64_t last_step[WS_SCHEDULE_MAX_PHASES]; /* of each phase, counted from the run's step 1 */
    double rate[WS_SCHEDULE_MAX_PHASES];
} ws_schedule;

/**
 * Reads both lists.
 *
 * @param steps  comma list of whole numbers from 0
 * @param rates  comma list of numbers above 0, of the same length
 * @return WS_OK, or WS_EUSAGE with err naming the flag, the bad part and what was expected
 */
WS_MUST_CHECK ws_status ws_schedule_init(ws_schedule *schedule, const char *steps,
                                         const char *rates, ws_error *err);

/** The number of the last step of all; below 2^32. */
int64_t ws_schedule_last_step(const ws_schedule *schedule);

/** The rate of a step, 1 to the last: the rate of the phase that contains it. */
double ws_schedule_rate(const ws_schedule *schedule, int64_t step);

#endif
