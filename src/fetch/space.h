/** Room on a disk. */
#ifndef WS_FETCH_SPACE_H
#define WS_FETCH_SPACE_H

#include <stdint.h>

#include "base/status.h"

typedef struct ws_space {
    uint64_t n_free;  /* bytes that we may fill */
    uint64_t n_block; /* bytes that a file takes a multiple of */
} ws_space;

/** Asks the file system of path, which exists. */
WS_MUST_CHECK ws_status ws_space_get(const char *path, ws_space *space, ws_error *err);

/** What a file of n_bytes takes. */
uint64_t ws_space_round(const ws_space *space, uint64_t n_bytes);

/** @return WS_OK, or WS_EIO: "<what> needs at least 4.9 GB on the disk of <path>, which has
 *          1.2 GB free" */
WS_MUST_CHECK ws_status ws_space_check(const ws_space *space, uint64_t n_needed, const char *what,
                                       const char *path, ws_error *err);

#endif
