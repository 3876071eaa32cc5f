/**
 * What `test --json` writes: one object in one line.
 *
 *     {"accuracy":0.881,"n_clips":4890,"n_skipped":0,
 *      "labels":[{"label":"yes","n_clips":419,"recall":0.92,"precision":0.95,
 *                 "heard_as":{"yes":386,"no":3}}, ...],
 *      "mistakes":[{"file":"...","label":"no","heard_as":"go","probability":0.998}, ...]}
 *
 * Shares are 0 to 1, to six decimals; null where there is nothing to divide by. "labels" are in the
 * order of the model's scores; "heard_as" leaves out what was never heard. These names stay; others
 * may be added.
 */
#ifndef WS_CMD_TEST_JSON_H
#define WS_CMD_TEST_JSON_H

#include "base/status.h"
#include "base/text.h"
#include "recognize/exam.h"

/** All is borrowed. */
typedef struct ws_test_line {
    const ws_exam *exam;
    const ws_text_list *labels;
    const ws_exam_clips *clips; /* of the exam */
    const ws_mistake *mistakes; /* [n_mistakes] */
    size_t n_mistakes;
} ws_test_line;

/**
 * Writes it.
 *
 * @param path  a file, replaced in one step; WS_FLAG_STANDARD_OUTPUT
 * @return WS_OK; WS_EFORMAT if a label cannot be a key of JSON; WS_EIO or WS_ENOTFOUND if it cannot
 *         be written, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_test_json_write(const char *path, const ws_test_line *line,
                                           ws_error *err);

#endif
