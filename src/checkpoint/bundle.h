/**
 * TensorFlow's V2 checkpoint, the "tensor bundle": named arrays in two files.
 *
 *     <prefix>.index                 sorted table: name -> dtype, shape, offset, size, CRC-32C
 *     <prefix>.data-00000-of-00001   the bytes of all arrays, one after the other
 *
 * Arrays are row-major and little-endian. The files have the same bytes as those of
 * tf.train.Saver for the same variables.
 */
#ifndef WS_CHECKPOINT_BUNDLE_H
#define WS_CHECKPOINT_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WS_BUNDLE_INDEX_SUFFIX ".index"
#define WS_BUNDLE_DATA_SUFFIX  ".data-00000-of-00001"
#define WS_BUNDLE_MAX_DIMS     8
#define WS_BUNDLE_MAX_BYTES    ((size_t)1 << 31) /* of the data file that is written */

/** Element types, with TensorFlow's numbers. A file may hold others: they are listed, not read. */
typedef enum ws_bundle_dtype {
    WS_BUNDLE_FLOAT32 = 1,
    WS_BUNDLE_INT32 = 3,
    WS_BUNDLE_STRING = 7, /* scalars only: one run of bytes */
    WS_BUNDLE_INT64 = 9,
} ws_bundle_dtype;

/** The name of a type as TensorFlow prints it ("float32"), or "an unknown type". */
const char *ws_bundle_dtype_name(int dtype);

/** Whether `<prefix>.index` exists, with any content. True when out of memory, which opening it
 * then reports. */
bool ws_bundle_exists(const char *prefix);

/** An array to write. */
typedef struct ws_bundle_tensor {
    const char *name; /* without ":0" */
    ws_bundle_dtype dtype;
    size_t n_dims; /* 0: a scalar */
    int64_t dims[WS_BUNDLE_MAX_DIMS];
    const void *data; /* borrowed for the call */
    size_t size;      /* bytes: elements * element size, or the length of the string */
} ws_bundle_tensor;

/**
 * Writes both files, in any order of tensors (they are sorted by name). Both are complete under
 * other names before either gets its own: when writing fails, nothing new is left and an earlier
 * checkpoint with this prefix is unchanged. The directory must exist.
 *
 * @return WS_OK, WS_EIO (disk full, ...), WS_ENOTFOUND (no such directory), WS_ELIMIT, WS_ENOMEM,
 *         or WS_EINVAL for two tensors of one name or a size that does not fit the shape
 */
WS_MUST_CHECK ws_status ws_bundle_write(const char *prefix, const ws_bundle_tensor *tensors,
                                        size_t n_tensors, ws_error *err);

/** An array in an opened bundle. */
typedef struct ws_bundle_entry {
    const char *name; /* owned by the bundle */
    int dtype;        /* TensorFlow's number; not always a ws_bundle_dtype */
    size_t n_dims;
    int64_t dims[WS_BUNDLE_MAX_DIMS];
    uint64_t offset;     /* in the data file */
    uint64_t size;       /* bytes stored */
    uint32_t masked_crc; /* of these bytes */
    bool is_partitioned; /* cut into pieces by TensorFlow: cannot be read here */
} ws_bundle_entry;

typedef struct ws_bundle ws_bundle;

/**
 * Reads and checks `<prefix>.index` and opens the data file beside it. Entries of unknown types
 * are listed too.
 *
 * @param bundle  set on success; close it with ws_bundle_close
 * @return WS_OK; WS_ENOTFOUND, WS_EIO; WS_EFORMAT with the file and what is wrong with it;
 *         WS_ELIMIT; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_bundle_open(ws_bundle **bundle, const char *prefix, ws_error *err);
void ws_bundle_close(ws_bundle *bundle); /* NULL is fine */

/** The entries, sorted by name as bytes. */
const ws_bundle_entry *ws_bundle_entries(const ws_bundle *bundle, size_t *n_entries);

/** The entry of this name, or NULL. */
const ws_bundle_entry *ws_bundle_find(const ws_bundle *bundle, const char *name);

/** What a caller wants to find in a bundle. */
typedef struct ws_bundle_wanted {
    const char *name;
    ws_bundle_dtype dtype;
    size_t n_dims;
    int64_t dims[WS_BUNDLE_MAX_DIMS];
} ws_bundle_wanted;

/**
 * Finds a number array and reads it, if it is there with this type and shape.
 *
 * @param data  [elements] filled; must have room for all of the shape's elements
 * @return WS_OK; WS_ENOTFOUND, WS_EINVAL (another type or shape; both are named), or as
 *         ws_bundle_read
 */
WS_MUST_CHECK ws_status ws_bundle_read_wanted(const ws_bundle *bundle,
                                              const ws_bundle_wanted *wanted, void *data,
                                              ws_error *err);

/**
 * Reads the array of an entry of this bundle and checks its CRC.
 *
 * @param data  [size] bytes to fill
 * @param size  bytes; must be entry->size
 * @return WS_OK; WS_EINVAL (another size, or a type that is not read); WS_EFORMAT (CRC), WS_EIO;
 *         all name the file, the array and the byte where it starts
 */
WS_MUST_CHECK ws_status ws_bundle_read(const ws_bundle *bundle, const ws_bundle_entry *entry,
                                       void *data, size_t size, ws_error *err);

/**
 * Reads a string scalar of at most max_size bytes into new memory, followed by a NUL (free()).
 *
 * @param size  set to its bytes, without that NUL; may be NULL if the string is known to be text
 * @return as ws_bundle_read, and WS_ELIMIT
 */
WS_MUST_CHECK ws_status ws_bundle_read_string(const ws_bundle *bundle, const char *name,
                                              size_t max_size, char **text, size_t *size,
                                              ws_error *err);

#endif
