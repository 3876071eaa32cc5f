/**
 * Stopping a long command: the first SIGINT (Ctrl-C), SIGTERM or SIGHUP asks it to end in order,
 * the second one ends it at once. Files are whole in either case, as they only get their names, or
 * their last records, when complete.
 */
#ifndef WS_CMD_STOP_H
#define WS_CMD_STOP_H

#include <stdbool.h>

/** From now on signals are noted. @param note  printed at the first one; borrowed for good */
void ws_stop_watch(const char *note);

/** True once a signal came. user is not looked at: it makes this a ws_train_hooks function. */
bool ws_stop_wanted(void *user);

/** The exit code of a command that stopped early: 128 plus the signal's number. */
int ws_stop_exit_code(void);

#endif
