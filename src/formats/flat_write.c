#include "formats/flat_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { VTABLE_HEAD_BYTES = 4, MAX_VTABLE_BYTES = VTABLE_HEAD_BYTES + 2 * WS_FLAT_MAX_SLOTS };

ws_flat_field ws_flat_u8(unsigned slot, unsigned value)
{
    return (ws_flat_field){slot, 1, value & 0xffu};
}

ws_flat_field ws_flat_u32(unsigned slot, uint32_t value)
{
    return (ws_flat_field){slot, 4, value};
}

ws_flat_field ws_flat_f32(unsigned slot, float value)
{
    ws_flat_field field = {slot, 4, 0};

    memcpy(&field.bits, &value, sizeof value);
    return field;
}

ws_flat_field ws_flat_ref(unsigned slot)
{
    return (ws_flat_field){slot, WS_FLAT_GAP_BYTES, 0};
}

/** Appends zeros until `extra` bytes more would end at a multiple of alignment. */
static void align(ws_flat_writer *flat, size_t extra, size_t alignment)
{
    while (flat->out->status == WS_OK && (flat->out->size + extra) % alignment != 0)
        ws_buf_push_byte(flat->out, 0);
}

static void put_u32(unsigned char *to, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static void put_u16(unsigned char *to, size_t value)
{
    to[0] = (unsigned char)value;
    to[1] = (unsigned char)(value >> 8);
}

static size_t get_u16(const unsigned char *from)
{
    return (size_t)from[0] | (size_t)from[1] << 8;
}

static size_t get_u32(const unsigned char *from)
{
    return (size_t)from[0] | (size_t)from[1] << 8 | (size_t)from[2] << 16 | (size_t)from[3] << 24;
}

/** Makes the gap refer to what is placed next. */
static void fill_gap(ws_flat_writer *flat, size_t gap)
{
    if (flat->out->status == WS_OK)
        put_u32(flat->out->data + gap, (uint32_t)(flat->out->size - gap));
}

void ws_flat_open(ws_flat_writer *flat, ws_buf *out, const char *identifier)
{
    *flat = (ws_flat_writer){.out = out};
    assert(out->size == 0 && out->max_size <= WS_FLAT_MAX_BYTES && strlen(identifier) == 4);
    ws_buf_push_u32le(out, 0);
    ws_buf_push_string(out, identifier);
}

ws_status ws_flat_close(ws_flat_writer *flat)
{
    free(flat->vtables);
    flat->vtables = NULL;
    flat->n_vtables = flat->room = 0;
    return flat->out->status;
}

/** Lays the fields out, those of 4 bytes first. @return bytes of the vtable */
static size_t fill_vtable(unsigned char *vtable, const ws_flat_field *fields, size_t n)
{
    const size_t n_slots = n > 0 ? fields[n - 1].slot + 1 : 0;
    const size_t n_bytes = VTABLE_HEAD_BYTES + 2 * n_slots;
    size_t at = 4; /* after the table's offset to its vtable */

    memset(vtable, 0, n_bytes);
    for (unsigned size = 4; size > 0; size = size == 4 ? 1 : 0) {
        for (size_t i = 0; i < n; i++) {
            if (fields[i].n_bytes != size)
                continue;
            put_u16(vtable + VTABLE_HEAD_BYTES + 2 * fields[i].slot, at);
            at += size;
        }
    }
    put_u16(vtable, n_bytes);
    put_u16(vtable + 2, at);
    return n_bytes;
}

/** Remembers a vtable for later tables; forgotten without harm where there is no memory. */
static void remember(ws_flat_writer *flat, size_t at)
{
    if (flat->n_vtables == flat->room) {
        const size_t room = 2 * flat->room + 16;
        size_t *moved = realloc(flat->vtables, room * sizeof *moved);
        if (moved == NULL)
            return;
        flat->vtables = moved;
        flat->room = room;
    }
    flat->vtables[flat->n_vtables++] = at;
}

/** @return where an equal vtable is; a missing one is appended */
static size_t place_vtable(ws_flat_writer *flat, const unsigned char *vtable, size_t n_bytes)
{
    for (size_t i = 0; i < flat->n_vtables; i++) {
        const unsigned char *known = flat->out->data + flat->vtables[i];
        if (get_u16(known) == n_bytes && memcmp(known, vtable, n_bytes) == 0)
            return flat->vtables[i];
    }
    align(flat, 0, 2);
    const size_t at = flat->out->size;
    ws_buf_push(flat->out, vtable, n_bytes);
    if (flat->out->status == WS_OK)
        remember(flat, at);
    return at;
}

size_t ws_flat_push_table(ws_flat_writer *flat, size_t gap, const ws_flat_field *fields, size_t n)
{
    unsigned char vtable[MAX_VTABLE_BYTES];
    unsigned char table[4 + 4 * WS_FLAT_MAX_SLOTS] = {0};

    assert(n <= WS_FLAT_MAX_SLOTS && (n == 0 || fields[n - 1].slot < WS_FLAT_MAX_SLOTS));
    if (flat->out->status != WS_OK)
        return 0;
    const size_t vtable_at = place_vtable(flat, vtable, fill_vtable(vtable, fields, n));
    align(flat, 0, 4);
    const size_t at = flat->out->size;
    put_u32(table, (uint32_t)(at - vtable_at));
    for (size_t i = 0; i < n; i++) {
        unsigned char *to = table + get_u16(vtable + VTABLE_HEAD_BYTES + 2 * fields[i].slot);
        if (fields[i].n_bytes == 1)
            *to = (unsigned char)fields[i].bits;
        else
            put_u32(to, fields[i].bits);
    }
    fill_gap(flat, gap);
    ws_buf_push(flat->out, table, get_u16(vtable + 2));
    return at;
}

size_t ws_flat_gap(const ws_flat_writer *flat, size_t table, unsigned slot)
{
    if (flat->out->status != WS_OK)
        return 0;
    const unsigned char *bytes = flat->out->data + table;
    const size_t back = get_u32(bytes);
    const size_t at = get_u16(bytes - back + VTABLE_HEAD_BYTES + 2 * (size_t)slot);
    assert(at != 0);
    return table + at;
}

/** Appends numbers of this machine's order as little-endian ones. */
static void push_elements(ws_buf *out, const unsigned char *from, size_t n, size_t element_bytes)
{
    if (element_bytes == 1) {
        ws_buf_push(out, from, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        uint32_t word;
        uint64_t wide;
        switch (element_bytes) {
        case 2:
            memcpy(&half, from + 2 * i, sizeof half);
            ws_buf_push_byte(out, (unsigned char)(half & 0xffu));
            ws_buf_push_byte(out, (unsigned char)(half >> 8));
            break;
        case 4:
            memcpy(&word, from + 4 * i, sizeof word);
            ws_buf_push_u32le(out, word);
            break;
        default:
            memcpy(&wide, from + 8 * i, sizeof wide);
            ws_buf_push_u64le(out, wide);
        }
    }
}

static void push_counted(ws_flat_writer *flat, size_t gap, size_t count, size_t alignment)
{
    align(flat, 4, alignment < 4 ? 4 : alignment);
    fill_gap(flat, gap);
    ws_buf_push_u32le(flat->out, (uint32_t)count);
}

void ws_flat_push_vector(ws_flat_writer *flat, size_t gap, const void *elements, size_t n,
                         size_t element_bytes)
{
    push_counted(flat, gap, n, element_bytes);
    push_elements(flat->out, elements, n, element_bytes);
}

void ws_flat_push_bytes(ws_flat_writer *flat, size_t gap, const void *elements, size_t n,
                        size_t element_bytes, size_t alignment)
{
    push_counted(flat, gap, n * element_bytes, alignment);
    push_elements(flat->out, elements, n, element_bytes);
}

void ws_flat_share(ws_flat_writer *flat, size_t gap, size_t other)
{
    if (flat->out->status != WS_OK)
        return;
    const size_t target = other + get_u32(flat->out->data + other);
    assert(target > gap && target > other);
    put_u32(flat->out->data + gap, (uint32_t)(target - gap));
}

size_t ws_flat_push_gaps(ws_flat_writer *flat, size_t gap, size_t n)
{
    align(flat, 4, 4);
    fill_gap(flat, gap);
    ws_buf_push_u32le(flat->out, (uint32_t)n);
    const size_t first = flat->out->size;
    for (size_t i = 0; i < n; i++)
        ws_buf_push_u32le(flat->out, 0);
    return first;
}

void ws_flat_push_text(ws_flat_writer *flat, size_t gap, const char *text)
{
    ws_flat_push_vector(flat, gap, text, strlen(text), 1);
    ws_buf_push_byte(flat->out, 0);
}
