/**
 * The progress of a sweep on standard error: a line for each event and, on a terminal, a table
 * of the running trials that is redrawn below the lines.
 */
#ifndef WS_CMD_SWEEP_CONSOLE_H
#define WS_CMD_SWEEP_CONSOLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "sweep/run.h"

typedef struct ws_sweep_console {
    const ws_sweep_board *board; /* borrowed */
    bool live;                   /* standard error is a terminal */
    size_t n_lines;              /* of the table that stands there */
    double start, last_drawn;    /* monotonic seconds */
} ws_sweep_console;

void ws_sweep_console_init(ws_sweep_console *console, const ws_sweep_board *board);

/** Prints an event. */
void ws_sweep_console_show_event(ws_sweep_console *console, const ws_sweep_event *event);

/** Redraws the table, twice a second at most. */
void ws_sweep_console_show_workers(ws_sweep_console *console, const ws_sweep_worker *workers,
                                   size_t n_workers);

/** Erases the table. */
void ws_sweep_console_clear(ws_sweep_console *console);

/** Pushes the lines of the table, each cut to width; only the first trials if there are many. */
void ws_sweep_console_push_table(const ws_sweep_console *console, const ws_sweep_worker *workers,
                                 size_t n_workers, size_t width, ws_buf *text);

#endif
