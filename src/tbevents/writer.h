/**
 * Inside of a writer, for the two files that make up its interface: writer.c opens, flushes and
 * closes, add.c turns calls into events.
 */
#ifndef TBEVENTS_WRITER_H
#define TBEVENTS_WRITER_H

#include <stdbool.h>

#include "tbevents/event.h"
#include "tbevents/notes.h"
#include "tbevents/record.h"
#include "tbevents/tag_set.h"
#include "tbevents/tbevents.h"

#if defined(__GNUC__)
#define TBE_PRINTF(format_index, first_index) \
    __attribute__((format(printf, format_index, first_index)))
#else
#define TBE_PRINTF(format_index, first_index)
#endif

enum { TBE_MESSAGE_BYTES = 1024 };

struct tbe_writer {
    tbe_record_file file;
    char *path; /* owned; NULL: none */
    tbe_event *event;
    tbe_notes notes;
    tbe_tag_set tags;                /* of the event at hand */
    const tbe_note **notes_of_event; /* [n_notes_of_event], owned */
    size_t n_notes_of_event;

    double wall_time; /* of all events; 0: the clock's */
    double flush_interval_s;
    double last_flush_s; /* on the clock that never goes back */
    bool has_scalars;    /* the first event with scalars is in the file */

    tbe_status broken;                     /* TBE_OK: not */
    tbe_status first;                      /* the first failure of either kind */
    char message[TBE_MESSAGE_BYTES];       /* of the latest */
    char first_message[TBE_MESSAGE_BYTES]; /* of the first */
};

/** Notes a failure after which the writer goes on. @return status */
tbe_status tbe_refuse(tbe_writer *writer, tbe_status status, const char *format, ...)
    TBE_PRINTF(3, 4);

/** Notes a failure after which the writer does nothing more. @return status */
tbe_status tbe_break(tbe_writer *writer, tbe_status status, const char *format, ...)
    TBE_PRINTF(3, 4);

/** The time that an event of now bears: seconds since 1970. */
double tbe_wall_time_get(const tbe_writer *writer);

/** Appends the event composed in writer->event, of that size; not flushed. Its size is within the
 *  maximum. @return TBE_OK, or why the writer is broken now */
tbe_status tbe_event_append(tbe_writer *writer, size_t size);

/** Flushes if the flush interval has passed. @return TBE_OK, or why the writer is broken now */
tbe_status tbe_flush_if_due(tbe_writer *writer);

/**
 * Copies a structure of a caller that may know fewer or more fields than we do.
 *
 * @param own       [own_size], zeroed, then filled as far as theirs goes
 * @param theirs    begins with its own size
 * @return false if that size cannot be, or a field that we do not know is not 0
 */
bool tbe_struct_take(void *own, size_t own_size, const void *theirs);

#endif
