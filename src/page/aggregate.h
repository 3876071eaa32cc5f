/** Runs that a sweep has worked out of its trials. Private to page. */
#ifndef WS_PAGE_AGGREGATE_H
#define WS_PAGE_AGGREGATE_H

#include <stdbool.h>

/** Whether a folder is what a sweep has worked out of several trials: SWEEP/aggregate/NAME/mean,
 *  least or largest, or a part of it. Shown beside the trials, the largest values of all seeds would
 *  be the best run. @param name  of a run in the directory that was given */
bool ws_page_is_aggregate(const char *name);

#endif
