/** What lies in the folders of a data set: sound files, and what is left out. */
#ifndef WS_DATASET_FOLDER_H
#define WS_DATASET_FOLDER_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

enum { WS_LEFT_OUT_NAME_BYTES = 256 };

/** Files of one kind that are left out, and the first of them by name, cut if it is long. */
typedef struct ws_left_out_kind {
    size_t n;
    char first[WS_LEFT_OUT_NAME_BYTES];
} ws_left_out_kind;

/** All zeros: nothing was left out. */
typedef struct ws_left_out {
    ws_left_out_kind other;   /* not sound files by their names; hidden files do not count, nor do
                               * README and LICENSE */
    ws_left_out_kind nested;  /* sound files in a folder inside a folder of clips */
    ws_left_out_kind outside; /* sound files in no folder of clips */
} ws_left_out;

/**
 * Appends the names of the sound files that lie directly in a folder, sorted by bytes.
 *
 * @param left_out  what else lies there is added to it
 * @return WS_OK, also if there is no such folder; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_folder_list(const char *folder, ws_text_list *names,
                                       ws_left_out *left_out, ws_error *err);

/** The same, and those in folders inside it, at most 16 deep, as paths from the folder on. */
WS_MUST_CHECK ws_status ws_folder_list_nested(const char *folder, ws_text_list *names,
                                              ws_left_out *left_out, ws_error *err);

/** Counts a file that is left out. @param path  its path, or what is to be said of it */
void ws_left_out_count(ws_left_out_kind *kind, const char *path);

/** What was left out, as "left out: 3 files that ..." in a new string (free()); an empty string if
 *  nothing was; NULL when out of memory. */
char *ws_left_out_text(const ws_left_out *left_out);

#endif
