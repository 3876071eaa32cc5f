/** Runs a user's command for each word that `wordspot listen` hears, beside the listening. */
#ifndef WS_CMD_LISTEN_RUN_H
#define WS_CMD_LISTEN_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include <wordspot/wordspot.h>

#include "base/log.h"

typedef struct ws_listen_runner {
    const char *command; /* for the shell; "": nothing is run. Borrowed */
    const ws_log *log;   /* gets a warning for a command that is not run; borrowed */
    bool waits;          /* for a command to end before too many run at the same time */
    size_t n_running;
} ws_listen_runner;

/** Starts the command with WORDSPOT_WORD, WORDSPOT_SCORE and WORDSPOT_TIME in its environment. */
void ws_listen_runner_start(ws_listen_runner *runner, const wordspot_heard *heard);

/** Waits for the commands that still run. */
void ws_listen_runner_finish(ws_listen_runner *runner);

#endif
