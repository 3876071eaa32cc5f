/** How fast something goes lately, for "steps a second" and "time left". */
#ifndef WS_TRAIN_PACE_H
#define WS_TRAIN_PACE_H

#include <stdint.h>

#include "train/trainer.h"

typedef struct ws_pace {
    double last_time; /* monotonic seconds */
    int64_t last_done;
    double seconds_each; /* smoothed; 0 while unknown */
} ws_pace;

/** Starts the clock with n_done already done. */
void ws_pace_init(ws_pace *pace, int64_t n_done);

/** Takes note that n_done are done now, and says how it goes on to n_all. */
ws_train_progress ws_pace_push(ws_pace *pace, const char *activity, int64_t n_done, int64_t n_all);

#endif
