/** Other programs, run to their end. They inherit nothing but the environment. */
#ifndef WS_BASE_PROGRAM_H
#define WS_BASE_PROGRAM_H

#include <stddef.h>

#include "base/status.h"

/* What fits into a pipe without anybody who reads it. */
enum { WS_PROGRAM_MAX_INPUT_BYTES = 4096 };

/** A program and what goes in and comes out; all pointers are borrowed for the call. */
typedef struct ws_program {
    const char *const *argv; /* NULL-terminated; argv[0] is a name, looked up in PATH, or a path */
    const char *package;     /* of Debian, for the error; NULL: no advice */
    const char *purpose;     /* "speaks the words", for the error; NULL with package */
    const char *input; /* its standard input, at most WS_PROGRAM_MAX_INPUT_BYTES; NULL: empty */
    char *output;      /* [capacity + 1] the start of its standard output, NUL-terminated;
                        * NULL: thrown away, as its standard error always is */
    size_t capacity;
    double max_seconds; /* above 0: a program that still runs then is killed */
} ws_program;

/**
 * Runs a program without a shell and waits for its end. It has a process group of its own: a Ctrl-C
 * at the terminal is for us, who finish what is under way and stop. At the limit the whole group is
 * killed.
 *
 * @param exit_code  set; 128 + the signal if one ended it
 * @return WS_OK, whatever the exit code; WS_ENOTFOUND if there is no such program (err names the
 *         package); WS_EIO if it cannot be started; WS_ELIMIT if it was killed at the limit;
 *         WS_EINVAL for too long an input
 */
WS_MUST_CHECK ws_status ws_program_run(const ws_program *program, int *exit_code, ws_error *err);

#endif
