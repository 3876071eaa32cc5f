#include "dataset/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "audio/sound.h"
#include "base/buf.h"
#include "base/path.h"

enum { MAX_DEPTH = 16, MAX_TEXT_BYTES = 2048 };

void ws_left_out_count(ws_left_out_kind *kind, const char *path)
{
    /* file systems list files in any order */
    if (kind->n == 0 || strcmp(path, kind->first) < 0)
        (void)snprintf(kind->first, sizeof kind->first, "%s", path);
    kind->n++;
}

static bool is_expected(const char *name)
{
    return name[0] == '.' || strncasecmp(name, "README", 6) == 0 ||
           strncasecmp(name, "LICENSE", 7) == 0;
}

/** A listing under way. */
typedef struct listing {
    const char *top; /* the folder that was asked for */
    bool is_nested;  /* sound files in folders inside it count */
    ws_text_list *names;
    ws_left_out *left_out;
} listing;

static ws_status read_folder(const listing *all, const char *folder, int depth, ws_error *err);

/** One entry of a folder. @param depth  of folders below the one that was asked for */
static ws_status take_entry(const listing *all, const char *folder, const struct dirent *entry,
                            int depth, ws_error *err)
{
    const char *name = entry->d_name;
    /* the type comes with the name: a call to stat() for each of 100,000 files takes long */
    const bool is_folder = entry->d_type == DT_DIR, is_sound = ws_sound_has_name(name);
    const size_t n_top = strlen(all->top);
    ws_status status = WS_OK;

    if (depth == 0 && !is_folder && is_sound)
        return ws_text_list_push(all->names, name) == WS_OK
                   ? WS_OK
                   : ws_fail_memory(err, "a list of clips");
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (!is_folder && is_expected(name)))
        return WS_OK;
    char *path = ws_path_join(folder, name);
    if (path == NULL)
        return ws_fail_memory(err, "a list of clips");
    if (is_folder && depth < MAX_DEPTH)
        status = read_folder(all, path, depth + 1, err);
    else if (!is_folder && is_sound && !all->is_nested)
        ws_left_out_count(&all->left_out->nested, path);
    else if (!is_folder && is_sound &&
             ws_text_list_push(all->names, path + n_top + (path[n_top] == '/')) != WS_OK)
        status = ws_fail_memory(err, "a list of clips");
    else if (!is_folder && !is_sound && depth == 0)
        ws_left_out_count(&all->left_out->other, path);
    free(path);
    return status;
}

static ws_status read_folder(const listing *all, const char *folder, int depth, ws_error *err)
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
        status = take_entry(all, folder, entry, depth, err);
        errno = 0;
    }
    const int reason = errno;
    (void)closedir(dir);
    if (status == WS_OK && reason != 0)
        status = ws_fail_errno(err, reason, "%s: the directory cannot be read", folder);
    return status;
}

static ws_status list(const listing *all, ws_error *err)
{
    const ws_status status = read_folder(all, all->top, 0, err);
    ws_text_list_sort(all->names);
    return status;
}

ws_status ws_folder_list(const char *folder, ws_text_list *names, ws_left_out *left_out,
                         ws_error *err)
{
    return list(&(listing){folder, false, names, left_out}, err);
}

ws_status ws_folder_list_nested(const char *folder, ws_text_list *names, ws_left_out *left_out,
                                ws_error *err)
{
    return list(&(listing){folder, true, names, left_out}, err);
}

static void push_kind(ws_buf *text, const ws_left_out_kind *kind, const char *one, const char *many)
{
    if (kind->n == 0)
        return;
    ws_buf_push_format(text, text->size > 0 ? ", %zu %s (%s%s)" : "left out: %zu %s (%s%s)",
                       kind->n, kind->n == 1 ? one : many,
                       kind->n == 1 ? "" : "the first: ", kind->first);
}

char *ws_left_out_text(const ws_left_out *left_out)
{
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    push_kind(&text, &left_out->other, "file that is not sound by its name",
              "files that are not sound by their names");
    push_kind(&text, &left_out->nested, "sound file in a folder inside a folder of clips",
              "sound files in folders inside folders of clips");
    push_kind(&text, &left_out->outside, "sound file in no folder", "sound files in no folder");
    if (text.size == 0) {
        ws_buf_deinit(&text);
        return ws_text_copy("");
    }
    return ws_buf_take_string(&text);
}
