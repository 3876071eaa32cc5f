/**
 * Writes which words are heard in a stream, whether each is right, and the statistics, in the lines
 * of the original's Python tool `test_streaming_accuracy`:
 *
 *     6990ms _unknown_:0.713002260774374(Correct)
 *     33.3% matched, 33.3% correct, 0.0% wrong, 0.0% false positive
 */
#ifndef WS_RECOGNIZE_STREAM_REPORT_H
#define WS_RECOGNIZE_STREAM_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "metrics/stream_score.h"
#include "recognize/smoother.h"

typedef struct ws_stream_report_options {
    ws_smoother_options smoother;
    const char *const *labels;    /* [smoother.n_labels] borrowed, as are all pointers here */
    const ws_stream_truth *truth; /* the words that are really spoken */
    int64_t tolerance_ms;
    bool is_verbose; /* writes each word, not only the statistics at the end */
    FILE *out;       /* the caller flushes it and checks for errors */
} ws_stream_report_options;

typedef struct ws_stream_report ws_stream_report;

/** @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_stream_report_create(const ws_stream_report_options *options,
                                                ws_stream_report **report, ws_error *err);

/** NULL is fine. */
void ws_stream_report_destroy(ws_stream_report *report);

/**
 * Takes the scores of the next window.
 *
 * @param scores   [n_labels]
 * @param time_ms  start of the window; never earlier than that of the window before
 * @param is_heard set to whether a word was heard; silence does not count
 * @return WS_OK; WS_ENOMEM; WS_EINVAL for a time that is earlier than the one before
 */
WS_MUST_CHECK ws_status ws_stream_report_push(ws_stream_report *report, const float *scores,
                                              int64_t time_ms, bool *is_heard, ws_error *err);

/** Writes the statistics of the whole stream. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_stream_report_finish(const ws_stream_report *report, ws_error *err);

#endif
