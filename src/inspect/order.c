#include "inspect/order.h"

#include <stdlib.h>

enum { MAX_PLACES = 1 << 26 };

ws_status ws_event_order_push(ws_event_order *order, const char *curve, int64_t step,
                              uint64_t ordinal, ws_error *err)
{
    size_t number = 0;

    if (order->n_items >= MAX_PLACES)
        return ws_fail(err, WS_ELIMIT, "a run has more than %d values of tags whose steps go back",
                       MAX_PLACES);
    const ws_status status = ws_names_push(&order->curves, curve, &number, err);
    if (status != WS_OK)
        return status;
    ws_event_place *items =
        ws_names_grow(order->items, order->n_items, &order->capacity, sizeof *order->items);
    if (items == NULL)
        return ws_fail_memory(err, "steps that go back");
    order->items = items;
    items[order->n_items++] = (ws_event_place){number, step, ordinal};
    return WS_OK;
}

static int compare_places(const void *a, const void *b)
{
    const ws_event_place *left = a, *right = b;

    if (left->curve != right->curve)
        return left->curve < right->curve ? -1 : 1;
    if (left->step != right->step)
        return left->step < right->step ? -1 : 1;
    return left->ordinal < right->ordinal ? -1 : left->ordinal > right->ordinal;
}

void ws_event_order_sort(ws_event_order *order)
{
    if (order->n_items > 1)
        qsort(order->items, order->n_items, sizeof *order->items, compare_places);
}

bool ws_event_order_is_replaced(const ws_event_order *order, const char *curve, int64_t step,
                                uint64_t ordinal)
{
    const ws_event_place place = {ws_names_find(&order->curves, curve), step, ordinal};
    size_t low = 0, high = order->n_items; /* the first item after place is between them */

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_places(&order->items[middle], &place) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low < order->n_items && order->items[low].curve == place.curve &&
           order->items[low].step == step;
}

void ws_event_order_deinit(ws_event_order *order)
{
    ws_names_deinit(&order->curves);
    free(order->items);
    *order = (ws_event_order){.items = NULL};
}
