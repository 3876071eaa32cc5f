/**
 * Which trials a sweep is made of: settings (one value for each parameter) times seeds, numbered so
 * that the seeds of a setting follow each other. The same texts always give the same plan, on any
 * machine.
 *
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and
 * Hyperparameter Optimization", AISTATS 2016) works in rungs: all settings train a part of their
 * steps, the better ones train more, and only the best train all. Other searches have one rung.
 */
#ifndef WS_SWEEP_PLAN_H
#define WS_SWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sweep/param.h"

enum { WS_SWEEP_MAX_TRIALS = 10000, WS_SWEEP_MAX_RUNGS = 16, WS_SWEEP_MAX_PARAMS = 32 };

typedef enum ws_sweep_search {
    WS_SWEEP_GRID,          /* every combination of values */
    WS_SWEEP_ONE_AT_A_TIME, /* all first values, then each other value among first values */
    WS_SWEEP_RANDOM,        /* n_settings combinations, drawn */
    WS_SWEEP_HALVING,       /* the same, most of which are given up early */
    WS_SWEEP_N_SEARCHES,
} ws_sweep_search;

/** Name of a search: grid, one_at_a_time, random, halving. */
const char *ws_sweep_search_name(size_t search);
/** Whether a search draws settings; the other ones try all that they have. */
bool ws_sweep_search_draws(size_t search);

typedef struct ws_sweep_plan_options {
    ws_sweep_search search;
    const ws_sweep_param *params; /* [n_params] read; borrowed as long as the plan */
    size_t n_params;
    const int64_t *seeds; /* [n_seeds] copied */
    size_t n_seeds;       /* at least 1 */
    /* of random and halving: */
    size_t n_settings;    /* to draw; if there are fewer, all are used */
    uint64_t search_seed; /* of the draws */
    size_t reduction;     /* of halving: 1 in `reduction` settings survives a rung; at least 2 */
} ws_sweep_plan_options;

typedef struct ws_sweep_plan {
    ws_sweep_search search;
    const ws_sweep_param *params; /* [n_params] */
    size_t n_params;
    int64_t *seeds; /* [n_seeds] owned */
    size_t n_seeds;
    size_t n_settings;
    ws_text_list values; /* [n_settings, n_params] */
    int64_t *n_steps;    /* [n_settings] of a whole run, owned; the caller sets them */
    size_t reduction;
    size_t n_rungs;
    size_t n_in_rung[WS_SWEEP_MAX_RUNGS]; /* settings */
} ws_sweep_plan;

/**
 * Makes a plan.
 *
 * @param plan  overwritten; ws_sweep_plan_deinit() it, after a failure too
 * @return WS_OK; WS_EUSAGE if a search that does not draw has a range without a number of values,
 *         or if there are too many trials; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_plan_init(ws_sweep_plan *plan,
                                           const ws_sweep_plan_options *options, ws_error *err);
void ws_sweep_plan_deinit(ws_sweep_plan *plan);

size_t ws_sweep_plan_get_n_trials(const ws_sweep_plan *plan);
/** The trials of all rungs together: the number of jobs for Slurm and GNU parallel. */
size_t ws_sweep_plan_get_n_jobs(const ws_sweep_plan *plan);

const char *ws_sweep_plan_get_value(const ws_sweep_plan *plan, size_t setting, size_t param);

/** The step after which a trial ends in a rung; 0 in the last rung, which trains all steps. */
int64_t ws_sweep_plan_get_stop_step(const ws_sweep_plan *plan, size_t setting, size_t rung);

#endif
