#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void ws_log_write(const ws_log *log, ws_log_level level, const char *format, ...)
{
    char line[512];
    va_list args;

    if (log == NULL || level < log->level)
        return;
    va_start(args, format);
    const int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (length < 0)
        return;
    if ((size_t)length < sizeof line) {
        log->write(log->user, level, line);
        return;
    }
    char *longer = malloc((size_t)length + 1);
    if (longer == NULL) {
        log->write(log->user, level, line); /* the start of it is better than nothing */
        return;
    }
    va_start(args, format);
    (void)vsnprintf(longer, (size_t)length + 1, format, args);
    va_end(args);
    log->write(log->user, level, longer);
    free(longer);
}
