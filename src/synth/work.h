/** Makes the files of a plan that are missing, several at a time. Private to synth. */
#ifndef WS_SYNTH_WORK_H
#define WS_SYNTH_WORK_H

#include <stddef.h>

#include "base/status.h"
#include "synth/synth.h"

/** A plan as a list of files. */
typedef struct ws_synth_work {
    size_t n_files;
    const char *(*path)(const void *plan, size_t file);
    /** Files with the same number can be made in one call, those that follow each other; NULL: each
     * file by itself. */
    size_t (*group)(const void *plan, size_t file);
    /** Makes files [n], which follow each other or have gaps of files that are there. */
    ws_status (*make)(const void *plan, const size_t *files, size_t n, ws_error *err);
    const void *plan;
    size_t n_jobs;               /* calls of make at a time; 0: two per processor */
    const ws_synth_watch *watch; /* may be NULL */
} ws_synth_work;

enum { WS_SYNTH_MAX_GROUP = 16 }; /* files of one call */

/**
 * Makes the directories of missing files, removes half-written files in them, and makes the files
 * first up to but not including end that do not exist. Nothing is made after a failure or once the
 * watch stops it.
 *
 * @param report  its n_made and is_complete are updated; before the first call n_files is set and
 *                the others are 0 and true
 * @return WS_OK, or the failure of the first file that could not be made
 */
WS_MUST_CHECK ws_status ws_synth_work_run(const ws_synth_work *work, size_t first, size_t end,
                                          ws_synth_report *report, ws_error *err);

/** The number of files of the plan that exist. */
size_t ws_synth_work_count_found(const ws_synth_work *work);

/** The directory of a set while one program makes it. */
typedef struct ws_synth_folder {
    char *scratch_dir; /* owned: a place in it for files that other programs write; not made here */
    int lock;          /* descriptor */
} ws_synth_folder;

/**
 * Makes a directory with those above it, and locks it.
 *
 * @param scratch_name  of the place in it, a name that no search for sounds finds
 * @param folder        to be closed by ws_synth_folder_close() in any case
 * @return WS_OK, or why it cannot be made, or is locked by another program
 */
WS_MUST_CHECK ws_status ws_synth_folder_open(ws_synth_folder *folder, const char *data_dir,
                                             const char *scratch_name, ws_error *err);

void ws_synth_folder_close(ws_synth_folder *folder);

/** Deletes the files in a directory whose names have that part. */
WS_MUST_CHECK ws_status ws_synth_remove_matching(const char *dir, const char *part, ws_error *err);

#endif
