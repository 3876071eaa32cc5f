/** What the runs of a log directory say to the HParams page. */
#ifndef WS_INSPECT_HPARAMS_H
#define WS_INSPECT_HPARAMS_H

#include "hparams.pb-c.h"
#include "inspect/series.h"

/** A run with its scalars and messages; of several of one kind the first counts, as for
 *  TensorBoard. Messages are owned; NULL if there is none. */
typedef struct ws_event_hparams_run {
    const ws_event_run *run; /* borrowed */
    ws_event_series series;
    Tbproto__HParamsPluginData *experiment, *start, *end;
    bool has_layout; /* of the Custom Scalars page */
} ws_event_hparams_run;

/** All zeros is an empty one. */
typedef struct ws_event_hparams {
    ws_event_hparams_run *items; /* [n_items], owned: one for each run */
    size_t n_items;
} ws_event_hparams;

/**
 * Reads all runs.
 *
 * @param runs  borrowed as long as the result
 * @param all   set; for ws_event_hparams_deinit(), also after a failure
 * @param log   told of damage
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_hparams_read(ws_event_hparams *all, const ws_event_runs *runs,
                                              const ws_log *log, ws_error *err);
void ws_event_hparams_deinit(ws_event_hparams *all);

/**
 * The figures of a metric of a session: the scalar of that tag in the session's run, or in the run
 * "group" below it.
 *
 * @return NULL: the run has none
 */
const ws_event_tag *ws_event_hparams_find(const ws_event_hparams *all, const char *session,
                                          const char *group, const char *tag);

#endif
