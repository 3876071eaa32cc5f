#include "cmd/wake_recordings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/folder.h"
#include "dataset/phrase_name.h"

static ws_status find_sound(const char *dir, bool *has_sound, ws_error *err)
{
    ws_left_out left_out = {0};
    ws_text_list files = {0};
    const ws_status status = ws_folder_list_nested(dir, &files, &left_out, err);

    *has_sound = files.n_items > 0;
    ws_text_list_deinit(&files);
    return status;
}

/** Appends a folder to the list that it belongs to. */
static ws_status take_folder(const char *path, const char *phrase, ws_text_list *phrases,
                             ws_text_list *others, ws_error *err)
{
    const char *name = ws_path_base(path);
    bool has_sound = false;

    if (!ws_dir_exists(path) || name[0] == '.' || name[0] == '_')
        return WS_OK;
    const bool is_phrase = ws_phrase_name_is_of(name, phrase);
    const ws_status status = find_sound(path, &has_sound, err);
    if (status == WS_OK && !has_sound && is_phrase)
        return ws_fail(err, WS_ENOTFOUND, "--recordings: %s: has no sound file", path);
    if (status != WS_OK || !has_sound)
        return status;
    if (ws_text_list_push(is_phrase ? phrases : others, path) != WS_OK)
        return ws_fail_memory(err, "folders of recordings");
    return WS_OK;
}

static ws_status find_folders(const char *dir, const char *phrase, ws_text_list *phrases,
                              ws_text_list *others, ws_error *err)
{
    ws_text_list names = {0};
    ws_status status = ws_dir_list(dir, &names, err);

    for (size_t i = 0; i < names.n_items && status == WS_OK; i++) {
        char *path = ws_path_join(dir, names.items[i]);
        status = path != NULL ? take_folder(path, phrase, phrases, others, err)
                              : ws_fail_memory(err, "folders of recordings");
        free(path);
    }
    ws_text_list_deinit(&names);
    return status;
}

/** Folders whose paths can be in a comma list. */
static ws_status check_commas(const ws_text_list *folders, ws_error *err)
{
    for (size_t i = 0; i < folders->n_items; i++)
        if (strchr(folders->items[i], ',') != NULL)
            return ws_fail(err, WS_EUSAGE,
                           "--recordings: %s: has a comma, which separates folders in lists; "
                           "expected a path without one",
                           folders->items[i]);
    return WS_OK;
}

ws_status ws_wake_recordings_find(const char *dir, const char *phrase,
                                  ws_wake_recordings *recordings, ws_error *err)
{
    ws_text_list phrases = {0}, others = {0};
    ws_status status = WS_OK;

    *recordings = (ws_wake_recordings){.phrase = NULL};
    if (ws_dir_exists(dir))
        status = find_folders(dir, phrase, &phrases, &others, err);
    const bool has_phrase = phrases.n_items > 0;
    if (status == WS_OK && has_phrase)
        status = check_commas(&phrases, err);
    if (status == WS_OK && has_phrase)
        status = check_commas(&others, err);
    if (status == WS_OK) {
        recordings->phrase = has_phrase ? ws_text_list_join(&phrases, ',') : ws_text_copy(dir);
        recordings->others = has_phrase ? ws_text_list_join(&others, ',') : ws_text_copy("");
        if (recordings->phrase == NULL || recordings->others == NULL)
            status = ws_fail_memory(err, "folders of recordings");
    }
    ws_text_list_deinit(&phrases);
    ws_text_list_deinit(&others);
    return status;
}

void ws_wake_recordings_deinit(ws_wake_recordings *recordings)
{
    free(recordings->phrase);
    free(recordings->others);
    *recordings = (ws_wake_recordings){.phrase = NULL};
}
