/**
 * The record framing of an event file, and the way to disk: records gather in memory and leave it
 * whole, several in one write. After a failed write the file is cut back to its last whole record,
 * because a reader never gets past half of one.
 *
 *     | payload length, u64 | masked CRC-32C of it | payload | masked CRC-32C of it |
 */
#ifndef TBEVENTS_RECORD_H
#define TBEVENTS_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TBE_RECORD_OVERHEAD 16 /* bytes of a record beside its payload */
#define TBE_RECORD_WAITING \
    (1 << 16) /* bytes that may wait in memory; a longer record goes at once */

typedef struct tbe_record_file {
    int fd;           /* owned; -1: none */
    pid_t pid;        /* the process that may write: after a fork both have the bytes that wait */
    uint8_t *waiting; /* [n_waiting] whole records */
    size_t n_waiting;
    size_t capacity;
    int64_t n_written; /* bytes in the file */
} tbe_record_file;

/** Takes over fd, open for writing at the start of an empty file. */
void tbe_record_init(tbe_record_file *file, int fd);

/** Frees the memory, drops what waits and closes the file. @return 0 or errno of the close. */
int tbe_record_deinit(tbe_record_file *file);

/**
 * Makes room for a record; its payload is then written to *payload and tbe_record_end() called
 * with the same size, and nothing else in between.
 *
 * @return 0, ENOMEM, or errno of writing what waited
 */
int tbe_record_begin(tbe_record_file *file, size_t payload_size, uint8_t **payload);

/** Frames the payload; it waits from now on. @return 0, or errno of a write. */
int tbe_record_end(tbe_record_file *file, size_t payload_size);

/** Writes all that waits. @return 0, ECHILD in another process than that of init, or errno; in any
 *  case nothing waits any more. */
int tbe_record_flush(tbe_record_file *file);

#endif
