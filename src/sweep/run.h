/**
 * Runs the trials of a sweep, n_jobs at a time. Any number of processes may share one directory,
 * also on several machines: each takes trials that no other process is running.
 */
#ifndef WS_SWEEP_RUN_H
#define WS_SWEEP_RUN_H

#include "sweep/board.h"
#include "sweep/worker.h"

enum { WS_SWEEP_MAX_JOBS = 256 };

typedef enum ws_sweep_event_kind {
    WS_SWEEP_EVENT_START, /* a trial begins, or resumes from a checkpoint */
    WS_SWEEP_EVENT_END,   /* one has ended: done, failed, or still open (stopped) */
    WS_SWEEP_EVENT_RUNG,  /* the next rung begins: board->rung */
    WS_SWEEP_EVENT_WAIT,  /* all open trials are running in other processes */
    WS_SWEEP_EVENT_STOP,  /* the running trials were asked to stop */
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
    /** True once trials must stop and ws_sweep_run must return. */
    bool (*stop_wanted)(void *user);
} ws_sweep_run_options;

/**
 * Runs all trials that are not finished, rung after rung.
 *
 * After it the board says how far the sweep is: board->rung is n_rungs if it is finished. It is
 * unfinished after a stop, or if a trial was stopped from outside.
 *
 * @param board  of the same plan; kept up to date
 * @return WS_OK; WS_EIO or WS_ENOMEM if trials cannot be started or their results cannot be saved;
 * running trials are then stopped
 */
WS_MUST_CHECK ws_status ws_sweep_run(const ws_sweep_run_options *options, ws_sweep_board *board,
                                     ws_error *err);

/**
 * Runs one job of the plan, as Slurm or GNU parallel count them: the jobs of the first rung, then
 * those of the next, in the order of the settings that survived.
 *
 * @param how     set to whether there was anything to do
 * @param result  set to its result; if TAKEN, it is open
 * @return WS_OK; WS_EUSAGE if there is no such job, or it must wait for an earlier rung; WS_EIO,
 * WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_run_one(const ws_sweep_run_options *options,
                                         const ws_sweep_board *board, size_t job,
                                         ws_sweep_start *how, ws_sweep_result *result,
                                         ws_error *err);

/** Deletes the results of failed trials, so that they run again. */
WS_MUST_CHECK ws_status ws_sweep_forget_failures(const char *dir, const ws_sweep_plan *plan,
                                                 ws_error *err);

#endif
