#include "tbevents/record.h"

#include <errno.h>
#include <stdlib.h>

#include "tbevents/frame.h"
#include "tbevents/reader.h"

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

int tbe_record_keep_beginning(tbe_record_file *file)
{
    return tbe_sink_set_beginning(file->sink, file->chunk->bytes, file->chunk->size);
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

int tbe_record_close(tbe_record_file *file, double max_wait_s, uint64_t *n_lost)
{
    const int reason = tbe_sink_destroy(file->sink, file->chunk, max_wait_s, n_lost);
    *file = (tbe_record_file){.sink = NULL};
    return reason;
}
