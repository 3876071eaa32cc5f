/** What `wordspot test --long` does. */
#ifndef WS_CMD_TEST_LONG_H
#define WS_CMD_TEST_LONG_H

#include "cmd/console.h"
#include "cmd/label_flags.h"
#include "recognize/model_file.h"

/**
 * Hears hours of sound with a wake word's model, and prints or writes false accepts an hour and
 * misses at each cutoff.
 *
 * @return WS_OK; WS_EUSAGE naming a flag; as ws_long_exam_run; WS_EIO if the result cannot be
 *         written
 */
WS_MUST_CHECK ws_status ws_test_long(const ws_label_flags *flags, ws_console *console,
                                     const ws_model_file *model, const ws_train_options *options,
                                     ws_error *err);

#endif
