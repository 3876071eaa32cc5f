#include "formats/flat_read.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HEAD_BYTES = 8, VTABLE_HEAD_BYTES = 4, TABLE_HEAD_BYTES = 4, REF_BYTES = 4 };

void ws_flat_fail(ws_flat_reader *flat, size_t at, const char *format, ...)
{
    char what[512];
    va_list arguments;

    if (flat->status != WS_OK)
        return;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    flat->status = ws_fail(flat->err, WS_EFORMAT, "%s: byte %zu: %s", flat->path, at, what);
}

/** Little-endian, at most 8 bytes, sign-extended. */
static int64_t get_whole(const unsigned char *from, size_t n_bytes)
{
    uint64_t bits = 0;

    for (size_t i = n_bytes; i > 0; i--)
        bits = bits << 8 | from[i - 1];
    if (n_bytes < 8 && (from[n_bytes - 1] & 0x80u) != 0)
        bits |= ~(uint64_t)0 << (8 * n_bytes);
    return (int64_t)bits;
}

static size_t get_u16(const unsigned char *from)
{
    return (size_t)from[0] | (size_t)from[1] << 8;
}

static size_t get_u32(const unsigned char *from)
{
    return (size_t)(uint32_t)get_whole(from, 4);
}

/** Whether n bytes from `at` on are in the file; a fault if not. */
static bool has_bytes(ws_flat_reader *flat, size_t at, size_t n, const char *what)
{
    if (flat->status == WS_OK && (at > flat->size || n > flat->size - at))
        ws_flat_fail(flat, at, "%s of %zu bytes is outside of the file, which has %zu", what, n,
                     flat->size);
    return flat->status == WS_OK;
}

/** Where the reference stored at `at` leads; 0 after a fault. */
static size_t follow(ws_flat_reader *flat, size_t at)
{
    if (!has_bytes(flat, at, REF_BYTES, "a reference"))
        return 0;
    const size_t offset = get_u32(flat->bytes + at);
    if (offset == 0 || offset > flat->size - at) {
        ws_flat_fail(flat, at, "a reference leads outside of the file");
        return 0;
    }
    return at + offset;
}

static ws_flat_table table_at(ws_flat_reader *flat, size_t at)
{
    const ws_flat_table absent = {.at = 0};

    if (at == 0 || !has_bytes(flat, at, TABLE_HEAD_BYTES, "a table"))
        return absent;
    const int64_t vtable = (int64_t)at - get_whole(flat->bytes + at, 4);
    if (vtable < HEAD_BYTES || vtable > (int64_t)flat->size) {
        ws_flat_fail(flat, at, "the layout of a table is outside of the file");
        return absent;
    }
    ws_flat_table table = {.at = at, .vtable = (size_t)vtable};
    if (!has_bytes(flat, table.vtable, VTABLE_HEAD_BYTES, "the layout of a table"))
        return absent;
    const size_t n_bytes = get_u16(flat->bytes + table.vtable);
    table.n_bytes = get_u16(flat->bytes + table.vtable + 2);
    if (n_bytes < VTABLE_HEAD_BYTES || n_bytes % 2 != 0 || table.n_bytes < TABLE_HEAD_BYTES)
        ws_flat_fail(flat, table.vtable, "the layout of a table is damaged");
    table.n_slots = (n_bytes - VTABLE_HEAD_BYTES) / 2;
    return has_bytes(flat, table.vtable, n_bytes, "the layout of a table") &&
                   has_bytes(flat, at, table.n_bytes, "a table")
               ? table
               : absent;
}

/** Where the field is, which has n_bytes; 0: it is absent, or there was a fault. */
static size_t find_field(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                         size_t n_bytes)
{
    if (flat->status != WS_OK || table->at == 0 || slot >= table->n_slots)
        return 0;
    const size_t field = get_u16(flat->bytes + table->vtable + VTABLE_HEAD_BYTES + 2 * slot);
    if (field == 0)
        return 0;
    if (field < TABLE_HEAD_BYTES || field + n_bytes > table->n_bytes) {
        ws_flat_fail(flat, table->vtable, "field %u is outside of its table", slot);
        return 0;
    }
    return table->at + field;
}

ws_flat_table ws_flat_read_root(ws_flat_reader *flat, const char *identifier)
{
    assert(strlen(identifier) == 4);
    if (flat->size < HEAD_BYTES || memcmp(flat->bytes + 4, identifier, 4) != 0)
        ws_flat_fail(flat, 4, "expected the identifier %s", identifier);
    return table_at(flat, follow(flat, 0));
}

bool ws_flat_has(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot)
{
    return find_field(flat, table, slot, 1) != 0;
}

int64_t ws_flat_get_whole(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                          size_t n_bytes, int64_t absent)
{
    const size_t at = find_field(flat, table, slot, n_bytes);

    return at != 0 ? get_whole(flat->bytes + at, n_bytes) : absent;
}

float ws_flat_get_float(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                        float absent)
{
    const size_t at = find_field(flat, table, slot, sizeof(float));
    float value = absent;

    if (at != 0) {
        const uint32_t bits = (uint32_t)get_u32(flat->bytes + at);
        memcpy(&value, &bits, sizeof value);
    }
    return value;
}

ws_flat_table ws_flat_get_table(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot)
{
    const size_t at = find_field(flat, table, slot, REF_BYTES);

    return at != 0 ? table_at(flat, follow(flat, at)) : (ws_flat_table){.at = 0};
}

ws_flat_vector ws_flat_get_vector(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                                  size_t element_bytes, size_t max)
{
    const ws_flat_vector absent = {.n = 0};
    const size_t field = find_field(flat, table, slot, REF_BYTES);
    const size_t at = field != 0 ? follow(flat, field) : 0;

    if (at == 0 || !has_bytes(flat, at, REF_BYTES, "the length of a list"))
        return absent;
    const size_t n = get_u32(flat->bytes + at);
    if (n > max) {
        ws_flat_fail(flat, at, "a list has %zu elements, expected at most %zu", n, max);
        return absent;
    }
    if (!has_bytes(flat, at + REF_BYTES, n * element_bytes, "a list"))
        return absent;
    return (ws_flat_vector){.elements = flat->bytes + at + REF_BYTES, .at = at + REF_BYTES, .n = n};
}

void ws_flat_get_text(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot, char *text,
                      size_t max)
{
    const ws_flat_vector bytes = ws_flat_get_vector(flat, table, slot, 1, max);

    if (bytes.n > 0)
        memcpy(text, bytes.elements, bytes.n);
    text[bytes.n] = '\0';
}

int64_t ws_flat_element(const ws_flat_vector *vector, size_t i, size_t n_bytes)
{
    assert(i < vector->n);
    return get_whole(vector->elements + i * n_bytes, n_bytes);
}

float ws_flat_element_float(const ws_flat_vector *vector, size_t i)
{
    const uint32_t bits = (uint32_t)ws_flat_element(vector, i, sizeof bits);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

ws_flat_table ws_flat_element_table(ws_flat_reader *flat, const ws_flat_vector *vector, size_t i)
{
    assert(i < vector->n);
    return table_at(flat, follow(flat, vector->at + REF_BYTES * i));
}
