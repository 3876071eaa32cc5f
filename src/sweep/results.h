/**
 * The results of a sweep, for people and for programs.
 *
 *     <dir>/results.csv     a line a trial
 *     <dir>/results.json    the settings in their order, each with its trials
 *
 * Both files are replaced as trials end. The names of files, columns and members are stable; new
 * ones may be added.
 */
#ifndef WS_SWEEP_RESULTS_H
#define WS_SWEEP_RESULTS_H

#include "base/buf.h"
#include "sweep/board.h"
#include "sweep/worker.h"

/** Writes both files. @return WS_OK, WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_sweep_results_write(const ws_sweep_board *board,
                                               const ws_sweep_setup *setup, ws_error *err);

/** Pushes the ranking as a table for people, the failures below it, and the best settings as a
 *  command line. */
WS_MUST_CHECK ws_status ws_sweep_results_push_table(const ws_sweep_board *board,
                                                    const ws_sweep_setup *setup, ws_buf *text,
                                                    ws_error *err);

/** Pushes "learning_rate=0.01 batch_size=50"; of one_at_a_time, only what differs from the first
 *  values. */
void ws_sweep_push_setting(const ws_sweep_plan *plan, size_t setting, ws_buf *text);

/** Pushes the command line that trains one run with a setting. */
WS_MUST_CHECK ws_status ws_sweep_push_command(const ws_sweep_setup *setup, size_t setting,
                                              ws_buf *text, ws_error *err);

#endif
