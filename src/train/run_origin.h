/**
 * Whether the run that wrote a checkpoint continues from it.
 *
 * A run has one line of checkpoints and one set of event files. Whoever copies its directory for
 * checkpoints has two lines: if both continued into the same event files, each would replace the
 * other's curves. So a run continues only where its line is.
 */
#ifndef WS_TRAIN_RUN_ORIGIN_H
#define WS_TRAIN_RUN_ORIGIN_H

#include <stdbool.h>

#include "base/status.h"

/** All is borrowed. */
typedef struct ws_run_origin {
    const char *checkpoint;    /* its prefix */
    const char *settings;      /* its text, as ws_settings_load gives it */
    const char *summaries_dir; /* the directory for event files that this process would use */
} ws_run_origin;

/** The directory of a checkpoint's run (free()): the best checkpoint is one folder deeper. NULL
 * when out of memory. */
char *ws_run_origin_get_dir(const char *checkpoint);

/**
 * Finds the reason why the checkpoint's run must not continue. There is one
 *
 * - if the checkpoint is elsewhere than the directory that it was written to, and that directory
 *   still has checkpoints of the same run: this one is a copy. (A directory that was moved, or that
 *   is reached by another path or mount point, is not.)
 * - if the event files go further than a run that was killed after the newest checkpoint in the
 *   directory could have got: they belong to a copy, or this is an old backup.
 *
 * @param why  set to a part of a sentence (free()); NULL if the run continues
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_run_origin_check(const ws_run_origin *origin, char **why, ws_error *err);

#endif
