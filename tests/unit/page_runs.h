/* Runs in event files, and what a report reads of them. A failure is one of the test. */
#ifndef WS_TESTS_PAGE_RUNS_H
#define WS_TESTS_PAGE_RUNS_H

#include "page/summary.h"
#include "tbevents/tbevents.h"

/** A writer of a part of a run. @param part  "": the run's own folder */
tbe_writer *page_runs_open(const char *run, const char *part);
void page_runs_close(tbe_writer *writer);

/** A run of 1,000 steps whose training accuracy is `level` + step / 2,000, and whose test accuracy
 * is `level`. */
void page_runs_make(const char *name, const char *group, const char *rate, double level);

/** Says in a file of its own how a run ended. */
void page_runs_end(const char *name, tbe_session_end end);

typedef struct page_reading {
    ws_event_runs found;
    ws_page_runs runs;
    ws_page_summary summary;
} page_reading;

/** Reads all runs of the test, or those of a path. @param r  set; for page_reading_deinit() */
void page_reading_init(page_reading *r);
void page_reading_init_path(page_reading *r, const char *path);
void page_reading_deinit(page_reading *r);

#endif
