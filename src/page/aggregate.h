/** Runs that a sweep has worked out of its trials. Private to page. */
#ifndef WS_PAGE_AGGREGATE_H
#define WS_PAGE_AGGREGATE_H

#include <stdbool.h>

/** Whether a folder is what a sweep has worked out of several trials: SWEEP/aggregate/NAME/mean,
 *  least or largest, or a part of it. Beside the trials it would be no run of its own, and the
 *  largest of all seeds the best one. @param name  of a run in the directory that was given */
bool ws_page_is_aggregate(const char *name);

#endif
