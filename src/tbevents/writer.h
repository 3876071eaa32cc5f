/**
 * Inside of a writer, for the files that make up its interface: writer.c opens, flushes and closes,
 * the add_*.c turn calls into events.
 */
#ifndef TBEVENTS_WRITER_H
#define TBEVENTS_WRITER_H

#include <stdbool.h>

#include "tbevents/event.h"
#include "tbevents/notes.h"
#include "tbevents/record.h"
#include "tbevents/tag_kinds.h"
#include "tbevents/tag_set.h"
#include "tbevents/tbevents.h"
#include "tbevents/text.h"

#if defined(__GNUC__)
#define TBE_PRINTF(format_index, first_index) \
    __attribute__((format(printf, format_index, first_index)))
#else
#define TBE_PRINTF(format_index, first_index)
#endif

enum {
    TBE_MESSAGE_BYTES = 1024,
    TBE_MAX_KNOWN_TAGS = 1 << 16, /* whose kinds are remembered */
};

/** How much of a tag or name a message quotes. */
#define TBE_QUOTE "\"%.80s\""

struct tbe_writer {
    tbe_record_file file;
    char *path; /* owned; NULL: none */
    tbe_event *event;
    tbe_notes notes;
    tbe_tag_set tags;                /* of the event at hand */
    const tbe_note **notes_of_event; /* [n_reserved], owned */
    size_t *tag_bytes;               /* [n_reserved], owned: lengths of the event's tags */
    const char **usual_tags;         /* [n_reserved], owned: what stood at each place of the event
                                        before, checked, of kinds; NULL: something else */
    size_t n_reserved;
    tbe_tag_kinds kinds; /* of the tags so far */

    double wall_time; /* of all events; 0: the clock's */
    double flush_interval_s;
    double last_flush_s; /* on the clock that never goes back */
    double close_wait_s;
    bool has_session;     /* of hyperparameters: their page fails at steps beyond 32 bits */
    bool has_large_step;  /* a scalar beyond them */
    bool has_scalars;     /* the first event with scalars is on its way */
    uint64_t n_dropped;   /* events, for which there was no room */
    uint64_t n_lost;      /* files that were found missing */
    uint64_t n_lost_told; /* of these, told by tbe_flush() */

    tbe_status broken;                     /* TBE_OK: not */
    tbe_status first;                      /* the first failure of either kind */
    char message[TBE_MESSAGE_BYTES];       /* of the latest */
    char first_message[TBE_MESSAGE_BYTES]; /* of the first */
};

/** Notes a failure after which the writer still works. @return status */
tbe_status tbe_refuse(tbe_writer *writer, tbe_status status, const char *format, ...)
    TBE_PRINTF(3, 4);

/** Notes a failure after which the writer does nothing more. @return status */
tbe_status tbe_break(tbe_writer *writer, tbe_status status, const char *format, ...)
    TBE_PRINTF(3, 4);

/** The time that an event of now bears: seconds since 1970. */
double tbe_wall_time_get(const tbe_writer *writer);

/** What every call checks first: whether there is a writer that is not broken. */
tbe_status tbe_check_writer(const tbe_writer *writer);

/** Refuses what cannot be a tag. @param n_bytes  set to its length; NULL: not interested */
tbe_status tbe_check_tag(tbe_writer *writer, const char *tag, size_t *n_bytes);

/** The same of a tag of files, as pictures and sounds are. TensorBoard's data server cannot serve a
 *  file whose tag needs an escape in JSON. */
tbe_status tbe_check_file_tag(tbe_writer *writer, const char *tag);

/** Refuses a tag that another page than this shows already. */
tbe_status tbe_check_kind(tbe_writer *writer, const char *tag, const char *plugin);

/** Refuses a text of the thing called name; NULL is fine. */
tbe_status tbe_check_text(tbe_writer *writer, const char *name, const char *what, const char *text,
                          tbe_text_kind kind);

/** Copies a caller's structure, see tbe_struct_take().
 *  @param name  what it is, for a message  @param init  name of its init function */
tbe_status tbe_take(tbe_writer *writer, const char *name, void *own, size_t own_size,
                    const void *theirs, const char *init);

/**
 * Makes room for an event.
 *
 * @param payload  set to its place [size]; then write it and call tbe_event_end()
 * @return TBE_OK; TBE_ELIMIT: too large; TBE_EBUSY: dropped; or why the writer is broken now
 */
tbe_status tbe_event_begin(tbe_writer *writer, size_t size, uint8_t **payload);
tbe_status tbe_event_end(tbe_writer *writer, size_t size);

/** Both, with the event composed in writer->event. @param size  0: there was no memory for it */
tbe_status tbe_event_append(tbe_writer *writer, size_t size);

/** Adds a tensor under its checked tag, with what tbe_describe() said of it, and flushes if due. */
tbe_status tbe_add_tensor(tbe_writer *writer, int64_t step, tbe_tensor_value *value);

/** Hands over what waits, without waiting for it. @return TBE_OK, or why the writer is broken */
tbe_status tbe_hand_over(tbe_writer *writer);

/** The same if the flush interval has passed. */
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
