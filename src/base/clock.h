/** Clocks: for durations, and for people. */
#ifndef WS_BASE_CLOCK_H
#define WS_BASE_CLOCK_H

/** Seconds since some fixed moment; never goes back. For durations. */
double ws_clock_monotonic(void);

enum { WS_CLOCK_SPAN_BYTES = 32 };

/** A length of time for people: "12.5 s", "13.2 minutes", "5.40 hours". */
void ws_clock_write_span(double seconds, char text[WS_CLOCK_SPAN_BYTES]);

/** Room for a date and a time, the NUL included. */
enum { WS_CLOCK_DATE_BYTES = 32 };

/** Now, in local time, as "2026-11-30 17:25"; "" if the system does not know. */
void ws_clock_write_date(char text[WS_CLOCK_DATE_BYTES]);

#endif
