/**
 * What `train --json` writes: one object in one line, however the run ended.
 *
 *     {"run_name":"conv-1","status":"success","error":null,"exit_code":0,"step":18000,
 *      "is_plateau":false,
 *      "best_validation_accuracy":0.88,"best_validation_step":17200,
 *      "last_validation_accuracy":0.87,"last_validation_step":18000,
 *      "last_validation_cross_entropy":0.41,"test_accuracy":0.86,"test_cross_entropy":0.43,
 *      "seconds":1180.2,"seed":59185,"checkpoint":"...","event_dir":"...","settings":{...}}
 *
 * "status" is success (through to the test), stopped (by a signal or at --stop_after_step: it can
 * be resumed from "checkpoint") or failed ("error" is the sentence that was printed). "is_plateau"
 * says that --stop_after_plateau ended it. Unknown values are null. The next run in the same
 * --train_dir moves "checkpoint" to a folder of the run's name. Accuracies are shares, to six
 * decimals; "seconds" are those of this process; "settings" are the flags that a checkpoint
 * carries. These names stay; others may be added.
 */
#ifndef WS_CMD_TRAIN_JSON_H
#define WS_CMD_TRAIN_JSON_H

#include "base/status.h"
#include "train/trainer.h"

/** How a run ended. */
typedef struct ws_train_line {
    const ws_train_options *options; /* what the flags and the checkpoint came to */
    const ws_train_result *result;
    const char *fault; /* why it failed; NULL: it did not */
    int exit_code;
    double seconds;
} ws_train_line;

/**
 * Writes it.
 *
 * @param path  a file, replaced in one step; WS_FLAG_STANDARD_OUTPUT
 * @return WS_OK; WS_EIO or WS_ENOTFOUND if it cannot be written, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_train_json_write(const char *path, const ws_train_line *line,
                                            ws_error *err);

#endif
