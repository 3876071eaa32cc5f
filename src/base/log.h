/**
 * Log lines, without a place to write them: a module that has something to say gets a
 * `const ws_log *` (NULL: say nothing) and never knows whether that writes to a terminal or a file.
 */
#ifndef WS_BASE_LOG_H
#define WS_BASE_LOG_H

#include "base/status.h"

typedef enum ws_log_level {
    WS_LOG_DEBUG,
    WS_LOG_INFO,
    WS_LOG_WARN,
    WS_LOG_RESULT, /* what a command was run for: shown even where warnings are not
                    */
    WS_LOG_ERROR,
    WS_LOG_FATAL,
} ws_log_level;

typedef struct ws_log {
    ws_log_level level; /* lines below it are dropped */
    /** Takes one line without its line feed; may be called from one thread at a time. */
    void (*write)(void *user, ws_log_level level, const char *line);
    void *user; /* borrowed */
} ws_log;

/** Formats and hands on one line of any length; does nothing if log is NULL or level too low. */
void ws_log_write(const ws_log *log, ws_log_level level, const char *format, ...) WS_PRINTF(3, 4);

#endif
