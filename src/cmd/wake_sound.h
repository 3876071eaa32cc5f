/** Folders of sound that a user gives to `wordspot wake`. */
#ifndef WS_CMD_WAKE_SOUND_H
#define WS_CMD_WAKE_SOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/** A flag. All is borrowed for the call. */
typedef struct ws_wake_sound {
    const char *flag;   /* its name */
    const char *dirs;   /* a comma list; "": none */
    const char *phrase; /* what must not be said there; NULL: it may */
    bool is_whole;      /* nor in any folder inside */
} ws_wake_sound;

/**
 * Looks at the folders of flags before the work begins. Where the phrase must not be said, no
 * folder may be named after it (dataset/phrase_name.h): its clips say it, as in Speech Commands.
 *
 * @param all  [n]
 * @return WS_OK; WS_ENOTFOUND if a folder is missing or has no sound file; WS_EUSAGE for a folder
 *         with a comma in its path, or with the name of the phrase; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_sound_check(const ws_wake_sound *all, size_t n, ws_error *err);

/**
 * A text that differs as soon as a sound file of the folders is new, is gone or has changed.
 *
 * @param dirs   [n_dirs] comma lists; "": none
 * @param stamp  set to a new text (free()); "" if all of them are ""
 * @return WS_OK; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_sound_stamp(const char *const *dirs, size_t n_dirs, char **stamp,
                                            ws_error *err);

/** Where the synthetic sound without the phrase is that a model is tested with: in the output.
 *  @return static, begins with a slash */
const char *ws_wake_sound_find_speech(const char *phrase);

#endif
