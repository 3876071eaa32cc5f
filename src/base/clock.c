#include "base/clock.h"

#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock,
                        &now); /* both clocks always exist on the systems that we build for */
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ws_clock_wall(void)
{
    return seconds(CLOCK_REALTIME);
}

double ws_clock_monotonic(void)
{
    return seconds(CLOCK_MONOTONIC);
}
