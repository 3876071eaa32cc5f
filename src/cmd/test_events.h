/** What `wordspot test --summaries_dir` shows in TensorBoard: a run of its own with one point. */
#ifndef WS_CMD_TEST_EVENTS_H
#define WS_CMD_TEST_EVENTS_H

#include "base/log.h"
#include "base/status.h"
#include "base/text.h"
#include "recognize/exam.h"

/** All is borrowed. */
typedef struct ws_test_run {
    const char *summaries_dir;
    const char *run_name; /* "": test-1, or the first number that is free */
    const ws_exam *exam;
    const ws_text_list *labels;
    const ws_log *log; /* gets a line with the folder, and a warning if it cannot be written */
} ws_test_run;

/**
 * Writes the event file, <summaries_dir>/<run_name>/test, with step 0: accuracy, cross entropy,
 * recall and precision of each label, and pictures of the confusion matrix.
 *
 * @return WS_OK; WS_EUSAGE for a wrong name; WS_EEXISTS if there is such a run; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_test_events_write(const ws_test_run *run, ws_error *err);

#endif
