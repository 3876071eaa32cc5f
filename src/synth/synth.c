#include "synth/synth.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir_lock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "synth/background.h"
#include "synth/clip.h"
#include "synth/marker.h"
#include "synth/plan.h"
#include "synth/voice.h"

#define SCRATCH_DIR ".espeak" /* in data_dir; a name that no search for folders of words finds */

/** The work at hand: the files that are missing, shared by the threads that make them. */
typedef struct synth_work {
    const ws_synth_options *options;
    const ws_synth_plan *plan;
    const ws_synth_watch *watch; /* may be NULL */
    char *scratch_dir;           /* owned */
    size_t *missing;             /* [n_missing] owned: indexes of clips, then of noises */
    size_t n_missing;
    size_t n_missing_clips; /* the first of them */
    /* under the critical section "synth" */
    size_t n_made;
    bool is_stopped;
    ws_status status;
    ws_error error;
    size_t failed_at; /* place in missing of the failure that is told */
} synth_work;

static const char *path_of(const ws_synth_plan *plan, size_t file)
{
    return file < plan->n_clips ? plan->clip_paths.items[file]
                                : plan->noise_paths.items[file - plan->n_clips];
}

static size_t count_files(const ws_synth_plan *plan)
{
    return plan->n_clips + plan->noise_paths.n_items;
}

static ws_status find_missing(synth_work *work, ws_error *err)
{
    const size_t n_files = count_files(work->plan);
    work->missing = calloc(n_files, sizeof *work->missing);
    if (work->missing == NULL)
        return ws_fail_memory(err, "the list of missing clips");
    for (size_t i = 0; i < n_files; i++) {
        if (ws_file_exists(path_of(work->plan, i)))
            continue;
        work->missing[work->n_missing++] = i;
        work->n_missing_clips += i < work->plan->n_clips;
    }
    return WS_OK;
}

/** Makes one file. */
static ws_status make(const synth_work *work, size_t file, ws_error *err)
{
    const ws_synth_options *options = work->options;
    const size_t n_clips = work->plan->n_clips;

    if (file >= n_clips)
        return ws_synth_background_write(path_of(work->plan, file), file - n_clips, options->seed,
                                         options->background_seconds * WS_SYNTH_SAMPLE_RATE_HZ,
                                         work->plan, err);
    char *scratch = ws_text_format("%s/%zu.wav", work->scratch_dir, file);
    if (scratch == NULL)
        return ws_fail_memory(err, "a path");
    const ws_status status = ws_synth_clip_write(options, work->plan, file, scratch, err);
    free(scratch);
    return status;
}

/** Notes how it went. Of several failures the one of the first file is told. */
static void note(synth_work *work, size_t place, ws_status status, const ws_error *error)
{
    if (status != WS_OK && (work->status == WS_OK || place < work->failed_at)) {
        work->status = status;
        work->error = *error;
        work->failed_at = place;
    }
    if (status != WS_OK)
        return;
    work->n_made++;
    const size_t n_files = count_files(work->plan);
    if (work->watch != NULL && work->watch->progress != NULL && !work->is_stopped)
        work->is_stopped = !work->watch->progress(
            work->watch->user, n_files - work->n_missing + work->n_made, n_files);
}

/** Two for each processor unless told: they wait for the disk, and for espeak-ng, half the time. */
static int count_jobs(const ws_synth_options *options)
{
    const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t n_jobs = options->n_jobs > 0 ? options->n_jobs
                          : n_processors > 0  ? 2 * (size_t)n_processors
                                              : 2;
    return n_jobs < WS_SYNTH_MAX_JOBS ? (int)n_jobs : WS_SYNTH_MAX_JOBS;
}

/** Makes the files missing[first .. end), several at a time. */
static ws_status make_range(synth_work *work, size_t first, size_t end, ws_error *err)
{
    const int n_threads = count_jobs(work->options);

#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = first; i < end; i++) {
        bool is_over;
#pragma omp critical(synth)
        is_over = work->is_stopped || work->status != WS_OK;
        if (is_over)
            continue;
        ws_error error = {.status = WS_OK};
        const ws_status status = make(work, work->missing[i], &error);
#pragma omp critical(synth)
        note(work, i, status, &error);
    }
    return work->status == WS_OK ? WS_OK : ws_fail(err, work->status, "%s", work->error.message);
}

/** The babble is mixed of clips, so all of them come before all noise. */
static ws_status make_all(synth_work *work, ws_error *err)
{
    ws_status status = make_range(work, 0, work->n_missing_clips, err);
    if (status == WS_OK && !work->is_stopped)
        status = make_range(work, work->n_missing_clips, work->n_missing, err);
    return status;
}

/** Removes what an earlier run that was killed left: half-written files under other names. */
static ws_status remove_matching(const char *dir, const char *part, ws_error *err)
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

static ws_status prepare_dirs(const synth_work *work, ws_error *err)
{
    ws_status status = ws_dir_create_all(work->scratch_dir, err);
    if (status == WS_OK)
        status = remove_matching(work->scratch_dir, ".wav", err);
    for (size_t i = 0; i < work->n_missing && status == WS_OK; i++) {
        char *dir = ws_path_dir(path_of(work->plan, work->missing[i]));
        char *before = i > 0 ? ws_path_dir(path_of(work->plan, work->missing[i - 1])) : NULL;
        if (dir == NULL || (i > 0 && before == NULL)) {
            status = ws_fail_memory(err, "a path");
        } else if (before == NULL || strcmp(dir, before) != 0) {
            status = ws_dir_create_all(dir, err);
            if (status == WS_OK)
                status = remove_matching(dir, ".wav.tmp-", err);
        }
        free(dir);
        free(before);
    }
    return status;
}

/** From a directory that is ours to a complete data set. */
static ws_status complete(synth_work *work, ws_synth_state state, ws_error *err)
{
    const ws_synth_options *options = work->options;
    char *version = NULL;
    ws_status status = ws_synth_voice_read_version(options->espeak, &version, err);

    if (status == WS_OK && state != WS_SYNTH_STATE_NEW)
        status = ws_synth_marker_read(options, version, &state, err);
    if (status == WS_OK)
        status = ws_synth_marker_write(options, version, false, err);
    if (status == WS_OK)
        status = prepare_dirs(work, err);
    if (status == WS_OK)
        status = make_all(work, err);
    (void)rmdir(work->scratch_dir); /* without effect if it is not empty, which does no harm */
    if (status == WS_OK && !work->is_stopped)
        status = ws_synth_marker_write(options, version, true, err);
    free(version);
    return status;
}

static ws_status run_locked(synth_work *work, ws_error *err)
{
    ws_synth_state state;
    ws_status status = ws_synth_marker_read(work->options, NULL, &state, err);
    if (status == WS_OK)
        status = find_missing(work, err);
    if (status == WS_OK && (state != WS_SYNTH_STATE_COMPLETE || work->n_missing > 0))
        status = complete(work, state, err);
    return status;
}

static ws_status run_plan(synth_work *work, ws_error *err)
{
    const char *data_dir = work->options->data_dir;
    int fd;
    ws_status status = ws_dir_create_all(data_dir, err);
    if (status == WS_OK)
        status = ws_dir_lock_open(data_dir, "wordspot synth", &fd, err);
    if (status != WS_OK)
        return status;
    status = run_locked(work, err);
    (void)close(fd);
    return status;
}

ws_status ws_synth_run(const ws_synth_options *options, const ws_synth_watch *watch,
                       ws_synth_report *report, ws_error *err)
{
    ws_synth_plan plan;
    ws_status status = ws_synth_plan_init(&plan, options, err);
    if (status != WS_OK)
        return status;
    synth_work work = {.options = options, .plan = &plan, .watch = watch, .status = WS_OK};
    work.scratch_dir = ws_path_join(options->data_dir, SCRATCH_DIR);
    status = work.scratch_dir != NULL ? run_plan(&work, err) : ws_fail_memory(err, "a path");
    if (status == WS_OK && report != NULL)
        *report = (ws_synth_report){.n_files = count_files(&plan),
                                    .n_made = work.n_made,
                                    .n_found = count_files(&plan) - work.n_missing,
                                    .is_complete = work.n_made == work.n_missing};
    free(work.missing);
    free(work.scratch_dir);
    ws_synth_plan_deinit(&plan);
    return status;
}
