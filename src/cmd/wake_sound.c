#include "cmd/wake_sound.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/folder.h"
#include "dataset/phrase_name.h"

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

/** @param files  in the folder. @return one in a folder that is named after the phrase; "" for
 *  the folder itself; NULL if nothing is */
static const char *find_named(const ws_wake_sound *sound, const char *dir,
                              const ws_text_list *files)
{
    if (ws_phrase_name_is_of(dir, sound->phrase))
        return "";
    for (size_t i = 0; i < files->n_items && sound->is_whole; i++)
        if (ws_phrase_name_is_in(files->items[i], sound->phrase))
            return files->items[i];
    return NULL;
}

static ws_status check_dir(void *user, const char *dir, const ws_text_list *files, ws_error *err)
{
    const ws_wake_sound *sound = user;

    if (files->n_items == 0 && !ws_dir_exists(dir))
        return ws_fail(err, WS_ENOTFOUND, "--%s: %s: %s", sound->flag, dir, ws_dir_fault(dir));
    if (files->n_items == 0)
        return ws_fail(err, WS_ENOTFOUND, "--%s: %s: has no sound file", sound->flag, dir);
    const char *named = sound->phrase != NULL ? find_named(sound, dir, files) : NULL;
    if (named == NULL)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--%s: %s%s%s: its folder is named after the phrase; expected sound in which "
                   "nobody says \"%s\"",
                   sound->flag, dir, *named != '\0' ? "/" : "", named, sound->phrase);
}

static ws_status check(ws_wake_sound sound, ws_error *err)
{
    if (strchr(sound.dirs, ',') != NULL && ws_dir_exists(sound.dirs))
        return ws_fail(err, WS_EUSAGE,
                       "--%s=%s: has a comma, which separates folders in lists; expected a path "
                       "without one",
                       sound.flag, sound.dirs);
    return visit(sound.dirs, check_dir, &sound, err);
}

ws_status ws_wake_sound_check(const ws_wake_sound *all, size_t n, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; i < n && status == WS_OK; i++)
        status = check(all[i], err);
    return status;
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

const char *ws_wake_sound_find_speech(const char *phrase)
{
    /* a folder named after the phrase is refused by its last name, and this one is not meant */
    return ws_phrase_name_is_of("speech", phrase) ? "/test_voices/speech/." : "/test_voices/speech";
}
