/** How far the event files of a run go. */
#ifndef WS_REPORT_LAST_STEP_H
#define WS_REPORT_LAST_STEP_H

#include <stdint.h>

/**
 * The last training step that TensorBoard shows of a run. A later session replaces what earlier
 * files have from its first step on, so a run that was resumed from an older checkpoint ends where
 * that session ends. Damaged records are skipped.
 *
 * @param summaries_dir, run_name  the files are in <summaries_dir>/<run_name>/train
 * @return the step; 0 if there are no event files, or none that can be read
 */
int64_t ws_report_find_last_step(const char *summaries_dir, const char *run_name);

#endif
