/** Clocks: for durations, and for people. */
#ifndef WS_BASE_CLOCK_H
#define WS_BASE_CLOCK_H

/** Seconds since some fixed moment; never goes back. For durations. */
double ws_clock_monotonic(void);

/** Room for a date and a time, the NUL included. */
enum { WS_CLOCK_DATE_BYTES = 32 };

/** Now, in local time, as "2026-11-30 17:25"; "" if the system does not know. */
void ws_clock_write_date(char text[WS_CLOCK_DATE_BYTES]);

#endif
