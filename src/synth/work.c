#include "synth/work.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir_lock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

/** What the threads share; the lower part under the critical section "synth". */
typedef struct sharing {
    const ws_synth_work *work;
    const size_t *missing; /* [n_missing] */
    size_t *starts;        /* [n_groups + 1] into missing */
    size_t n_groups;
    ws_synth_report *report;
    size_t n_there; /* files that exist: found or made */
    ws_status status;
    ws_error error;
    size_t failed_at; /* the group of the failure that is told */
} sharing;

/** Two for each processor unless told: they wait for the disk, and for other programs, half the
 *  time. */
static int count_jobs(size_t n_wanted)
{
    const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t n_jobs = n_wanted > 0 ? n_wanted : n_processors > 0 ? 2 * (size_t)n_processors : 2;
    return n_jobs < WS_SYNTH_MAX_JOBS ? (int)n_jobs : WS_SYNTH_MAX_JOBS;
}

/** Notes how it went. Of several failures the one of the first group is told. */
static void note(sharing *all, size_t group, ws_status status, const ws_error *error)
{
    const ws_synth_watch *watch = all->work->watch;

    if (status != WS_OK && (all->status == WS_OK || group < all->failed_at)) {
        all->status = status;
        all->error = *error;
        all->failed_at = group;
    }
    if (status != WS_OK)
        return;
    all->report->n_made += all->starts[group + 1] - all->starts[group];
    all->n_there += all->starts[group + 1] - all->starts[group];
    if (watch != NULL && watch->progress != NULL && all->report->is_complete)
        all->report->is_complete = watch->progress(watch->user, all->n_there, all->report->n_files);
}

static ws_status make_groups(sharing *all, ws_error *err)
{
    const int n_threads = count_jobs(all->work->n_jobs);

#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < all->n_groups; i++) {
        bool is_over;
#pragma omp critical(synth)
        is_over = !all->report->is_complete || all->status != WS_OK;
        if (is_over)
            continue;
        ws_error error = {.status = WS_OK};
        const ws_status status = all->work->make(all->work->plan, all->missing + all->starts[i],
                                                 all->starts[i + 1] - all->starts[i], &error);
#pragma omp critical(synth)
        note(all, i, status, &error);
    }
    return all->status == WS_OK ? WS_OK : ws_fail(err, all->status, "%s", all->error.message);
}

/** Parts the missing files into groups. */
static void find_groups(sharing *all, size_t n_missing)
{
    const ws_synth_work *work = all->work;

    for (size_t i = 0; i < n_missing; i++) {
        const size_t start = all->n_groups > 0 ? all->starts[all->n_groups - 1] : 0;
        const bool joins = i > 0 && work->group != NULL && i - start < WS_SYNTH_MAX_GROUP &&
                           work->group(work->plan, all->missing[i]) ==
                               work->group(work->plan, all->missing[start]);
        if (!joins)
            all->starts[all->n_groups++] = i;
    }
    all->starts[all->n_groups] = n_missing;
}

ws_status ws_synth_remove_matching(const char *dir, const char *part, ws_error *err)
{
    ws_text_list names = {.items = NULL};
    const ws_status status = ws_dir_list(dir, &names, err);
    for (size_t i = 0; i < names.n_items; i++) {
        char *path = strstr(names.items[i], part) ? ws_path_join(dir, names.items[i]) : NULL;
        if (path != NULL)
            (void)unlink(path);
        free(path);
    }
    ws_text_list_deinit(&names);
    return status;
}

/** Makes the directories of the missing files, and removes what an earlier run that was killed left
 *  there: half-written files under other names. */
static ws_status prepare_dirs(const ws_synth_work *work, const size_t *missing, size_t n_missing,
                              ws_error *err)
{
    char *before = NULL;
    ws_status status = WS_OK;

    for (size_t i = 0; i < n_missing && status == WS_OK; i++) {
        char *dir = ws_path_dir(work->path(work->plan, missing[i]));
        if (dir == NULL) {
            status = ws_fail_memory(err, "a path");
        } else if (before == NULL || strcmp(dir, before) != 0) {
            status = ws_dir_create_all(dir, err);
            if (status == WS_OK)
                status = ws_synth_remove_matching(dir, ".wav.tmp-", err);
            if (status == WS_OK)
                status = ws_synth_remove_matching(dir, ".flac.tmp-", err);
        }
        free(before);
        before = dir;
    }
    free(before);
    return status;
}

size_t ws_synth_work_count_found(const ws_synth_work *work)
{
    size_t n = 0;
    for (size_t i = 0; i < work->n_files; i++)
        n += ws_file_exists(work->path(work->plan, i));
    return n;
}

ws_status ws_synth_work_run(const ws_synth_work *work, size_t first, size_t end,
                            ws_synth_report *report, ws_error *err)
{
    const size_t n = end - first;
    size_t n_missing = 0;
    size_t *missing = malloc((n + 1) * sizeof *missing);
    size_t *starts = malloc((n + 1) * sizeof *starts);
    ws_status status = WS_OK;

    if (missing == NULL || starts == NULL) {
        status = ws_fail_memory(err, "the list of missing clips");
    } else {
        for (size_t i = first; i < end; i++)
            if (!ws_file_exists(work->path(work->plan, i)))
                missing[n_missing++] = i;
        status = prepare_dirs(work, missing, n_missing, err);
    }
    if (status == WS_OK && report->is_complete) {
        sharing all = {.work = work, .missing = missing, .starts = starts, .report = report};
        all.n_there = report->n_found + report->n_made;
        find_groups(&all, n_missing);
        status = make_groups(&all, err);
    }
    free(missing);
    free(starts);
    return status;
}

ws_status ws_synth_folder_open(ws_synth_folder *folder, const char *data_dir,
                               const char *scratch_name, ws_error *err)
{
    folder->lock = -1;
    folder->scratch_dir = ws_path_join(data_dir, scratch_name);
    if (folder->scratch_dir == NULL)
        return ws_fail_memory(err, "a path");
    const ws_status status = ws_dir_create_all(data_dir, err);
    return status == WS_OK ? ws_dir_lock_open(data_dir, "wordspot synth", &folder->lock, err)
                           : status;
}

void ws_synth_folder_close(ws_synth_folder *folder)
{
    if (folder->lock >= 0)
        (void)close(folder->lock);
    free(folder->scratch_dir);
}
