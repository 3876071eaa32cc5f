/** The folder of a run below --summaries_dir: a new run never shares one with an old run. */
#ifndef WS_TRAIN_RUN_NAME_H
#define WS_TRAIN_RUN_NAME_H

#include <stdbool.h>

#include "base/status.h"

/**
 * Checks a name that a user chose: a single folder name, not "." or "..".
 *
 * @param is_new  the run does not exist yet: the name must be one that all pages of TensorBoard can
 *                serve, too
 * @return WS_OK or WS_EUSAGE naming --run_name
 */
WS_MUST_CHECK ws_status ws_run_name_check(const char *name, bool is_new, ws_error *err);

/**
 * Takes a folder for a run by making it, so that of two runs that start at once only one gets it.
 *
 * @param summaries_dir  made if it does not exist
 * @param architecture   for the default name <architecture>-<number>
 * @param name           the wanted name, or "" for the first number that is free
 * @param resumed        the run has been there before: an existing folder is right
 * @param claimed        set to the name (free())
 * @return WS_OK; WS_EEXISTS if a new run's name is taken; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_run_name_claim(const char *summaries_dir, const char *architecture,
                                          const char *name, bool resumed, char **claimed,
                                          ws_error *err);

/** Gives a folder back if it is still empty: the run could not start after all. */
void ws_run_name_release(const char *summaries_dir, const char *name);

#endif
