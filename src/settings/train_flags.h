/**
 * The flags of a training run: those of the original's train.py and some of our own. This is the
 * one list of them. `wordspot train` has them all; other commands pick from it.
 */
#ifndef WS_SETTINGS_TRAIN_FLAGS_H
#define WS_SETTINGS_TRAIN_FLAGS_H

#include "settings/flags.h"
#include "settings/train_options.h"

/** The archive that the original downloads: the default of --data_url. */
#define WS_SPEECH_COMMANDS_URL \
    "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz"

/** Values go into a ws_train_options. */
extern const ws_flag_table ws_train_flags;

/** The values of the training flags: all values if the table is ws_train_flags, otherwise the part
 *  that its base_offset points to. The table must be one of these two kinds. */
ws_train_options *ws_train_flags_get_options(const ws_flags *flags);

/** Whether the value of a flag, which must be one of ws_train_flags, is the default. */
bool ws_train_flags_is_default(const ws_train_options *options, const char *name);

/**
 * Whether the given flags leave no say to this one: --how_many_training_steps, where it is given,
 * replaces --epochs of a checkpoint or a preset.
 */
bool ws_train_flags_is_replaced(const ws_flags *flags, const char *name);

/** Whether no two given flags replace each other. @return WS_OK, or WS_EUSAGE naming both */
WS_MUST_CHECK ws_status ws_train_flags_check_given(const ws_flags *flags, ws_error *err);

/** Whether the flag of that name, which must be one of ws_train_flags, was given. A flag of the
 *  command's own that only bears the same name does not count. */
bool ws_train_flags_is_given(const ws_flags *flags, const char *name);

#endif
