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
 * Reads a whole file into new memory (free()), with a NUL behind the last byte.
 *
 * @param max_size  bytes; a larger file is WS_ELIMIT
 * @return WS_OK; WS_ENOTFOUND, WS_EIO, WS_ELIMIT or WS_ENOMEM with err naming the file
 */
WS_MUST_CHECK ws_status ws_file_read(const char *path, size_t max_size, unsigned char **data,
                                     size_t *size, ws_error *err);

/**
 * Makes or replaces the file in one step: writes `<path>.tmp-<pid>`, syncs it, renames it and
 * syncs the directory. On failure the temporary file is gone and an old file is as it was.
 */
WS_MUST_CHECK ws_status ws_file_write(const char *path, const void *data, size_t size,
                                      ws_error *err);

bool ws_file_exists(const char *path);
bool ws_dir_exists(const char *path);

/** Makes the directory and its parents; an existing one is fine. */
WS_MUST_CHECK ws_status ws_dir_create_all(const char *path, ws_error *err);

/** Appends the names in a directory, without "." and "..", sorted by bytes. */
WS_MUST_CHECK ws_status ws_dir_list(const char *path, ws_text_list *names, ws_error *err);

#endif
