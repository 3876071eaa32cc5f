#include "base/clock.h"

#include <time.h>

double ws_clock_monotonic(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists on all systems that we build for */
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
