/**
 * The state of a whole sweep, as its files say: which rung is running, which settings are in it,
 * and how they rank.
 */
#ifndef WS_SWEEP_BOARD_H
#define WS_SWEEP_BOARD_H

#include "sweep/trial.h"

/** The figure that settings are ranked by. */
typedef enum ws_sweep_metric {
    WS_SWEEP_BY_BEST, /* the best accuracy on validation of each seed */
    WS_SWEEP_BY_LAST, /* the last one */
    WS_SWEEP_N_METRICS,
} ws_sweep_metric;

/** Name of a metric: best, last. */
const char *ws_sweep_metric_name(size_t metric);

typedef struct ws_sweep_board {
    const char *dir;           /* borrowed */
    const ws_sweep_plan *plan; /* borrowed */
    ws_sweep_metric metric;
    size_t rung; /* the first unfinished one; n_rungs: the sweep is finished */
    size_t *members[WS_SWEEP_MAX_RUNGS]; /* [n_in_rung] settings of a rung that has begun; owned */
    size_t *reached;          /* [n_settings] the last rung that a setting is in; owned */
    ws_sweep_result *results; /* [n_trials] in the last rung that the trial is in; owned */
} ws_sweep_board;

/**
 * Reads everything.
 *
 * @param board  overwritten; ws_sweep_board_deinit() it, after a failure too
 * @return WS_OK, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_board_init(ws_sweep_board *board, const char *dir,
                                            const ws_sweep_plan *plan, ws_sweep_metric metric,
                                            ws_error *err);
void ws_sweep_board_deinit(ws_sweep_board *board);

/**
 * Reads again what may have changed, and begins the next rung if one is finished.
 *
 * @param is_ours  [n_trials] trials to skip: the caller waits for their processes and sets their
 * results itself, because results are written shortly before a process ends. NULL: skips no trial
 * @return WS_OK, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_board_refresh(ws_sweep_board *board, const bool *is_ours,
                                               ws_error *err);

/** The number of trials in the current rung. */
size_t ws_sweep_board_get_n_jobs(const ws_sweep_board *board);
/** The trial that is job number `job` of a rung that has begun. */
size_t ws_sweep_board_get_trial(const ws_sweep_board *board, size_t rung, size_t job);

/** The counts of the trials in the current rung (in the last one when all are finished). */
typedef struct ws_sweep_counts {
    size_t n_open, n_done, n_failed;
} ws_sweep_counts;
ws_sweep_counts ws_sweep_board_get_counts(const ws_sweep_board *board);

/** How a setting did over its seeds. */
typedef struct ws_sweep_score {
    size_t setting;
    size_t rung; /* the last that it was in */
    size_t n_done, n_failed, n_open;
    double mean;   /* of the metric over the seeds that are done; NaN without any */
    double spread; /* their standard deviation (n - 1); NaN with fewer than two */
    double test;   /* mean accuracy of the test; NaN without any */
} ws_sweep_score;

/** Ranks all settings. @param scores  [n_settings] filled, the best first: by rung reached (later
 * first), then by mean (higher first), then by number. Settings without a mean are last in their
 * rung */
void ws_sweep_board_rank(const ws_sweep_board *board, ws_sweep_score *scores);

/** The best score that has a mean. If all settings in the last rung failed, it is from an earlier
 *  rung. NULL if there is no mean. @param scores  [n_settings] ranked */
const ws_sweep_score *ws_sweep_board_find_best(const ws_sweep_board *board,
                                               const ws_sweep_score *scores);

#endif
