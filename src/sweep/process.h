/** Child processes that never outlive the process that started them. */
#ifndef WS_SWEEP_PROCESS_H
#define WS_SWEEP_PROCESS_H

#include <stdbool.h>

#include "base/status.h"

typedef struct ws_sweep_process {
    long pid;   /* 0: none */
    int code;   /* once it has ended: its exit code, or 128 + the signal that ended it */
    int signal; /* that signal; 0: it ended by itself */
} ws_sweep_process;

/**
 * Starts this program again with other arguments, or a launcher that does.
 *
 * The child has a process group of its own, so that a Ctrl-C at the terminal reaches only the
 * parent. The system kills it when the thread that started it dies, for any reason. Its standard
 * input is empty; both outputs are appended to the log.
 *
 * @param launcher looked up in PATH; NULL: this program
 * @param argv     NULL-terminated; argv[0] is only the name that it shows
 * @param inherit  another descriptor that it inherits; -1: no other
 * @return WS_OK; WS_EIO, WS_ENOTFOUND (the log cannot be opened), WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_process_start(ws_sweep_process *process, const char *launcher,
                                               char *const *argv, const char *log_path, int inherit,
                                               ws_error *err);

/** Whether it has ended, without waiting. */
bool ws_sweep_process_has_ended(ws_sweep_process *process);

/** Asks it to stop cleanly (SIGTERM). */
void ws_sweep_process_stop(const ws_sweep_process *process);

#endif
