/** One training step: batch, forward and back, update. */
#ifndef WS_TRAIN_STEP_H
#define WS_TRAIN_STEP_H

#include "train/run.h"
#include "train/step_check.h"

/**
 * Forward, backward and update with the batch of this step, or with the rows of it that this rank
 * has.
 *
 * @param check    NULL without --check_nans
 * @param figures  filled with those before the update
 * @param stopped  set: whether a rank wants to stop; the step was not made then
 * @return WS_OK; WS_ENUMERIC if the loss is not finite; what reading the clips says
 */
WS_MUST_CHECK ws_status ws_step_run(ws_run *run, ws_step_check *check, int64_t step,
                                    ws_report_step *figures, bool *stopped, ws_error *err);

#endif
