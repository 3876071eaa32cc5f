/** Prints what a check of event files finds. */
#ifndef WS_CMD_EVENTS_REPORT_H
#define WS_CMD_EVENTS_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "inspect/check.h"

/** All zeros but for the first fields, which are the caller's. */
typedef struct ws_events_report {
    uint64_t most;   /* findings of one rule to be shown for a file; 0: all */
    bool for_script; /* a line each, with tabs, and no sentence on loaders */
    bool hides_warnings;

    const char *path;               /* of the last finding */
    bool is_quiet;                  /* nothing of that file was shown */
    uint64_t n_of_rule[WS_N_RULES]; /* in that file */
    uint64_t n_defects, n_warnings;
} ws_events_report;

/** Takes a finding; of the form of ws_event_check_hooks. @param user  the report */
void ws_events_report_push(void *user, const ws_event_finding *finding);

/** After the last finding of a file or a run: says how many were not shown. */
void ws_events_report_end_file(ws_events_report *report);

#endif
