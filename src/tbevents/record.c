#include "tbevents/record.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crc32c.h"

enum { HEAD_BYTES = 12, TAIL_BYTES = 4 };

void tbe_record_init(tbe_record_file *file, int fd)
{
    *file = (tbe_record_file){.fd = fd, .pid = getpid()};
}

int tbe_record_deinit(tbe_record_file *file)
{
    const int reason = file->fd >= 0 && close(file->fd) != 0 ? errno : 0;
    free(file->waiting);
    *file = (tbe_record_file){.fd = -1};
    return reason == EINTR ? 0 : reason; /* the descriptor is closed then too */
}

static void put_le(uint8_t *out, uint64_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_le64(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

int tbe_record_begin(tbe_record_file *file, size_t payload_size, uint8_t **payload)
{
    const size_t record_size = payload_size + TBE_RECORD_OVERHEAD;

    if (file->n_waiting > 0 && file->n_waiting + record_size > TBE_RECORD_WAITING) {
        const int reason = tbe_record_flush(file);
        if (reason != 0)
            return reason;
    }
    if (file->n_waiting + record_size > file->capacity) {
        const size_t capacity =
            record_size > TBE_RECORD_WAITING ? record_size : (size_t)TBE_RECORD_WAITING;
        uint8_t *waiting = realloc(file->waiting, capacity);
        if (waiting == NULL)
            return ENOMEM;
        file->waiting = waiting;
        file->capacity = capacity;
    }
    *payload = file->waiting + file->n_waiting + HEAD_BYTES;
    return 0;
}

int tbe_record_end(tbe_record_file *file, size_t payload_size)
{
    uint8_t *head = file->waiting + file->n_waiting;
    uint8_t *payload = head + HEAD_BYTES;

    put_le(head, payload_size, 8);
    put_le(head + 8, ws_crc32c_mask(ws_crc32c(0, head, 8)), 4);
    put_le(payload + payload_size, ws_crc32c_mask(ws_crc32c(0, payload, payload_size)), TAIL_BYTES);
    file->n_waiting += payload_size + TBE_RECORD_OVERHEAD;
    return file->n_waiting > TBE_RECORD_WAITING ? tbe_record_flush(file) : 0;
}

/** How many of the first n_bytes that wait make whole records. */
static size_t whole_records(const tbe_record_file *file, size_t n_bytes)
{
    size_t end = 0;
    for (;;) {
        if (n_bytes - end < TBE_RECORD_OVERHEAD)
            return end;
        const uint64_t payload_size = get_le64(file->waiting + end);
        if (payload_size > n_bytes - end - TBE_RECORD_OVERHEAD)
            return end;
        end += (size_t)payload_size + TBE_RECORD_OVERHEAD;
    }
}

int tbe_record_flush(tbe_record_file *file)
{
    size_t n_done = 0;
    int reason = getpid() == file->pid ? 0 : ECHILD;

    while (reason == 0 && n_done < file->n_waiting) {
        const ssize_t n = write(file->fd, file->waiting + n_done, file->n_waiting - n_done);
        if (n >= 0)
            n_done += (size_t)n;
        else if (errno != EINTR)
            reason = errno;
    }
    const size_t n_whole = whole_records(file, n_done);
    file->n_written += (int64_t)n_whole;
    file->n_waiting = 0;
    if (n_whole < n_done && ftruncate(file->fd, (off_t)file->n_written) != 0 && reason == 0)
        reason = errno;
    return reason;
}
