/** Folders of sound that a user gives to `wordspot wake`. */
#ifndef WS_CMD_WAKE_SOUND_H
#define WS_CMD_WAKE_SOUND_H

#include <stddef.h>

#include "base/status.h"

/**
 * Looks at a flag's folders before the work begins.
 *
 * @param flag  its name, for err
 * @param dirs  a comma list; "": none
 * @return WS_OK; WS_ENOTFOUND if a folder is missing or has no sound file; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_sound_check(const char *flag, const char *dirs, ws_error *err);

/**
 * A text that differs as soon as a sound file of the folders is new, is gone or has changed.
 *
 * @param dirs   [n_dirs] comma lists; "": none
 * @param stamp  set to a new text (free()); "" if all of them are ""
 * @return WS_OK; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_sound_stamp(const char *const *dirs, size_t n_dirs, char **stamp,
                                            ws_error *err);

#endif
