/**
 * Events of scalars written byte by byte. They are nearly all of most files, and the general
 * encoder of messages takes as long as all else together.
 */
#ifndef TBEVENTS_SCALAR_WIRE_H
#define TBEVENTS_SCALAR_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "tbevents/event.h"

typedef struct tbe_scalar_event {
    double wall_time;
    int64_t step;
    size_t n;
    const char *const *tags;      /* [n] */
    const size_t *tag_bytes;      /* [n] lengths of the tags */
    const float *values;          /* [n] */
    const tbe_note *const *notes; /* [n] what to show with each, NULL: nothing; or NULL: no notes */
} tbe_scalar_event;

/** Bytes of the event. @param summary_bytes  set for tbe_scalar_event_write() */
size_t tbe_scalar_event_size(const tbe_scalar_event *event, size_t *summary_bytes);

void tbe_scalar_event_write(const tbe_scalar_event *event, size_t summary_bytes, uint8_t *out);

#endif
