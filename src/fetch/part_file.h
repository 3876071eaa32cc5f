/**
 * A download that is under way: `<target>.part` holds the bytes so far, and `<target>.part.info`
 * says of which file they are, so that a later program resumes it only if the server still
 * has the same one.
 */
#ifndef WS_FETCH_PART_FILE_H
#define WS_FETCH_PART_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** Which file it is, as far as the server told. */
typedef struct ws_part_source {
    char etag[256];          /* "": unknown */
    char last_modified[128]; /* "": unknown */
    int64_t n_all;           /* bytes of the whole; -1: unknown */
} ws_part_source;

typedef struct ws_part_file {
    char *target, *path, *info_path; /* owned */
    const char *url;                 /* borrowed */
    int fd;
    uint64_t n_bytes; /* there now */
    bool is_known;    /* source says what they are of; otherwise they are of no use */
    ws_part_source source;
} ws_part_file;

/**
 * Opens the part beside target, or makes it. What is there stays until ws_part_file_restart.
 *
 * The caller holds the lock of the directory.
 *
 * @param part  overwritten; ws_part_file_close() it, after a failure too
 * @param url   where the bytes come from; what came from elsewhere is of no use
 */
WS_MUST_CHECK ws_status ws_part_file_open(ws_part_file *part, const char *target, const char *url,
                                          ws_error *err);
/** Closes it. An empty part is removed. */
void ws_part_file_close(ws_part_file *part);

/** True if all bytes of a known file are there. */
bool ws_part_file_is_complete(const ws_part_file *part);

/** Where a download may go on: 0, or the bytes that are there if they can be told from others. */
uint64_t ws_part_file_offset(const ws_part_file *part);

/** Drops all bytes: from now on it is a part of this source. */
WS_MUST_CHECK ws_status ws_part_file_restart(ws_part_file *part, const ws_part_source *source,
                                             ws_error *err);

/** Appends. What could be written before a failure counts. */
WS_MUST_CHECK ws_status ws_part_file_write(ws_part_file *part, const void *bytes, size_t n_bytes,
                                           ws_error *err);

/** Puts the bytes onto the disk and gives them the target's name. */
WS_MUST_CHECK ws_status ws_part_file_commit(ws_part_file *part, ws_error *err);

/** Deletes what is there. */
void ws_part_file_discard(ws_part_file *part);

#endif
