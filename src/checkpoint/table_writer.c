#include <stdbool.h>
#include <string.h>

#include "base/crc32c.h"
#include "checkpoint/table.h"
#include "checkpoint/table_format.h"
#include "checkpoint/varint.h"

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t common_prefix(const ws_buf *a, const unsigned char *b, size_t b_size)
{
    const size_t limit = min_size(a->size, b_size);
    size_t n = 0;
    while (n < limit && a->data[n] == b[n])
        n++;
    return n;
}

static void set_bytes(ws_buf *buf, const void *data, size_t size)
{
    buf->size = 0;
    ws_buf_push(buf, data, size);
}

static void block_reset(ws_table_block *block)
{
    block->entries.size = 0;
    block->restarts.size = 0;
    block->last_key.size = 0;
    block->n_since_restart = 0;
    ws_buf_push_u32le(&block->restarts, 0);
}

static void block_init(ws_table_block *block, size_t interval)
{
    ws_buf_init(&block->entries, WS_TABLE_MAX_BYTES);
    ws_buf_init(&block->restarts, WS_TABLE_MAX_BYTES);
    ws_buf_init(&block->last_key, WS_TABLE_MAX_KEY_BYTES);
    block->interval = interval;
    block_reset(block);
}

static void block_deinit(ws_table_block *block)
{
    ws_buf_deinit(&block->entries);
    ws_buf_deinit(&block->restarts);
    ws_buf_deinit(&block->last_key);
}

static void block_push(ws_table_block *block, const unsigned char *key, size_t key_size,
                       const void *value, size_t value_size)
{
    size_t shared = 0;
    if (block->n_since_restart < block->interval) {
        shared = common_prefix(&block->last_key, key, key_size);
    } else {
        ws_buf_push_u32le(&block->restarts, (uint32_t)block->entries.size);
        block->n_since_restart = 0;
    }
    ws_varint_push(&block->entries, shared);
    ws_varint_push(&block->entries, key_size - shared);
    ws_varint_push(&block->entries, value_size);
    if (shared < key_size) /* an empty key may be NULL */
        ws_buf_push(&block->entries, key + shared, key_size - shared);
    ws_buf_push(&block->entries, value, value_size);
    set_bytes(&block->last_key, key, key_size);
    block->n_since_restart++;
}

static size_t block_size(const ws_table_block *block)
{
    return block->entries.size + block->restarts.size + sizeof(uint32_t);
}

static ws_status first_failure(const ws_buf *const *bufs, size_t n_bufs)
{
    for (size_t i = 0; i < n_bufs; i++)
        if (bufs[i]->status != WS_OK)
            return bufs[i]->status;
    return WS_OK;
}

/** Appends the block and its trailer to the file and its place to handle; empties the block. */
static void write_block(ws_table_writer *writer, ws_table_block *block, ws_buf *handle)
{
    ws_buf *file = &writer->file;
    const size_t start = file->size;
    const size_t size = block_size(block);

    ws_buf_push(file, block->entries.data, block->entries.size);
    ws_buf_push(file, block->restarts.data, block->restarts.size);
    ws_buf_push_u32le(file, (uint32_t)(block->restarts.size / sizeof(uint32_t)));
    ws_buf_push_byte(file, WS_TABLE_TYPE_PLAIN);
    const ws_buf *const parts[] = {file, &block->entries, &block->restarts};
    if (first_failure(parts, sizeof parts / sizeof *parts) != WS_OK)
        return; /* sticky: ws_table_finish reports it */
    ws_buf_push_u32le(file, ws_crc32c_mask(ws_crc32c(0, file->data + start, size + 1)));
    ws_varint_push(handle, start);
    ws_varint_push(handle, size);
    block_reset(block);
}

static void flush_data_block(ws_table_writer *writer)
{
    if (writer->data.entries.size == 0)
        return;
    writer->handle.size = 0;
    write_block(writer, &writer->data, &writer->handle);
    writer->handle_pending = true;
}

/** Shortens key (the last of a block) to the shortest text that is not below it but below next. */
static void shorten_between(ws_buf *key, const unsigned char *next, size_t next_size)
{
    const size_t i = common_prefix(key, next, next_size);
    if (i == key->size || i == next_size)
        return; /* one is a prefix of the other: nothing shorter is between them */
    if (key->data[i] < 0xff && key->data[i] + 1 < next[i]) {
        key->data[i]++;
        key->size = i + 1;
    }
}

/** Shortens key to the shortest text that is not below it: all other keys are. */
static void shorten_after(ws_buf *key)
{
    for (size_t i = 0; i < key->size; i++) {
        if (key->data[i] != 0xff) {
            key->data[i]++;
            key->size = i + 1;
            return;
        }
    }
}

static void push_index_entry(ws_table_writer *writer)
{
    block_push(&writer->index, writer->last_key.data, writer->last_key.size, writer->handle.data,
               writer->handle.size);
    writer->handle_pending = false;
}

void ws_table_writer_init(ws_table_writer *writer)
{
    *writer = (ws_table_writer){.n_entries = 0};
    ws_buf_init(&writer->file, WS_TABLE_MAX_BYTES);
    ws_buf_init(&writer->last_key, WS_TABLE_MAX_KEY_BYTES);
    ws_buf_init(&writer->handle, (size_t)2 * WS_VARINT_MAX_BYTES);
    block_init(&writer->data, WS_TABLE_DATA_INTERVAL);
    block_init(&writer->index, WS_TABLE_INDEX_INTERVAL);
}

void ws_table_writer_deinit(ws_table_writer *writer)
{
    ws_buf_deinit(&writer->file);
    ws_buf_deinit(&writer->last_key);
    ws_buf_deinit(&writer->handle);
    block_deinit(&writer->data);
    block_deinit(&writer->index);
}

static bool is_after(const unsigned char *key, size_t key_size, const ws_buf *last)
{
    const size_t i = common_prefix(last, key, key_size);
    return i == last->size ? key_size > last->size : i < key_size && key[i] > last->data[i];
}

void ws_table_push(ws_table_writer *writer, const void *key, size_t key_size, const void *value,
                   size_t value_size)
{
    if (writer->n_entries > 0 && writer->file.status == WS_OK &&
        !is_after(key, key_size, &writer->last_key))
        writer->file.status = WS_EINVAL;
    if (key_size + value_size >= WS_TABLE_HUGE_BYTES)
        flush_data_block(writer);
    if (writer->handle_pending) {
        shorten_between(&writer->last_key, key, key_size);
        push_index_entry(writer);
    }
    block_push(&writer->data, key, key_size, value, value_size);
    set_bytes(&writer->last_key, key, key_size);
    writer->n_entries++;
    if (block_size(&writer->data) >= WS_TABLE_BLOCK_BYTES)
        flush_data_block(writer);
}

static void write_footer(ws_table_writer *writer, const ws_buf *handles)
{
    unsigned char padded[WS_TABLE_HANDLES_BYTES] = {0};
    memcpy(padded, handles->data, handles->size);
    ws_buf_push(&writer->file, padded, sizeof padded);
    ws_buf_push_u64le(&writer->file, WS_TABLE_MAGIC);
}

static ws_status report(ws_status status, const char *what, ws_error *err)
{
    if (status == WS_OK)
        return WS_OK;
    if (status == WS_ENOMEM)
        return ws_fail_memory(err, what);
    if (status == WS_EINVAL)
        return ws_fail(err, status, "%s: the names are not unique and in ascending order", what);
    return ws_fail(err, status,
                   "%s: too large, at most %zu entries, %zu bytes and %zu bytes a name", what,
                   WS_TABLE_MAX_ENTRIES, WS_TABLE_MAX_BYTES, WS_TABLE_MAX_KEY_BYTES);
}

ws_status ws_table_finish(ws_table_writer *writer, const char *what, ws_error *err)
{
    ws_table_block meta;
    ws_buf handles; /* of the metaindex block, then of the index block */

    flush_data_block(writer);
    if (writer->handle_pending) {
        shorten_after(&writer->last_key);
        push_index_entry(writer);
    }
    block_init(&meta, WS_TABLE_INDEX_INTERVAL);
    ws_buf_init(&handles, WS_TABLE_HANDLES_BYTES);
    write_block(writer, &meta, &handles);
    write_block(writer, &writer->index, &handles);
    const ws_buf *const parts[] = {
        &writer->file,
        &writer->last_key,
        &writer->handle,
        &writer->data.entries,
        &writer->data.restarts,
        &writer->data.last_key,
        &writer->index.entries,
        &writer->index.restarts,
        &writer->index.last_key,
        &meta.restarts,
        &handles,
    };
    ws_status status = first_failure(parts, sizeof parts / sizeof *parts);
    if (status == WS_OK) {
        write_footer(writer, &handles);
        status = writer->file.status;
    }
    block_deinit(&meta);
    ws_buf_deinit(&handles);
    if (status == WS_OK && writer->n_entries > WS_TABLE_MAX_ENTRIES)
        status = WS_ELIMIT;
    return report(status, what, err);
}
