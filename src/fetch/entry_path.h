/** Names of an archive's entries, which anybody may have written: only those that stay inside the
 *  directory where they are unpacked are taken. */
#ifndef WS_FETCH_ENTRY_PATH_H
#define WS_FETCH_ENTRY_PATH_H

#include <stddef.h>

/** Bytes of a name, and of one part of it between slashes, as Linux has it. */
enum { WS_ENTRY_PATH_MAX = 1024, WS_ENTRY_PART_MAX = 255 };

/**
 * Writes the name without "./", doubled and last slashes: "./yes//a.wav" is "yes/a.wav", and the
 * directory itself is "".
 *
 * @param clean  [size]
 * @return NULL, or what is wrong with the name: "leads out of the directory"
 */
const char *ws_entry_path_clean(const char *name, char *clean, size_t size);

#endif
