#include "inspect/held.h"

#include <stdlib.h>

#include "base/names.h"

ws_status ws_held_push(ws_held *held, const Tbproto__Event *event, ws_error *err)
{
    const size_t size = tbproto__event__get_packed_size(event);
    ws_held_event *items =
        ws_names_grow(held->items, held->n_items, &held->capacity, sizeof *held->items);

    if (items == NULL)
        return ws_fail_memory(err, "values");
    held->items = items;
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        return ws_fail_memory(err, "values");
    (void)tbproto__event__pack(event, bytes);
    items[held->n_items++] = (ws_held_event){event->step, bytes, size};
    held->is_sorted = false;
    return WS_OK;
}

static int compare_events(const void *a, const void *b)
{
    const ws_held_event *left = a, *right = b;
    return left->step < right->step ? -1 : left->step > right->step;
}

ws_status ws_held_take(ws_held *held, int64_t below, Tbproto__Event **event, ws_error *err)
{
    const size_t n_left = held->n_items - held->n_taken;

    *event = NULL;
    if (n_left > 1 && !held->is_sorted)
        qsort(held->items + held->n_taken, n_left, sizeof *held->items, compare_events);
    held->is_sorted = true;
    if (n_left == 0 || (below != INT64_MAX && held->items[held->n_taken].step >= below))
        return WS_OK;
    ws_held_event *first = &held->items[held->n_taken++];
    *event = tbproto__event__unpack(NULL, first->size, first->bytes);
    free(first->bytes);
    first->bytes = NULL;
    return *event != NULL ? WS_OK : ws_fail_memory(err, "values");
}

void ws_held_deinit(ws_held *held)
{
    for (size_t i = 0; i < held->n_items; i++)
        free(held->items[i].bytes);
    free(held->items);
    *held = (ws_held){.items = NULL};
}
