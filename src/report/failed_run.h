/** The row of the HParams page of a run that has failed without a chance to say so itself: its
 *  process was killed, or ended before the run had any event files. */
#ifndef WS_REPORT_FAILED_RUN_H
#define WS_REPORT_FAILED_RUN_H

#include "report/report.h"

typedef struct ws_failed_run {
    const char *summaries_dir, *run_name;
    const char *views;                 /* as in ws_report_options */
    const ws_report_setting *settings; /* [n_settings] */
    size_t n_settings;
    ws_index_options clips; /* its clips decide on the row that it belongs to */
} ws_failed_run;

/**
 * Adds to the run's folder what is not there yet: its settings, that it is unfinished, and a
 * failure as its end; nothing to a run that has an end. The folder is made. A process that goes on
 * with the run replaces this, as all that is said of its end. Nobody else may write there
 * meanwhile. A run whose clips cannot be found, which may be why it failed, gets a row of its own.
 *
 * @return WS_OK, also where views have no HParams page; WS_EUSAGE for wrong views; WS_EIO,
 * WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_failed_run_mark(const ws_failed_run *run, ws_error *err);

#endif
