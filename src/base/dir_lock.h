/** Keeps two processes from making a data set in one directory at a time. */
#ifndef WS_BASE_DIR_LOCK_H
#define WS_BASE_DIR_LOCK_H

#include "base/status.h"

/**
 * Locks the directory, which exists. The lock ends with close(*fd), or with the process, however
 * that ends; programs that it starts do not inherit it.
 *
 * @param who  for the error: "wordspot synth"
 * @return WS_OK, also where the file system has no locks; WS_EEXISTS if another process has it
 */
WS_MUST_CHECK ws_status ws_dir_lock_open(const char *dir, const char *who, int *fd, ws_error *err);

#endif
