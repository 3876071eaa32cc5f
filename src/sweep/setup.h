/** Makes the plan of a sweep, from a user's request or from the directory of a sweep. Every value
 * of a trial is checked in the same way as in `wordspot train`. */
#ifndef WS_SWEEP_SETUP_H
#define WS_SWEEP_SETUP_H

#include "base/lookup.h"
#include "settings/train_flags.h"
#include "sweep/board.h"
#include "sweep/worker.h"

/** A user's request. Everything is borrowed for the job's lifetime. */
typedef struct ws_sweep_request {
    const char *dir;
    const char *program; /* how wordspot was called */
    ws_flags *train;     /* of ws_train_flags: those of all trials. A sweep that continues takes
                            them from its directory */
    bool is_new;         /* the members below define a sweep; otherwise the directory does */
    const char *const *params; /* [n_params] each as param.h says */
    size_t n_params;
    const char *params_file; /* with more of them; "": none */
    const char *search;      /* name */
    const char *seeds;       /* how many, or a comma list */
    const char *rank_by;     /* name; for a sweep that continues too */
    int64_t n_settings, search_seed, reduction;
    /* which of them the user chose; others are defaults */
    bool has_n_settings, has_reduction, has_rank_by;
} ws_sweep_request;

typedef struct ws_sweep_job {
    ws_text_list lines; /* the definition */
    ws_sweep_param params[WS_SWEEP_MAX_PARAMS];
    size_t n_params;
    ws_sweep_plan plan;
    ws_sweep_metric metric;
    bool *left_out;       /* of the setup; owned */
    ws_sweep_setup setup; /* borrows from the others and from the request */
} ws_sweep_job;

/**
 * Makes the plan.
 *
 * @param job  overwritten; ws_sweep_job_deinit() it, also after a failure
 * @return WS_OK; WS_EUSAGE naming the flag; WS_EFORMAT, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_job_init(ws_sweep_job *job, const ws_sweep_request *request,
                                          ws_error *err);
void ws_sweep_job_deinit(ws_sweep_job *job);

/** The options of the trials of a setting; borrows from the job. */
WS_MUST_CHECK ws_status ws_sweep_job_get_options(const ws_sweep_job *job, size_t setting,
                                                 ws_train_options *options, ws_error *err);

/** Finds the name that is the value of a flag, like ws_lookup. @return WS_OK or WS_EUSAGE */
WS_MUST_CHECK ws_status ws_sweep_name_find(const char *flag, const char *name, ws_name_at name_at,
                                           size_t n, size_t *index, ws_error *err);

#endif
