/**
 * The messages of an event file, but for scalars (scalar_wire.h): each tbe_event_* function
 * composes one event from borrowed arguments and gives its size; tbe_event_write() then writes
 * these bytes. The memory for it is kept from one event to the next.
 */
#ifndef TBEVENTS_EVENT_H
#define TBEVENTS_EVENT_H

#include <stddef.h>
#include <stdint.h>

/** Composes events, one at a time. */
typedef struct tbe_event tbe_event;

/** What to show with a tag; either text may be NULL. */
typedef struct tbe_note {
    const char *display_name;
    const char *description;
} tbe_note;

/** NULL when out of memory. */
tbe_event *tbe_event_create(void);
void tbe_event_destroy(tbe_event *event);

/** The first record of a file. @param writer_name NULL: none */
size_t tbe_event_version(tbe_event *event, double wall_time, const char *writer_name);

/** The start of a session: what older files have at this and later steps no longer counts. */
size_t tbe_event_start(tbe_event *event, double wall_time, int64_t step);

/** Borrowed bytes; data may be NULL where size is 0. */
typedef struct tbe_bytes {
    const void *data;
    size_t size;
} tbe_bytes;

typedef enum tbe_element_type { /* TensorFlow's numbers */
                                TBE_ELEMENT_FLOAT = 1,
                                TBE_ELEMENT_DOUBLE = 2,
                                TBE_ELEMENT_STRING = 7,
} tbe_element_type;

typedef enum tbe_data_class { /* TensorBoard's numbers */
                              TBE_CLASS_TENSOR = 2,
                              TBE_CLASS_BLOBS = 3,
} tbe_data_class;

enum { TBE_MAX_DIMS = 2 };

/** A tensor under a tag, and the page that shows it. All is read until tbe_event_write(). */
typedef struct tbe_tensor_value {
    const char *tag;
    const tbe_note *note; /* NULL: none */
    const char *plugin;
    tbe_bytes plugin_content; /* of size 0: none, which is its version 0 */
    tbe_data_class data_class;
    tbe_element_type type;
    size_t n_dims;
    size_t dims[TBE_MAX_DIMS]; /* [n_dims] */
    size_t n_strings;
    const tbe_bytes *strings; /* [n_strings], row-major */
    tbe_bytes content;        /* of numbers: row-major, little-endian; of size 0: none */
} tbe_tensor_value;

/** @return its size; 0: no memory */
size_t tbe_event_tensor(tbe_event *event, double wall_time, int64_t step,
                        const tbe_tensor_value *value);

/** A serialised GraphDef. */
size_t tbe_event_graph(tbe_event *event, double wall_time, tbe_bytes graph);

/** A serialised RunMetadata, under a name of its own. */
size_t tbe_event_run_metadata(tbe_event *event, double wall_time, int64_t step, const char *tag,
                              tbe_bytes metadata);

/** Writes the event composed last to out, of the size that was returned for it. */
void tbe_event_write(const tbe_event *event, uint8_t *out);

#endif
