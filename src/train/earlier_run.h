/** What an earlier run left in a directory for checkpoints. */
#ifndef WS_TRAIN_EARLIER_RUN_H
#define WS_TRAIN_EARLIER_RUN_H

#include <stdint.h>

#include "base/log.h"
#include "base/status.h"

/** The newest checkpoint of a directory, of those that name their run. */
typedef struct ws_newest_run {
    int64_t step;   /* the highest; -1: there is no such checkpoint */
    char *name;     /* of the run; owned, NULL if there is no such checkpoint */
    char *settings; /* its text, as ws_settings_load gives it; the same */
} ws_newest_run;

/** @param newest  overwritten; ws_newest_run_deinit() it. A directory that is missing or cannot be
 *                 read has no checkpoint */
void ws_newest_run_find(const char *dir, ws_newest_run *newest);
void ws_newest_run_deinit(ws_newest_run *newest);

/**
 * Before a run writes into train_dir: moves the checkpoints, label lists and the `checkpoint` file
 * of an earlier one into <train_dir>/<name of that run>, or <train_dir>/earlier if it has none
 * (with a number where that is taken). The files of the run itself stay.
 *
 * @param resumed_run  the name of a resumed run; NULL for a new one
 * @param log          gets a line on what was moved where; may be NULL
 */
WS_MUST_CHECK ws_status ws_earlier_run_move_aside(const char *train_dir, const char *resumed_run,
                                                  const ws_log *log, ws_error *err);

#endif
