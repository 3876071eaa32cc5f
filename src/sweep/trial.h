/**
 * The files of one trial, and what they say of it. All that a sweep knows stands in files, so that
 * it can be killed at any moment and others can take part in it from other machines:
 *
 *     <dir>/trials/0007/result.json     the line of `wordspot train --json`: the trial has ended.
 *                                       In successive halving result-1.json, result-2.json, ...,
 *                                       one for each rung
 *     <dir>/trials/0007/log.txt         what `wordspot train` printed
 *     <dir>/trials/0007/claim           locked by whoever is at work on the trial, and by the
 *                                       training process; the lock ends with them
 *     <dir>/trials/0007/checkpoints/    its --train_dir
 *     <dir>/logs/trial-0007/            its event files; in <dir>/logs itself stands one that is
 *                                       about all trials
 */
#ifndef WS_SWEEP_TRIAL_H
#define WS_SWEEP_TRIAL_H

#include <stdbool.h>

#include "sweep/plan.h"

typedef enum ws_sweep_state {
    WS_SWEEP_OPEN,   /* not begun, under way, or stopped on the way */
    WS_SWEEP_DONE,   /* it has trained as far as it should */
    WS_SWEEP_FAILED, /* it could not; it is not tried again by itself */
} ws_sweep_state;

/** Name of a state: open, done, failed. */
const char *ws_sweep_state_name(ws_sweep_state state);

/** What became of a trial. */
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
 * Reads what became of a trial in a rung. A result that is not understood counts as a failure that
 * says so: it costs that trial only.
 *
 * @return WS_OK, also if there is none: then the trial is open; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_trial_read(const char *dir, const ws_sweep_plan *plan,
                                            size_t trial, size_t rung, ws_sweep_result *result,
                                            ws_error *err);

/** Writes that a trial has failed, for one that could not do so itself. */
WS_MUST_CHECK ws_status ws_sweep_trial_write_failure(const char *dir, const ws_sweep_plan *plan,
                                                     size_t trial, size_t rung, const char *why,
                                                     ws_error *err);

/**
 * Claims a trial: no other process, on this or another machine, can meanwhile. The directory is
 * made.
 *
 * @param claim  set to a descriptor to close() and to hand on to the training process: the claim
 *               ends when all who have it are gone. -1 if another process has the trial
 * @return WS_OK; WS_EIO if the file system has no locks, or cannot be written; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_trial_claim(const char *dir, size_t trial, int *claim,
                                             ws_error *err);

/** How far a trial is that trains now, from the end of its log. */
typedef struct ws_sweep_progress {
    int64_t step;          /* 0: none seen */
    double batch_accuracy; /* of that step, percent */
    double validation;     /* accuracy, the last one seen, percent; NaN: none */
} ws_sweep_progress;

/** @param text  the end of a log */
ws_sweep_progress ws_sweep_progress_find(const char *text);
/** The same, of the log of a trial; nothing is known of one without. */
ws_sweep_progress ws_sweep_progress_read(const char *dir, size_t trial);

#endif
