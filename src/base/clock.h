/** The clock for durations. */
#ifndef WS_BASE_CLOCK_H
#define WS_BASE_CLOCK_H

/** Seconds since some fixed moment; never goes back. For durations. */
double ws_clock_monotonic(void);

#endif
