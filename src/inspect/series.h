/**
 * The values of a run, tag by tag, as TensorBoard shows them: without what later records take back
 * (cuts.h). A run is read once to know what counts, and again for each look at its points: so the
 * memory needed grows with tags and restarts, not with points.
 */
#ifndef WS_INSPECT_SERIES_H
#define WS_INSPECT_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/names.h"
#include "inspect/cuts.h"
#include "inspect/runs.h"
#include "inspect/show.h"
#include "tbevents/reader.h"

/** TensorBoard has two loaders, which differ on what counts where steps go back. */
typedef enum ws_event_loader {
    WS_LOADER_RUST,   /* its data server, the default: a value drops those of its tag at the same or
                         a later step; starts of sessions mean nothing */
    WS_LOADER_PYTHON, /* --load_fast=false: a START, but for the first one, drops what all tags
                         have from its step on; in files without a version record a value does */
} ws_event_loader;

/** WS_OK, or WS_EUSAGE with a sentence. @param name  "rust" or "python" */
WS_MUST_CHECK ws_status ws_event_loader_find(const char *name, ws_event_loader *loader,
                                             ws_error *err);

/** Of the values of a tag that count. */
typedef struct ws_event_tag {
    tbe_value_kind kind; /* of its first value that had one */
    uint64_t n_values;
    int64_t first_step, last_step; /* of the first and the last one; both 0 without a value */
    ws_stored_number last;         /* of a scalar */
    /* Of scalars that are finite; 0 without one. Steps may go back, in Python's loader. */
    ws_stored_number least, most;
    int64_t least_step, most_step;
    int64_t lowest_step, highest_step;
    uint64_t n_finite;
    double last_wall_time; /* seconds since 1970 */

    ws_cuts cuts;        /* of this tag */
    int64_t newest_step; /* of the last value that was read */
    bool is_known;
} ws_event_tag;

typedef struct ws_event_series {
    const ws_event_run *run; /* borrowed */
    ws_event_loader loader;
    ws_names names;     /* the tags */
    ws_event_tag *tags; /* [names.n_items], owned */
    size_t capacity;
    ws_cuts starts;      /* of all tags */
    uint64_t n_damaged;  /* files that could not be read to their end */
    int64_t newest_step; /* of the last record with values that was read */
    uint64_t n_seen;     /* ordinals given out */
    bool has_version, has_start, has_cuts;
} ws_event_series;

/**
 * Reads a run. Damaged records are left out; a file is read up to the first place where no record
 * begins.
 *
 * @param run     borrowed as long as the series
 * @param series  set; for ws_event_series_deinit(), also after a failure
 * @param log     told of damage, one line a file
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_series_read(ws_event_series *series, const ws_event_run *run,
                                             ws_event_loader loader, const ws_log *log,
                                             ws_error *err);

void ws_event_series_deinit(ws_event_series *series);

/** A scalar that counts. */
typedef struct ws_event_point {
    size_t tag; /* number in names */
    int64_t step;
    double wall_time;
    ws_stored_number number;
} ws_event_point;

/** Takes a point. @return WS_OK to continue, else what ends the visit */
typedef ws_status (*ws_event_visit)(void *user, const ws_event_point *point, ws_error *err);

/** Reads the run again and gives out its scalars that count, in the order of the files. */
WS_MUST_CHECK ws_status ws_event_series_visit(const ws_event_series *series, ws_event_visit visit,
                                              void *user, ws_error *err);

/** What a kind of value is called: "scalar". Never NULL. */
const char *ws_event_kind_text(tbe_value_kind kind);

#endif
