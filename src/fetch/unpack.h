/**
 * Unpacks a .tar.gz archive into a directory, so that it is there as a whole or not at all.
 *
 *     DIR/.unpacking/   while files are written; useless when the program was ended
 *     DIR/.unpacked/    all of them are on the disk; they are on their way up to DIR
 *
 * Neither folder's files are clips to anybody. Where .unpacked is found, ws_unpack_finish ends what
 * was begun.
 */
#ifndef WS_FETCH_UNPACK_H
#define WS_FETCH_UNPACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "fetch/fetch_watch.h"
#include "fetch/space.h"

/** What is in an archive. */
typedef struct ws_unpack_size {
    uint64_t n_files;
    uint64_t n_taken; /* bytes of the disk */
} ws_unpack_size;

/**
 * Reads the archive to its end without writing anything: whether it is whole, and all in it may be
 * unpacked into dir.
 *
 * @param space        of the disk that it would go to
 * @param is_complete  false if the watch wanted a stop
 * @return WS_OK; WS_EFORMAT or WS_ELIMIT with err naming the archive and what is wrong with it;
 *         WS_EIO, also if there is no room for it; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_unpack_check(const char *archive, const ws_space *space,
                                        const ws_fetch_watch *watch, ws_unpack_size *size,
                                        bool *is_complete, ws_error *err);

/**
 * Unpacks it. After a failure or a stop dir is as it was.
 *
 * @param dir  exists; files in it that have the name of one of the archive's are replaced
 */
WS_MUST_CHECK ws_status ws_unpack_run(const char *archive, const char *dir,
                                      const ws_fetch_watch *watch, bool *is_complete,
                                      ws_error *err);

/** True if the way up to dir was begun and not ended. */
bool ws_unpack_is_unfinished(const char *dir);

/** Ends it. */
WS_MUST_CHECK ws_status ws_unpack_finish(const char *dir, ws_error *err);

#endif
