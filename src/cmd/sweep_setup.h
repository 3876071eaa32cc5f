/** From the flags of `wordspot sweep`, or from the directory of one, to its plan: every value that
 *  any trial will have is checked by the flag table of `wordspot train` and by train itself. */
#ifndef WS_CMD_SWEEP_SETUP_H
#define WS_CMD_SWEEP_SETUP_H

#include "cmd/sweep_flags.h"
#include "settings/train_options.h"
#include "sweep/board.h"
#include "sweep/worker.h"

typedef struct ws_sweep_job {
    ws_text_list lines; /* the definition */
    ws_text_list flags; /* name=value, of all trials */
    ws_sweep_param params[WS_SWEEP_MAX_PARAMS];
    size_t n_params;
    ws_sweep_plan plan;
    ws_sweep_metric metric;
    ws_sweep_setup setup; /* borrows from the others */
} ws_sweep_job;

/**
 * Makes the plan.
 *
 * @param job      overwritten; ws_sweep_job_deinit() it, after a failure too
 * @param program  how wordspot was called; borrowed
 * @param flags    those of `wordspot sweep`
 * @return WS_OK; WS_EUSAGE naming the flag; WS_EFORMAT, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_job_init(ws_sweep_job *job, const char *program,
                                          const ws_flags *flags, ws_error *err);
void ws_sweep_job_deinit(ws_sweep_job *job);

/** The options of the trials of a setting. @param flags  overwritten; ws_flags_deinit() it when the
 *  options are no longer used, also after a failure */
WS_MUST_CHECK ws_status ws_sweep_job_get_options(const ws_sweep_job *job, size_t setting,
                                                 ws_flags *flags, ws_train_options *options,
                                                 ws_error *err);

#endif
