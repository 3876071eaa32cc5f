/** The seeds of each setting of a sweep as three runs for TensorBoard: mean, least and largest. */
#ifndef WS_CMD_SWEEP_AGGREGATE_H
#define WS_CMD_SWEEP_AGGREGATE_H

#include "base/log.h"
#include "sweep/board.h"
#include "sweep/setup.h"

/**
 * Writes <dir>/aggregate again: for each setting of which at least two seeds are done, the runs
 * <number>-<settings>/mean, least and largest, with the tags of the trials. Their names sort as the
 * settings do. Nothing is written for a sweep of one seed.
 *
 * @param n_written  set to the number of settings
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_aggregate_write(const ws_sweep_job *job,
                                                 const ws_sweep_board *board, const ws_log *log,
                                                 size_t *n_written, ws_error *err);

#endif
