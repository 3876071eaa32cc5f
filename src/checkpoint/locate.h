/** Finds the checkpoint that a user names with --start_checkpoint. */
#ifndef WS_CHECKPOINT_LOCATE_H
#define WS_CHECKPOINT_LOCATE_H

#include "base/status.h"

/**
 * Finds the checkpoint of a name. The name can be any of these:
 *
 *     dir/conv.ckpt-100                        the prefix
 *     dir                                      the latest in dir, through its `checkpoint` file
 *     dir/checkpoint                           the same
 *     dir/conv.ckpt-100.index, .meta, .data-00000-of-00001     one of its files
 *
 * @param prefix  set to a new string (free()) for ws_bundle_open; its index file exists
 * @return WS_OK; WS_ENOTFOUND, naming the missing file and the checkpoints that exist; WS_EFORMAT
 * for a file that is not a V2 checkpoint, with its likely format; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_checkpoint_locate(const char *name, char **prefix, ws_error *err);

#endif
