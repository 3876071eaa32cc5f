/**
 * Writes event files anew without what TensorBoard's loaders trip over: each rule's remedy
 * (rules.h) is applied, all else is copied bit by bit. The files that are read are never written
 * to.
 *
 * A run is looked at twice: first as a whole, since a value may be replaced by one in a later file,
 * then file by file.
 */
#ifndef WS_INSPECT_REPAIR_H
#define WS_INSPECT_REPAIR_H

#include "inspect/check.h"
#include "inspect/runs.h"

/** Takes bytes of the new file. @return WS_OK, or what ends the repair, with a sentence */
typedef ws_status (*ws_event_write)(void *user, const void *bytes, size_t n_bytes, ws_error *err);

/** What became of one file. */
typedef struct ws_event_repaired {
    uint64_t n_records, n_records_kept; /* whole and undamaged ones; those that were written */
    uint64_t n_values, n_values_kept;
    uint64_t n_changed; /* records that were written in another form */
    bool has_new_version;
} ws_event_repaired;

/** The repair of one run. */
typedef struct ws_event_repair ws_event_repair;

/** @return NULL when out of memory */
ws_event_repair *ws_event_repair_create(void);
/** repair may be NULL. */
void ws_event_repair_destroy(ws_event_repair *repair);

/**
 * Looks at the run, before anything is written.
 *
 * @param found  told of each finding, with user; NULL: not interested
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_repair_look(ws_event_repair *repair, const ws_event_run *run,
                                             void (*found)(void *user,
                                                           const ws_event_finding *finding),
                                             void *user, ws_error *err);

/**
 * Writes the next file of the run, in the order in which it was looked at.
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
