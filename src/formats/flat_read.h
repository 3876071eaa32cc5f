/**
 * Reads FlatBuffers that may be damaged: each access checks that what it reads is inside of the
 * file. After the first fault all further reads give nothing, so a reader of a format reads freely
 * and checks once. Private to formats/.
 */
#ifndef WS_FORMATS_FLAT_READ_H
#define WS_FORMATS_FLAT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_flat_reader {
    const char *path;           /* of the file, for errors */
    const unsigned char *bytes; /* [size] borrowed */
    size_t size;
    ws_status status; /* the first fault: WS_EFORMAT with err naming file and byte */
    ws_error *err;
} ws_flat_reader;

/** A table; at 0: absent, all its fields are absent, too. */
typedef struct ws_flat_table {
    size_t at, vtable;
    size_t n_slots, n_bytes;
} ws_flat_table;

/** A vector; n 0: absent, perhaps. */
typedef struct ws_flat_vector {
    const unsigned char *elements; /* in the file's order, not aligned; NULL: absent */
    size_t at;                     /* of the first element */
    size_t n;
} ws_flat_vector;

/** The root table, if the file has the identifier (4 characters). */
ws_flat_table ws_flat_read_root(ws_flat_reader *flat, const char *identifier);

/* Fields of a table by their slots. */

bool ws_flat_has(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot);
/** A whole number of n_bytes (1, 4 or 8), sign-extended from there; `absent` without the field. */
int64_t ws_flat_get_whole(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                          size_t n_bytes, int64_t absent);
float ws_flat_get_float(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                        float absent);
ws_flat_table ws_flat_get_table(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot);
/** @param max  a longer one is a fault */
ws_flat_vector ws_flat_get_vector(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot,
                                  size_t element_bytes, size_t max);
/** A text of at most max bytes as a copy with a NUL at its end; "" without the field.
 *  @param text  [max + 1] filled; NULs in it end it early */
void ws_flat_get_text(ws_flat_reader *flat, const ws_flat_table *table, unsigned slot, char *text,
                      size_t max);

/* Elements of a vector. */

int64_t ws_flat_element(const ws_flat_vector *vector, size_t i, size_t n_bytes);
float ws_flat_element_float(const ws_flat_vector *vector, size_t i);
ws_flat_table ws_flat_element_table(ws_flat_reader *flat, const ws_flat_vector *vector, size_t i);

/** Notes a fault of what a byte says, unless there was one before. */
void ws_flat_fail(ws_flat_reader *flat, size_t at, const char *format, ...) WS_PRINTF(3, 4);

#endif
