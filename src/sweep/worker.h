/**
 * Runs one trial: claims it, starts `wordspot train` with its flags (from its newest checkpoint, if
 * it has one), and makes sure that there is a result afterwards.
 */
#ifndef WS_SWEEP_WORKER_H
#define WS_SWEEP_WORKER_H

#include "settings/train_flags.h"
#include "sweep/process.h"
#include "sweep/trial.h"

/** What all trials have in common; everything is borrowed. */
typedef struct ws_sweep_setup {
    const char *dir;
    const char *program; /* how wordspot was called */
    const ws_sweep_plan *plan;
    const ws_flags *train; /* of ws_train_flags: those of each trial, if given */
    size_t n_ranks;        /* processes of each trial that train together; 0 or 1: one */
    const bool *left_out;  /* [n_settings][n_flags of ws_train_flags] given flags that nothing reads
                              in a setting: its trials do not get them; NULL: none */
} ws_sweep_setup;

typedef struct ws_sweep_worker {
    const ws_sweep_setup *setup;
    size_t trial, rung;
    ws_sweep_process process; /* pid 0: idle */
    int claim;                /* -1: none */
    double start;             /* monotonic seconds */
    bool is_resumed;          /* from a checkpoint */
} ws_sweep_worker;

typedef enum ws_sweep_start {
    WS_SWEEP_STARTED,
    WS_SWEEP_TAKEN, /* another process has the trial */
    WS_SWEEP_ENDED, /* it got a result after we last looked */
} ws_sweep_start;

/**
 * Starts a trial, unless there is nothing to do.
 *
 * @param worker     idle; overwritten
 * @param n_threads  for --threads, if neither flags nor setting give it; 0: train's default
 * @param how        set to what happened
 * @return WS_OK; WS_EIO, WS_ENOMEM if it could not be started for a reason that is not the trial's
 */
WS_MUST_CHECK ws_status ws_sweep_worker_start(ws_sweep_worker *worker, const ws_sweep_setup *setup,
                                              size_t trial, size_t rung, size_t n_threads,
                                              ws_sweep_start *how, ws_error *err);

/**
 * After the process has ended: releases the trial and reads its result. A process that
 * ended without any result has failed, unless it was asked to stop.
 *
 * @param is_stopped  it was asked to
 */
WS_MUST_CHECK ws_status ws_sweep_worker_end(ws_sweep_worker *worker, bool is_stopped,
                                            ws_sweep_result *result, ws_error *err);

/** The flags of a trial as `wordspot train` takes them, without those that say where its files go:
 *  its settings and, unless seed is below 0, the seed. Appended as name=value. */
WS_MUST_CHECK ws_status ws_sweep_setup_push_flags(const ws_sweep_setup *setup, size_t setting,
                                                  int64_t seed, ws_text_list *flags);

#endif
