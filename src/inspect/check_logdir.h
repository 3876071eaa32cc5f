/** What is wrong with the runs of a log directory together, each of which may be right by itself.
 */
#ifndef WS_INSPECT_CHECK_LOGDIR_H
#define WS_INSPECT_CHECK_LOGDIR_H

#include "inspect/check.h"

/**
 * Checks all runs that one TensorBoard would show: experiments of the HParams page that disagree,
 * metrics and hyperparameters that it does not show, tags that a page refuses.
 *
 * @param found  told of each finding, which is of a run's first file
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_check_logdir(const ws_event_runs *runs,
                                              void (*found)(void *user,
                                                            const ws_event_finding *finding),
                                              void *user, ws_error *err);

#endif
