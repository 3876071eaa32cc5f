/**
 * The model in a checkpoint, for the commands that use one without training it.
 *
 * The network and its features depend on the flags of training. Wordspot saves these in the
 * checkpoint; for a checkpoint of TensorFlow they must be given again.
 */
#ifndef WS_RECOGNIZE_CHECKPOINT_MODEL_H
#define WS_RECOGNIZE_CHECKPOINT_MODEL_H

#include "base/text.h"
#include "formats/frozen.h"
#include "settings/train_flags.h"

typedef struct ws_checkpoint_model {
    ws_train_options options; /* of the run that wrote it, if known; otherwise from the flags. Texts
                                 belong to the flags */
    ws_text_list labels;      /* by --wanted_words; owned */
    ws_frozen frozen;         /* its graph may have dropout, which does nothing outside training */
    bool has_settings;        /* Wordspot wrote it */
} ws_checkpoint_model;

/**
 * Reads a checkpoint and builds its model.
 *
 * @param name      as --start_checkpoint takes it
 * @param flags     of a table whose base is ws_train_flags. A TensorFlow checkpoint is read with
 *                  their values. For one of ours they must not contradict its settings, which they
 * then take over
 * @param n_labels  number of classes of a TensorFlow checkpoint, if --wanted_words was not
 *                  given; 0 to use the default of --wanted_words
 * @param model     overwritten; ws_checkpoint_model_deinit() it, also after a failure
 * @return WS_OK; WS_EUSAGE naming a flag that contradicts, or a value that is unknown;
 * WS_ENOTFOUND, WS_EFORMAT, WS_EIO as for any checkpoint; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_checkpoint_model_read(const char *name, ws_flags *flags, size_t n_labels,
                                                 ws_checkpoint_model *model, ws_error *err);

void ws_checkpoint_model_deinit(ws_checkpoint_model *model);

#endif
