/**
 * What a person sees of a sweep while it runs, on standard error: a line for each thing that
 * happens and, on a terminal, a table of the trials under way that is redrawn below them.
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

/** Prints what happened. */
void ws_sweep_console_show_event(ws_sweep_console *console, const ws_sweep_event *event);

/** Redraws the table, twice a second at most. */
void ws_sweep_console_show_workers(ws_sweep_console *console, const ws_sweep_worker *workers,
                                   size_t n_workers);

/** Takes the table away. */
void ws_sweep_console_clear(ws_sweep_console *console);

/** Pushes the lines of the table, each cut to so many columns; of many trials the first ones. */
void ws_sweep_console_push_table(const ws_sweep_console *console, const ws_sweep_worker *workers,
                                 size_t n_workers, size_t width, ws_buf *text);

#endif
