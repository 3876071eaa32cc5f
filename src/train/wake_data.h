/** The data of a run with --wake_word: batches to train on, and recordings to validate with. */
#ifndef WS_TRAIN_WAKE_DATA_H
#define WS_TRAIN_WAKE_DATA_H

#include "settings/train_options.h"
#include "train/wake_batches.h"
#include "train/wake_set.h"

/** Whether the run trains a wake word. */
static inline bool ws_wake_data_is_wanted(const ws_train_options *options)
{
    return options->wake_word[0] != '\0';
}

/** Checks all that can be checked without the recordings.
 *  @return WS_OK; WS_EUSAGE naming the flag that does not go with --wake_word, or is missing */
WS_MUST_CHECK ws_status ws_wake_data_check(const ws_train_options *options, ws_error *err);

typedef struct ws_wake_data {
    struct ws_wake_folders *folders;       /* of the flags, owned */
    ws_wake_source *training, *validation; /* owned; validation NULL: nothing is validated */
    ws_wake_batches *batches;              /* owned */
    ws_wake_set *set;                      /* owned; NULL with validation */
    const ws_feature_settings *settings;   /* of the network's window, borrowed */
    char *text;                            /* what the recordings are; owned */
} ws_wake_data;

/** Everything is borrowed for as long as the data live. */
typedef struct ws_wake_data_options {
    const ws_train_options *options;
    const ws_feature_options *features;
    const ws_feature_settings *settings; /* of the network's window */
    const ws_graph *graph;
    const ws_augment_options *augment; /* of the flags */
    const ws_log *log;
} ws_wake_data_options;

/**
 * Reads the recordings.
 *
 * @param data  overwritten; ws_wake_data_deinit() it, after a failure too
 * @return WS_OK; WS_ENOTFOUND naming a folder without recordings; WS_EUSAGE for a network that
 *         cannot follow a stream; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_data_init(ws_wake_data *data, const ws_wake_data_options *options,
                                          ws_error *err);
/** All zeros is fine. */
void ws_wake_data_deinit(ws_wake_data *data);

/**
 * Windows of the training recordings with the phrase and without it, as a step has them, to see
 * which numbers a network computes with.
 *
 * @param options   of the run
 * @param features  of the network
 * @param n         how many, at least 2
 * @param windows   set to [n, size of a window]; free() it
 * @return WS_OK; as ws_wake_data_init
 */
WS_MUST_CHECK ws_status ws_wake_data_read_windows(const ws_train_options *options,
                                                  const ws_feature_options *features, size_t n,
                                                  const ws_log *log, float **windows,
                                                  ws_error *err);

#endif
