#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "checkpoint/table.h"
#include "checkpoint/table_format.h"
#include "checkpoint/varint.h"

/** The file that is read, for checks and error sentences. */
typedef struct source {
    const char *path;
    const unsigned char *file;
    size_t size;
    ws_error *err;
} source;

/** Where a block lies; size without its trailer. */
typedef struct handle {
    uint64_t offset;
    uint64_t size;
} handle;

/** Reads the entries of one block in order. */
typedef struct cursor {
    const unsigned char *start;
    const unsigned char *next;     /* where the next entry starts */
    const unsigned char *end;      /* after the last entry */
    const unsigned char *restarts; /* [n_restarts] uint32, little-endian */
    size_t n_restarts;
    size_t n_restarts_seen;
    ws_buf key; /* of the entry read last */
    const unsigned char *value;
    size_t value_size;
} cursor;

static uint32_t read_u32le(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t read_u64le(const unsigned char *p)
{
    return (uint64_t)read_u32le(p) | (uint64_t)read_u32le(p + 4) << 32;
}

static bool read_handle(const unsigned char **p, const unsigned char *end, handle *out)
{
    return ws_varint_read(p, end, &out->offset) && ws_varint_read(p, end, &out->size);
}

/** Checks that the block lies in the file, is not compressed and has the stored CRC. */
static ws_status check_block(const source *src, const char *what, handle where)
{
    const uint64_t room = src->size - WS_TABLE_FOOTER_BYTES;
    if (where.offset > room || where.size > room - where.offset ||
        room - where.offset - where.size < WS_TABLE_TRAILER_BYTES)
        return ws_fail(src->err, WS_EFORMAT,
                       "%s: the %s block should lie at byte %ju with %ju bytes, which is not in "
                       "the file of %zu bytes: it is damaged or cut off",
                       src->path, what, (uintmax_t)where.offset, (uintmax_t)where.size, src->size);
    const unsigned char *block = src->file + where.offset;
    const unsigned char *trailer = block + where.size;
    const uint32_t stored = ws_crc32c_unmask(read_u32le(trailer + 1));
    if (ws_crc32c(0, block, (size_t)where.size + 1) != stored)
        return ws_fail(src->err, WS_EFORMAT,
                       "%s: the %s block at byte %ju is damaged (its CRC-32C does not match)",
                       src->path, what, (uintmax_t)where.offset);
    if (*trailer == WS_TABLE_TYPE_SNAPPY)
        return ws_fail(src->err, WS_EFORMAT,
                       "%s: the %s block at byte %ju is compressed with Snappy, which is not "
                       "supported; TensorFlow itself writes the index of a checkpoint uncompressed",
                       src->path, what, (uintmax_t)where.offset);
    if (*trailer != WS_TABLE_TYPE_PLAIN)
        return ws_fail(src->err, WS_EFORMAT,
                       "%s: the %s block at byte %ju is of type %d, expected 0 (not compressed)",
                       src->path, what, (uintmax_t)where.offset, *trailer);
    return WS_OK;
}

static ws_status fail_block(const source *src, const cursor *c, const char *reason)
{
    return ws_fail(src->err, WS_EFORMAT, "%s: the block at byte %zu is malformed: %s", src->path,
                   (size_t)(c->start - src->file), reason);
}

/** Starts at the first entry of a checked block; call cursor_deinit even after a failure. */
static ws_status cursor_init(cursor *c, const source *src, handle where)
{
    const unsigned char *start = src->file + where.offset;
    const size_t size = (size_t)where.size;

    *c = (cursor){.start = start, .next = start};
    ws_buf_init(&c->key, WS_TABLE_MAX_KEY_BYTES);
    if (size < sizeof(uint32_t))
        return fail_block(src, c, "it is shorter than the number of its restarts");
    c->n_restarts = read_u32le(start + size - sizeof(uint32_t));
    if (c->n_restarts < 1 || c->n_restarts > size / sizeof(uint32_t) - 1)
        return fail_block(src, c, "the number of its restarts does not fit");
    c->restarts = start + size - sizeof(uint32_t) * (c->n_restarts + 1);
    c->end = c->restarts;
    if (read_u32le(c->restarts) != 0)
        return fail_block(src, c, "its first restart is not at its start");
    return WS_OK;
}

static void cursor_deinit(cursor *c)
{
    ws_buf_deinit(&c->key);
}

/** A restart point is an entry whose key is whole; all of them must be met, in order. */
static ws_status check_restart(const source *src, cursor *c, size_t entry_offset, uint64_t shared)
{
    if (c->n_restarts_seen == c->n_restarts)
        return WS_OK;
    const size_t restart = read_u32le(c->restarts + sizeof(uint32_t) * c->n_restarts_seen);
    if (restart < entry_offset)
        return fail_block(src, c, "a restart is not at the start of an entry");
    if (restart > entry_offset)
        return WS_OK;
    c->n_restarts_seen++;
    return shared == 0 ? WS_OK : fail_block(src, c, "the key at a restart is not whole");
}

/** Reads the entry at the cursor, which is not at the end. */
static ws_status cursor_next(const source *src, cursor *c)
{
    uint64_t shared, unshared, value_size;
    const size_t entry_offset = (size_t)(c->next - c->start);
    const unsigned char *p = c->next;

    if (!ws_varint_read(&p, c->end, &shared) || !ws_varint_read(&p, c->end, &unshared) ||
        !ws_varint_read(&p, c->end, &value_size))
        return fail_block(src, c, "the sizes of an entry are cut off");
    const uint64_t room = (uint64_t)(c->end - p);
    if (unshared > room || value_size > room - unshared)
        return fail_block(src, c, "an entry is longer than the block");
    if (shared > c->key.size)
        return fail_block(src, c, "a key shares more than the key before it has");
    const ws_status status = check_restart(src, c, entry_offset, shared);
    if (status != WS_OK)
        return status;
    c->key.size = (size_t)shared;
    ws_buf_push(&c->key, p, (size_t)unshared);
    if (c->key.status == WS_ENOMEM)
        return ws_fail_memory(src->err, src->path);
    if (c->key.status != WS_OK)
        return ws_fail(src->err, WS_ELIMIT, "%s: a name is longer than %zu bytes", src->path,
                       WS_TABLE_MAX_KEY_BYTES);
    c->value = p + unshared;
    c->value_size = (size_t)value_size;
    c->next = c->value + c->value_size;
    if (c->next == c->end && c->n_restarts_seen < c->n_restarts)
        return fail_block(src, c, "a restart is not at the start of an entry");
    return WS_OK;
}

static int compare_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    const size_t common = a_size < b_size ? a_size : b_size;
    const int order = common > 0 ? memcmp(a, b, common) : 0;
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/** Appends the cursor's entry if its key is above all before. */
static ws_status push_entry(ws_table *table, const source *src, const cursor *c)
{
    if (table->n_entries > 0) {
        const ws_table_entry *last = &table->entries[table->n_entries - 1];
        if (compare_bytes(ws_table_key(table, last), last->key_size, c->key.data, c->key.size) >= 0)
            return fail_block(src, c, "its keys are not in ascending order");
    }
    if (table->n_entries == WS_TABLE_MAX_ENTRIES)
        return ws_fail(src->err, WS_ELIMIT, "%s: holds more than %zu entries", src->path,
                       WS_TABLE_MAX_ENTRIES);
    if (table->n_entries == table->capacity) {
        const size_t capacity = table->capacity == 0 ? 64 : 2 * table->capacity;
        ws_table_entry *entries = realloc(table->entries, capacity * sizeof *entries);
        if (entries == NULL)
            return ws_fail_memory(src->err, src->path);
        table->entries = entries;
        table->capacity = capacity;
    }
    const size_t key_offset = table->keys.size;
    ws_buf_push(&table->keys, c->key.data, c->key.size);
    ws_buf_push_byte(&table->keys, '\0');
    if (table->keys.status != WS_OK)
        return ws_fail(src->err, table->keys.status, "%s: its names take too much memory",
                       src->path);
    table->entries[table->n_entries++] = (ws_table_entry){
        .key_offset = key_offset,
        .key_size = c->key.size,
        .value = c->value,
        .value_size = c->value_size,
    };
    return WS_OK;
}

static ws_status read_data_block(ws_table *table, const source *src, handle where)
{
    cursor c;
    ws_status status = check_block(src, "data", where);
    if (status != WS_OK)
        return status;
    status = cursor_init(&c, src, where);
    /* an empty block is refused: without it, the number of blocks is bounded by that of entries */
    if (status == WS_OK && c.next == c.end)
        status = fail_block(src, &c, "it is empty");
    while (status == WS_OK && c.next < c.end) {
        status = cursor_next(src, &c);
        if (status == WS_OK)
            status = push_entry(table, src, &c);
    }
    cursor_deinit(&c);
    return status;
}

/** Reads the data block of one index entry, whose key must not be below the block's last. */
static ws_status read_indexed_block(ws_table *table, const source *src, const cursor *index)
{
    handle where;
    const unsigned char *p = index->value;
    if (!read_handle(&p, index->value + index->value_size, &where))
        return fail_block(src, index, "an entry does not say where its data block lies");
    const ws_status status = read_data_block(table, src, where);
    if (status != WS_OK)
        return status;
    const ws_table_entry *last = &table->entries[table->n_entries - 1];
    if (compare_bytes(index->key.data, index->key.size, ws_table_key(table, last), last->key_size) <
        0)
        return fail_block(src, index, "a key is below those of its data block");
    return WS_OK;
}

static ws_status read_blocks(ws_table *table, const source *src, handle index)
{
    cursor c;
    ws_status status = check_block(src, "index", index);
    if (status != WS_OK)
        return status;
    status = cursor_init(&c, src, index);
    while (status == WS_OK && c.next < c.end) {
        status = cursor_next(src, &c);
        if (status == WS_OK)
            status = read_indexed_block(table, src, &c);
    }
    cursor_deinit(&c);
    return status;
}

bool ws_table_is_one(const unsigned char *file, size_t size)
{
    return size >= WS_TABLE_FOOTER_BYTES &&
           read_u64le(file + size - sizeof(uint64_t)) == WS_TABLE_MAGIC;
}

static ws_status read_footer(const source *src, handle *meta, handle *index)
{
    if (src->size > WS_TABLE_MAX_BYTES)
        return ws_fail(src->err, WS_ELIMIT, "%s: has %zu bytes, at most %zu are read", src->path,
                       src->size, WS_TABLE_MAX_BYTES);
    if (!ws_table_is_one(src->file, src->size))
        return ws_fail(src->err, WS_EFORMAT,
                       "%s: is not the index of a checkpoint, or is cut off (not an sstable: its "
                       "last 8 bytes are not the magic number)",
                       src->path);
    const unsigned char *p = src->file + src->size - WS_TABLE_FOOTER_BYTES;
    const unsigned char *end = p + WS_TABLE_HANDLES_BYTES;
    if (!read_handle(&p, end, meta) || !read_handle(&p, end, index))
        return ws_fail(src->err, WS_EFORMAT,
                       "%s: the footer (its last %d bytes) is damaged: it does not say where the "
                       "index lies",
                       src->path, WS_TABLE_FOOTER_BYTES);
    return WS_OK;
}

ws_status ws_table_init(ws_table *table, const char *path, const unsigned char *file, size_t size,
                        ws_error *err)
{
    const source src = {.path = path, .file = file, .size = size, .err = err};
    handle meta, index;

    *table = (ws_table){.entries = NULL};
    ws_buf_init(&table->keys, WS_TABLE_MAX_BYTES);
    ws_status status = read_footer(&src, &meta, &index);
    if (status == WS_OK)
        status = check_block(&src, "metaindex", meta);
    if (status == WS_OK)
        status = read_blocks(table, &src, index);
    if (status != WS_OK)
        ws_table_deinit(table);
    return status;
}

void ws_table_deinit(ws_table *table)
{
    free(table->entries);
    ws_buf_deinit(&table->keys);
    *table = (ws_table){.entries = NULL};
}

const char *ws_table_key(const ws_table *table, const ws_table_entry *entry)
{
    return (const char *)table->keys.data + entry->key_offset;
}
