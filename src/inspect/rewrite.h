/**
 * Copies runs into a new directory with other names, or without some of their tags. Records that do
 * not change are copied bit by bit; no file that exists is written to.
 */
#ifndef WS_INSPECT_REWRITE_H
#define WS_INSPECT_REWRITE_H

#include "inspect/runs.h"

/** A name that is looked for, and what it becomes. */
typedef struct ws_event_renaming {
    const char *from; /* may have one '*', which stands for anything; "": nothing is renamed */
    const char *to;   /* where from has a '*' it has one too, for the same text */
} ws_event_renaming;

/** What is done. Texts are borrowed. */
typedef struct ws_event_rewriting {
    ws_event_renaming tag, run; /* a run, or a directory with runs below it */
    const char *drop_tag;       /* pattern of ws_event_tag_matches(); NULL: drops no tag */
    const char *
        drop_run; /* the same for runs and directories of runs; with drop_tag: only in these runs */
} ws_event_rewriting;

typedef struct ws_event_rewritten {
    uint64_t n_runs, n_files; /* that were written */
    uint64_t n_runs_dropped, n_runs_renamed;
    uint64_t n_values_dropped, n_values_renamed;
    bool names_tags; /* a layout of charts or an experiment stays, which may name old tags */
} ws_event_rewritten;

/** WS_OK, or WS_EUSAGE with a sentence that names the flags --what and --new_what. */
WS_MUST_CHECK ws_status ws_event_renaming_check(const ws_event_renaming *renaming, const char *what,
                                                ws_error *err);

/** The new name; a copy of the old one where it does not match. @return NULL when out of memory */
char *ws_event_renaming_apply(const ws_event_renaming *renaming, const char *name);

/**
 * Writes all runs.
 *
 * @param output  directory, which is made
 * @param done    set, as far as it got
 * @return WS_OK; WS_EEXISTS: two names would become one, or a file is there already; WS_EFORMAT: a
 *         file is damaged; WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_rewrite(const ws_event_runs *runs, const char *output,
                                         const ws_event_rewriting *rewriting,
                                         ws_event_rewritten *done, ws_error *err);

#endif
