/**
 * Writes FlatBuffers from front to back: a table is written with gaps where it refers to others,
 * and each of those is placed later, which fills its gap. Offsets so point forward, as the format
 * wants, and equal inputs give equal bytes. Private to formats/.
 *
 *     ws_flat_open(&flat, &buf, "TFL3");
 *     at = ws_flat_push_table(&flat, WS_FLAT_ROOT, (ws_flat_field[]){
 *         ws_flat_u32(0, 3), ws_flat_ref(2)}, 2);
 *     ws_flat_push_text(&flat, ws_flat_gap(&flat, at, 2), "a name");
 *     status = ws_flat_close(&flat);
 */
#ifndef WS_FORMATS_FLAT_WRITE_H
#define WS_FORMATS_FLAT_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    WS_FLAT_MAX_SLOTS = 32, /* of a table */
    WS_FLAT_ROOT = 0,       /* the gap of the root table */
};

/** Bytes of the largest file that the format can hold. */
#define WS_FLAT_MAX_BYTES ((size_t)0x7fffffff)

/** A field of a table. */
typedef struct ws_flat_field {
    unsigned slot;
    unsigned n_bytes; /* 1 or 4 */
    uint32_t bits;
} ws_flat_field;

ws_flat_field ws_flat_u8(unsigned slot, unsigned value); /* bools and enums, too */
ws_flat_field ws_flat_u32(unsigned slot, uint32_t value);
ws_flat_field ws_flat_f32(unsigned slot, float value);
/** A gap for a table, vector or text. Each must be filled. */
ws_flat_field ws_flat_ref(unsigned slot);

typedef struct ws_flat_writer {
    ws_buf *out;     /* borrowed; empty at first, with its sticky error */
    size_t *vtables; /* [n_vtables] where those are that tables share; owned */
    size_t n_vtables, room;
} ws_flat_writer;

/** @param out         empty, of at most WS_FLAT_MAX_BYTES; borrowed until the writer is closed
 *  @param identifier  4 characters */
void ws_flat_open(ws_flat_writer *flat, ws_buf *out, const char *identifier);

/** Frees the writer's memory. @return the buffer's status */
WS_MUST_CHECK ws_status ws_flat_close(ws_flat_writer *flat);

/**
 * Places a table.
 *
 * @param gap     where it is referred to
 * @param fields  [n] in the order of their slots
 * @return where it is, for ws_flat_gap()
 */
size_t ws_flat_push_table(ws_flat_writer *flat, size_t gap, const ws_flat_field *fields, size_t n);

/** The gap in a slot of a table, which has one there. */
size_t ws_flat_gap(const ws_flat_writer *flat, size_t table, unsigned slot);

/**
 * Places a vector of numbers.
 *
 * @param elements       [n * element_bytes] in the order of this machine
 * @param element_bytes  1, 2, 4 or 8
 */
void ws_flat_push_vector(ws_flat_writer *flat, size_t gap, const void *elements, size_t n,
                         size_t element_bytes);

/** Places numbers as a vector of bytes. @param alignment  of its first byte, a power of two */
void ws_flat_push_bytes(ws_flat_writer *flat, size_t gap, const void *elements, size_t n,
                        size_t element_bytes, size_t alignment);

/** Makes a gap refer to what another one refers to, which is placed after both. */
void ws_flat_share(ws_flat_writer *flat, size_t gap, size_t other);

/** Places a vector of n gaps. @return the first; the next is WS_FLAT_GAP_BYTES after it */
size_t ws_flat_push_gaps(ws_flat_writer *flat, size_t gap, size_t n);

enum { WS_FLAT_GAP_BYTES = 4 };

void ws_flat_push_text(ws_flat_writer *flat, size_t gap, const char *text);

#endif
