/** What an earlier run left in a directory for checkpoints. */
#ifndef WS_TRAIN_EARLIER_RUN_H
#define WS_TRAIN_EARLIER_RUN_H

#include "base/log.h"
#include "base/status.h"

/**
 * Before a new run: moves the checkpoints, label lists and the `checkpoint` file of an earlier one
 * into <train_dir>/<name of that run>, or <train_dir>/earlier if it has none (with a number where
 * that is taken).
 *
 * @param log  told what was moved where; may be NULL
 */
WS_MUST_CHECK ws_status ws_earlier_run_move_aside(const char *train_dir, const ws_log *log,
                                                  ws_error *err);

#endif
