#include "tbevents/record.h"

#include <errno.h>
#include <stdlib.h>

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

static bool has_room(const tbe_chunk *chunk, size_t n_bytes)
{
    return chunk != NULL && chunk->capacity - chunk->size >= n_bytes;
}

static int push(tbe_record_file *file, double max_wait_s)
{
    if (file->chunk == NULL || file->chunk->size == 0)
        return tbe_sink_get_reason(file->sink);
    const int reason = tbe_sink_push(file->sink, file->chunk, max_wait_s);
    if (reason == 0)
        file->chunk = NULL;
    return reason;
}

int tbe_record_begin(tbe_record_file *file, size_t payload_size, uint8_t **payload)
{
    const size_t record_size = payload_size + TBE_RECORD_OVERHEAD;

    if (!has_room(file->chunk, record_size)) {
        const int reason = push(file, file->max_wait_s);
        if (reason != 0)
            return reason;
        free(file->chunk); /* an empty one, too small */
        file->chunk = tbe_sink_get_chunk(file->sink, record_size);
        if (file->chunk == NULL)
            return ENOMEM;
    }
    *payload = file->chunk->bytes + file->chunk->size + TBE_RECORD_HEAD;
    return 0;
}

int tbe_record_end(tbe_record_file *file, size_t payload_size)
{
    uint8_t *head = file->chunk->bytes + file->chunk->size;
    uint8_t *payload = head + TBE_RECORD_HEAD;

    tbe_frame_record(payload, payload_size, head, payload + payload_size);
    file->chunk->size += payload_size + TBE_RECORD_OVERHEAD;
    if (file->chunk->size < TBE_CHUNK_BYTES)
        return 0;
    const int reason = push(file, 0.0);
    return reason == EAGAIN ? 0 : reason; /* the next record asks for room again */
}

int tbe_record_hand_over(tbe_record_file *file)
{
    if (!tbe_sink_is_idle(file->sink))
        return tbe_sink_get_reason(file->sink);
    return push(file, 0.0);
}

int tbe_record_flush(tbe_record_file *file)
{
    const int reason = push(file, file->max_wait_s);
    return reason == 0 ? tbe_sink_wait(file->sink, file->max_wait_s) : reason;
}

int tbe_record_close(tbe_record_file *file, double max_wait_s)
{
    const int reason = tbe_sink_destroy(file->sink, file->chunk, max_wait_s);
    *file = (tbe_record_file){.sink = NULL};
    return reason;
}

size_t tbe_record_size(const uint8_t *bytes, size_t n_available)
{
    if (n_available < TBE_RECORD_OVERHEAD)
        return 0;
    const uint64_t payload_size = tbe_get_le(bytes, LENGTH_BYTES);
    if (payload_size > n_available - TBE_RECORD_OVERHEAD)
        return 0;
    return (size_t)payload_size + TBE_RECORD_OVERHEAD;
}

bool tbe_record_read_head(const uint8_t head[TBE_RECORD_HEAD], uint64_t *payload_size)
{
    *payload_size = tbe_get_le(head, LENGTH_BYTES);
    return tbe_get_le(head + LENGTH_BYTES, CRC_BYTES) ==
           ws_crc32c_mask(ws_crc32c(0, head, LENGTH_BYTES));
}

bool tbe_record_check(const uint8_t *payload, size_t payload_size)
{
    return tbe_get_le(payload + payload_size, CRC_BYTES) ==
           ws_crc32c_mask(ws_crc32c(0, payload, payload_size));
}
