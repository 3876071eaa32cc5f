#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "checkpoint/entry.h"
#include "checkpoint/table.h"
#include "checkpoint/varint.h"

struct ws_bundle {
    char *index_path;
    char *data_path;
    unsigned char *index_bytes; /* the table's values point into it */
    ws_table table;             /* the entries' names point into its keys */
    ws_bundle_entry *entries;   /* [n_entries] */
    size_t n_entries;
    int data_fd;
    uint64_t data_size; /* bytes, when it was opened */
};

bool ws_bundle_exists(const char *prefix)
{
    char *path = ws_text_format("%s%s", prefix, WS_BUNDLE_INDEX_SUFFIX);
    const bool exists = path == NULL || ws_file_exists(path);
    free(path);
    return exists;
}

static ws_status read_index(ws_bundle *bundle, ws_error *err)
{
    size_t size;
    ws_status status =
        ws_file_read(bundle->index_path, WS_TABLE_MAX_BYTES, &bundle->index_bytes, &size, err);
    if (status != WS_OK)
        return status;
    return ws_table_init(&bundle->table, bundle->index_path, bundle->index_bytes, size, err);
}

/** Reads one row of the table. The pieces of partitioned arrays have keys that begin with a
 *  zero byte; they are not arrays of their own. */
static ws_status take_entry(ws_bundle *bundle, const ws_table_entry *row, ws_error *err)
{
    const char *name = ws_table_key(&bundle->table, row);

    if (name[0] == '\0')
        return WS_OK;
    if (strlen(name) != row->key_size)
        return ws_fail(err, WS_EFORMAT, "%s: the name \"%s...\" contains a zero byte",
                       bundle->index_path, name);
    ws_bundle_entry *entry = &bundle->entries[bundle->n_entries];
    *entry = (ws_bundle_entry){.name = name};
    const ws_status status =
        ws_bundle_entry_decode(bundle->index_path, row->value, row->value_size, entry, err);
    if (status == WS_OK)
        bundle->n_entries++;
    return status;
}

static ws_status take_entries(ws_bundle *bundle, ws_error *err)
{
    const ws_table *table = &bundle->table;
    if (table->n_entries == 0 || table->entries[0].key_size != 0)
        return ws_fail(err, WS_EFORMAT,
                       "%s: is a table, but not the index of a checkpoint (it has "
                       "no header)",
                       bundle->index_path);
    ws_status status = ws_bundle_header_check(bundle->index_path, table->entries[0].value,
                                              table->entries[0].value_size, err);
    if (status != WS_OK)
        return status;
    bundle->entries = calloc(table->n_entries, sizeof *bundle->entries);
    if (bundle->entries == NULL)
        return ws_fail_memory(err, bundle->index_path);
    for (size_t i = 1; status == WS_OK && i < table->n_entries; i++)
        status = take_entry(bundle, &table->entries[i], err);
    return status;
}

static ws_status open_data(ws_bundle *bundle, ws_error *err)
{
    struct stat info;
    bundle->data_fd = open(bundle->data_path, O_RDONLY | O_CLOEXEC);
    if (bundle->data_fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", bundle->data_path);
    if (fstat(bundle->data_fd, &info) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be read", bundle->data_path);
    bundle->data_size = (uint64_t)info.st_size;
    for (size_t i = 0; i < bundle->n_entries; i++) {
        const ws_bundle_entry *entry = &bundle->entries[i];
        if (entry->is_partitioned || (entry->offset <= bundle->data_size &&
                                      entry->size <= bundle->data_size - entry->offset))
            continue;
        return ws_fail(err, WS_EFORMAT,
                       "%s: has %" PRIu64 " bytes, but \"%s\" should lie at byte %" PRIu64
                       " with %" PRIu64 " bytes: it is cut off or belongs to another index",
                       bundle->data_path, bundle->data_size, entry->name, entry->offset,
                       entry->size);
    }
    return WS_OK;
}

ws_status ws_bundle_open(ws_bundle **bundle, const char *prefix, ws_error *err)
{
    ws_bundle *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return ws_fail_memory(err, prefix);
    opened->data_fd = -1;
    opened->index_path = ws_text_format("%s%s", prefix, WS_BUNDLE_INDEX_SUFFIX);
    opened->data_path = ws_text_format("%s%s", prefix, WS_BUNDLE_DATA_SUFFIX);
    ws_status status = opened->index_path == NULL || opened->data_path == NULL
                           ? ws_fail_memory(err, prefix)
                           : read_index(opened, err);
    if (status == WS_OK)
        status = take_entries(opened, err);
    if (status == WS_OK)
        status = open_data(opened, err);
    if (status != WS_OK) {
        ws_bundle_close(opened);
        return status;
    }
    *bundle = opened;
    return WS_OK;
}

void ws_bundle_close(ws_bundle *bundle)
{
    if (bundle == NULL)
        return;
    if (bundle->data_fd >= 0)
        (void)close(bundle->data_fd);
    ws_table_deinit(&bundle->table);
    free(bundle->entries);
    free(bundle->index_bytes);
    free(bundle->index_path);
    free(bundle->data_path);
    free(bundle);
}

const ws_bundle_entry *ws_bundle_entries(const ws_bundle *bundle, size_t *n_entries)
{
    *n_entries = bundle->n_entries;
    return bundle->entries;
}

static int compare_to_entry(const void *name, const void *entry)
{
    return strcmp(name, ((const ws_bundle_entry *)entry)->name);
}

const ws_bundle_entry *ws_bundle_find(const ws_bundle *bundle, const char *name)
{
    if (bundle->n_entries == 0)
        return NULL;
    return bsearch(name, bundle->entries, bundle->n_entries, sizeof *bundle->entries,
                   compare_to_entry);
}

/** Reads size bytes at offset of the data file, which had them when it was opened. */
static ws_status read_at(const ws_bundle *bundle, uint64_t offset, void *data, size_t size,
                         ws_error *err)
{
    unsigned char *p = data;
    while (size > 0) {
        const ssize_t n = pread(bundle->data_fd, p, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ws_fail_errno(err, errno, "%s: cannot be read at byte %" PRIu64,
                                 bundle->data_path, offset);
        if (n == 0)
            return ws_fail(err, WS_EIO,
                           "%s: ends at byte %" PRIu64 ", it was longer when it was opened",
                           bundle->data_path, offset);
        p += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return WS_OK;
}

/** Refuses arrays in pieces and types other than those of ws_bundle_dtype. */
static ws_status check_readable(const ws_bundle *bundle, const ws_bundle_entry *entry,
                                bool is_string, ws_error *err)
{
    if (entry->is_partitioned)
        return ws_fail(err, WS_EINVAL, "%s: \"%s\" was saved in pieces, which is not supported",
                       bundle->index_path, entry->name);
    if (is_string && (entry->dtype != WS_BUNDLE_STRING || entry->n_dims > 0))
        return ws_fail(err, WS_EINVAL,
                       "%s: \"%s\" is of %s and has %zu dimensions, expected one "
                       "string",
                       bundle->index_path, entry->name, ws_bundle_dtype_name(entry->dtype),
                       entry->n_dims);
    if (!is_string && entry->dtype != WS_BUNDLE_FLOAT32 && entry->dtype != WS_BUNDLE_INT32 &&
        entry->dtype != WS_BUNDLE_INT64)
        return ws_fail(err, WS_EINVAL, "%s: \"%s\" is of %s, expected float32, int32 or int64",
                       bundle->index_path, entry->name, ws_bundle_dtype_name(entry->dtype));
    return WS_OK;
}

static ws_status fail_crc(const ws_bundle *bundle, const ws_bundle_entry *entry, ws_error *err)
{
    return ws_fail(err, WS_EFORMAT,
                   "%s: \"%s\" is damaged (the CRC-32C of its %" PRIu64 " bytes at byte %" PRIu64
                   " does not match the index)",
                   bundle->data_path, entry->name, entry->size, entry->offset);
}

ws_status ws_bundle_read(const ws_bundle *bundle, const ws_bundle_entry *entry, void *data,
                         size_t size, ws_error *err)
{
    ws_status status = check_readable(bundle, entry, false, err);
    if (status != WS_OK)
        return status;
    if (size != entry->size)
        return ws_fail(err, WS_EINVAL, "%s: \"%s\" has %" PRIu64 " bytes, expected %zu",
                       bundle->index_path, entry->name, entry->size, size);
    status = read_at(bundle, entry->offset, data, size, err);
    if (status != WS_OK)
        return status;
    if (ws_crc32c_mask(ws_crc32c(0, data, size)) != entry->masked_crc)
        return fail_crc(bundle, entry, err);
    return WS_OK;
}

/** The shape as "[20,8,1,64]" for an error; cut if it is too long. */
static const char *format_shape(char text[256], const int64_t *dims, size_t n_dims)
{
    ws_buf buf;
    ws_buf_init(&buf, 255);
    ws_buf_push_byte(&buf, '[');
    for (size_t i = 0; i < n_dims; i++)
        ws_buf_push_format(&buf, i > 0 ? ",%" PRId64 : "%" PRId64, dims[i]);
    ws_buf_push_byte(&buf, ']');
    if (buf.data != NULL)
        memcpy(text, buf.data, buf.size);
    text[buf.data != NULL ? buf.size : 0] = '\0';
    ws_buf_deinit(&buf);
    return text;
}

static ws_status find_wanted(const ws_bundle *bundle, const char *name,
                             const ws_bundle_entry **entry, ws_error *err)
{
    *entry = ws_bundle_find(bundle, name);
    if (*entry == NULL)
        return ws_fail(err, WS_ENOTFOUND, "%s: holds no \"%s\" (%zu other arrays)",
                       bundle->index_path, name, bundle->n_entries);
    return WS_OK;
}

ws_status ws_bundle_read_wanted(const ws_bundle *bundle, const ws_bundle_wanted *wanted, void *data,
                                ws_error *err)
{
    const ws_bundle_entry *entry;
    char found_shape[256], wanted_shape[256];

    const ws_status status = find_wanted(bundle, wanted->name, &entry, err);
    if (status != WS_OK)
        return status;
    if (entry->dtype != (int)wanted->dtype || entry->n_dims != wanted->n_dims ||
        memcmp(entry->dims, wanted->dims, entry->n_dims * sizeof *entry->dims) != 0)
        return ws_fail(err, WS_EINVAL, "%s: \"%s\" is %s %s, expected %s %s", bundle->index_path,
                       entry->name, ws_bundle_dtype_name(entry->dtype),
                       format_shape(found_shape, entry->dims, entry->n_dims),
                       ws_bundle_dtype_name((int)wanted->dtype),
                       format_shape(wanted_shape, wanted->dims, wanted->n_dims));
    return ws_bundle_read(bundle, entry, data, (size_t)entry->size, err);
}

static uint32_t read_u32le(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/** Checks the stored form of a string [entry->size] and finds its text within. */
static ws_status check_string(const ws_bundle *bundle, const ws_bundle_entry *entry,
                              const unsigned char *stored, const unsigned char **text, size_t *size,
                              ws_error *err)
{
    const unsigned char *p = stored;
    const unsigned char *end = stored + entry->size;
    uint64_t length;

    if (!ws_varint_read(&p, end, &length) || (size_t)(end - p) < sizeof(uint32_t) ||
        length != (uint64_t)(end - p) - sizeof(uint32_t))
        return ws_fail(err, WS_EFORMAT,
                       "%s: \"%s\" at byte %" PRIu64 " is damaged: the length of the string does "
                       "not fit the %" PRIu64 " bytes stored",
                       bundle->data_path, entry->name, entry->offset, entry->size);
    /* the CRC covers 4 bytes per length, not the bytes stored for it */
    const unsigned char length_bytes[4] = {(unsigned char)length, (unsigned char)(length >> 8),
                                           (unsigned char)(length >> 16),
                                           (unsigned char)(length >> 24)};
    uint32_t crc = ws_crc32c(0, length_bytes, sizeof length_bytes);
    if (ws_crc32c_mask(crc) != read_u32le(p))
        return ws_fail(err, WS_EFORMAT,
                       "%s: \"%s\" at byte %" PRIu64 " is damaged (the CRC-32C of its length does "
                       "not match)",
                       bundle->data_path, entry->name, entry->offset);
    crc = ws_crc32c(crc, p, (size_t)(end - p));
    if (ws_crc32c_mask(crc) != entry->masked_crc)
        return fail_crc(bundle, entry, err);
    *text = p + sizeof(uint32_t);
    *size = (size_t)length;
    return WS_OK;
}

static ws_status read_string_entry(const ws_bundle *bundle, const ws_bundle_entry *entry,
                                   char **text, size_t *size, ws_error *err)
{
    const unsigned char *found = NULL;
    const size_t stored_size = (size_t)entry->size;

    unsigned char *stored = malloc(stored_size + 1);
    if (stored == NULL)
        return ws_fail_memory(err, bundle->data_path);
    ws_status status = read_at(bundle, entry->offset, stored, stored_size, err);
    if (status == WS_OK)
        status = check_string(bundle, entry, stored, &found, size, err);
    if (status != WS_OK) {
        free(stored);
        return status;
    }
    memmove(stored, found, *size);
    stored[*size] = '\0';
    *text = (char *)stored;
    return WS_OK;
}

static ws_status fail_too_long(const ws_bundle *bundle, const ws_bundle_entry *entry,
                               size_t max_size, ws_error *err)
{
    return ws_fail(err, WS_ELIMIT, "%s: \"%s\" takes %" PRIu64 " bytes, at most %zu are read",
                   bundle->index_path, entry->name, entry->size, max_size);
}

ws_status ws_bundle_read_string(const ws_bundle *bundle, const char *name, size_t max_size,
                                char **text, size_t *size, ws_error *err)
{
    const ws_bundle_entry *entry;
    size_t length = 0;

    ws_status status = find_wanted(bundle, name, &entry, err);
    if (status == WS_OK)
        status = check_readable(bundle, entry, true, err);
    if (status != WS_OK)
        return status;
    if (entry->size > (uint64_t)max_size + WS_VARINT_MAX_BYTES + sizeof(uint32_t))
        return fail_too_long(bundle, entry, max_size, err);
    status = read_string_entry(bundle, entry, text, &length, err);
    if (status == WS_OK && length > max_size) {
        free(*text);
        return fail_too_long(bundle, entry, max_size, err);
    }
    if (status == WS_OK && size != NULL)
        *size = length;
    return status;
}
