/**
 * Where the time of training steps goes: the last few steps are remembered, and the one of median
 * duration is told. It is a step as it was, so that its parts sum to its whole; and a median, so
 * that it is none that another program has held up.
 */
#ifndef WS_REPORT_STEP_TIMES_H
#define WS_REPORT_STEP_TIMES_H

#include "nn/plan.h"
#include "report/report.h"

enum { WS_STEP_TIMES_MAX = 9 }; /* steps */

/** A step; all in seconds. */
typedef struct ws_step_time {
    double total; /* all others are parts of it */
    double input, update;
    double forward[WS_PLAN_MAX_STAGES], backward[WS_PLAN_MAX_STAGES];
} ws_step_time;

/** Plain memory; all zeros is empty. */
typedef struct ws_step_times {
    ws_step_time steps[WS_STEP_TIMES_MAX];
    size_t n_pushed;                             /* since the beginning */
    ws_phase_time phases[WS_NETWORK_MAX_PHASES]; /* room */
} ws_step_times;

/** Takes note of a step that the network has just made; of none that has no phases (that is, with
 *  the reference engine). */
void ws_step_times_push(ws_step_times *times, const ws_network *network,
                        const ws_report_step *step);

/** The median of those remembered; NULL: there are none. Valid until the next push. */
const ws_step_time *ws_step_times_get_median(const ws_step_times *times);

#endif
