/** The steps of `wordspot wake`: commands of this program, one after the other, in a directory that
 * remembers which of them are done. */
#ifndef WS_CMD_WAKE_STEPS_H
#define WS_CMD_WAKE_STEPS_H

#include <stdbool.h>

#include "base/status.h"
#include "base/text.h"

/** What to do with a step. */
typedef enum ws_wake_state {
    WS_WAKE_NEW,   /* it was never begun with these arguments, or a step before it is new */
    WS_WAKE_BEGUN, /* it was begun and not finished */
    WS_WAKE_DONE,
} ws_wake_state;

typedef struct ws_wake_steps {
    const char *program; /* how wordspot was called, for lines that are printed; borrowed */
    char *path;          /* of the record, owned */
    ws_text_list record; /* lines of earlier calls: "done" or "begun", a tab, the command, and a tab
                          * and the stamp if it has one */
    ws_text_list written; /* those of this one */
    bool is_new;          /* a step was not the one of the record: none after it is */
    int code;             /* exit code of the step that ended the whole; 0 */
} ws_wake_steps;

/** Reads the record in a directory; there may be none.
 *  @param steps  overwritten; ws_wake_steps_close() it, after a failure too */
WS_MUST_CHECK ws_status ws_wake_steps_open(ws_wake_steps *steps, const char *program,
                                           const char *dir, ws_error *err);
void ws_wake_steps_close(ws_wake_steps *steps);

/** A step. All is borrowed for the call. */
typedef struct ws_wake_step {
    const ws_text_list *words;   /* its command line without the program: its name in the record */
    const ws_text_list *outputs; /* files: it is not done without them */
    const char *stamp; /* of the user's files that it reads: others make it new; "": none */
    bool keeps_itself; /* what it has begun is safe from other arguments, so that it is only
                        * noted when it is done */
} ws_wake_step;

/** What the record, and its outputs, say of the next step. */
ws_wake_state ws_wake_steps_look(const ws_wake_steps *steps, const ws_wake_step *step);

/**
 * Prints the command line of the next step, and runs it, unless it is done.
 *
 * @param actual  what is run instead, to continue a step that was begun; NULL: its words
 * @return WS_OK, also after a step that failed or was stopped: then steps->code is its exit code,
 *         and no further step is to be run; WS_EIO if the record cannot be written; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_steps_run(ws_wake_steps *steps, const ws_wake_step *step,
                                          const ws_text_list *actual, ws_error *err);

#endif
