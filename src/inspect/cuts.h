/**
 * What later records take back. A cut at step s drops all points before it with steps >= s: so
 * does a START for all tags (Python's loader), and a value for its own tag (the Rust one). Points
 * and cuts bear ordinals, their place in the run.
 *
 * Only cuts that no later one covers are kept, so a run of a million steps in order needs none.
 */
#ifndef WS_INSPECT_CUTS_H
#define WS_INSPECT_CUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_cut {
    uint64_t ordinal;
    int64_t step;
} ws_cut;

/** All zeros: none. */
typedef struct ws_cuts {
    ws_cut *items; /* [n_items], owned; both ordinals and steps increase */
    size_t n_items;
    size_t capacity;
} ws_cuts;

/** Adds one after all others. @return WS_OK or WS_ENOMEM with a sentence */
WS_MUST_CHECK ws_status ws_cuts_push(ws_cuts *cuts, uint64_t ordinal, int64_t step, ws_error *err);

/** Whether a later cut drops the point of that ordinal and step. */
bool ws_cuts_drop(const ws_cuts *cuts, uint64_t ordinal, int64_t step);

void ws_cuts_deinit(ws_cuts *cuts);

#endif
