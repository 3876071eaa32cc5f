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
 * Opens run->index. Rank 0 lists its --data_dir, and the other ranks get what it has found. Each
 * puts its own --data_dir before the names. Where that is another directory than the one of rank 0,
 * it must have all of the files.
 *
 * @return the same on all ranks: what ws_index_create says on rank 0; WS_ENOTFOUND with the rank
 *         and the path of a file that is missing
 */
WS_MUST_CHECK ws_status ws_together_open_index(ws_run *run, const ws_index_options *options,
                                               ws_error *err);

/**
 * Opens run->noise in the same way: rank 0 lists the recordings.
 *
 * @return the same on all ranks: as ws_data_set_open_noise; WS_ENOTFOUND as above; WS_EINVAL for
 *         a rank whose recordings sound otherwise than those of rank 0
 */
WS_MUST_CHECK ws_status ws_together_open_noise(ws_run *run, ws_error *err);

/**
 * Whether all ranks were given the same settings and begin with the same numbers: else they would
 * not fail, but train something that no one can repeat.
 */
WS_MUST_CHECK ws_status ws_together_compare(ws_run *run, ws_error *err);

/** Warns, on rank 0, if the network or the batch is such that other ranks do not make it faster. */
void ws_together_warn_of_share(const ws_run *run);

/**
 * Takes note of what a step has sent.
 *
 * @param before  this rank's traffic before the step
 * @return the longest time that a rank has waited for others, in seconds
 */
double ws_together_find_wait(ws_run *run, const ws_ranks_traffic *before);

/**
 * Rank 0 gets to know which broken and odd clips the others have met, and names them in its log.
 * All ranks call it after the same evaluation or step.
 */
void ws_together_share_clips(ws_run *run);

/** A line for debugging: what this rank sent and waited for in each of its n_steps. */
void ws_together_log_traffic(const ws_run *run, int64_t n_steps);

/** From here on rank 0 takes a rank that is silent for long for one that hangs. */
void ws_together_expect_answers(ws_run *run);

#endif
