/** The data set of a run: sees to it that there is one, and tells whoever started the run. */
#ifndef WS_TRAIN_DATA_SET_H
#define WS_TRAIN_DATA_SET_H

#include <stdbool.h>

#include "base/status.h"
#include "dataset/augmentations.h"
#include "dataset/index.h"
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

/** What of the options changes training clips and their features. */
ws_augment_options ws_data_set_augment_options(const ws_train_options *options);

#endif
