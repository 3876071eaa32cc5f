#include "checkpoint/varint.h"

size_t ws_varint_write(unsigned char bytes[WS_VARINT_MAX_BYTES], uint64_t value)
{
    size_t n = 0;
    while (value >= 0x80) {
        bytes[n++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    bytes[n++] = (unsigned char)value;
    return n;
}

void ws_varint_push(ws_buf *buf, uint64_t value)
{
    unsigned char bytes[WS_VARINT_MAX_BYTES];
    ws_buf_push(buf, bytes, ws_varint_write(bytes, value));
}

bool ws_varint_read(const unsigned char **cursor, const unsigned char *end, uint64_t *value)
{
    uint64_t sum = 0;
    const unsigned char *p = *cursor;
    for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
        const unsigned char byte = *p++;
        if (shift == 63 && byte > 1)
            return false; /* beyond 64 bits */
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *cursor = p;
            *value = sum;
            return true;
        }
    }
    return false;
}
