#include "dataset/clip_list.h"

#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "dataset/labels.h"
#include "dataset/word.h"

static const size_t max_path_bytes = (size_t)1 << 32; /* of all paths together */

static ws_status make_room(ws_clip_list *list)
{
    if (list->capacity > list->n_files)
        return WS_OK;
    const size_t capacity = 2 * list->capacity + 256;
    size_t *offsets = realloc(list->offsets, capacity * sizeof *offsets);
    if (offsets == NULL)
        return WS_ENOMEM;
    list->offsets = offsets;
    uint32_t *word_ids = realloc(list->word_ids, capacity * sizeof *word_ids);
    if (word_ids == NULL)
        return WS_ENOMEM;
    list->word_ids = word_ids;
    list->capacity = capacity;
    return WS_OK;
}

ws_status ws_clip_list_push(ws_clip_list *list, const char *path, uint32_t word)
{
    const ws_status status = make_room(list);

    if (status != WS_OK)
        return status;
    list->offsets[list->n_files] = list->paths.size;
    list->word_ids[list->n_files] = word;
    ws_buf_push(&list->paths, path, strlen(path) + 1);
    if (list->paths.status == WS_OK)
        list->n_files++;
    return list->paths.status;
}

static ws_status push_files(ws_clip_list *list, const char *folder, const char *word,
                            const ws_text_list *names)
{
    size_t id;

    if (names->n_items == 0)
        return WS_OK;
    ws_status status = ws_names_push(&list->words, word, &id, NULL);
    for (size_t i = 0; status == WS_OK && i < names->n_items; i++) {
        char *path = ws_path_join(folder, names->items[i]);
        status = path != NULL ? ws_clip_list_push(list, path, (uint32_t)id) : WS_ENOMEM;
        free(path);
    }
    return status;
}

/** @param name  of the folder, with a slash after it */
static ws_status push_folder(ws_clip_list *list, const char *data_dir, const char *name,
                             ws_error *err)
{
    ws_text_list names = {0};
    char *folder = ws_path_join(data_dir, name);
    ws_status status = WS_OK;

    if (folder == NULL)
        return ws_fail_memory(err, "a list of clips");
    folder[strlen(folder) - 1] = '\0';
    char *word = ws_word_lower(ws_path_base(folder));
    if (word == NULL)
        status = ws_fail_memory(err, "a list of clips");
    else if (strcmp(word, WS_NOISE_DIR) != 0)
        status = ws_folder_list(folder, &names, &list->left_out, err);
    if (status == WS_OK && push_files(list, folder, word, &names) != WS_OK)
        status = ws_fail_memory(err, "a list of clips");
    ws_text_list_deinit(&names);
    free(word);
    free(folder);
    return status;
}

static bool is_folder(const char *data_dir, const char *name)
{
    char *path = ws_path_join(data_dir, name);
    const bool is = path != NULL && ws_dir_exists(path);

    free(path);
    return is;
}

/** With the slash that follows it in a path, so that "a-b/x" comes before "a/x" as among paths. */
static ws_status list_folder_names(const char *data_dir, ws_text_list *folders,
                                   ws_left_out_kind *outside, ws_error *err)
{
    ws_text_list names = {0};

    ws_status status = ws_dir_list(data_dir, &names, err);
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        if (ws_sound_has_name(names.items[i]) && !is_folder(data_dir, names.items[i])) {
            ws_left_out_count(outside, names.items[i]);
            continue;
        }
        char *with_slash = ws_text_format("%s/", names.items[i]);
        if (with_slash == NULL || ws_text_list_push(folders, with_slash) != WS_OK)
            status = ws_fail_memory(err, "a list of folders");
        free(with_slash);
    }
    ws_text_list_deinit(&names);
    ws_text_list_sort(folders);
    return status;
}

void ws_clip_list_init(ws_clip_list *list)
{
    *list = (ws_clip_list){0};
    ws_buf_init(&list->paths, max_path_bytes);
}

ws_status ws_clip_list_read(ws_clip_list *list, const char *data_dir, ws_error *err)
{
    ws_text_list folders = {0};

    ws_clip_list_init(list);
    if (!ws_dir_exists(data_dir))
        return ws_fail(
            err, WS_ENOTFOUND,
            "--data_dir: there is no directory \"%s\", expected one with the clips of "
            "each word in a folder of its own (--data_url downloads a data set, `wordspot "
            "synth` makes a small one)",
            data_dir);
    ws_status status = list_folder_names(data_dir, &folders, &list->left_out.outside, err);
    for (size_t i = 0; status == WS_OK && i < folders.n_items; i++)
        status = push_folder(list, data_dir, folders.items[i], err);
    ws_text_list_deinit(&folders);
    return status;
}

void ws_clip_list_deinit(ws_clip_list *list)
{
    ws_buf_deinit(&list->paths);
    ws_names_deinit(&list->words);
    free(list->offsets);
    free(list->word_ids);
    *list = (ws_clip_list){0};
}

const char *ws_clip_list_path(const ws_clip_list *list, size_t file)
{
    return (const char *)list->paths.data + list->offsets[file];
}
