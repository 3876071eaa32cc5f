/** The row of the HParams page of a run that has failed without a chance to say so itself: its
 *  process was killed, or ended before the run had any event files. */
#ifndef WS_REPORT_FAILED_RUN_H
#define WS_REPORT_FAILED_RUN_H

#include "report/report.h"

typedef struct ws_failed_run {
    const char *summaries_dir, *run_name;
    const char *views;          /* as in ws_report_options */
    const ws_setting *settings; /* [n_settings] */
    size_t n_settings;
    /** [WS_N_REPORT_PLACES] clips of each set, which decide on the row that the run belongs to;
     *  NULL: not known, then the run gets a row of its own. */
    const size_t *n_clips;
} ws_failed_run;

/**
 * Adds to the run's folder what is not there yet: its settings, that it is unfinished, and a
 * failure as its end; nothing to a run that has an end. The folder is made. A process that
 * resumes the run replaces this, and everything else that is said of its end. Nobody else may
 * write there meanwhile.
 *
 * @return WS_OK, also where views have no HParams page; WS_EUSAGE for wrong views; WS_EIO,
 * WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_failed_run_mark(const ws_failed_run *run, ws_error *err);

#endif
