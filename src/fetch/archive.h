/**
 * Reads a .tar.gz archive that nobody vouches for, entry by entry, through libarchive. Only plain
 * files and directories with names that stay inside are let through; anything else (links, devices,
 * "..") is an error, as is an archive that is not whole to its last byte.
 */
#ifndef WS_FETCH_ARCHIVE_H
#define WS_FETCH_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "fetch/entry_path.h"

/** Larger archives are refused: entries, and bytes of all files in them together. */
#define WS_ARCHIVE_MAX_ENTRIES ((uint64_t)1 << 20)
#define WS_ARCHIVE_MAX_BYTES   ((uint64_t)1 << 40)

typedef struct ws_archive ws_archive;

typedef struct ws_archive_entry {
    char path[WS_ENTRY_PATH_MAX + 1]; /* "" is the directory itself */
    bool is_dir;
    uint64_t n_bytes; /* of a file */
} ws_archive_entry;

/** @param path  borrowed as long as the archive
 *  @return WS_OK, WS_ENOTFOUND, WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_archive_open(ws_archive **archive, const char *path, ws_error *err);
/** NULL is fine. */
void ws_archive_close(ws_archive *archive);

/**
 * Goes to the next entry, past what was not read of the one before.
 *
 * @param is_end  true after the last one: all of the archive has been checked then, its checksum
 *                and its end mark too
 * @return WS_OK; WS_EFORMAT with err naming the archive and the entry or byte that is wrong;
 *         WS_ELIMIT beyond the maxima above; WS_EIO
 */
WS_MUST_CHECK ws_status ws_archive_next(ws_archive *archive, ws_archive_entry *entry, bool *is_end,
                                        ws_error *err);

/** The next bytes of the entry's file. @param n_read  0 only at its end */
WS_MUST_CHECK ws_status ws_archive_read(ws_archive *archive, void *bytes, size_t size,
                                        size_t *n_read, ws_error *err);

/** Bytes of the archive file that are used up, and that it has. */
uint64_t ws_archive_n_done(const ws_archive *archive);
uint64_t ws_archive_n_all(const ws_archive *archive);

#endif
