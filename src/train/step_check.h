/**
 * --check_nans: each training step is looked over, and where a number is no longer finite the run
 * ends with the name of the first tensor that was not.
 *
 * What is looked at in every step is what all else leads to: the loss, the gradients and the
 * updated variables, a fraction of a millisecond. Only when one of them is not finite, the step is
 * taken again with plain operators, which keep every tensor, to find where it began
 * (nn/nonfinite.h). A step whose tensors overflow without a trace in any of these (minus infinity
 * before a ReLU) is not seen.
 */
#ifndef WS_TRAIN_STEP_CHECK_H
#define WS_TRAIN_STEP_CHECK_H

#include "train/run.h"

typedef struct ws_step_check ws_step_check;

/** @param check  set; ws_step_check_destroy() it @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_step_check_create(ws_step_check **check, ws_run *run, ws_error *err);
void ws_step_check_destroy(ws_step_check *check); /* NULL is fine */

/** Before a step: remembers what the step changes in its forward pass. */
void ws_step_check_begin(ws_step_check *check);

/**
 * Behind forward and backward, before the update.
 *
 * @return WS_OK; WS_ENUMERIC with the step, the first tensor and its number; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_step_check_gradients(const ws_step_check *check, int64_t step,
                                                const ws_batch *batch, double loss, ws_error *err);

/** Behind the update. @return WS_OK or WS_ENUMERIC, as above */
WS_MUST_CHECK ws_status ws_step_check_variables(const ws_step_check *check, int64_t step,
                                                ws_error *err);

#endif
