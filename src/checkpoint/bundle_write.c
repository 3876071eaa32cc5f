#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "checkpoint/entry.h"
#include "checkpoint/table.h"
#include "checkpoint/varint.h"

#if defined(__BYTE_ORDER__)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are copied as they are and must be little-endian");
#endif

typedef const ws_bundle_tensor *tensor_pointer;

static int compare_names(const void *a, const void *b)
{
    const tensor_pointer *left = a;
    const tensor_pointer *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static ws_status check_tensor(const char *prefix, const ws_bundle_tensor *tensor, ws_error *err)
{
    if (tensor->name[0] == '\0' || tensor->n_dims > WS_BUNDLE_MAX_DIMS)
        return ws_fail(err, WS_EINVAL,
                       "%s: an array to write needs a name and at most %d dimensions", prefix,
                       WS_BUNDLE_MAX_DIMS);
    const size_t count = ws_bundle_count(tensor->dims, tensor->n_dims);
    const size_t element = ws_bundle_dtype_size((int)tensor->dtype);
    const bool fits =
        tensor->dtype == WS_BUNDLE_STRING
            ? tensor->n_dims == 0
            : element > 0 && tensor->size % element == 0 && tensor->size / element == count;
    if (!fits)
        return ws_fail(err, WS_EINVAL, "%s: \"%s\" has %zu bytes, which does not fit its shape %s",
                       prefix, tensor->name, tensor->size,
                       ws_bundle_dtype_name((int)tensor->dtype));
    return WS_OK;
}

/** Sorted pointers to the tensors in new memory; checks each, and that names are unique. */
static ws_status sort_tensors(const char *prefix, const ws_bundle_tensor *tensors, size_t n,
                              tensor_pointer **sorted, ws_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const ws_status status = check_tensor(prefix, &tensors[i], err);
        if (status != WS_OK)
            return status;
    }
    tensor_pointer *pointers = malloc((n + 1) * sizeof(tensor_pointer));
    if (pointers == NULL)
        return ws_fail_memory(err, prefix);
    for (size_t i = 0; i < n; i++)
        pointers[i] = &tensors[i];
    qsort(pointers, n, sizeof *pointers, compare_names);
    for (size_t i = 1; i < n; i++) {
        if (compare_names(&pointers[i - 1], &pointers[i]) == 0) {
            const char *name = pointers[i]->name;
            free(pointers);
            return ws_fail(err, WS_EINVAL, "%s: \"%s\" is given twice", prefix, name);
        }
    }
    *sorted = pointers;
    return WS_OK;
}

static uint32_t crc_of_u32le(uint32_t crc, uint32_t value)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    return ws_crc32c(crc, bytes, sizeof bytes);
}

/** Length, checksum of the length, bytes. @return the CRC of the entry, which runs over all. */
static uint32_t push_string(ws_buf *data, const ws_bundle_tensor *tensor)
{
    const uint32_t length_crc = crc_of_u32le(0, (uint32_t)tensor->size);
    const uint32_t masked = ws_crc32c_mask(length_crc);

    ws_varint_push(data, tensor->size);
    ws_buf_push_u32le(data, masked);
    ws_buf_push(data, tensor->data, tensor->size);
    return ws_crc32c(crc_of_u32le(length_crc, masked), tensor->data, tensor->size);
}

static uint32_t push_numbers(ws_buf *data, const ws_bundle_tensor *tensor)
{
    ws_buf_push(data, tensor->data, tensor->size);
    return ws_crc32c(0, tensor->data, tensor->size);
}

/** Appends one array to the data and its entry to the index. */
static void push_tensor(const ws_bundle_tensor *tensor, ws_buf *data, ws_table_writer *index,
                        ws_buf *scratch)
{
    ws_bundle_entry entry = {.dtype = (int)tensor->dtype, .n_dims = tensor->n_dims};

    memcpy(entry.dims, tensor->dims, sizeof entry.dims);
    entry.offset = data->size;
    const uint32_t crc =
        tensor->dtype == WS_BUNDLE_STRING ? push_string(data, tensor) : push_numbers(data, tensor);
    entry.size = data->size - entry.offset;
    entry.masked_crc = ws_crc32c_mask(crc);
    scratch->size = 0;
    ws_bundle_entry_push(scratch, &entry);
    ws_table_push(index, tensor->name, strlen(tensor->name), scratch->data, scratch->size);
}

/** Makes both files in memory. */
static ws_status build(const char *prefix, const tensor_pointer *sorted, size_t n, ws_buf *data,
                       ws_table_writer *index, ws_error *err)
{
    ws_buf scratch;
    ws_buf_init(&scratch, WS_TABLE_MAX_BYTES);
    ws_bundle_header_push(&scratch);
    ws_table_push(index, "", 0, scratch.data, scratch.size);
    for (size_t i = 0; i < n; i++)
        push_tensor(sorted[i], data, index, &scratch);
    const ws_status scratch_status = scratch.status;
    ws_buf_deinit(&scratch);
    if (scratch_status == WS_ENOMEM || data->status == WS_ENOMEM)
        return ws_fail_memory(err, prefix);
    if (data->status != WS_OK)
        return ws_fail(err, data->status, "%s: its arrays have more than %zu bytes", prefix,
                       WS_BUNDLE_MAX_BYTES);
    return ws_table_finish(index, prefix, err);
}

static ws_status write_files(const char *prefix, const ws_buf *data, const ws_buf *index,
                             ws_error *err)
{
    char *data_path = ws_text_format("%s%s", prefix, WS_BUNDLE_DATA_SUFFIX);
    char *index_path = ws_text_format("%s%s", prefix, WS_BUNDLE_INDEX_SUFFIX);
    ws_status status = WS_OK;

    if (data_path == NULL || index_path == NULL)
        status = ws_fail_memory(err, prefix);
    if (status == WS_OK) {
        /* the data first: a process that sees the new index also finds its data */
        const ws_file_part parts[] = {{data_path, data->data, data->size},
                                      {index_path, index->data, index->size}};
        status = ws_file_write_all(parts, 2, err);
    }
    free(data_path);
    free(index_path);
    return status;
}

ws_status ws_bundle_write(const char *prefix, const ws_bundle_tensor *tensors, size_t n_tensors,
                          ws_error *err)
{
    tensor_pointer *sorted = NULL;
    ws_table_writer index;
    ws_buf data;

    ws_status status = sort_tensors(prefix, tensors, n_tensors, &sorted, err);
    if (status != WS_OK)
        return status;
    ws_table_writer_init(&index);
    ws_buf_init(&data, WS_BUNDLE_MAX_BYTES);
    status = build(prefix, sorted, n_tensors, &data, &index, err);
    if (status == WS_OK)
        status = write_files(prefix, &data, &index.file, err);
    ws_buf_deinit(&data);
    ws_table_writer_deinit(&index);
    free(sorted);
    return status;
}
