#include "support/npy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

enum { MAGIC_BYTES = 6, MAX_NPY_BYTES = 1 << 30 };

/** The text after a key of the header's dictionary, such as 'shape': or NULL. */
static const char *find_value(const char *header, const char *key)
{
    const char *found = strstr(header, key);
    if (found == NULL || (found = strchr(found, ':')) == NULL)
        return NULL;
    return found + 1 + strspn(found + 1, " ");
}

static bool parse_dtype(const char *header, ws_npy *npy)
{
    const char *value = find_value(header, "'descr'");
    if (value == NULL || *value != '\'')
        return false;
    const size_t length = strcspn(value + 1, "'");
    if (length < 3 || length >= sizeof npy->dtype)
        return false;
    memcpy(npy->dtype, value + 1, length);
    npy->dtype[length] = '\0';
    npy->item_bytes = (size_t)strtoul(npy->dtype + 2, NULL, 10);
    return (npy->dtype[0] == '<' || npy->dtype[0] == '|') &&
           strchr("fiub", npy->dtype[1]) != NULL && npy->item_bytes >= 1 && npy->item_bytes <= 8;
}

static bool parse_shape(const char *header, ws_npy *npy)
{
    const char *p = find_value(header, "'shape'");
    if (p == NULL || *p++ != '(')
        return false;
    for (size_t i = 0; i < WS_NPY_MAX_DIMS; i++)
        npy->shape[i] = 1;
    npy->n_items = 1;
    for (p += strspn(p, " ,"); *p != ')'; p += strspn(p, " ,")) {
        char *end;
        if (npy->n_dims == WS_NPY_MAX_DIMS)
            return false;
        const unsigned long long extent = strtoull(p, &end, 10);
        if (end == p || extent > MAX_NPY_BYTES)
            return false;
        npy->shape[npy->n_dims++] = (size_t)extent;
        npy->n_items *= (size_t)extent;
        if (npy->n_items > MAX_NPY_BYTES)
            return false;
        p = end;
    }
    return true;
}

/** Length of the magic, version and length fields before the header; 0 if they are no .npy's. */
static size_t parse_prefix(const unsigned char *bytes, size_t size, size_t *header_bytes)
{
    if (size < 12 || memcmp(bytes, "\x93NUMPY", MAGIC_BYTES) != 0)
        return 0;
    *header_bytes = bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[MAGIC_BYTES] == 1)
        return 10;
    *header_bytes |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    return 12;
}

static ws_status parse_header(const char *name, const char *header, ws_npy *npy, ws_error *err)
{
    const char *order = find_value(header, "'fortran_order'");
    if (!parse_dtype(header, npy))
        return ws_fail(err, WS_EFORMAT, "%s: item type not known, header %s", name, header);
    if (order == NULL || strncmp(order, "False", 5) != 0)
        return ws_fail(err, WS_EFORMAT, "%s: not in C order, header %s", name, header);
    if (!parse_shape(header, npy))
        return ws_fail(err, WS_EFORMAT, "%s: shape not understood, header %s", name, header);
    return WS_OK;
}

ws_status ws_npy_parse(const char *name, const void *bytes, size_t size, ws_npy *npy, ws_error *err)
{
    char header[1024];
    size_t header_bytes = 0;

    *npy = (ws_npy){0};
    const size_t prefix = parse_prefix(bytes, size, &header_bytes);
    if (prefix == 0 || header_bytes > size - prefix || header_bytes >= sizeof header)
        return ws_fail(err, WS_EFORMAT, "%s: no .npy header", name);
    memcpy(header, (const char *)bytes + prefix, header_bytes);
    header[header_bytes] = '\0';
    const ws_status status = parse_header(name, header, npy, err);
    if (status != WS_OK)
        return status;
    const size_t n_bytes = npy->n_items * npy->item_bytes;
    if (size - prefix - header_bytes != n_bytes)
        return ws_fail(err, WS_EFORMAT, "%s: %zu bytes of data, expected %zu", name,
                       size - prefix - header_bytes, n_bytes);
    npy->data = malloc(n_bytes > 0 ? n_bytes : 1);
    if (npy->data == NULL)
        return ws_fail_memory(err, name);
    memcpy(npy->data, (const char *)bytes + prefix + header_bytes, n_bytes);
    return WS_OK;
}

ws_status ws_npy_read(const char *path, ws_npy *npy, ws_error *err)
{
    unsigned char *bytes;
    size_t size;
    ws_status status = ws_file_read(path, MAX_NPY_BYTES, &bytes, &size, err);
    if (status != WS_OK)
        return status;
    status = ws_npy_parse(path, bytes, size, npy, err);
    free(bytes);
    return status;
}

static double float_item(const ws_npy *npy, size_t i)
{
    assert_true(npy->item_bytes == 4 || npy->item_bytes == 8);
    return npy->item_bytes == 4 ? (double)((const float *)npy->data)[i]
                                : ((const double *)npy->data)[i];
}

static double signed_item(const ws_npy *npy, size_t i)
{
    switch (npy->item_bytes) {
    case 1:
        return ((const int8_t *)npy->data)[i];
    case 2:
        return ((const int16_t *)npy->data)[i];
    case 4:
        return ((const int32_t *)npy->data)[i];
    default:
        assert_true(npy->item_bytes == 8);
        return (double)((const int64_t *)npy->data)[i];
    }
}

static double unsigned_item(const ws_npy *npy, size_t i)
{
    switch (npy->item_bytes) {
    case 1:
        return ((const uint8_t *)npy->data)[i];
    case 2:
        return ((const uint16_t *)npy->data)[i];
    case 4:
        return ((const uint32_t *)npy->data)[i];
    default:
        assert_true(npy->item_bytes == 8);
        return (double)((const uint64_t *)npy->data)[i];
    }
}

double ws_npy_item(const ws_npy *npy, size_t i)
{
    assert_true(i < npy->n_items);
    switch (npy->dtype[1]) {
    case 'f':
        return float_item(npy, i);
    case 'i':
        return signed_item(npy, i);
    default: /* 'u' and 'b' */
        return unsigned_item(npy, i);
    }
}

const float *ws_npy_f4(const ws_npy *npy)
{
    assert_true(strcmp(npy->dtype, "<f4") == 0);
    return npy->data;
}

const double *ws_npy_f8(const ws_npy *npy)
{
    assert_true(strcmp(npy->dtype, "<f8") == 0);
    return npy->data;
}

void ws_npy_deinit(ws_npy *npy)
{
    free(npy->data);
    *npy = (ws_npy){0};
}
