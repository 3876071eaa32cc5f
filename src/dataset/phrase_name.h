/** The name of a phrase as files and folders have it. */
#ifndef WS_DATASET_PHRASE_NAME_H
#define WS_DATASET_PHRASE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

enum { WS_PHRASE_NAME_BYTES = 128 };

/** "Hey Jarvis" -> "hey_jarvis": letters and digits in lower case, "_" for all else. */
void ws_phrase_name_write(const char *phrase, char name[WS_PHRASE_NAME_BYTES]);

/** Whether a folder is named after a phrase, in upper or lower case and with blanks, "_" or "-"
 *  between words. @param folder  its name, or a path that ends in it */
bool ws_phrase_name_is_of(const char *folder, const char *phrase);

/** The same of any folder on the way to a file. @param path  of the file, whose own name does not
 *  count */
bool ws_phrase_name_is_in(const char *path, const char *phrase);

/** Warns of n sound files that are left out for such a folder; of none if n is 0.
 *  @param dir  the folder of sound without the phrase that they lie in
 *  @param log  NULL: silent */
void ws_phrase_name_warn(const ws_log *log, const char *dir, size_t n, const char *phrase);

#endif
