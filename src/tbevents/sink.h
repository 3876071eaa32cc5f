/**
 * The way to disk. A thread of its own writes what is pushed, so that nobody waits for a slow disk:
 * what has not been written yet is bounded, and so is the time that any call here takes.
 *
 * A chunk holds whole records. After a failed write the file is cut back to its last whole record,
 * because a reader never gets past half of one; everything after is dropped.
 *
 * All functions are for the thread that owns the sink. In another process (after a fork there is
 * no thread, and what was pushed is the parent's) all of them give ECHILD and touch nothing.
 */
#ifndef TBEVENTS_SINK_H
#define TBEVENTS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tbe_sink tbe_sink;

/** Records on their way; owned by whoever holds it. */
typedef struct tbe_chunk {
    struct tbe_chunk *next; /* the sink's */
    size_t size;
    size_t capacity;
    uint8_t bytes[];
} tbe_chunk;

enum { TBE_CHUNK_BYTES = 1 << 16 }; /* the usual capacity; a larger record gets its own */

/**
 * Starts the thread.
 *
 * @param fd         open for writing at the start of an empty file; taken over, also on failure
 * @param max_bytes  of chunks that are pushed and not written; one chunk is always taken
 * @return NULL: no memory or no thread
 */
tbe_sink *tbe_sink_create(int fd, size_t max_bytes);

/** An empty chunk of at least this capacity; NULL: no memory. */
tbe_chunk *tbe_sink_get_chunk(tbe_sink *sink, size_t capacity);

/**
 * Hands a chunk over to be written.
 *
 * @param max_wait_s  how long to wait for room. Once it was waited in vain nothing waits any more
 *                    until half of what was pushed is written.
 * @return 0; EAGAIN: there is no room, the chunk is still the caller's; errno of a write: so too
 */
int tbe_sink_push(tbe_sink *sink, tbe_chunk *chunk, double max_wait_s);

/** Waits until all is written. @return 0, EAGAIN: not yet, or errno of a write */
int tbe_sink_wait(tbe_sink *sink, double max_wait_s);

/** Whether all that was pushed is written, or dropped after a failure. */
bool tbe_sink_is_idle(tbe_sink *sink);

/** errno of the write that failed, 0: none so far. Cheap. */
int tbe_sink_get_reason(const tbe_sink *sink);

/**
 * Writes what was pushed and a last chunk, for which there is always room, closes the file, ends
 * the thread and frees the sink; may be NULL.
 *
 * @param last        taken over; NULL: none
 * @param max_wait_s  after that time the thread is left to itself: it still does all this, if the
 *                    disk ever lets it and the process lasts
 * @return 0, EAGAIN: left to itself, or errno of a write or of the close
 */
int tbe_sink_destroy(tbe_sink *sink, tbe_chunk *last, double max_wait_s);

#endif
