/**
 * Writes event files again without what TensorBoard's loaders refuse: each rule's remedy (rules.h)
 * is applied, everything else is copied bit by bit. The files that are read are never written to.
 *
 * Nothing that a loader shows is lost, and whatever is left out is counted by its reason. Values
 * whose steps go back are written in the order of their steps; one is left out only where a later
 * value has the same tag and step, or where the run itself took it back by a restart.
 *
 * A run is read first as a whole, since later records decide about earlier ones, then file by file.
 */
#ifndef WS_INSPECT_REPAIR_H
#define WS_INSPECT_REPAIR_H

#include "inspect/check.h"
#include "inspect/frame.h"
#include "inspect/runs.h"

/** What became of one file. n_values is the sum of n_values_kept, n_in_left_records, n_left_out,
 *  n_replaced and n_taken_back. */
typedef struct ws_event_repaired {
    uint64_t n_records, n_records_kept; /* whole and undamaged ones; those that were written */
    uint64_t n_values, n_values_kept;   /* moved and renamed ones are kept */
    uint64_t n_in_left_records;         /* values of records that were left out as a whole */
    uint64_t n_left_out[WS_N_RULES];    /* values, by the rule that they break */
    uint64_t n_replaced;                /* values: a later one has the same tag and step */
    uint64_t n_taken_back;              /* values: no loader shows them, since the run restarted */
    uint64_t n_moved;                   /* values that were written later, by their steps */
    uint64_t n_received;                /* values of records before that were moved to here */
    uint64_t n_renamed;                 /* values of another kind than their tag */
    uint64_t n_rounded;                 /* scalars that a 32-bit float does not hold exactly */
    uint64_t n_changed;                 /* records that were written in another form */
    bool has_new_version;
} ws_event_repaired;

/** The repair of one run. */
typedef struct ws_event_repair ws_event_repair;

/** @return NULL when out of memory */
ws_event_repair *ws_event_repair_create(void);
/** repair may be NULL. */
void ws_event_repair_destroy(ws_event_repair *repair);

/**
 * Reads the run, before anything is written.
 *
 * @param run    of one writer
 * @param found  told of each finding, with user; NULL: not interested
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_repair_look(ws_event_repair *repair, const ws_event_run *run,
                                             void (*found)(void *user,
                                                           const ws_event_finding *finding),
                                             void *user, ws_error *err);

/**
 * Writes the next file of the run, in the order in which it was read.
 *
 * @param repaired  set
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM, or what write gave
 */
WS_MUST_CHECK ws_status ws_event_repair_file(ws_event_repair *repair, const char *path,
                                             ws_event_write write, void *user,
                                             ws_event_repaired *repaired, ws_error *err);

/** The two steps for a run of one file in memory. */
WS_MUST_CHECK ws_status ws_event_repair_bytes(ws_event_repair *repair, const void *data,
                                              size_t size, ws_event_write write, void *user,
                                              ws_event_repaired *repaired, ws_error *err);

#endif
