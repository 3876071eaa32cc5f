#include "inspect/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/names.h"
#include "base/path.h"
#include "inspect/show.h"

enum { MAX_DEPTH = 32, MAX_RUNS = 1 << 20 };

/** The directory that is looked at and those that it lies in. */
typedef struct place {
    const struct place *parent;
    size_t depth;
    dev_t device;
    ino_t inode;
} place;

static ws_status push_run(ws_event_runs *runs, const char *name, ws_event_run **run, ws_error *err)
{
    if (runs->n_items >= MAX_RUNS)
        return ws_fail(err, WS_ELIMIT, "there are more than %d runs", MAX_RUNS);
    ws_event_run *items =
        ws_names_grow(runs->items, runs->n_items, &runs->capacity, sizeof *runs->items);
    if (items == NULL)
        return ws_fail_memory(err, name);
    runs->items = items;
    *run = &items[runs->n_items];
    **run = (ws_event_run){.name = ws_text_copy(name)};
    if ((*run)->name == NULL)
        return ws_fail_memory(err, name);
    runs->n_items++;
    return WS_OK;
}

static bool is_event_file(const char *name, const struct stat *info)
{
    return S_ISREG(info->st_mode) && strstr(name, "tfevents") != NULL &&
           !ws_text_has_suffix(name, ".profile-empty"); /* says only that there is a profile */
}

static bool is_within_itself(const place *here)
{
    for (const place *p = here->parent; p != NULL; p = p->parent)
        if (p->device == here->device && p->inode == here->inode)
            return true;
    return here->depth > MAX_DEPTH;
}

static void pass_over(ws_event_runs *runs, const char *path, const char *what)
{
    char *shown = ws_show_text(path);

    ws_log_write(runs->log, WS_LOG_WARN, "%s: this %s cannot be read and is ignored",
                 shown != NULL ? shown : "?", what);
    free(shown);
    runs->n_passed++;
}

static bool can_be_read(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 || (errno != EACCES && errno != EPERM);
}

/** Parts a directory's content into its event files and the directories in it. What cannot be
 *  looked at (a link to nowhere) is no part of it. */
static ws_status sort_out(ws_event_runs *runs, const char *path, const ws_text_list *names,
                          ws_text_list *files, ws_text_list *dirs, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < names->n_items; i++) {
        struct stat info;
        char *full = ws_path_join(path, names->items[i]);
        if (full == NULL)
            return ws_fail_memory(err, path);
        if (stat(full, &info) == 0) {
            if (S_ISDIR(info.st_mode))
                status = ws_text_list_push(dirs, names->items[i]);
            else if (is_event_file(names->items[i], &info) && can_be_read(full))
                status = ws_text_list_push(files, full);
            else if (is_event_file(names->items[i], &info))
                pass_over(runs, full, "file");
        }
        free(full);
        if (status != WS_OK)
            return ws_fail_memory(err, path);
    }
    return status;
}

static ws_status find_in(ws_event_runs *runs, const char *path, const char *name,
                         const place *parent, ws_error *err);

static ws_status find_below(ws_event_runs *runs, const char *path, const char *name,
                            const place *here, const ws_text_list *dirs, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < dirs->n_items; i++) {
        char *inner_path = ws_path_join(path, dirs->items[i]);
        char *inner_name = strcmp(name, ".") == 0 ? ws_text_copy(dirs->items[i])
                                                  : ws_path_join(name, dirs->items[i]);
        if (inner_path == NULL || inner_name == NULL)
            status = ws_fail_memory(err, path);
        else
            status = find_in(runs, inner_path, inner_name, here, err);
        free(inner_path);
        free(inner_name);
    }
    return status;
}

static ws_status find_in(ws_event_runs *runs, const char *path, const char *name,
                         const place *parent, ws_error *err)
{
    struct stat info;
    ws_text_list names = {.items = NULL}, files = {.items = NULL}, dirs = {.items = NULL};

    if (stat(path, &info) != 0)
        return WS_OK; /* it has just gone */
    const place here = {parent, parent != NULL ? parent->depth + 1 : 0, info.st_dev, info.st_ino};
    if (is_within_itself(&here))
        return WS_OK;
    if (parent != NULL && !can_be_read(path)) {
        pass_over(runs, path, "directory");
        return WS_OK;
    }
    ws_status status = ws_dir_list(path, &names, err);
    if (status == WS_OK)
        status = sort_out(runs, path, &names, &files, &dirs, err);
    if (status == WS_OK && files.n_items > 0) {
        ws_event_run *run = NULL;
        status = push_run(runs, name, &run, err);
        if (status == WS_OK) {
            run->files = files;
            files = (ws_text_list){.items = NULL};
        }
    }
    if (status == WS_OK)
        status = find_below(runs, path, name, &here, &dirs, err);
    ws_text_list_deinit(&names);
    ws_text_list_deinit(&files);
    ws_text_list_deinit(&dirs);
    return status;
}

ws_status ws_event_runs_find(ws_event_runs *runs, const char *path, ws_error *err)
{
    const size_t n_before = runs->n_items;
    struct stat info;
    ws_event_run *run = NULL;

    if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
        if (!S_ISREG(info.st_mode))
            return ws_fail(err, WS_EIO, "%s: is a pipe or a device, expected a plain file", path);
        ws_status status = push_run(runs, ".", &run, err);
        if (status == WS_OK && ws_text_list_push(&run->files, path) != WS_OK)
            status = ws_fail_memory(err, path);
        return status;
    }
    if (!ws_dir_exists(path))
        return ws_fail(err, WS_ENOTFOUND,
                       "%s: is not there, expected an event file, or a "
                       "directory with such",
                       path);
    const ws_status status = find_in(runs, path, ".", NULL, err);
    if (status == WS_OK && runs->n_items == n_before)
        return ws_fail(err, WS_ENOTFOUND,
                       "%s: there is no event file in it, expected some with \"tfevents\" in their "
                       "names",
                       path);
    return status;
}

void ws_event_runs_deinit(ws_event_runs *runs)
{
    for (size_t i = 0; i < runs->n_items; i++) {
        free(runs->items[i].name);
        ws_text_list_deinit(&runs->items[i].files);
    }
    free(runs->items);
    *runs = (ws_event_runs){.items = NULL};
}
