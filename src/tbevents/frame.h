/**
 * The framing of a record in an event file:
 *
 *     | payload length, u64 | masked CRC-32C of it | payload | masked CRC-32C of it |
 */
#ifndef TBEVENTS_FRAME_H
#define TBEVENTS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TBE_RECORD_HEAD = 12,     /* bytes before a payload */
    TBE_RECORD_OVERHEAD = 16, /* and in all */
};

/** Bytes of the record, framing included, that begins here; 0 if fewer than that are available.
 *  Its checksums are not looked at. */
size_t tbe_frame_size(const uint8_t *bytes, size_t n_available);

/** The payload length in a record's head. @return whether its checksum is right */
bool tbe_frame_read_head(const uint8_t head[TBE_RECORD_HEAD], uint64_t *payload_size);

/** Whether a payload has the checksum that follows it. */
bool tbe_frame_check(const uint8_t *payload, size_t payload_size);

#endif
