/** The cutoff that `wordspot freeze` writes into a manifest. */
#ifndef WS_CMD_FREEZE_CUTOFF_H
#define WS_CMD_FREEZE_CUTOFF_H

#include "cmd/console.h"
#include "formats/frozen.h"

/** What the flags say; all borrowed. */
typedef struct ws_freeze_cutoff_options {
    double given;         /* 0: it is not */
    const char *long_dir; /* sound without the word; "": none */
    const char *word;     /* folders inside long_dir that are named after it are left out */
    double target;        /* false accepts an hour */
    int n_threads;        /* 1 or more */
} ws_freeze_cutoff_options;

/**
 * Finds the cutoff: the given one, or one that is chosen by how the model hears the sound of
 * long_dir. Logs a line on where it comes from.
 *
 * @param model   as training has it
 * @param label   the word's
 * @param cutoff  set; 0 where neither is given
 * @return WS_OK; as ws_long_exam_run
 */
WS_MUST_CHECK ws_status ws_freeze_cutoff_find(const ws_freeze_cutoff_options *options,
                                              const ws_frozen *model, size_t label,
                                              ws_console *console, double *cutoff, ws_error *err);

#endif
