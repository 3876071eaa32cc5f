/**
 * A data set's own split: validation_list.txt and testing_list.txt with a line "<word>/<clip>" for
 * each clip, as Speech Commands has them. All other clips are for training. Private to dataset/.
 */
#ifndef WS_DATASET_SPLIT_LISTS_H
#define WS_DATASET_SPLIT_LISTS_H

#include <stdbool.h>

#include "base/log.h"
#include "base/names.h"
#include "base/status.h"
#include "dataset/split.h"

/** All zeros: no lists. */
typedef struct ws_split_lists {
    ws_names names[WS_N_SETS]; /* of training: none */
    size_t n_found[WS_N_SETS]; /* of the names, those that were asked for */
} ws_split_lists;

/** Which of the two lists are there: 0 to 2. */
int ws_split_lists_count(const char *data_dir);

/**
 * Reads both lists.
 *
 * @param lists  overwritten; ws_split_lists_deinit() it whatever comes back
 * @return WS_OK; WS_ENOTFOUND if one is missing; WS_EFORMAT if a name is in both; WS_ELIMIT for
 *         more than WS_NAMES_MAX names; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_split_lists_read(const char *data_dir, ws_split_lists *lists,
                                            ws_error *err);

/** The set of a clip. @param path  ends in <word>/<clip> */
ws_set ws_split_lists_find(ws_split_lists *lists, const char *path);

/**
 * After all clips were asked for: says which share of the names are not clips of the data set.
 *
 * @return WS_OK; WS_EFORMAT if a list has names but none is that of a clip
 */
WS_MUST_CHECK ws_status ws_split_lists_check(const ws_split_lists *lists, const char *data_dir,
                                             const ws_log *log, ws_error *err);

void ws_split_lists_deinit(ws_split_lists *lists);

#endif
