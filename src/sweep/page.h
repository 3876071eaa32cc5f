/** A sweep on TensorBoard's HParams page: what its trials cannot write themselves. */
#ifndef WS_SWEEP_PAGE_H
#define WS_SWEEP_PAGE_H

#include "sweep/setup.h"

/** Writes into <dir>/logs, once, what the page shows for all trials: the flags in which they
 * differ, and the figures of each. @return WS_OK, WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_sweep_page_begin(const ws_sweep_job *job, ws_error *err);

/**
 * Makes sure that a failed trial is on the page and marked as failed, even if its process was
 * killed or ended before it had written anything. A trial that another process is running is
 * skipped.
 *
 * @return WS_OK, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_page_mark_failure(const ws_sweep_job *job, size_t trial,
                                                   ws_error *err);

/** The same for all of a board that have failed. */
WS_MUST_CHECK ws_status ws_sweep_page_mark_failures(const ws_sweep_job *job,
                                                    const ws_sweep_board *board, ws_error *err);

#endif
