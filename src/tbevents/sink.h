/**
 * The way to disk. A thread of its own writes what is pushed, so that nobody waits for a slow disk:
 * what has not been written yet is bounded, and so is the time that any call here takes. A sink
 * without a thread writes in the calls, which then wait for the disk.
 *
 * A chunk holds whole records. After a failed write the file ends with its last whole record, and
 * everything after is dropped. Before each chunk the sink looks whether the file still has its
 * name; where it was deleted, moved or replaced, another one is begun and takes this and all later
 * chunks.
 *
 * All functions are for the thread that owns the sink. In another process (after a fork there is
 * no thread, and what was pushed is the parent's) all of them give ECHILD and touch nothing.
 */
#ifndef TBEVENTS_SINK_H
#define TBEVENTS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tbevents/log_file.h"

typedef struct tbe_sink tbe_sink;

/** Records on their way; owned by the one who holds it. */
typedef struct tbe_chunk {
    struct tbe_chunk *next; /* the sink's */
    size_t size;
    size_t capacity;
    uint8_t bytes[];
} tbe_chunk;

enum { TBE_CHUNK_BYTES = 1 << 16 }; /* the usual capacity; a larger record gets its own */

typedef struct tbe_sink_options {
    size_t max_bytes; /* of chunks that are pushed and not written; one chunk is always taken */
    bool no_thread;   /* write in the calls */
} tbe_sink_options;

/**
 * Starts the thread.
 *
 * @param file  made and empty; taken over, also on failure
 * @return NULL: no memory or no thread
 */
tbe_sink *tbe_sink_create(tbe_log_file *file, const tbe_sink_options *options);

/** What each file begins with; before the first push. Only then the file is looked after.
 *  @param bytes  [size] copied @return 0, ENOMEM */
int tbe_sink_set_beginning(tbe_sink *sink, const uint8_t *bytes, size_t size);

/** The name of the file that is written now. @return free(); NULL: no memory */
char *tbe_sink_copy_path(tbe_sink *sink);

/** How often a file was found to be deleted, moved or replaced. Cheap. */
uint64_t tbe_sink_get_n_lost(const tbe_sink *sink);

/** An empty chunk of at least this capacity; NULL: no memory. */
tbe_chunk *tbe_sink_get_chunk(tbe_sink *sink, size_t capacity);

/**
 * Hands a chunk over to be written.
 *
 * @param max_wait_s  how long to wait for room. After a wait without success no call waits until
 *                    half of what was pushed is written.
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
 * @param n_lost      set as tbe_sink_get_n_lost() says it at the end, unless the sink was NULL, is
 *                    left to itself or is another process's
 * @return 0, EAGAIN: left to itself, or errno of a write or of the close
 */
int tbe_sink_destroy(tbe_sink *sink, tbe_chunk *last, double max_wait_s, uint64_t *n_lost);

#endif
