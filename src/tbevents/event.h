/**
 * The messages of an event file: each tbe_event_* function composes one event from borrowed
 * arguments and gives its size; tbe_event_write() then writes these bytes. The memory for it is
 * kept from one event to the next.
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

/** Room for n scalars. @return 0 or ENOMEM */
int tbe_event_reserve_scalars(tbe_event *event, size_t n);

/**
 * Scalars in the older form, the smallest and the fastest to load.
 *
 * @param n     at most what was reserved
 * @param notes [n], NULL where a scalar has none; the array itself may be NULL
 */
size_t tbe_event_scalars(tbe_event *event, double wall_time, int64_t step, size_t n,
                         const char *const *tags, const float *values,
                         const tbe_note *const *notes);

typedef struct tbe_event_picture {
    const char *tag;
    const tbe_note *note; /* NULL: none */
    uint32_t width, height;
    const uint8_t *png; /* [png_size], read until tbe_event_write() */
    size_t png_size;
} tbe_event_picture;

size_t tbe_event_image(tbe_event *event, double wall_time, int64_t step,
                       const tbe_event_picture *picture);

/** Writes the event composed last to out, of the size that was returned for it. */
void tbe_event_write(const tbe_event *event, uint8_t *out);

#endif
