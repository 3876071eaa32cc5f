/**
 * The weights of a trained network for a new run that tells other words apart: all layers are taken
 * over but the last one, whose weights belong to one label each. Those of labels that both runs
 * have are taken over too; those of new labels stay as they are.
 */
#ifndef WS_TRAIN_TRANSFER_H
#define WS_TRAIN_TRANSFER_H

#include "audio/features.h"
#include "base/log.h"
#include "base/text.h"
#include "recognize/saved_arrays.h"
#include "settings/train_options.h"

/** All is borrowed. */
typedef struct ws_transfer {
    const ws_train_options *options; /* of the new run; start_checkpoint is ours, with settings */
    const ws_feature_settings *features;
    const ws_text_list *labels; /* of the new run */
    const ws_log *log;          /* told in one line what was taken over; may be NULL */
} ws_transfer;

/**
 * Takes over weights, the states of normalisation, and the ranges of a run with --quantize.
 *
 * @param arrays  of the new run's graph, with initial values. Slots are not touched: an optimiser
 *                starts from zero with new labels
 * @return WS_OK; WS_EFORMAT if the checkpoint does not fit the network or is damaged; WS_EIO,
 *         WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_transfer_read(const ws_transfer *transfer, const ws_saved_arrays *arrays,
                                         ws_error *err);

#endif
