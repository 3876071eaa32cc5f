#include "synth/wake.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/sound.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "synth/background.h"
#include "synth/marker.h"
#include "synth/shape.h"
#include "synth/wake_plan.h"
#include "synth/work.h"

#define SCRATCH_DIR ".speaking" /* in data_dir; a name that no search for sound files finds */
#define PEAK        0.5

enum { MARGIN_MS = 80 };

static const size_t max_manifest_bytes = (size_t)1 << 28;

/** The work at hand. */
typedef struct wake_job {
    const ws_synth_wake_plan *plan;
    ws_synth_folder folder;
} wake_job;

static const char *path_of(const void *user, size_t file)
{
    return ((const wake_job *)user)->plan->paths.items[file];
}

/** Clips of one engine and voice are said together; noise is made one by one. */
static size_t group_of(const void *user, size_t file)
{
    const ws_synth_wake_plan *plan = ((const wake_job *)user)->plan;

    if (file >= plan->n_clips)
        return SIZE_MAX - file;
    return plan->clips[file].engine * WS_SYNTH_MAX_VOICES + plan->clips[file].voice;
}

/** Writes the speech between two stretches of silence, against which it can be told where it begins
 *  and ends (dataset/phrase.h). */
static ws_status write_clip(const ws_sound *speech, const char *path, ws_error *err)
{
    const size_t n_margin = MARGIN_MS * WS_SYNTH_SAMPLE_RATE_HZ / 1000;
    const size_t n = speech->n_samples + 2 * n_margin;
    float *samples = calloc(n, sizeof *samples);

    if (samples == NULL)
        return ws_fail_memory(err, "a clip");
    memcpy(samples + n_margin, speech->samples, speech->n_samples * sizeof *samples);
    ws_synth_set_peak(samples, n, PEAK);
    const ws_status status = ws_sound_write(path, samples, n, WS_SYNTH_SAMPLE_RATE_HZ, err);
    free(samples);
    return status;
}

/** From what was spoken to the clip: without the silence around it, in a throat of another size. */
static ws_status finish(const ws_synth_wake_manner *manner, const char *path, ws_error *err)
{
    ws_sound speech = {0};
    ws_status status = ws_sound_read(manner->saying.path, 0, &speech, err);

    (void)unlink(manner->saying.path);
    if (status != WS_OK)
        return status;
    const ws_synth_span span =
        ws_synth_find_speech(speech.samples, speech.n_samples, speech.sample_rate_hz);
    if (span.n == 0) {
        status = ws_fail(err, WS_EFORMAT, "%s: nothing is heard of \"%s\" as %s; expected speech",
                         path, manner->saying.text, manner->saying.voice);
    } else {
        memmove(speech.samples, speech.samples + span.start, span.n * sizeof *speech.samples);
        speech.n_samples = span.n;
        /* played slower than it was spoken, all resonances move down as in a larger throat */
        speech.sample_rate_hz = (int)lround((double)speech.sample_rate_hz / manner->size);
        status = ws_sound_resample(&speech, WS_SYNTH_SAMPLE_RATE_HZ, err);
    }
    if (status == WS_OK)
        status = write_clip(&speech, path, err);
    ws_sound_deinit(&speech);
    return status;
}

/** Says the clips of a group and finishes them. */
static ws_status speak(const wake_job *job, const size_t *files, size_t n,
                       ws_synth_wake_manner *manners, ws_error *err)
{
    const ws_synth_wake_plan *plan = job->plan;
    const ws_synth_found *found = &plan->engines.items[plan->clips[files[0]].engine];
    ws_synth_saying sayings[WS_SYNTH_MAX_GROUP] = {{.text = NULL}};
    char *scratch[WS_SYNTH_MAX_GROUP] = {NULL};
    ws_status status = WS_OK;

    for (size_t i = 0; i < n && status == WS_OK; i++) {
        ws_synth_wake_plan_draw(plan, &plan->clips[files[i]], &manners[i]);
        scratch[i] = ws_text_format("%s/%zu.wav", job->folder.scratch_dir, files[i]);
        if (scratch[i] == NULL)
            status = ws_fail_memory(err, "a path");
        manners[i].saying.path = scratch[i];
        sayings[i] = manners[i].saying;
    }
    if (status == WS_OK)
        status = found->engine->speak(found->program, sayings, n, err);
    for (size_t i = 0; i < n && status == WS_OK; i++)
        status = finish(&manners[i], plan->paths.items[files[i]], err);
    for (size_t i = 0; i < n; i++)
        free(scratch[i]);
    return status;
}

static ws_status make(const void *user, const size_t *files, size_t n, ws_error *err)
{
    const wake_job *job = user;
    const ws_synth_wake_plan *plan = job->plan;

    assert(n <= WS_SYNTH_MAX_GROUP);
    if (files[0] >= plan->n_clips)
        return ws_synth_background_write(
            plan->paths.items[files[0]], files[0] - plan->n_clips, plan->options->seed,
            plan->options->background_seconds * WS_SYNTH_SAMPLE_RATE_HZ, NULL, err);
    ws_synth_wake_manner *manners = calloc(n, sizeof *manners);
    if (manners == NULL)
        return ws_fail_memory(err, "clips");
    const ws_status status = speak(job, files, n, manners, err);
    free(manners);
    return status;
}

/** What the files depend on, a line for each (free()); NULL when out of memory. The number at the
 *  top is that of the recipe: a change of what the same options sound like raises it. */
static char *format_settings(const ws_synth_wake_plan *plan)
{
    const ws_synth_wake_options *options = plan->options;
    ws_buf buf;

    ws_buf_init(&buf, WS_SYNTH_MAX_MARKER_BYTES);
    ws_buf_push_string(&buf, "wordspot synth --phrase, recipe 2\n");
    ws_buf_push_format(&buf, "phrase: %s\n", options->phrase);
    ws_buf_push_format(&buf, "clips of it: %zu\n", options->n_positives);
    ws_buf_push_format(&buf, "clips of near misses: %zu\n", options->n_near_misses);
    ws_buf_push_format(&buf, "sentences: %zu\n", options->n_sentences);
    ws_buf_push_format(&buf, "background seconds: %zu\n", options->background_seconds);
    ws_buf_push_format(&buf, "seed: %" PRIu64 "\n", options->seed);
    ws_buf_push_format(&buf, "speech programs: %zu\n", plan->engines.n_items);
    for (size_t i = 0; i < plan->engines.n_items; i++)
        ws_buf_push_format(&buf, "speech program: %s, %zu voices\n", plan->engines.items[i].version,
                           plan->engines.items[i].n_voices);
    char *text = ws_buf_take_string(&buf);
    ws_buf_deinit(&buf);
    return text;
}

static void push_clip(ws_buf *buf, const ws_synth_wake_plan *plan, size_t i)
{
    const ws_synth_wake_clip *clip = &plan->clips[i];
    const ws_synth_found *found = &plan->engines.items[clip->engine];
    ws_synth_wake_manner manner;

    ws_synth_wake_plan_draw(plan, clip, &manner);
    ws_buf_push_format(buf, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ws_path_tail(plan->paths.items[i]),
                       manner.saying.text, found->engine->name, manner.saying.voice,
                       ws_synth_wake_kind_name(clip->kind), found->version, found->engine->licence);
}

/** Lists all files with their sources. */
static ws_status write_manifest(const ws_synth_wake_plan *plan, ws_error *err)
{
    char *path = ws_path_join(plan->options->data_dir, WS_SYNTH_MANIFEST);
    ws_buf buf;
    ws_status status = WS_OK;

    ws_buf_init(&buf, max_manifest_bytes);
    ws_buf_push_string(&buf, "file\tphrase\tengine\tvoice\tkind\tsource\tlicence\n");
    for (size_t i = 0; i < plan->n_clips; i++)
        push_clip(&buf, plan, i);
    for (size_t i = plan->n_clips; i < plan->paths.n_items; i++)
        ws_buf_push_format(&buf, "%s\t\t\t\tnoise\tcomputed by wordspot synth\tnone needed\n",
                           ws_path_tail(plan->paths.items[i]));
    if (path == NULL || buf.status != WS_OK)
        status = ws_fail_memory(err, WS_SYNTH_MANIFEST);
    else
        status = ws_file_write(path, buf.data, buf.size, err);
    ws_buf_deinit(&buf);
    free(path);
    return status;
}

/** Makes what is missing of a set that is ours. */
static ws_status complete(const wake_job *job, const ws_synth_work *work, const char *settings,
                          ws_synth_report *report, ws_error *err)
{
    const char *dir = job->plan->options->data_dir;
    ws_status status = ws_synth_marker_write(dir, settings, false, err);

    if (status == WS_OK)
        status = ws_dir_create_all(job->folder.scratch_dir, err);
    if (status == WS_OK)
        status = ws_synth_remove_matching(job->folder.scratch_dir, ".", err);
    if (status == WS_OK)
        status = ws_synth_work_run(work, 0, work->n_files, report, err);
    /* without effect if it is not empty, which does no harm */
    (void)rmdir(job->folder.scratch_dir);
    if (status == WS_OK && report->is_complete)
        status = write_manifest(job->plan, err);
    if (status == WS_OK && report->is_complete)
        status = ws_synth_marker_write(dir, settings, true, err);
    return status;
}

static ws_status run_locked(const wake_job *job, const ws_synth_watch *watch,
                            ws_synth_report *report, ws_error *err)
{
    const ws_synth_wake_plan *plan = job->plan;
    const ws_synth_work work = {
        .n_files = plan->paths.n_items,
        .path = path_of,
        .group = group_of,
        .make = make,
        .plan = job,
        .n_jobs = plan->options->n_jobs,
        .watch = watch,
    };
    ws_synth_state state = WS_SYNTH_STATE_NEW;
    char *settings = format_settings(plan);
    ws_status status = settings != NULL
                           ? ws_synth_marker_read(plan->options->data_dir, settings, &state, err)
                           : ws_fail_memory(err, WS_SYNTH_MARKER);

    *report = (ws_synth_report){.n_files = work.n_files, .is_complete = true};
    if (status == WS_OK)
        report->n_found = ws_synth_work_count_found(&work);
    if (status == WS_OK && (state != WS_SYNTH_STATE_COMPLETE || report->n_found < report->n_files))
        status = complete(job, &work, settings, report, err);
    free(settings);
    return status;
}

ws_status ws_synth_wake_run(const ws_synth_wake_options *options, const ws_synth_watch *watch,
                            const ws_log *log, ws_synth_report *report, ws_error *err)
{
    ws_synth_report own;
    ws_synth_wake_plan plan;
    ws_status status = ws_synth_wake_plan_init(&plan, options, err);

    if (status != WS_OK)
        return status;
    if (plan.engines.missing != NULL)
        ws_log_write(log, WS_LOG_INFO, "%s", plan.engines.missing);
    wake_job job = {.plan = &plan};
    status = ws_synth_folder_open(&job.folder, options->data_dir, SCRATCH_DIR, err);
    if (status == WS_OK)
        status = run_locked(&job, watch, report != NULL ? report : &own, err);
    ws_synth_folder_close(&job.folder);
    ws_synth_wake_plan_deinit(&plan);
    return status;
}
