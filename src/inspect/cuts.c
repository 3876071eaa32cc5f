#include "inspect/cuts.h"

#include <stdlib.h>

#include "base/names.h"

ws_status ws_cuts_push(ws_cuts *cuts, uint64_t ordinal, int64_t step, ws_error *err)
{
    while (cuts->n_items > 0 && cuts->items[cuts->n_items - 1].step >= step)
        cuts->n_items--; /* what it drops, the new one does too */
    ws_cut *items = ws_names_grow(cuts->items, cuts->n_items, &cuts->capacity, sizeof *cuts->items);
    if (items == NULL)
        return ws_fail_memory(err, "steps that go back");
    cuts->items = items;
    items[cuts->n_items++] = (ws_cut){ordinal, step};
    return WS_OK;
}

bool ws_cuts_drop(const ws_cuts *cuts, uint64_t ordinal, int64_t step)
{
    size_t low = 0, high = cuts->n_items; /* of later ones, the first has the lowest step */

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cuts->items[middle].ordinal > ordinal)
            high = middle;
        else
            low = middle + 1;
    }
    return low < cuts->n_items && step >= cuts->items[low].step;
}

void ws_cuts_deinit(ws_cuts *cuts)
{
    free(cuts->items);
    *cuts = (ws_cuts){.items = NULL};
}
