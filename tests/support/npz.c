#define ZLIB_CONST /* zlib then takes const input */

#include "support/npz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/file.h"
#include "base/text.h"

/* Zip, as far as NumPy writes it: an end record without comment, before it the directory, whose
 * entries point at local headers, which are followed by the data. */
enum {
    MAX_ARCHIVE_BYTES = 1 << 28,
    END_BYTES = 22,
    ENTRY_BYTES = 46, /* of the directory, before the name */
    LOCAL_BYTES = 30, /* before name and extra field */
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
};

static uint32_t get_u16(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get_u32(const unsigned char *p)
{
    return get_u16(p) | get_u16(p + 2) << 16;
}

static bool has_magic(const ws_npz *npz, size_t at, size_t size, const char *magic)
{
    return at <= npz->size && npz->size - at >= size && memcmp(npz->bytes + at, magic, 4) == 0;
}

void ws_npz_deinit(ws_npz *npz)
{
    free(npz->path);
    free(npz->bytes);
    *npz = (ws_npz){0};
}

ws_status ws_npz_read(const char *path, ws_npz *npz, ws_error *err)
{
    *npz = (ws_npz){.path = ws_text_copy(path)};
    if (npz->path == NULL)
        return ws_fail_memory(err, path);
    const ws_status status = ws_file_read(path, MAX_ARCHIVE_BYTES, &npz->bytes, &npz->size, err);
    if (status != WS_OK) {
        ws_npz_deinit(npz);
        return status;
    }
    if (npz->size < END_BYTES || !has_magic(npz, npz->size - END_BYTES, END_BYTES, "PK\5\6")) {
        ws_npz_deinit(npz);
        return ws_fail(err, WS_EFORMAT, "%s: no end record of a zip archive", path);
    }
    const unsigned char *end = npz->bytes + npz->size - END_BYTES;
    npz->n_members = get_u16(end + 10);
    npz->directory = get_u32(end + 16);
    return WS_OK;
}

/** The directory's entry of `<name>.npy`, or NULL. */
static const unsigned char *find_entry(const ws_npz *npz, const char *name)
{
    const size_t length = strlen(name);
    size_t at = npz->directory;

    for (size_t i = 0; i < npz->n_members; i++) {
        if (!has_magic(npz, at, ENTRY_BYTES, "PK\1\2"))
            return NULL;
        const unsigned char *entry = npz->bytes + at;
        const size_t n_name = get_u16(entry + 28);
        if (npz->size - at - ENTRY_BYTES < n_name)
            return NULL;
        if (n_name == length + 4 && memcmp(entry + ENTRY_BYTES, name, length) == 0 &&
            memcmp(entry + ENTRY_BYTES + length, ".npy", 4) == 0)
            return entry;
        at += ENTRY_BYTES + n_name + get_u16(entry + 30) + get_u16(entry + 32);
    }
    return NULL;
}

bool ws_npz_has(const ws_npz *npz, const char *name)
{
    return find_entry(npz, name) != NULL;
}

/** Raw deflate of exactly n bytes in and out. */
static bool inflate_all(const unsigned char *from, size_t n_from, unsigned char *to, size_t n_to)
{
    z_stream stream = {0};

    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    stream.next_in = from;
    stream.avail_in = (uInt)n_from;
    stream.next_out = to;
    stream.avail_out = (uInt)n_to;
    const int code = inflate(&stream, Z_FINISH);
    (void)inflateEnd(&stream);
    return code == Z_STREAM_END && stream.total_out == n_to;
}

/** The member's bytes, size of them, in new memory; NULL if the archive is broken. */
static unsigned char *unpack(const ws_npz *npz, const unsigned char *entry, size_t *size)
{
    const uint32_t method = get_u16(entry + 10);
    const size_t n_packed = get_u32(entry + 20);
    const size_t local = get_u32(entry + 42);

    *size = get_u32(entry + 24);
    if (!has_magic(npz, local, LOCAL_BYTES, "PK\3\4") || *size > MAX_ARCHIVE_BYTES)
        return NULL;
    const size_t data =
        local + LOCAL_BYTES + get_u16(npz->bytes + local + 26) + get_u16(npz->bytes + local + 28);
    if (data > npz->size || npz->size - data < n_packed)
        return NULL;
    unsigned char *bytes = malloc(*size > 0 ? *size : 1);
    bool good = bytes != NULL;
    if (good && method == METHOD_STORED && n_packed == *size)
        memcpy(bytes, npz->bytes + data, *size);
    else
        good = good && method == METHOD_DEFLATED &&
               inflate_all(npz->bytes + data, n_packed, bytes, *size);
    if (good)
        return bytes;
    free(bytes);
    return NULL;
}

ws_status ws_npz_get(const ws_npz *npz, const char *name, ws_npy *npy, ws_error *err)
{
    const unsigned char *entry = find_entry(npz, name);
    size_t size;

    if (entry == NULL)
        return ws_fail(err, WS_ENOTFOUND, "%s: no array \"%s\"", npz->path, name);
    unsigned char *bytes = unpack(npz, entry, &size);
    if (bytes == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: array \"%s\" cannot be unpacked", npz->path, name);
    const ws_status status = ws_npy_parse(name, bytes, size, npy, err);
    free(bytes);
    return status;
}
