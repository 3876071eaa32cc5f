/** How well the network does on a set of clips that it was not trained with. */
#ifndef WS_TRAIN_EVALUATE_H
#define WS_TRAIN_EVALUATE_H

#include "train/run.h"

/**
 * Takes every clip of a set through the network, without dropout. A stop that is wanted meanwhile
 * ends the test, which can be made again; a validation is finished, because the curve of a run that
 * goes on from there would lack its point.
 *
 * @param run          after its step last_step; run->confusion is overwritten with the counts
 * @param evaluation   filled; it borrows the run's arrays until the next one
 * @param is_complete  set to false if a stop ended it
 * @return WS_OK, or what reading the clips says
 */
WS_MUST_CHECK ws_status ws_evaluate(ws_run *run, ws_set set, ws_evaluation *evaluation,
                                    bool *is_complete, ws_error *err);

#endif
