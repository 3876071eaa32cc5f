/**
 * A sweep as a shell script that runs its jobs on many machines: with Slurm's job arrays or with
 * GNU parallel. A job is `wordspot sweep --dir=DIR --run_trial=N`; the machines share
 * only the directory.
 */
#ifndef WS_SWEEP_EMIT_H
#define WS_SWEEP_EMIT_H

#include "base/buf.h"
#include "sweep/worker.h"

typedef enum ws_sweep_script {
    WS_SWEEP_SLURM,
    WS_SWEEP_PARALLEL,
    WS_SWEEP_N_SCRIPTS,
} ws_sweep_script;

/** Name of a kind of script: slurm, parallel. */
const char *ws_sweep_script_name(size_t script);

typedef struct ws_sweep_emit_options {
    ws_sweep_script script;
    const ws_sweep_setup *setup;
    size_t n_jobs; /* at a time; 0: as many as there is room for */
} ws_sweep_emit_options;

/** Pushes the script. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_sweep_emit(const ws_sweep_emit_options *options, ws_buf *text,
                                      ws_error *err);

#endif
