/** How well the network does on a set of clips that it was not trained with. */
#ifndef WS_TRAIN_EVALUATE_H
#define WS_TRAIN_EVALUATE_H

#include "train/run.h"

/**
 * Runs the network on every clip of a set, without dropout. It stops before the next batch when a
 * stop is wanted: then its figures cover a part of the set and must not be used.
 *
 * @param run          after its step last_step; run->confusion is overwritten with the counts
 * @param evaluation   filled; it borrows the run's arrays until the next evaluation
 * @param is_complete  set to false if it was stopped
 * @return WS_OK, or what reading the clips says
 */
WS_MUST_CHECK ws_status ws_evaluate(ws_run *run, ws_set set, ws_evaluation *evaluation,
                                    bool *is_complete, ws_error *err);

#endif
