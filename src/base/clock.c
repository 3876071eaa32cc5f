#include "base/clock.h"

#include <stdio.h>
#include <time.h>

double ws_clock_monotonic(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists on all systems that we build for */
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ws_clock_write_span(double seconds, char text[WS_CLOCK_SPAN_BYTES])
{
    if (seconds < 120.0)
        (void)snprintf(text, WS_CLOCK_SPAN_BYTES, "%.1f s", seconds);
    else if (seconds < 7200.0)
        (void)snprintf(text, WS_CLOCK_SPAN_BYTES, "%.1f minutes", seconds / 60.0);
    else
        (void)snprintf(text, WS_CLOCK_SPAN_BYTES, "%.2f hours", seconds / 3600.0);
}

void ws_clock_write_date(char text[WS_CLOCK_DATE_BYTES])
{
    const time_t now = time(NULL);
    struct tm parts;

    text[0] = '\0';
    if (localtime_r(&now, &parts) != NULL)
        (void)strftime(text, WS_CLOCK_DATE_BYTES, "%Y-%m-%d %H:%M", &parts);
}
