/** The messages in a bundle's index: the header, and one entry per array. Private. */
#ifndef WS_CHECKPOINT_ENTRY_H
#define WS_CHECKPOINT_ENTRY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"
#include "checkpoint/bundle.h"

/** Bytes an element takes in the data file; 0 if it depends on the element or is not known. */
size_t ws_bundle_dtype_size(int dtype);

/** The number of elements of a shape; SIZE_MAX if a dimension is negative or there are too many. */
size_t ws_bundle_count(const int64_t *dims, size_t n_dims);

/** Appends the header of a bundle in one data file. */
void ws_bundle_header_push(ws_buf *buf);

/** Checks a header. @param path the index file, for errors. */
WS_MUST_CHECK ws_status ws_bundle_header_check(const char *path, const unsigned char *bytes,
                                               size_t size, ws_error *err);

/** Appends an entry; its name is the key and not part of the entry. */
void ws_bundle_entry_push(ws_buf *buf, const ws_bundle_entry *entry);

/**
 * Decodes and checks an entry.
 *
 * @param path   the index file, for errors
 * @param entry  entry->name is given, the rest is filled
 * @return WS_OK, WS_EFORMAT, WS_ELIMIT (too many dimensions)
 */
WS_MUST_CHECK ws_status ws_bundle_entry_decode(const char *path, const unsigned char *bytes,
                                               size_t size, ws_bundle_entry *entry, ws_error *err);

#endif
