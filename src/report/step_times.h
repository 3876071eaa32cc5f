/**
 * Where the time of training steps goes: the last few steps are remembered, and the one of median
 * duration is told. It is a step as it was, so that its parts sum to the whole; and the median, so
 * that it is not one that another program has held up.
 */
#ifndef WS_REPORT_STEP_TIMES_H
#define WS_REPORT_STEP_TIMES_H

#include <stddef.h>

#include "base/status.h"

enum { WS_STEP_TIMES_MAX = 9 }; /* steps */

typedef struct ws_step_times {
    size_t n_parts;                   /* of a step */
    double totals[WS_STEP_TIMES_MAX]; /* seconds of each step */
    double *parts;                    /* [WS_STEP_TIMES_MAX, n_parts] seconds; owned */
    size_t n_pushed;                  /* since the beginning */
} ws_step_times;

/** @return WS_OK or WS_ENOMEM; then there is nothing to deinit */
WS_MUST_CHECK ws_status ws_step_times_init(ws_step_times *times, size_t n_parts, ws_error *err);
/** All zeros is fine. */
void ws_step_times_deinit(ws_step_times *times);

/** Remembers a step. @param parts  [n_parts] seconds, which sum to total; copied */
void ws_step_times_push(ws_step_times *times, double total, const double *parts);

/** The parts of the median of those remembered, [n_parts]; NULL if no step is. Valid until the
 *  next push. */
const double *ws_step_times_get_median(const ws_step_times *times);

#endif
