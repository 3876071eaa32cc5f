/** A sweep on TensorBoard's HParams page, as far as its trials cannot see to it themselves. */
#ifndef WS_CMD_SWEEP_PAGE_H
#define WS_CMD_SWEEP_PAGE_H

#include "cmd/sweep_setup.h"

/** Writes into <dir>/logs, once, what the page shows of all trials: the flags that they differ in,
 *  and the figures of each. @return WS_OK, WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_sweep_page_begin(const ws_sweep_job *job, ws_error *err);

/**
 * Sees to it that a trial that has failed is on the page, as such, also if its process was killed,
 * or ended before it had written anything. What another process is at work on is left alone.
 *
 * @return WS_OK, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_page_mark_failure(const ws_sweep_job *job, size_t trial,
                                                   ws_error *err);

/** The same for all of a board that have failed. */
WS_MUST_CHECK ws_status ws_sweep_page_mark_failures(const ws_sweep_job *job,
                                                    const ws_sweep_board *board, ws_error *err);

#endif
