/**
 * Whole files and directories. Every reader has a declared maximum; every writer goes through
 * another name, is synced, and is renamed, so that a name never stands for half a file.
 */
#ifndef WS_BASE_FILE_H
#define WS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

/**
 * Reads a whole file into new memory (free()), with a NUL after the last byte.
 *
 * @param max_size  bytes; a larger file is WS_ELIMIT
 * @return WS_OK; WS_ENOTFOUND, WS_EIO, WS_ELIMIT or WS_ENOMEM with err naming the file
 */
WS_MUST_CHECK ws_status ws_file_read(const char *path, size_t max_size, unsigned char **data,
                                     size_t *size, ws_error *err);

/**
 * Makes or replaces the file in one step: ws_file_stage and ws_file_commit. On failure an old file
 * is as it was and nothing new is left.
 */
WS_MUST_CHECK ws_status ws_file_write(const char *path, const void *data, size_t size,
                                      ws_error *err);

/**
 * Writes and syncs the bytes as `<path>.tmp-<pid>`, for ws_file_commit or ws_file_discard: so
 * several files can be complete before the first of them gets its name.
 *
 * @return WS_OK; WS_EIO, WS_ENOTFOUND, WS_ENOMEM, or WS_EEXISTS for the name of a device or a pipe,
 *         with err naming path; then there is nothing to discard
 */
WS_MUST_CHECK ws_status ws_file_stage(const char *path, const void *data, size_t size,
                                      ws_error *err);

/** Gives the staged file its name and syncs the directory. On failure it is discarded. */
WS_MUST_CHECK ws_status ws_file_commit(const char *path, ws_error *err);

/** One of several files that belong together. */
typedef struct ws_file_part {
    const char *path;
    const void *data; /* [size] */
    size_t size;
} ws_file_part;

enum { WS_FILE_MAX_PARTS = 8 };

/**
 * Makes or replaces files that belong together: all are complete and synced before the first one
 * gets its name, in the order given. The one that the others are found by goes last.
 *
 * @param n  1 to WS_FILE_MAX_PARTS
 * @return as ws_file_stage and ws_file_commit. Where staging fails, all old files are as they were.
 *         Where renaming fails, new files before it are deleted, replaced ones stay
 */
WS_MUST_CHECK ws_status ws_file_write_all(const ws_file_part *parts, size_t n, ws_error *err);

/** Renames a file, but not onto another file or directory. Without hard links the check and the
 *  renaming are two steps. @return 0; EEXIST, or another errno */
int ws_file_rename_new(const char *from, const char *to);

/**
 * Like ws_file_commit, but of several processes that give files one name only the first does (on a
 * file system without hard links, of those that do so at the same moment maybe the last).
 *
 * @return the same; WS_EEXISTS if there is one of that name: then it is as it was
 */
WS_MUST_CHECK ws_status ws_file_commit_new(const char *path, ws_error *err);

/** Deletes the staged file, if there is one. */
void ws_file_discard(const char *path);

/** The process that staged a file of this name, as left there when it was killed; 0 for any
 *  other name. */
long ws_file_staged_by(const char *name);

/**
 * Whether ws_file_write may replace what has this name: a file, or nothing. Renaming a file over a
 * device or a pipe would take that away, and not write to it.
 *
 * @return WS_OK; WS_EEXISTS with a sentence that says what is there; WS_EUSAGE for a name with a
 *         slash at its end
 */
WS_MUST_CHECK ws_status ws_file_check_replaceable(const char *path, ws_error *err);

/** Whether two names are of one file that exists. */
bool ws_file_is_same(const char *path, const char *other);

/** Whether two names are of one file, which need not exist; their directories do. */
bool ws_file_is_same_place(const char *path, const char *other);

bool ws_file_exists(const char *path);

/** Whether a device, a pipe or a socket has the name. */
bool ws_file_is_special(const char *path);

bool ws_dir_exists(const char *path);

/** Why ws_dir_exists() is false, as the predicate of a sentence: "there is no such directory", "is
 * a file, not a directory". */
const char *ws_dir_fault(const char *path);

/** Makes the directory and its parents; an existing one is fine. */
WS_MUST_CHECK ws_status ws_dir_create_all(const char *path, ws_error *err);

/** Makes the directory that a file is to lie in, and its parents. */
WS_MUST_CHECK ws_status ws_dir_create_parent(const char *path, ws_error *err);

/** Appends the names in a directory, without "." and "..", sorted by bytes. */
WS_MUST_CHECK ws_status ws_dir_list(const char *path, ws_text_list *names, ws_error *err);

/**
 * Deletes a directory with all that is in it, or a file, without following links, as far as that is
 * possible. One that is not there is fine.
 *
 * @return WS_OK, or why the first thing could not be deleted: WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_dir_remove_all(const char *path, ws_error *err);

#endif
