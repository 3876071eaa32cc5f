/**
 * The record framing of an event file: records gather in a chunk and go to the sink whole, many at
 * a time.
 *
 *     | payload length, u64 | masked CRC-32C of it | payload | masked CRC-32C of it |
 */
#ifndef TBEVENTS_RECORD_H
#define TBEVENTS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tbevents/sink.h"

enum {
    TBE_RECORD_HEAD = 12,     /* bytes before a payload */
    TBE_RECORD_OVERHEAD = 16, /* and in all */
};

typedef struct tbe_record_file {
    tbe_sink *sink;    /* owned; NULL: no file */
    tbe_chunk *chunk;  /* owned: whole records that wait; NULL: none */
    double max_wait_s; /* for room in the sink */
} tbe_record_file;

/**
 * Makes room for a record; its payload is then written to *payload and tbe_record_end() called
 * with the same size, and nothing else in between.
 *
 * @return 0; EAGAIN: there is no room, nothing was changed; ENOMEM; or errno of a write
 */
int tbe_record_begin(tbe_record_file *file, size_t payload_size, uint8_t **payload);

/** Frames the payload; it waits from now on. @return 0, or errno of a write. */
int tbe_record_end(tbe_record_file *file, size_t payload_size);

/** Hands what waits to the sink if that has nothing else to do; else it goes on waiting, in few
 *  large writes. @return 0 or errno of a write */
int tbe_record_hand_over(tbe_record_file *file);

/** Hands all over and waits until it is in the file. @return 0, EAGAIN: not yet, or errno */
int tbe_record_flush(tbe_record_file *file);

/** Flushes and closes. @return as tbe_sink_destroy() */
int tbe_record_close(tbe_record_file *file, double max_wait_s);

/** Bytes of the record, framing included, that begins here; 0 if less than that is available. Its
 *  checksums are not looked at. */
size_t tbe_record_size(const uint8_t *bytes, size_t n_available);

/** The payload length in a record's head, and whether its checksum is right. */
bool tbe_record_read_head(const uint8_t head[TBE_RECORD_HEAD], uint64_t *payload_size);

/** Whether a payload has the checksum that stands behind it. */
bool tbe_record_check(const uint8_t *payload, size_t payload_size);

#endif
