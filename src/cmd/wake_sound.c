#include "cmd/wake_sound.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crc32c.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/folder.h"

/** What is done with each folder of a list. @param files  its sound files, as paths in it */
typedef ws_status (*visitor)(void *user, const char *dir, const ws_text_list *files, ws_error *err);

static ws_status visit(const char *dirs, visitor see, void *user, ws_error *err)
{
    ws_text_list parts = {0};
    ws_status status = dirs[0] == '\0' || ws_text_list_push_split(&parts, dirs, ',') == WS_OK
                           ? WS_OK
                           : ws_fail_memory(err, "a list of folders");

    for (size_t i = 0; i < parts.n_items && status == WS_OK; i++) {
        ws_left_out left_out = {0};
        ws_text_list files = {0};
        status = ws_folder_list_nested(parts.items[i], &files, &left_out, err);
        if (status == WS_OK)
            status = see(user, parts.items[i], &files, err);
        ws_text_list_deinit(&files);
    }
    ws_text_list_deinit(&parts);
    return status;
}

static ws_status check_dir(void *user, const char *dir, const ws_text_list *files, ws_error *err)
{
    const char *flag = *(const char **)user;
    struct stat about;

    if (files->n_items > 0)
        return WS_OK;
    if (stat(dir, &about) != 0 || !S_ISDIR(about.st_mode))
        return ws_fail(err, WS_ENOTFOUND, "--%s: %s: there is no such directory", flag, dir);
    return ws_fail(err, WS_ENOTFOUND, "--%s: %s: has no sound file", flag, dir);
}

ws_status ws_wake_sound_check(const char *flag, const char *dirs, ws_error *err)
{
    return visit(dirs, check_dir, &flag, err);
}

typedef struct sum {
    size_t n_files;
    uint32_t crc;
} sum;

static ws_status add_dir(void *user, const char *dir, const ws_text_list *files, ws_error *err)
{
    sum *all = user;

    for (size_t i = 0; i < files->n_items; i++) {
        char *path = ws_path_join(dir, files->items[i]);
        struct stat about;
        if (path == NULL)
            return ws_fail_memory(err, "the name of a file");
        if (stat(path, &about) == 0) {
            const int64_t facts[] = {about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
            all->crc = ws_crc32c(all->crc, path, strlen(path) + 1);
            all->crc = ws_crc32c(all->crc, facts, sizeof facts);
        }
        free(path);
    }
    all->n_files += files->n_items;
    return WS_OK;
}

ws_status ws_wake_sound_stamp(const char *const *dirs, size_t n_dirs, char **stamp, ws_error *err)
{
    sum all = {.n_files = 0};
    bool has_dir = false;
    ws_status status = WS_OK;

    *stamp = NULL;
    for (size_t i = 0; i < n_dirs && status == WS_OK; i++) {
        has_dir = has_dir || dirs[i][0] != '\0';
        status = visit(dirs[i], add_dir, &all, err);
    }
    if (status != WS_OK)
        return status;
    *stamp = has_dir
                 ? ws_text_format("# %zu sound files, %08lx", all.n_files, (unsigned long)all.crc)
                 : ws_text_copy("");
    return *stamp != NULL ? WS_OK : ws_fail_memory(err, "the steps of a wake word");
}
