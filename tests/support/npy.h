/** Reads NumPy's .npy files (little-endian, C order): the form of all golden arrays. */
#ifndef WS_TESTS_SUPPORT_NPY_H
#define WS_TESTS_SUPPORT_NPY_H

#include <stddef.h>

#include "base/status.h"

#define WS_NPY_MAX_DIMS 8

typedef struct ws_npy {
    char dtype[8];                 /* NumPy's word: "<f4", "<i8", "|u1", ... */
    size_t n_dims;                 /* 0 for a scalar */
    size_t shape[WS_NPY_MAX_DIMS]; /* 1 beyond n_dims */
    size_t n_items;                /* product of shape */
    size_t item_bytes;
    void *data; /* [n_items] of dtype, owned, aligned as by malloc */
} ws_npy;

/**
 * Takes an array from the bytes of a .npy file; bytes after it are an error.
 *
 * @param name  for the error: a file name or a member of an archive
 * @param npy   overwritten; ws_npy_deinit() it after success
 * @return WS_OK, WS_EFORMAT or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_npy_parse(const char *name, const void *bytes, size_t size, ws_npy *npy,
                                     ws_error *err);

/** As ws_npy_parse, from a file. */
WS_MUST_CHECK ws_status ws_npy_read(const char *path, ws_npy *npy, ws_error *err);

/** Item i (flattened) of any number type as a double; a 64-bit integer may be rounded. */
double ws_npy_item(const ws_npy *npy, size_t i);

/** The items as float or double; asserts that dtype is that type. */
const float *ws_npy_f4(const ws_npy *npy);
const double *ws_npy_f8(const ws_npy *npy);

/** Frees the data; all zeros is fine. */
void ws_npy_deinit(ws_npy *npy);

#endif
