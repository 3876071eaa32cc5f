/**
 * A whole training run: data set and network are set up, steps follow each other with evaluations
 * and checkpoints in between, the test set comes last.
 */
#ifndef WS_TRAIN_TRAINER_H
#define WS_TRAIN_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "cluster/ranks.h"
#include "settings/train_options.h"

/** How far a run is, for a live display. */
typedef struct ws_train_progress {
    const char *activity;  /* "training", "validation" or "test", or what ws_fetch_watch says */
    int64_t n_done, n_all; /* steps of the whole run, clips of an evaluation, or bytes; n_all is 0
                              while that is unknown */
    bool is_in_bytes;
    /* of training, where its length is given in epochs: the one under way, from 1, of how many; 0
     * otherwise */
    double epoch, n_epochs;
    double per_second;   /* of those, lately; 0 while unknown */
    double seconds_left; /* of the activity; below 0 while unknown */
} ws_train_progress;

/** How a run talks to whoever started it; calls come from the thread that called ws_train_run. */
typedef struct ws_train_hooks {
    const ws_log *log; /* borrowed */
    void *user;        /* handed to the functions below */
    /** After every step and batch of an evaluation; may be NULL. */
    void (*show_progress)(void *user, const ws_train_progress *progress);
    /** True once the run shall end after the step that it is in. */
    bool (*stop_wanted)(void *user);
    const char *command_line; /* that started the run, borrowed */
    const char *program;      /* its version and the machine, for people; borrowed; may be NULL */
    /** Processes that train together, borrowed; NULL: this one is alone. All of them call
     *  ws_train_run with the same options, and all end with the same status; rank 0 alone writes
     *  files and calls show_progress. */
    ws_ranks *ranks;
} ws_train_hooks;

/** What one evaluation came to. */
typedef struct ws_train_figures {
    int64_t step;
    double accuracy;      /* 0 to 1 */
    double cross_entropy; /* mean over the clips; NaN where only the accuracy is known any more */
    uint64_t n_clips;     /* 0: there was no such evaluation, or no clips for it */
} ws_train_figures;

/** How a run ended. In case of failure it holds what was known by then. */
typedef struct ws_train_result {
    bool stopped;    /* before the run's end: by the hooks, or at options->stop_after_step */
    bool is_plateau; /* it ended, as it should, because of options->stop_after_plateau */
    int64_t step;    /* the last one that was made; 0 if none */
    /* of that step (the newest one before it, if the run failed), as for --start_checkpoint;
     * owned; NULL: none saved */
    char *checkpoint;
    char *run_name; /* owned; NULL if it has not got one yet */
    /* on validation, also before an interruption; n_clips of that best one is 1 */
    ws_train_figures best, last;
    ws_train_figures test; /* if not stopped */
} ws_train_result;

/**
 * Checks all that ws_train_run checks before it looks for data.
 *
 * @return WS_OK; WS_EUSAGE naming the flag and what was expected; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_train_check(const ws_train_options *options, ws_error *err);

/** How a run begins. */
typedef enum ws_train_start {
    /* a new run; with options->start_checkpoint it continues that one's steps */
    WS_TRAIN_NEW,
    /* options->start_checkpoint is of the run options->run_name, which continues */
    WS_TRAIN_RESUMED,
    /* a new run from step 1, with those weights of options->start_checkpoint that fit (transfer.h)
     */
    WS_TRAIN_TRANSFER,
} ws_train_start;

/**
 * Trains.
 *
 * Everything that options say is checked before any data is downloaded or read. Log lines are the
 * original's. A checkpoint or an event that cannot be written is logged as a warning and training
 * continues; if the last checkpoint could not be written, that is the run's error.
 *
 * @param start    a new run must not meet another one of its name
 * @param result   overwritten, in case of failure too; ws_train_result_deinit() it
 * @return WS_OK, also when stopped; WS_EUSAGE for a wrong option; WS_ENUMERIC if the loss is not
 *         finite; what the files and the data set say
 */
WS_MUST_CHECK ws_status ws_train_run(const ws_train_options *options, ws_train_start start,
                                     const ws_train_hooks *hooks, ws_train_result *result,
                                     ws_error *err);

void ws_train_result_deinit(ws_train_result *result);

#endif
