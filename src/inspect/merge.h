/** Runs that differ only in their seed as new runs: mean, spread, least and largest. */
#ifndef WS_INSPECT_MERGE_H
#define WS_INSPECT_MERGE_H

#include "inspect/diff.h"

/** What came of it. */
typedef struct ws_event_merged {
    size_t n_curves; /* curves that were merged: tags of the runs below the sides */
    uint64_t n_points;
    uint64_t n_points_alone; /* steps of a curve that some side has and another one does not */
    size_t n_curves_alone;   /* curves that only one side has */
} ws_event_merged;

/**
 * Writes the runs <output>/mean, spread, least and largest, each with the runs that the sides have
 * below them (train, validation). A curve is merged if two sides or more have it, at the steps that
 * all of these have. The spread is the standard deviation of a sample (divided by n - 1). Where a
 * value is not finite, all four are NaN. Wall times are those of the first side that has the curve.
 *
 * @param pattern  which tags, of ws_event_tag_matches()
 * @param has_spread  whether that run is written, too
 * @param output   directory; a run in it that has event files already is WS_EEXISTS
 * @param merged   set
 * @return WS_OK; WS_ENOTFOUND: no curve is in two sides; WS_EEXISTS, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_merge(const ws_event_side *sides, size_t n_sides,
                                       const char *pattern, bool has_spread, const char *output,
                                       ws_event_merged *merged, ws_error *err);

#endif
