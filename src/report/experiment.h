/**
 * What TensorBoard's HParams page needs to know of a set of runs as a whole, its "experiment": the
 * settings that the runs differ in become its columns, and after them the figures of a run
 * (hparams_file.h). So it shows what matters at once, and not the first five of all settings.
 */
#ifndef WS_REPORT_EXPERIMENT_H
#define WS_REPORT_EXPERIMENT_H

#include "report/report.h"

/** All zeros is one without runs. */
typedef struct ws_experiment {
    struct ws_experiment_column *columns; /* [n_columns] owned */
    size_t n_columns;
} ws_experiment;

void ws_experiment_deinit(ws_experiment *experiment);

/**
 * Takes a run in, unless its views have no HParams page.
 *
 * @param views     as in ws_report_options
 * @param settings  [n_settings] those that may differ, of the same names in all runs; copied
 * @return WS_OK; WS_EUSAGE for wrong views; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_experiment_push(ws_experiment *experiment, const char *views,
                                           const ws_setting *settings, size_t n_settings,
                                           ws_error *err);

/**
 * Writes the experiment into the folder above those of the runs, under a fixed name and in one
 * step: there is never more than one, nor half of one. Where there is one, or where the runs differ
 * in nothing that the page shows, nothing is written.
 *
 * @return WS_OK; WS_EIO; WS_EEXISTS if a file is in the way of the folder; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_experiment_write(const ws_experiment *experiment,
                                            const char *summaries_dir, ws_error *err);

/** Whether there is one. */
bool ws_experiment_exists(const char *summaries_dir);

#endif
