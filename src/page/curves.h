/** The curves of all groups, a chart for each tag, with mean and spread over the runs of a group.
 */
#ifndef WS_PAGE_CURVES_H
#define WS_PAGE_CURVES_H

#include "base/buf.h"
#include "page/chart.h"
#include "page/summary.h"

enum { WS_PAGE_MAX_CHARTS = 24, WS_PAGE_MAX_LINES = 8 }; /* groups that charts show */

/** A mean over the runs of a group. All zeros is empty. */
typedef struct ws_page_mean {
    ws_page_point *points; /* [n] owned */
    double *spreads;       /* [n] owned: standard deviation (n - 1); NULL for one run */
    size_t n;
} ws_page_mean;

/**
 * The mean of a curve over runs, at the points of the first run that has it. Between the points of
 * another run lies a straight line; outside of them, that run does not count.
 *
 * @param mean  set; for ws_page_mean_deinit()
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_page_mean_init(ws_page_mean *mean, const ws_page_summary *summary,
                                          const ws_page_group *group, const char *part,
                                          const char *tag);
void ws_page_mean_deinit(ws_page_mean *mean);

/** What a group is called: its run, or its first one with the number of the others. */
void ws_page_push_group_name(ws_buf *buf, const ws_page_summary *summary,
                             const ws_page_group *group);

/** Pushes all charts, the most important first. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_page_push_curves(ws_buf *buf, const ws_page_summary *summary,
                                            ws_error *err);

#endif
