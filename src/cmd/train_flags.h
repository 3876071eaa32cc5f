/** The flags of `wordspot train`: the original's train.py ones and a few of our own. */
#ifndef WS_CMD_TRAIN_FLAGS_H
#define WS_CMD_TRAIN_FLAGS_H

#include "cmd/flags.h"

/** Values go into a ws_train_options (train/options.h). */
extern const ws_flag_table ws_train_flags;

#endif
