/**
 * The learning rate over a run: phases with a length and a rate each, as given by
 * --how_many_training_steps=15000,3000 --learning_rate=0.001,0.0001; or one phase along which the
 * rate falls. It may rise at first.
 */
#ifndef WS_OPTIM_SCHEDULE_H
#define WS_OPTIM_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { WS_SCHEDULE_MAX_PHASES = 64 };

/** How the rate changes after the warm-up: a row of the table in schedule.c. */
typedef struct ws_schedule_kind {
    const char *name;  /* the value of --schedule */
    bool has_one_rate; /* there is one phase, and one rate that falls from its start on */
    /** The share of the rate where `done` of the steps after the warm-up are made, 0 <= done < 1.
     *  Above 0. */
    double (*share)(double done);
} ws_schedule_kind;

/** The texts are borrowed for the call. */
typedef struct ws_schedule_options {
    const char *kind;   /* "steps", "cosine" or "linear" */
    const char *steps;  /* comma list of whole numbers from 0: the lengths of phases */
    const char *epochs; /* comma list of numbers above 0 that replaces steps; "": it does not */
    const char *rates;  /* comma list of numbers above 0, of the same length */
    double warmup;      /* steps over which the rate rises; below 1: this share of all; 0: none */
} ws_schedule_options;

typedef struct ws_schedule {
    const ws_schedule_kind *kind;
    size_t n_phases;
    double last_epoch[WS_SCHEDULE_MAX_PHASES]; /* of each phase; 0 where steps are given */
    int64_t last_step[WS_SCHEDULE_MAX_PHASES]; /* of each phase, counted from the run's step 1; 0
                                                  until epochs have become steps */
    double rate[WS_SCHEDULE_MAX_PHASES];
    double warmup;          /* as given */
    int64_t n_warmup_steps; /* below the number of steps */
} ws_schedule;

/**
 * Reads the options.
 *
 * @return WS_OK, or WS_EUSAGE with err naming the flag, the bad part and what was expected
 */
WS_MUST_CHECK ws_status ws_schedule_init(ws_schedule *schedule, const ws_schedule_options *options,
                                         ws_error *err);

/** Whether phases are given in epochs. */
bool ws_schedule_is_in_epochs(const ws_schedule *schedule);

/** The number of epochs of all phases; 0 where steps are given. */
double ws_schedule_n_epochs(const ws_schedule *schedule);

/**
 * Makes epochs into steps; nothing happens where steps are given. A phase ends with the step that
 * completes its last epoch.
 *
 * @param n_clips     of an epoch, at least 1
 * @param batch_size  clips of a step, at least 1
 * @return WS_OK; WS_EUSAGE if these are too many steps, or fewer than those of the warm-up
 */
WS_MUST_CHECK ws_status ws_schedule_set_epoch(ws_schedule *schedule, size_t n_clips,
                                              size_t batch_size, ws_error *err);

/** The number of the last step of all, below 2^32; 0 before epochs have become steps. */
int64_t ws_schedule_last_step(const ws_schedule *schedule);

/**
 * The rate of a step, 1 to the last. Over the warm-up it rises in equal steps to the full one,
 * which the last of these steps and the next one have; then it is the rate of the phase that
 * contains the step, or what the kind makes of it.
 */
double ws_schedule_rate(const ws_schedule *schedule, int64_t step);

#endif
