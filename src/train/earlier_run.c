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

/** Reads the settings of the checkpoint of that index file.
 *  @return whether it names a run that can be a folder */
static bool read_run(const char *dir, const char *index, ws_newest_run *run)
{
    const size_t length = strlen(index) - strlen(WS_BUNDLE_INDEX_SUFFIX);
    char *prefix = ws_text_format("%s/%.*s", dir, (int)length, index);

    *run = (ws_newest_run){.step = step_of_index(index)};
    if (prefix != NULL && ws_settings_load(prefix, &run->settings, NULL) == WS_OK &&
        run->settings != NULL)
        run->name = ws_settings_get(run->settings, "run_name");
    free(prefix);
    return run->name != NULL && run->name[0] != '\0' && strchr(run->name, '/') == NULL;
}

static void find_newest(const char *dir, const ws_text_list *names, ws_newest_run *newest)
{
    *newest = (ws_newest_run){.step = -1};
    for (size_t i = 0; i < names->n_items; i++) {
        ws_newest_run run;
        if (step_of_index(names->items[i]) <= newest->step)
            continue;
        const bool is_named = read_run(dir, names->items[i], &run);
        ws_newest_run_deinit(is_named ? newest : &run);
        if (is_named)
            *newest = run;
    }
}

void ws_newest_run_find(const char *dir, ws_newest_run *newest)
{
    ws_text_list names = {.items = NULL};

    *newest = (ws_newest_run){.step = -1};
    if (ws_dir_exists(dir) && ws_dir_list(dir, &names, NULL) == WS_OK)
        find_newest(dir, &names, newest);
    ws_text_list_deinit(&names);
}

void ws_newest_run_deinit(ws_newest_run *newest)
{
    free(newest->name);
    free(newest->settings);
    *newest = (ws_newest_run){.step = -1};
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
    ws_newest_run newest = {.step = -1};
    if (status == WS_OK)
        find_newest(train_dir, &found, &newest);
    const bool is_own =
        resumed_run != NULL && newest.name != NULL && strcmp(newest.name, resumed_run) == 0;
    if (status == WS_OK && has_checkpoint && !is_own)
        status = move_all(train_dir, &found, newest.name, log, err);
    ws_newest_run_deinit(&newest);
    ws_text_list_deinit(&all);
    ws_text_list_deinit(&found);
    return status;
}
