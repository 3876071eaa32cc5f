#include "tbevents/frame.h"

#include "base/crc32c.h"
#include "tbevents/little_endian.h"
#include "tbevents/reader.h"

enum { LENGTH_BYTES = 8, CRC_BYTES = 4 };
_Static_assert((int)TBE_RECORD_HEAD == TBE_FRAME_HEAD_BYTES &&
                   (int)TBE_RECORD_OVERHEAD == TBE_FRAME_HEAD_BYTES + TBE_FRAME_TAIL_BYTES,
               "the public header and the writer frame alike");

void tbe_frame_record(const void *payload, size_t size, uint8_t head[TBE_FRAME_HEAD_BYTES],
                      uint8_t tail[TBE_FRAME_TAIL_BYTES])
{
    (void)tbe_put_le(head, size, LENGTH_BYTES);
    (void)tbe_put_le(head + LENGTH_BYTES, ws_crc32c_mask(ws_crc32c(0, head, LENGTH_BYTES)),
                     CRC_BYTES);
    (void)tbe_put_le(tail, ws_crc32c_mask(ws_crc32c(0, payload, size)), CRC_BYTES);
}

size_t tbe_frame_size(const uint8_t *bytes, size_t n_available)
{
    if (n_available < TBE_RECORD_OVERHEAD)
        return 0;
    const uint64_t payload_size = tbe_get_le(bytes, LENGTH_BYTES);
    if (payload_size > n_available - TBE_RECORD_OVERHEAD)
        return 0;
    return (size_t)payload_size + TBE_RECORD_OVERHEAD;
}

bool tbe_frame_read_head(const uint8_t head[TBE_RECORD_HEAD], uint64_t *payload_size)
{
    *payload_size = tbe_get_le(head, LENGTH_BYTES);
    return tbe_get_le(head + LENGTH_BYTES, CRC_BYTES) ==
           ws_crc32c_mask(ws_crc32c(0, head, LENGTH_BYTES));
}

bool tbe_frame_check(const uint8_t *payload, size_t payload_size)
{
    return tbe_get_le(payload + payload_size, CRC_BYTES) ==
           ws_crc32c_mask(ws_crc32c(0, payload, payload_size));
}
