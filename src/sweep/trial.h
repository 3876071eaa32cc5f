/**
 * The files of one trial. All state of a sweep is in files, so that it can be killed at any
 * moment and other machines can take part in it:
 *
 *     <dir>/trials/0007/result.json     the line of `wordspot train --json`: the trial has ended.
 *                                       In successive halving result-1.json, result-2.json, ...,
 *                                       one for each rung
 *     <dir>/trials/0007/log.txt         what `wordspot train` printed
 *     <dir>/trials/0007/claim           locked by the process that runs the trial, and by the
 *                                       training process; the lock ends with both
 *     <dir>/trials/0007/checkpoints/    its --train_dir
 *     <dir>/logs/trial-0007/            its event files; <dir>/logs itself has one about all
 *                                       trials
 */
#ifndef WS_SWEEP_TRIAL_H
#define WS_SWEEP_TRIAL_H

#include <stdbool.h>

#include "sweep/plan.h"

typedef enum ws_sweep_state {
    WS_SWEEP_OPEN,   /* not begun, under way, or stopped on the way */
    WS_SWEEP_DONE,   /* it has trained as far as it should */
    WS_SWEEP_FAILED, /* training failed; only a user's request runs it again */
} ws_sweep_state;

/** Name of a state: open, done, failed. */
const char *ws_sweep_state_name(ws_sweep_state state);

/** The result of a trial. */
typedef struct ws_sweep_result {
    size_t trial;
    ws_sweep_state state;
    int64_t step;      /* the last one made */
    double best, last; /* accuracy on validation, 0 to 1; NaN: unknown */
    double best_step;  /* whole; NaN: unknown */
    double test;       /* accuracy; NaN: unknown */
    double seconds;    /* of the last of its processes; NaN: unknown */
    char error[1024];  /* why it failed, else "" */
} ws_sweep_result;

/** <dir>/logs, where TensorBoard looks, in a new string (free()); NULL when out of memory. */
char *ws_sweep_logs_dir(const char *dir);
/** <dir>/trials/<number> in a new string (free()); NULL when out of memory. */
char *ws_sweep_trial_dir(const char *dir, size_t trial);
/** The same for a file or directory in there. */
char *ws_sweep_trial_file(const char *dir, size_t trial, const char *name);
/** The same for the result of a rung. */
char *ws_sweep_trial_result_file(const char *dir, const ws_sweep_plan *plan, size_t trial,
                                 size_t rung);
/** trial-<number>, the same. */
char *ws_sweep_trial_run_name(size_t trial);

/**
 * Reads the result of a trial in a rung. A malformed result counts as a failure with that reason,
 * so it affects only that trial.
 *
 * @return WS_OK, also without a result: then the trial is open; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_trial_read(const char *dir, const ws_sweep_plan *plan,
                                            size_t trial, size_t rung, ws_sweep_result *result,
                                            ws_error *err);

/** Writes the result of a failed trial that could not write it itself. */
WS_MUST_CHECK ws_status ws_sweep_trial_write_failure(const char *dir, const ws_sweep_plan *plan,
                                                     size_t trial, size_t rung, const char *why,
                                                     ws_error *err);

/**
 * Claims a trial, so that no other process on this or another machine can claim it.
 * Makes the directory.
 *
 * @param claim  set to a descriptor to close() and to pass to the training process: the claim ends
 *               when all copies are closed. -1 if another process runs the trial
 * @return WS_OK; WS_EIO if the file system has no locks, or cannot be written; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_trial_claim(const char *dir, size_t trial, int *claim,
                                             ws_error *err);

/** How far a running trial is, from the end of its log. */
typedef struct ws_sweep_progress {
    int64_t step;          /* 0: none seen */
    double batch_accuracy; /* of that step, percent */
    double validation;     /* accuracy, the last one seen, percent; NaN: none */
} ws_sweep_progress;

/** @param text  the end of a log */
ws_sweep_progress ws_sweep_progress_find(const char *text);
/** The same, from the log of a trial; without a log all is unknown. */
ws_sweep_progress ws_sweep_progress_read(const char *dir, size_t trial);

#endif
