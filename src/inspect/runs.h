/** Which event files there are, and which run each belongs to, as TensorBoard sees it: a run is a
 *  directory with files that have "tfevents" in their names, read in the order of these. */
#ifndef WS_INSPECT_RUNS_H
#define WS_INSPECT_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "base/text.h"

typedef struct ws_event_run {
    char *name;         /* owned: the directory below the path that was given; "." for itself */
    ws_text_list files; /* paths, in the order in which they are read */
} ws_event_run;

/** All zeros is an empty list. */
typedef struct ws_event_runs {
    ws_event_run *items; /* [n_items], owned, sorted by name below each path */
    size_t n_items;
    size_t capacity;
    uint64_t n_passed; /* directories and files below a path that cannot be read */
    const ws_log *log; /* borrowed while it is looked: told of each; NULL: nobody is */
} ws_event_runs;

/**
 * Appends what is at a path: a run for a file, which may have any name; of a directory its own run
 * and all below it. Links are followed, but no directory is entered again below itself. What cannot
 * be read below it is ignored, as TensorBoard does.
 *
 * @return WS_OK; WS_ENOTFOUND: nothing, or no event file; WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_runs_find(ws_event_runs *runs, const char *path, ws_error *err);

void ws_event_runs_deinit(ws_event_runs *runs);

#endif
