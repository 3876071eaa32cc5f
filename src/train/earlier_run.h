/** What an earlier run left in a directory for checkpoints. */
#ifndef WS_TRAIN_EARLIER_RUN_H
#define WS_TRAIN_EARLIER_RUN_H

#include "base/log.h"
#include "base/status.h"

/**
 * Before a run writes into train_dir: moves the checkpoints, label lists and the `checkpoint` file
 * of an earlier one into <train_dir>/<name of that run>, or <train_dir>/earlier if it has none
 * (with a number where that is taken). What the run itself has left is no earlier run's and stays.
 *
 * @param resumed_run  the name of a run that goes on; NULL for a new one
 * @param log  told what was moved where; may be NULL
 */
WS_MUST_CHECK ws_status ws_earlier_run_move_aside(const char *train_dir, const char *resumed_run,
                                                  const ws_log *log, ws_error *err);

#endif
