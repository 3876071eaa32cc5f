/** A file that gets its name only when it is whole, and never in place of another unless that one
 *  is kept. While it grows TensorBoard does not take it for an event file. */
#ifndef WS_INSPECT_NEW_FILE_H
#define WS_INSPECT_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

typedef struct ws_new_file {
    char *path;   /* owned: that it will have */
    char *staged; /* owned: that it has until then */
    FILE *stream; /* for those who print */
    bool may_exist;
} ws_new_file;

/**
 * Begins a file.
 *
 * @param like  path of a file whose permissions it gets
 * @return WS_OK; WS_EEXISTS: path is taken, and may_exist is false; WS_EIO, WS_ENOTFOUND, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_new_file_create(ws_new_file *file, const char *path, const char *like,
                                           bool may_exist, ws_error *err);

/** Appends bytes; of the form of ws_event_write. @param user  a ws_new_file */
WS_MUST_CHECK ws_status ws_new_file_write(void *user, const void *bytes, size_t n_bytes,
                                          ws_error *err);

/** Gives it its name, which must still be free unless it may exist. @return WS_OK, WS_EEXISTS,
 *  WS_EIO */
WS_MUST_CHECK ws_status ws_new_file_finish(ws_new_file *file, ws_error *err);

/**
 * Gives it the name of the file that is there, and that one another, which is no event file's: at
 * every moment one of both has the name.
 *
 * @param kept  set to the new path of the old file (free())
 */
WS_MUST_CHECK ws_status ws_new_file_replace(ws_new_file *file, char **kept, ws_error *err);

/** Gives an old file another name, which is no event file's. @param kept  set to it (free()) */
WS_MUST_CHECK ws_status ws_new_file_retire(const char *path, char **kept, ws_error *err);

/** Frees what is held, and deletes a file that was not finished. */
void ws_new_file_destroy(ws_new_file *file);

#endif
