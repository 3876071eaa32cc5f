/**
 * The model in a checkpoint, for the commands that use one without training it.
 *
 * What the network and its features are is a matter of the flags that it was trained with. Wordspot
 * keeps them in the checkpoint; for one that TensorFlow wrote they must be given again.
 */
#ifndef WS_CMD_CHECKPOINT_MODEL_H
#define WS_CMD_CHECKPOINT_MODEL_H

#include "base/text.h"
#include "cmd/flags.h"
#include "formats/frozen.h"
#include "train/options.h"

typedef struct ws_checkpoint_model {
    ws_train_options options; /* of the run that wrote it, as far as known; else as the flags say */
    ws_text_list labels;      /* by --wanted_words; owned */
    ws_frozen frozen;         /* its graph may have dropout, which does nothing outside training */
    char *settings;           /* owned; texts of options point into it */
} ws_checkpoint_model;

/** Where the flags of the command are: its table, their values, and which of them were given. */
typedef struct ws_given_flags {
    const ws_flag_table *table;
    const void *values;
    const bool *given; /* [table->n_flags] */
} ws_given_flags;

/**
 * Reads a checkpoint and builds its model.
 *
 * @param name      as --start_checkpoint takes it
 * @param flags     those called like one of `wordspot train` are what a checkpoint of TensorFlow's
 *                  is read by, and may not contradict one of ours
 * @param n_labels  how many classes a checkpoint of TensorFlow's has, if --wanted_words was not
 *                  given; 0 to take the default of --wanted_words all the same
 * @param model     overwritten; ws_checkpoint_model_deinit() it, after a failure too
 * @return WS_OK; WS_EUSAGE naming a flag that contradicts, or a value that is none; WS_ENOTFOUND,
 *         WS_EFORMAT, WS_EIO as for any checkpoint; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_checkpoint_model_read(const char *name, const ws_given_flags *flags,
                                                 size_t n_labels, ws_checkpoint_model *model,
                                                 ws_error *err);

void ws_checkpoint_model_deinit(ws_checkpoint_model *model);

#endif
