/**
 * The sorted table of LevelDB, as TensorFlow uses it for the index of a checkpoint: keys and values
 * that are any bytes, in blocks with checksums.
 *
 *     data block ... | metaindex block (empty) | index block | footer (48 bytes)
 *
 * Each block is followed by 5 bytes: its type (0: not compressed) and the masked CRC-32C of block
 * and type. The index block has one entry a data block; the footer says where it lies.
 */
#ifndef WS_CHECKPOINT_TABLE_H
#define WS_CHECKPOINT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"

#define WS_TABLE_MAX_BYTES     ((size_t)64 << 20) /* of a whole file, and of all keys together */
#define WS_TABLE_MAX_ENTRIES   ((size_t)100000)
#define WS_TABLE_MAX_KEY_BYTES ((size_t)4096)

/** A block being written. Private to the writer. */
typedef struct ws_table_block {
    ws_buf entries;
    ws_buf restarts; /* offsets of entries with a whole key, uint32 each */
    ws_buf last_key;
    size_t interval;        /* entries from one whole key to the next */
    size_t n_since_restart; /* entries since then */
} ws_table_block;

/** A table being written into memory. Failures are sticky and reported by ws_table_finish. */
typedef struct ws_table_writer {
    ws_buf file; /* the blocks written so far */
    ws_table_block data;
    ws_table_block index;
    ws_buf last_key;
    ws_buf handle;       /* where the last data block lies */
    bool handle_pending; /* it is not in the index yet, which needs the next key */
    size_t n_entries;
} ws_table_writer;

void ws_table_writer_init(ws_table_writer *writer);
void ws_table_writer_deinit(ws_table_writer *writer);

/** Appends an entry. Keys must be strictly ascending, compared as unsigned bytes. */
void ws_table_push(ws_table_writer *writer, const void *key, size_t key_size, const void *value,
                   size_t value_size);

/**
 * Writes the rest; afterwards writer->file holds the whole file.
 *
 * @param what  what the table is of, for the error
 * @return WS_OK; WS_EINVAL if keys did not ascend; WS_ELIMIT; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_table_finish(ws_table_writer *writer, const char *what, ws_error *err);

typedef struct ws_table_entry {
    size_t key_offset; /* in table->keys */
    size_t key_size;
    const unsigned char *value; /* points into the file's bytes */
    size_t value_size;
} ws_table_entry;

/** A whole table that was read: entries in ascending order of their keys. */
typedef struct ws_table {
    ws_table_entry *entries; /* [n_entries] */
    size_t n_entries;
    size_t capacity;
    ws_buf keys; /* all keys, a NUL after each */
} ws_table;

/** Whether the bytes end like a table; the bytes before the end are not checked. */
bool ws_table_is_one(const unsigned char *file, size_t size);

/**
 * Reads and checks every block of a table. Safe for any bytes.
 *
 * @param path  the file's name, for errors
 * @param file  [size] its bytes; borrowed until ws_table_deinit, since the values point into them
 * @return WS_OK; WS_EFORMAT with the block and what is wrong with it; WS_ELIMIT; WS_ENOMEM. After
 *         a failure the table is empty.
 */
WS_MUST_CHECK ws_status ws_table_init(ws_table *table, const char *path, const unsigned char *file,
                                      size_t size, ws_error *err);
void ws_table_deinit(ws_table *table);

/** The key of an entry, followed by a NUL. Its key_size bytes may contain NULs too. */
const char *ws_table_key(const ws_table *table, const ws_table_entry *entry);

#endif
