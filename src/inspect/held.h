/** Values of one tag that wait until the steps of their run reach theirs. */
#ifndef WS_INSPECT_HELD_H
#define WS_INSPECT_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "event.pb-c.h"

/** An event of one value, as bytes. */
typedef struct ws_held_event {
    int64_t step;
    uint8_t *bytes; /* [size], owned */
    size_t size;
} ws_held_event;

/** All zeros: none. */
typedef struct ws_held {
    ws_held_event *items; /* [n_items], owned; those before n_taken are gone */
    size_t n_items, n_taken, capacity;
    bool is_sorted; /* from n_taken on, by step */
} ws_held;

/** Keeps a copy of an event. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_held_push(ws_held *held, const Tbproto__Event *event, ws_error *err);

/**
 * Takes the event of the lowest step, if that is below another one.
 *
 * @param below  INT64_MAX: takes any
 * @param event  set to a new one, for tbproto__event__free_unpacked(event, NULL); NULL: there is
 *               none below
 */
WS_MUST_CHECK ws_status ws_held_take(ws_held *held, int64_t below, Tbproto__Event **event,
                                     ws_error *err);

void ws_held_deinit(ws_held *held);

#endif
