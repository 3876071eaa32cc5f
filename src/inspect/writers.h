/**
 * Files of one run that several writers wrote at the same time. TensorBoard reads the files of a
 * run one after the other, so values of one tag from two writers get in each other's way.
 */
#ifndef WS_INSPECT_WRITERS_H
#define WS_INSPECT_WRITERS_H

#include "inspect/runs.h"

/** The files of one writer. */
typedef struct ws_event_part {
    ws_event_run run; /* owned: of the same name as the whole */
    char *with;       /* owned: a file of another writer at the same time; NULL: the first part */
    double shared_s;  /* how long both wrote, seconds */
} ws_event_part;

/** All zeros is an empty list. */
typedef struct ws_event_parts {
    ws_event_part *items; /* [n_items], owned; the files of each in the order of the run */
    size_t n_items;
} ws_event_parts;

/**
 * Parts a run into its writers. Two files are of different writers where their wall times overlap,
 * and some tag is in both or the start of the later session takes back values of the earlier one.
 * A session that starts after the first step of the earlier one is not another writer, but the
 * same run resumed. Reads each file of a run that has several.
 *
 * @param parts  set; for ws_event_parts_deinit(), also after a failure
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_parts_find(ws_event_parts *parts, const ws_event_run *run,
                                            ws_error *err);

void ws_event_parts_deinit(ws_event_parts *parts);

#endif
