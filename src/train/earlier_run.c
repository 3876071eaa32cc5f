#include "train/earlier_run.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "checkpoint/keeper.h"
#include "checkpoint/state.h"
#include "settings/settings.h"

enum { MAX_TRIES = 100000 };

/** "<anything>.ckpt-<digit>..." */
static bool is_checkpoint_file(const char *name)
{
    const char *infix = strstr(name, ".ckpt-");
    return infix != NULL && isdigit((unsigned char)infix[strlen(".ckpt-")]);
}

static bool is_of_a_run(const char *name)
{
    return is_checkpoint_file(name) || ws_text_has_suffix(name, "_labels.txt") ||
           strcmp(name, WS_CHECKPOINT_STATE_NAME) == 0 || strcmp(name, WS_KEEPER_BEST_DIR) == 0;
}

/** The run_name in a checkpoint's settings, in new memory; NULL if it has none. */
static char *read_run_name(const char *prefix)
{
    char *settings = NULL;
    char *name = NULL;

    if (ws_settings_load(prefix, &settings, NULL) == WS_OK && settings != NULL)
        name = ws_settings_get(settings, "run_name");
    free(settings);
    return name;
}

/** The step of "<anything>.ckpt-<step>.index"; -1 for any other name. */
static int64_t step_of_index(const char *name)
{
    const char *infix = strstr(name, ".ckpt-");
    const char *digits = infix != NULL ? infix + strlen(".ckpt-") : NULL;
    const size_t n_digits = digits != NULL ? strspn(digits, "0123456789") : 0;
    int64_t step = -1;

    if (n_digits == 0 || strcmp(digits + n_digits, WS_BUNDLE_INDEX_SUFFIX) != 0)
        return -1;
    char *text = ws_text_format("%.*s", (int)n_digits, digits);
    if (text == NULL || !ws_text_to_int64(text, &step))
        step = -1;
    free(text);
    return step;
}

/** The run name in the checkpoint of that index file; NULL if it has none that can be a folder. */
static char *read_index_run_name(const char *dir, const char *index)
{
    const size_t length = strlen(index) - strlen(WS_BUNDLE_INDEX_SUFFIX);
    char *prefix = ws_text_format("%s/%.*s", dir, (int)length, index);
    char *name = prefix != NULL ? read_run_name(prefix) : NULL;

    free(prefix);
    if (name != NULL && name[0] != '\0' && strchr(name, '/') == NULL)
        return name;
    free(name);
    return NULL;
}

/** The run whose checkpoint has the highest step, of those that name their run; NULL if there is
 *  none. */
static char *find_run_name(const char *dir, const ws_text_list *names)
{
    int64_t newest = -1;
    char *found = NULL;

    for (size_t i = 0; i < names->n_items; i++) {
        const int64_t step = step_of_index(names->items[i]);
        char *name = step > newest ? read_index_run_name(dir, names->items[i]) : NULL;
        if (name == NULL)
            continue;
        free(found);
        found = name;
        newest = step;
    }
    return found;
}

/** Makes <dir>/<name>, or if that is taken <dir>/<name>-2, -3, ...; NULL and err on failure. */
static char *make_folder(const char *dir, const char *name, ws_error *err)
{
    for (int number = 1; number < MAX_TRIES; number++) {
        char *path =
            number == 1 ? ws_path_join(dir, name) : ws_text_format("%s/%s-%d", dir, name, number);
        if (path == NULL) {
            (void)ws_fail_memory(err, "the names of an earlier run");
            return NULL;
        }
        if (mkdir(path, 0777) == 0)
            return path;
        const int reason = errno;
        if (reason != EEXIST) {
            (void)ws_fail_errno(err, reason, "%s: the directory cannot be made", path);
            free(path);
            return NULL;
        }
        free(path);
    }
    (void)ws_fail(err, WS_ELIMIT, "%s: no room for the checkpoints of an earlier run", dir);
    return NULL;
}

static ws_status move(const char *dir, const char *name, const char *folder, ws_error *err)
{
    char *from = ws_path_join(dir, name);
    char *to = ws_path_join(folder, name);
    ws_status status = WS_OK;

    if (from == NULL || to == NULL)
        status = ws_fail_memory(err, "the names of an earlier run");
    else if (rename(from, to) != 0)
        status = ws_fail_errno(err, errno, "%s: cannot be moved to %s", from, to);
    free(from);
    free(to);
    return status;
}

/** @param run_name  of the earlier run; NULL if it is not known */
static ws_status move_all(const char *dir, const ws_text_list *names, const char *run_name,
                          const ws_log *log, ws_error *err)
{
    ws_status status = WS_OK;
    char *folder = make_folder(dir, run_name != NULL ? run_name : "earlier", err);

    if (folder == NULL)
        return WS_EIO;
    for (size_t i = 0; status == WS_OK && i < names->n_items; i++)
        status = move(dir, names->items[i], folder, err);
    if (status == WS_OK)
        ws_log_write(log, WS_LOG_INFO, "Moved the checkpoints of an earlier run to \"%s\"", folder);
    free(folder);
    return status;
}

ws_status ws_earlier_run_move_aside(const char *train_dir, const char *resumed_run,
                                    const ws_log *log, ws_error *err)
{
    ws_text_list all = {.items = NULL};
    ws_text_list found = {.items = NULL};
    bool has_checkpoint = false;
    ws_status status = ws_dir_list(train_dir, &all, err);

    for (size_t i = 0; status == WS_OK && i < all.n_items; i++) {
        const char *name = all.items[i];
        if (!is_of_a_run(name) || ws_file_staged_by(name) != 0)
            continue;
        has_checkpoint = has_checkpoint || is_checkpoint_file(name);
        if (ws_text_list_push(&found, name) != WS_OK)
            status = ws_fail_memory(err, "the names of an earlier run");
    }
    char *run_name = status == WS_OK ? find_run_name(train_dir, &found) : NULL;
    const bool is_own =
        resumed_run != NULL && run_name != NULL && strcmp(run_name, resumed_run) == 0;
    if (status == WS_OK && has_checkpoint && !is_own)
        status = move_all(train_dir, &found, run_name, log, err);
    free(run_name);
    ws_text_list_deinit(&all);
    ws_text_list_deinit(&found);
    return status;
}
