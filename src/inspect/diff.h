/** Two or more runs side by side: what they have in common, and which value is the best. A side is
 *  a run with the runs below it (train, validation): these are compared by name. */
#ifndef WS_INSPECT_DIFF_H
#define WS_INSPECT_DIFF_H

#include "inspect/series.h"

/** All zeros is a closed side. */
typedef struct ws_event_side {
    ws_event_runs runs;
    ws_event_series *series; /* [n_series], owned, of each run */
    size_t n_series;
} ws_event_side;

/** Reads what is at a path. @return as ws_event_runs_find() and ws_event_series_read() */
WS_MUST_CHECK ws_status ws_event_side_open(ws_event_side *side, const char *path,
                                           ws_event_loader loader, const ws_log *log,
                                           ws_error *err);
void ws_event_side_close(ws_event_side *side);

/** A curve of one side. */
typedef struct ws_event_curve {
    const ws_event_series *series; /* NULL: the side has no such */
    const ws_event_tag *figures;
    size_t tag; /* its number */
} ws_event_curve;

/** A curve that at least two sides have, by its run below them and its tag. */
typedef struct ws_event_shared {
    const char *run, *tag; /* borrowed from a side */
} ws_event_shared;

/** All zeros is an empty list. */
typedef struct ws_event_shared_list {
    ws_event_shared *items; /* [n_items], owned, sorted by run and tag */
    size_t n_items, capacity;
} ws_event_shared_list;

/** The curve of a side; empty if the side has no such scalar. */
ws_event_curve ws_event_side_find(const ws_event_side *side, const char *run, const char *tag);

/**
 * Finds what sides have in common.
 *
 * @param pattern  which tags, as in csv.h
 * @param list     empty; set, for free(list->items); borrows from sides
 */
WS_MUST_CHECK ws_status ws_event_shared_find(ws_event_shared_list *list, const ws_event_side *sides,
                                             size_t n_sides, const char *pattern, ws_error *err);

/** Whether a tag's name says that less is better: losses, errors. */
bool ws_event_less_is_better(const char *tag);

/** The place in a list of what one looks at first: the accuracy of the validation set, else an
 *  accuracy, else the first. @return 0 for an empty list */
size_t ws_event_shared_choose(const ws_event_shared_list *list);

#endif
