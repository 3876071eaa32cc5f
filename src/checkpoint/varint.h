/** Whole numbers of 1 to 10 bytes, 7 bits a byte, lowest first: as in protobuf and LevelDB. */
#ifndef WS_CHECKPOINT_VARINT_H
#define WS_CHECKPOINT_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WS_VARINT_MAX_BYTES 10

/** Writes value into bytes. @return how many bytes it took. */
size_t ws_varint_write(unsigned char bytes[WS_VARINT_MAX_BYTES], uint64_t value);

void ws_varint_push(ws_buf *buf, uint64_t value);

/**
 * Reads one number at *cursor and moves the cursor past it.
 *
 * @return false (cursor unmoved) if it does not end before end or exceeds 64 bits
 */
bool ws_varint_read(const unsigned char **cursor, const unsigned char *end, uint64_t *value);

#endif
