/** A checkpoint of a graph's arrays with the settings of a run, as training writes one. */
#ifndef WS_TESTS_SUPPORT_SAVED_CHECKPOINT_H
#define WS_TESTS_SUPPORT_SAVED_CHECKPOINT_H

#include "recognize/saved_arrays.h"

/** Asserts that it is written. @param prefix  path without an ending; the step is 7 */
void ws_test_write_checkpoint(const char *prefix, const ws_saved_arrays *arrays,
                              const char *settings);

#endif
