/** The two clocks. */
#ifndef WS_BASE_CLOCK_H
#define WS_BASE_CLOCK_H

/** Seconds since 1970-01-01 00:00 UTC, with fraction. */
double ws_clock_wall(void);

/** Seconds since some fixed moment; never goes back. For durations. */
double ws_clock_monotonic(void);

#endif
