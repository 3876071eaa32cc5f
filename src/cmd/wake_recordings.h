/** What lies in the folder of somebody's recordings for `wordspot wake`. Private to cmd. */
#ifndef WS_CMD_WAKE_RECORDINGS_H
#define WS_CMD_WAKE_RECORDINGS_H

#include "base/status.h"

/** Folders of recordings; both owned, free(). */
typedef struct ws_wake_recordings {
    char *phrase; /* a comma list of where the phrase is said; "" without recordings */
    char *others; /* one of folders with other words; "" for none */
} ws_wake_recordings;

/**
 * Looks into a folder of recordings. Usually all of it is the phrase. If a folder inside it is
 * named after the phrase (dataset/phrase_name.h), then its folders are named after what is said in
 * them, as in Speech Commands: all with that name are the phrase, the others are speech without it.
 * Others without sound are left out, and all whose names begin with "." or "_".
 *
 * @param dir         "" for no recordings
 * @param recordings  overwritten; ws_wake_recordings_deinit() it, after a failure too
 * @return WS_OK; WS_ENOTFOUND for a folder of the phrase without sound; WS_EUSAGE for a comma in
 *         the path of a folder inside; WS_EIO; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_recordings_find(const char *dir, const char *phrase,
                                                ws_wake_recordings *recordings, ws_error *err);
void ws_wake_recordings_deinit(ws_wake_recordings *recordings);

#endif
