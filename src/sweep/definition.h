/**
 * What a sweep is, as text in its directory: <dir>/sweep.txt, lines of key=value. A directory
 * belongs to one definition, so that trials of two sweeps are never mixed.
 *
 *     search=halving
 *     seeds=59185,59186
 *     trials=16              random and halving only, as the next two lines
 *     search_seed=59185
 *     reduction=3            halving only, as the next line
 *     rank_by=best
 *     param=learning_rate=log:0.001..0.1
 *     flag=data_dir=tmp/speech_dataset
 *
 * A definition is held as these lines, in this order.
 */
#ifndef WS_SWEEP_DEFINITION_H
#define WS_SWEEP_DEFINITION_H

#include "base/status.h"
#include "base/text.h"

/** Appends the line key=value. */
WS_MUST_CHECK ws_status ws_sweep_definition_push(ws_text_list *lines, const char *key,
                                                 const char *value, ws_error *err);

/** The value of the first line with that key; NULL if the key is missing. Also works on
 *  flags that are written name=value. */
const char *ws_sweep_definition_get(const ws_text_list *lines, const char *key);

/** Appends the values of all lines of that key. */
WS_MUST_CHECK ws_status ws_sweep_definition_push_values(const ws_text_list *lines, const char *key,
                                                        ws_text_list *values, ws_error *err);

/** Reads the definition in a directory. @return WS_OK; WS_ENOTFOUND if it has none; WS_EFORMAT,
 * WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_sweep_definition_read(const char *dir, ws_text_list *lines,
                                                 ws_error *err);

/**
 * Checks whether a sweep may use a directory.
 *
 * @return WS_OK if the directory has the same definition or has none; WS_EUSAGE naming the first
 *         difference; WS_EFORMAT, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_definition_check(const char *dir, const ws_text_list *lines,
                                                  ws_error *err);

/** Writes the definition into a directory, after the same check. @return the same */
WS_MUST_CHECK ws_status ws_sweep_definition_settle(const char *dir, const ws_text_list *lines,
                                                   ws_error *err);

#endif
