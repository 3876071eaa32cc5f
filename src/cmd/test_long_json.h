/**
 * What `test --long --json` writes: one object in one line.
 *
 *     {"cutoff":0.87,"is_extrapolated":true,"target_false_accepts":0.5,"n_last":5,"score_ms":30,
 *      "ways":[{"snr":"clean","hours":5.4,"phrases":97,
 *               "manifest":{"cutoff":0.9,"false_accepts":2,"misses":3},
 *               "points":[{"cutoff":0,"false_accepts":900,"misses":0}, ...]}, ...],
 *      "recordings":[{"file":"...","speaker":"...","snr":"10","phrase":true,"best":0.98,
 *                     "time":2.1}, ...]}
 *
 * "manifest" is at the cutoff of the model's manifest, if it has one. "points" has all 256 cutoffs;
 * "best" is the highest mean of scores, "time" the seconds from the start of what was heard (a
 * phrase has a window and 0.5 s of silence before its file) to it.
 */
#ifndef WS_CMD_TEST_LONG_JSON_H
#define WS_CMD_TEST_LONG_JSON_H

#include "metrics/cutoff.h"
#include "metrics/limits.h"
#include "recognize/long_exam.h"

/** All is borrowed. */
typedef struct ws_test_long_line {
    const ws_long_exam *exam;
    const ws_long_way *ways; /* [n_ways] */
    size_t n_ways;
    const ws_cutoff *cutoff;
    double manifest_cutoff; /* 0: none */
    double target;          /* false accepts an hour */
} ws_test_long_line;

/** @param path  a file, replaced in one step; WS_FLAG_STANDARD_OUTPUT
 *  @return WS_OK; WS_EIO or WS_ENOTFOUND if it cannot be written, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_test_long_json_write(const char *path, const ws_test_long_line *line,
                                                ws_error *err);

#endif
