/**
 * What a person sees while a command runs: log lines on standard error and, if that is a terminal,
 * a last line that is redrawn with a bar, the speed and the time left.
 */
#ifndef WS_CMD_CONSOLE_H
#define WS_CMD_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "train/trainer.h"

typedef struct ws_console {
    ws_log log;        /* functions that log take its address */
    bool live;         /* standard error is a terminal */
    double last_drawn; /* monotonic seconds */
    size_t n_drawn;    /* columns of the live line that stands there; 0: none */
} ws_console;

/** @param verbosity  debug, info, warn, error or fatal in any case.
 *  @return WS_OK or WS_EUSAGE naming --verbosity */
WS_MUST_CHECK ws_status ws_console_init(ws_console *console, const char *verbosity, ws_error *err);

/** Redraws the live line, some ten times a second at most. Where there is no terminal, bytes get a
 *  log line a minute, as they may take hours. */
void ws_console_show_progress(ws_console *console, const ws_train_progress *progress);

/** The same for a command that only counts files. */
void ws_console_show_count(ws_console *console, const char *activity, size_t n_done, size_t n_all);

/** Columns and lines of the terminal. */
size_t ws_console_width(void);
size_t ws_console_height(void);

/** Whether standard error is a terminal that moves its cursor up: not TERM=dumb. */
bool ws_console_can_move(void);

/** Writes "1 h 03 min", "4 min 05 s" or "12 s". */
void ws_console_write_duration(char *text, size_t size, double seconds);

/** Takes the live line away, before the program prints something else or ends. */
void ws_console_clear(ws_console *console);

#endif
