/** The way of records to a file: they gather in a chunk and go to the sink whole, many at a time.
 */
#ifndef TBEVENTS_RECORD_H
#define TBEVENTS_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "tbevents/sink.h"

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

/** The records that wait are what each file begins with: the sink keeps them, too.
 *  @return 0, ENOMEM */
int tbe_record_keep_beginning(tbe_record_file *file);

/** Hands what waits to the sink if that has nothing else to do; otherwise it waits further, to be
 *  written in few large pieces. @return 0 or errno of a write */
int tbe_record_hand_over(tbe_record_file *file);

/** Hands all over and waits until it is in the file. @return 0, EAGAIN: not yet, or errno */
int tbe_record_flush(tbe_record_file *file);

/** Flushes and closes. @return as tbe_sink_destroy() */
int tbe_record_close(tbe_record_file *file, double max_wait_s, uint64_t *n_lost);

#endif
