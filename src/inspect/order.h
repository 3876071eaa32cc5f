/**
 * The values of curves whose steps go back, by step: tells which of several at one step is the
 * last. Only such curves are held, 24 bytes a value.
 */
#ifndef WS_INSPECT_ORDER_H
#define WS_INSPECT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"

/** A value by its place: the number of its curve, its step, its ordinal in the run. */
typedef struct ws_event_place {
    size_t curve;
    int64_t step;
    uint64_t ordinal;
} ws_event_place;

/** All zeros is an empty one. */
typedef struct ws_event_order {
    ws_names curves;
    ws_event_place *items; /* [n_items], owned */
    size_t n_items, capacity;
} ws_event_order;

/** Adds a value. @return WS_OK, WS_ELIMIT or WS_ENOMEM, with a sentence */
WS_MUST_CHECK ws_status ws_event_order_push(ws_event_order *order, const char *curve, int64_t step,
                                            uint64_t ordinal, ws_error *err);

/** After the last one, before any question. */
void ws_event_order_sort(ws_event_order *order);

/** Whether a later value of the curve, by ordinal, has the same step. */
bool ws_event_order_is_replaced(const ws_event_order *order, const char *curve, int64_t step,
                                uint64_t ordinal);

void ws_event_order_deinit(ws_event_order *order);

#endif
