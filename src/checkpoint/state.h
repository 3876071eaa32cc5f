/**
 * The text file `checkpoint` of a directory: which checkpoints it holds, oldest first.
 *
 *     model_checkpoint_path: "conv.ckpt-18000"
 *     all_model_checkpoint_paths: "conv.ckpt-17900"
 *     all_model_checkpoint_paths: "conv.ckpt-18000"
 *
 * Names are written relative to the directory, so that it can be moved.
 */
#ifndef WS_CHECKPOINT_STATE_H
#define WS_CHECKPOINT_STATE_H

#include "base/status.h"
#include "base/text.h"

#define WS_CHECKPOINT_STATE_NAME "checkpoint"

typedef struct ws_checkpoint_state {
    char *latest;     /* as in the file; owned, NULL if the file names none */
    ws_text_list all; /* oldest first, as in the file; may be empty */
} ws_checkpoint_state;

/**
 * Reads `<dir>/checkpoint`; unknown fields are ignored.
 *
 * @param state  filled on success (ws_checkpoint_state_deinit), all zeros otherwise
 * @return WS_OK; WS_ENOTFOUND if there is no such file; WS_EFORMAT with the line; WS_EIO,
 *         WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_checkpoint_state_read(const char *dir, ws_checkpoint_state *state,
                                                 ws_error *err);
void ws_checkpoint_state_deinit(ws_checkpoint_state *state);

/** Replaces `<dir>/checkpoint` in one step; the last of the names (at least one) is the latest. */
WS_MUST_CHECK ws_status ws_checkpoint_state_write(const char *dir, const ws_text_list *names,
                                                  ws_error *err);

/**
 * The prefix for a name in the file, in a new string (free()); NULL when out of memory. If
 * an absolute or Windows name leads to no checkpoint (the directory was moved), its last part is
 * taken to be in dir.
 */
char *ws_checkpoint_state_prefix(const char *dir, const char *name);

/** Deletes the files of a checkpoint (index, data, meta); missing files are fine. The result may be
 *  ignored during cleanup after another failure. */
ws_status ws_checkpoint_remove(const char *prefix, ws_error *err);

#endif
