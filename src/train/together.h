/** What several processes that train together have to agree on, besides the steps themselves. */
#ifndef WS_TRAIN_TOGETHER_H
#define WS_TRAIN_TOGETHER_H

#include "train/run.h"

/**
 * The data set, as ws_data_set_fetch, for one rank after the other: those that share a directory
 * find it complete, and those that have their own each get one.
 *
 * @param has_data  set: whether all ranks have it; false after a stop
 */
WS_MUST_CHECK ws_status ws_together_fetch(ws_run *run, bool *has_data, ws_error *err);

/**
 * Whether all ranks were given the same settings, have found the same clips and begin with the same
 * numbers: else they would not fail, but train something that no one can repeat.
 */
WS_MUST_CHECK ws_status ws_together_compare(ws_run *run, ws_error *err);

/** The longest time that a rank has waited for others in a step. @param seconds  of this rank */
double ws_together_find_wait(ws_run *run, double seconds);

/** From here on rank 0 takes a rank that is silent for long for one that hangs. */
void ws_together_expect_answers(ws_run *run);

#endif
