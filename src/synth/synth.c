#include "synth/synth.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "synth/background.h"
#include "synth/clip.h"
#include "synth/marker.h"
#include "synth/plan.h"
#include "synth/voice.h"
#include "synth/work.h"

#define SCRATCH_DIR ".espeak" /* in data_dir; a name that no search for folders of words finds */

/** The work at hand. */
typedef struct synth_job {
    const ws_synth_options *options;
    const ws_synth_plan *plan;
    ws_synth_folder folder;
} synth_job;

static const char *path_of(const void *plan, size_t file)
{
    const ws_synth_plan *all = ((const synth_job *)plan)->plan;
    return file < all->n_clips ? all->clip_paths.items[file]
                               : all->noise_paths.items[file - all->n_clips];
}

/** Makes one file. */
static ws_status make(const void *plan, const size_t *files, size_t n, ws_error *err)
{
    const synth_job *job = plan;
    const ws_synth_options *options = job->options;
    const size_t n_clips = job->plan->n_clips, file = files[0];

    assert(n == 1);
    (void)n;
    if (file >= n_clips)
        return ws_synth_background_write(path_of(job, file), file - n_clips, options->seed,
                                         options->background_seconds * WS_SYNTH_SAMPLE_RATE_HZ,
                                         job->plan, err);
    char *scratch = ws_text_format("%s/%zu.wav", job->folder.scratch_dir, file);
    if (scratch == NULL)
        return ws_fail_memory(err, "a path");
    const ws_status status = ws_synth_clip_write(options, job->plan, file, scratch, err);
    free(scratch);
    return status;
}

/** The options on which the files depend, one a line, and the version if it is known (free()); NULL
 *  when out of memory. The number at the top is that of the recipe: a change of what the same
 *  options sound like raises it. */
static char *format_settings(const ws_synth_options *options, const char *version)
{
    ws_buf buf;

    ws_buf_init(&buf, WS_SYNTH_MAX_MARKER_BYTES);
    ws_buf_push_string(&buf, "wordspot synth, recipe 1\n");
    ws_buf_push_format(&buf, "words: %s\n", options->words);
    ws_buf_push_format(&buf, "unknown words: %s\n", options->unknown_words);
    ws_buf_push_format(&buf, "clips a word: %zu\n", options->n_clips);
    ws_buf_push_format(&buf, "clips an unknown word: %zu\n", options->n_unknown_clips);
    ws_buf_push_format(&buf, "background files: %zu\n", options->n_background_files);
    ws_buf_push_format(&buf, "background seconds: %zu\n", options->background_seconds);
    ws_buf_push_format(&buf, "seed: %" PRIu64 "\n", options->seed);
    if (version != NULL)
        ws_buf_push_format(&buf, "speech program: %s\n", version);
    char *text = ws_buf_take_string(&buf);
    ws_buf_deinit(&buf);
    return text;
}

/** @param version  NULL: not to be compared */
static ws_status compare_marker(const ws_synth_options *options, const char *version,
                                ws_synth_state *state, ws_error *err)
{
    char *settings = format_settings(options, version);
    const ws_status status = settings != NULL
                                 ? ws_synth_marker_read(options->data_dir, settings, state, err)
                                 : ws_fail_memory(err, WS_SYNTH_MARKER);
    free(settings);
    return status;
}

static ws_status write_marker(const ws_synth_options *options, const char *version,
                              bool is_complete, ws_error *err)
{
    char *settings = format_settings(options, version);
    const ws_status status =
        settings != NULL ? ws_synth_marker_write(options->data_dir, settings, is_complete, err)
                         : ws_fail_memory(err, WS_SYNTH_MARKER);
    free(settings);
    return status;
}

/** From a directory that is ours to a complete data set. */
static ws_status complete(const synth_job *job, ws_synth_state state, const ws_synth_work *work,
                          ws_synth_report *report, ws_error *err)
{
    const ws_synth_options *options = job->options;
    char *version = NULL;
    ws_status status = ws_synth_voice_read_version(options->espeak, &version, err);

    if (status == WS_OK && state != WS_SYNTH_STATE_NEW)
        status = compare_marker(options, version, &state, err);
    if (status == WS_OK)
        status = write_marker(options, version, false, err);
    if (status == WS_OK)
        status = ws_dir_create_all(job->folder.scratch_dir, err);
    if (status == WS_OK)
        status = ws_synth_remove_matching(job->folder.scratch_dir, ".wav", err);
    /* the babble is mixed of clips, so all of them come before all noise */
    if (status == WS_OK)
        status = ws_synth_work_run(work, 0, job->plan->n_clips, report, err);
    if (status == WS_OK)
        status = ws_synth_work_run(work, job->plan->n_clips, work->n_files, report, err);
    /* without effect if it is not empty, which does no harm */
    (void)rmdir(job->folder.scratch_dir);
    if (status == WS_OK && report->is_complete)
        status = write_marker(options, version, true, err);
    free(version);
    return status;
}

static ws_status run_locked(const synth_job *job, const ws_synth_watch *watch,
                            ws_synth_report *report, ws_error *err)
{
    const ws_synth_work work = {
        .n_files = job->plan->n_clips + job->plan->noise_paths.n_items,
        .path = path_of,
        .make = make,
        .plan = job,
        .n_jobs = job->options->n_jobs,
        .watch = watch,
    };
    ws_synth_state state;

    const ws_status status = compare_marker(job->options, NULL, &state, err);
    if (status != WS_OK)
        return status;
    *report = (ws_synth_report){.n_files = work.n_files, .is_complete = true};
    report->n_found = ws_synth_work_count_found(&work);
    if (state == WS_SYNTH_STATE_COMPLETE && report->n_found == report->n_files)
        return WS_OK;
    return complete(job, state, &work, report, err);
}

ws_status ws_synth_run(const ws_synth_options *options, const ws_synth_watch *watch,
                       ws_synth_report *report, ws_error *err)
{
    ws_synth_report own;
    ws_synth_plan plan;
    ws_status status = ws_synth_plan_init(&plan, options, err);

    if (status != WS_OK)
        return status;
    synth_job job = {.options = options, .plan = &plan};
    status = ws_synth_folder_open(&job.folder, options->data_dir, SCRATCH_DIR, err);
    if (status == WS_OK)
        status = run_locked(&job, watch, report != NULL ? report : &own, err);
    ws_synth_folder_close(&job.folder);
    ws_synth_plan_deinit(&plan);
    return status;
}
