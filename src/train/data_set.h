/** The data set of a run: sees to it that there is one, and tells whoever started the run. */
#ifndef WS_TRAIN_DATA_SET_H
#define WS_TRAIN_DATA_SET_H

#include <stdbool.h>

#include "base/status.h"
#include "dataset/index.h"
#include "dataset/noise.h"
#include "dataset/source.h"
#include "train/trainer.h"

/**
 * Downloads and unpacks the archive at options->data_url where options->data_dir has no data set
 * yet (dataset/fetch.h).
 *
 * @param is_complete  false if the hooks wanted a stop meanwhile
 */
WS_MUST_CHECK ws_status ws_data_set_fetch(const ws_train_options *options,
                                          const ws_train_hooks *hooks, bool *is_complete,
                                          ws_error *err);

/** What of the options decides which clips are in which set; borrows from them. */
ws_index_options ws_data_set_index_options(const ws_train_options *options);

/**
 * Opens the background noise that the options name: NULL for noise if the data set has none. Warns
 * where there is none, and where it is so quiet that it does nothing.
 *
 * @param log  NULL: nobody is warned of either
 * @return WS_OK; WS_ENOTFOUND, also for a --noise_dir that is missing; see ws_noise_create_from
 */
WS_MUST_CHECK ws_status ws_data_set_open_noise(const ws_train_options *options,
                                               const ws_feature_settings *settings,
                                               const ws_log *log, ws_noise **noise, ws_error *err);

/** The directory of background noise, which need not be there, in a new string (free()); NULL: out
 *  of memory. */
char *ws_data_set_noise_dir(const ws_train_options *options);

/**
 * Appends the names of the recordings in that directory, as paths from it on: none if the data set
 * has no such folder.
 *
 * @return WS_OK; WS_ENOTFOUND for a --noise_dir that is missing; see ws_noise_list
 */
WS_MUST_CHECK ws_status ws_data_set_list_noise(const ws_train_options *options, const ws_log *log,
                                               ws_text_list *names, ws_error *err);

/** ws_data_set_open_noise in two steps: reads the recordings that were listed, maybe by another
 *  process. @param names  paths from this process's own directory on */
WS_MUST_CHECK ws_status ws_data_set_read_noise(const ws_train_options *options,
                                               const ws_feature_settings *settings,
                                               const ws_text_list *names, const ws_log *log,
                                               ws_noise **noise, ws_error *err);

/**
 * What of the options decides how batches are made of the data set. The pointers in it are left to
 * the caller.
 *
 * @return WS_OK or WS_EUSAGE naming the flag that is not understood
 */
WS_MUST_CHECK ws_status ws_data_set_source_options(const ws_train_options *options,
                                                   ws_source_options *source, ws_error *err);

#endif
