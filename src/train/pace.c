#include "train/pace.h"

#include <math.h>

#include "base/clock.h"

/* The mean reaches back about this far: long enough to be steady, short enough to follow. */
static const double memory_seconds = 10.0;

void ws_pace_init(ws_pace *pace, int64_t n_done)
{
    *pace = (ws_pace){.last_time = ws_clock_monotonic(), .last_done = n_done};
}

ws_train_progress ws_pace_push(ws_pace *pace, const char *activity, int64_t n_done, int64_t n_all)
{
    const double now = ws_clock_monotonic();
    const double passed = now - pace->last_time;
    const int64_t n_new = n_done - pace->last_done;

    if (n_new > 0) {
        const double each = passed / (double)n_new;
        const double weight = 1.0 - exp(-passed / memory_seconds);
        const bool first = pace->seconds_each <= 0;
        pace->seconds_each =
            first ? each : pace->seconds_each + weight * (each - pace->seconds_each);
        pace->last_time = now;
        pace->last_done = n_done;
    }
    return (ws_train_progress){
        .activity = activity,
        .n_done = n_done,
        .n_all = n_all,
        .per_second = pace->seconds_each > 0 ? 1.0 / pace->seconds_each : 0.0,
        .seconds_left =
            pace->seconds_each > 0 ? pace->seconds_each * (double)(n_all - n_done) : -1.0,
    };
}
