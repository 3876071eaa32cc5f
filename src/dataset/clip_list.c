#include "dataset/clip_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "dataset/labels.h"

static const size_t max_path_bytes = (size_t)1 << 32; /* of all paths together */

static bool is_clip_name(const char *name)
{
    return ws_text_has_suffix(name, ".wav") || ws_text_has_suffix(name, ".flac");
}

/** Appends the clips in a folder, sorted. What turns out to be no folder has none. */
static ws_status list_folder(const char *folder, ws_text_list *names, ws_error *err)
{
    const struct dirent *entry;
    ws_status status = WS_OK;

    DIR *dir = opendir(folder);
    if (dir == NULL && (errno == ENOTDIR || errno == ENOENT)) /* ENOENT: a link to nowhere */
        return WS_OK;
    if (dir == NULL)
        return ws_fail_errno(err, errno, "%s: the directory cannot be read", folder);
    errno = 0;
    while (status == WS_OK && (entry = readdir(dir)) != NULL) {
        /* the type comes with the name: a call to stat() for each of 100,000 files takes long */
        if (entry->d_type != DT_DIR && is_clip_name(entry->d_name))
            status = ws_text_list_push(names, entry->d_name);
        errno = 0;
    }
    const int reason = errno;
    (void)closedir(dir);
    if (status != WS_OK)
        return ws_fail_memory(err, "a list of clips");
    if (reason != 0)
        return ws_fail_errno(err, reason, "%s: the directory cannot be read", folder);
    ws_text_list_sort(names);
    return WS_OK;
}

/** Only ASCII: what the locale calls lower-case must not decide what a clip is called. */
static void to_lower(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static ws_status find_word(ws_clip_list *list, const char *word, uint32_t *id)
{
    for (size_t i = 0; i < list->words.n_items; i++) {
        if (strcmp(list->words.items[i], word) == 0) {
            *id = (uint32_t)i;
            return WS_OK;
        }
    }
    *id = (uint32_t)list->words.n_items;
    return ws_text_list_push(&list->words, word);
}

static ws_status make_room(ws_clip_list *list, size_t n_more)
{
    if (list->capacity - list->n_files >= n_more)
        return WS_OK;
    const size_t capacity = 2 * list->capacity + n_more;
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

static ws_status push_files(ws_clip_list *list, const char *folder, const char *word,
                            const ws_text_list *names)
{
    uint32_t id;

    if (names->n_items == 0)
        return WS_OK;
    ws_status status = find_word(list, word, &id);
    if (status == WS_OK)
        status = make_room(list, names->n_items);
    for (size_t i = 0; status == WS_OK && i < names->n_items; i++) {
        list->offsets[list->n_files] = list->paths.size;
        list->word_ids[list->n_files++] = id;
        ws_buf_push_format(&list->paths, "%s/%s", folder, names->items[i]);
        ws_buf_push_byte(&list->paths, 0);
    }
    return status == WS_OK ? list->paths.status : status;
}

/** @param name  of the folder, with a slash behind it */
static ws_status push_folder(ws_clip_list *list, const char *data_dir, const char *name,
                             ws_error *err)
{
    ws_text_list names = {0};
    char *word = ws_text_copy(name);
    char *folder = ws_path_join(data_dir, name);
    ws_status status = WS_OK;

    if (word == NULL || folder == NULL) {
        status = ws_fail_memory(err, "a list of clips");
    } else {
        word[strlen(word) - 1] = '\0';
        folder[strlen(folder) - 1] = '\0';
        to_lower(word);
        if (strcmp(word, WS_NOISE_DIR) != 0) {
            status = list_folder(folder, &names, err);
            if (status == WS_OK && push_files(list, folder, word, &names) != WS_OK)
                status = ws_fail_memory(err, "a list of clips");
        }
    }
    ws_text_list_deinit(&names);
    free(word);
    free(folder);
    return status;
}

/** With the slash that follows it in a path, so that "a-b/x" comes before "a/x" as among paths. */
static ws_status list_folder_names(const char *data_dir, ws_text_list *folders, ws_error *err)
{
    ws_text_list names = {0};

    ws_status status = ws_dir_list(data_dir, &names, err);
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        char *with_slash = ws_text_format("%s/", names.items[i]);
        if (with_slash == NULL || ws_text_list_push(folders, with_slash) != WS_OK)
            status = ws_fail_memory(err, "a list of folders");
        free(with_slash);
    }
    ws_text_list_deinit(&names);
    ws_text_list_sort(folders);
    return status;
}

ws_status ws_clip_list_init(ws_clip_list *list, const char *data_dir, ws_error *err)
{
    ws_text_list folders = {0};

    *list = (ws_clip_list){0};
    ws_buf_init(&list->paths, max_path_bytes);
    if (!ws_dir_exists(data_dir))
        return ws_fail(
            err, WS_ENOTFOUND,
            "--data_dir: there is no directory \"%s\", expected one with the clips of "
            "each word in a folder of its own (--data_url downloads a data set, `wordspot "
            "synth` makes a small one)",
            data_dir);
    ws_status status = list_folder_names(data_dir, &folders, err);
    for (size_t i = 0; status == WS_OK && i < folders.n_items; i++)
        status = push_folder(list, data_dir, folders.items[i], err);
    ws_text_list_deinit(&folders);
    return status;
}

void ws_clip_list_deinit(ws_clip_list *list)
{
    ws_buf_deinit(&list->paths);
    ws_text_list_deinit(&list->words);
    free(list->offsets);
    free(list->word_ids);
    *list = (ws_clip_list){0};
}

const char *ws_clip_list_path(const ws_clip_list *list, size_t file)
{
    return (const char *)list->paths.data + list->offsets[file];
}
