/**
 * Reads a gzip file from front to back, and holds its checksums and lengths against what came out:
 * who has read to the end knows that the file is whole. (libarchive does not look at them.)
 */
#ifndef WS_FETCH_GUNZIP_H
#define WS_FETCH_GUNZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_gunzip ws_gunzip;

/** @param path  borrowed as long as the reader
 *  @return WS_OK, WS_ENOTFOUND, WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_gunzip_open(ws_gunzip **gunzip, const char *path, ws_error *err);
/** NULL is fine. */
void ws_gunzip_close(ws_gunzip *gunzip);

/**
 * The next bytes of the contents.
 *
 * @param n_read  less than size only at the end of the file, where all of it has been checked
 * @return WS_OK; WS_EFORMAT with err naming the file and the byte where it stops being gzip; WS_EIO
 */
WS_MUST_CHECK ws_status ws_gunzip_read(ws_gunzip *gunzip, void *bytes, size_t size, size_t *n_read,
                                       ws_error *err);

/** Bytes of the file that are used up, and that it has. */
uint64_t ws_gunzip_n_done(const ws_gunzip *gunzip);
uint64_t ws_gunzip_n_all(const ws_gunzip *gunzip);

#endif
