/**
 * Runs the trials of a sweep, so many at a time. Any number of processes may do this with one
 * directory, on machines that share it: each takes trials that nobody has.
 */
#ifndef WS_SWEEP_RUN_H
#define WS_SWEEP_RUN_H

#include "sweep/board.h"
#include "sweep/worker.h"

enum { WS_SWEEP_MAX_JOBS = 256 };

typedef enum ws_sweep_event_kind {
    WS_SWEEP_EVENT_START, /* a trial begins, or goes on from a checkpoint */
    WS_SWEEP_EVENT_END,   /* one has ended: done, failed, or still open (stopped) */
    WS_SWEEP_EVENT_RUNG,  /* the next rung begins: board->rung */
    WS_SWEEP_EVENT_WAIT,  /* all that is left is taken by other processes */
    WS_SWEEP_EVENT_STOP,  /* the trials under way were asked to stop */
} ws_sweep_event_kind;

typedef struct ws_sweep_event {
    ws_sweep_event_kind kind;
    const ws_sweep_worker *worker; /* of START and END, else NULL */
    const ws_sweep_result *result; /* of END, else NULL */
} ws_sweep_event;

typedef struct ws_sweep_run_options {
    ws_sweep_setup setup;
    size_t n_jobs;    /* at a time, 1 to WS_SWEEP_MAX_JOBS */
    size_t n_threads; /* shared among them, at least 1 each */
    void *user;       /* handed to the functions below */
    /** Something happened. */
    void (*show_event)(void *user, const ws_sweep_event *event);
    /** A few times a second. @param workers  [n_jobs] those without a process are idle */
    void (*show_workers)(void *user, const ws_sweep_worker *workers, size_t n_jobs);
    /** True once trials shall be stopped and ws_sweep_run return. */
    bool (*stop_wanted)(void *user);
} ws_sweep_run_options;

/**
 * Runs all trials that are not finished, rung after rung.
 *
 * After it the board says how far the sweep is: board->rung is n_rungs if it is finished. It is not
 * if a stop was wanted, or if somebody else has stopped a trial.
 *
 * @param board  of the same plan; kept up to date
 * @return WS_OK; WS_EIO or WS_ENOMEM if trials cannot be started, or their results not be kept; the
 *         trials under way are stopped then
 */
WS_MUST_CHECK ws_status ws_sweep_run(const ws_sweep_run_options *options, ws_sweep_board *board,
                                     ws_error *err);

/**
 * Runs one job of the plan, as Slurm or GNU parallel count them: the jobs of the first rung, then
 * those of the next, of which it is the n-th setting's turn that came so far.
 *
 * @param how     set to whether there was anything to do
 * @param result  set to what became of it; if TAKEN, it is open
 * @return WS_OK; WS_EUSAGE if there is no such job, or its turn has not come; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_run_one(const ws_sweep_run_options *options,
                                         const ws_sweep_board *board, size_t job,
                                         ws_sweep_start *how, ws_sweep_result *result,
                                         ws_error *err);

/** Takes back the results of trials that failed, so that they are tried again. */
WS_MUST_CHECK ws_status ws_sweep_forget_failures(const char *dir, const ws_sweep_plan *plan,
                                                 ws_error *err);

#endif
