#include "cmd/wake_recordings.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

void ws_wake_name_write(const char *phrase, char name[WS_WAKE_NAME_BYTES])
{
    size_t n = 0;

    for (const char *at = phrase; *at != '\0' && n + 1 < WS_WAKE_NAME_BYTES; at++)
        name[n++] = isalnum((unsigned char)*at) || (unsigned char)*at >= 0x80
                        ? (char)tolower((unsigned char)*at)
                        : '_';
    name[n] = '\0';
}

static bool is_named(const char *folder, const char *phrase)
{
    char name[WS_WAKE_NAME_BYTES], wanted[WS_WAKE_NAME_BYTES];

    ws_wake_name_write(folder, name);
    ws_wake_name_write(phrase, wanted);
    return strcmp(name, wanted) == 0;
}

/** Keeps the names of folders, as paths. @param phrase_dir  set to that of the phrase; NULL: none
 */
static ws_status find_folders(const char *dir, const ws_text_list *names, const char *phrase,
                              ws_text_list *others, char **phrase_dir)
{
    ws_status status = WS_OK;

    for (size_t i = 0; i < names->n_items && status == WS_OK; i++) {
        const char *name = names->items[i];
        char *path = ws_path_join(dir, name);
        if (path == NULL) {
            status = WS_ENOMEM;
        } else if (ws_dir_exists(path) && is_named(name, phrase) && *phrase_dir == NULL) {
            *phrase_dir = path;
            continue;
        } else if (ws_dir_exists(path) && name[0] != '.' && name[0] != '_') {
            status = ws_text_list_push(others, path);
        }
        free(path);
    }
    return status;
}

ws_status ws_wake_recordings_find(const char *dir, const char *phrase,
                                  ws_wake_recordings *recordings, ws_error *err)
{
    ws_text_list names = {0}, others = {0};
    char *phrase_dir = NULL;
    ws_status status = WS_OK;

    *recordings = (ws_wake_recordings){.phrase = NULL};
    if (ws_dir_exists(dir))
        status = ws_dir_list(dir, &names, err);
    if (status == WS_OK && find_folders(dir, &names, phrase, &others, &phrase_dir) != WS_OK)
        status = ws_fail_memory(err, "folders of recordings");
    if (status == WS_OK) {
        recordings->phrase = phrase_dir != NULL ? phrase_dir : ws_text_copy(dir);
        recordings->others =
            phrase_dir != NULL ? ws_text_list_join(&others, ',') : ws_text_copy("");
        phrase_dir = NULL;
        if (recordings->phrase == NULL || recordings->others == NULL)
            status = ws_fail_memory(err, "folders of recordings");
    }
    free(phrase_dir);
    ws_text_list_deinit(&names);
    ws_text_list_deinit(&others);
    return status;
}

void ws_wake_recordings_deinit(ws_wake_recordings *recordings)
{
    free(recordings->phrase);
    free(recordings->others);
    *recordings = (ws_wake_recordings){.phrase = NULL};
}
