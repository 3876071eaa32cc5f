/** Reads NumPy's .npz archives: zip files, stored or deflated, of .npy arrays. */
#ifndef WS_TESTS_SUPPORT_NPZ_H
#define WS_TESTS_SUPPORT_NPZ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "support/npy.h"

/** A whole archive in memory. */
typedef struct ws_npz {
    char *path; /* owned, for errors */
    unsigned char *bytes;
    size_t size;
    size_t directory; /* offset of the central directory */
    size_t n_members;
} ws_npz;

/** @param npz  overwritten; ws_npz_deinit() it after success */
WS_MUST_CHECK ws_status ws_npz_read(const char *path, ws_npz *npz, ws_error *err);

/** NULL-safe in its fields; all zeros is fine. */
void ws_npz_deinit(ws_npz *npz);

/** Whether there is an array of that name (without ".npy"). */
bool ws_npz_has(const ws_npz *npz, const char *name);

/** Takes an array out. @param npy  the caller's to ws_npy_deinit() after success
 *  @return WS_OK; WS_ENOTFOUND, WS_EFORMAT, WS_ENOMEM naming archive and array */
WS_MUST_CHECK ws_status ws_npz_get(const ws_npz *npz, const char *name, ws_npy *npy, ws_error *err);

#endif
