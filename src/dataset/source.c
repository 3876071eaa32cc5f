#include "dataset/source.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>

#include "base/lookup.h"
#include "dataset/labels.h"
#include "dataset/source_internal.h"

static const char *const redraw_names[] = {
    [WS_REDRAW_NONE] = "none", [WS_REDRAW_CLIPS] = "clips", [WS_REDRAW_WORDS] = "words"};

static const char *redraw_name_at(size_t i)
{
    return redraw_names[i];
}

ws_status ws_unknown_redraw_find(const char *name, ws_unknown_redraw *redraw, ws_error *err)
{
    size_t i = 0;
    const ws_status status = ws_lookup("--unknown_redraw", name, redraw_name_at,
                                       sizeof redraw_names / sizeof *redraw_names, &i, err);

    *redraw = (ws_unknown_redraw)i;
    return status;
}

static ws_status make_workers(ws_source *source, ws_error *err)
{
    const size_t n_threads = (size_t)source->options.n_threads;
    const size_t clip_bytes = source->settings->desired_samples * sizeof(float);
    const size_t speed_bytes = ws_speed_scratch(source->settings->desired_samples) * sizeof(float);
    const size_t scratch_bytes = ws_features_scratch_bytes(source->options.features);

    source->workers = calloc(n_threads, sizeof *source->workers);
    if (source->workers == NULL)
        return ws_fail_memory(err, "a source of batches");
    const ws_status status =
        ws_arena_init(&source->arena,
                      n_threads * (3 * ws_arena_round(clip_bytes) + ws_arena_round(speed_bytes) +
                                   ws_arena_round(scratch_bytes)),
                      err);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < n_threads; i++) {
        source->workers[i] = (ws_source_worker){
            .clip = ws_arena_push(&source->arena, clip_bytes),
            .mixed = ws_arena_push(&source->arena, clip_bytes),
            .changed = ws_arena_push(&source->arena, clip_bytes),
            .speed_scratch = ws_arena_push(&source->arena, speed_bytes),
            .scratch = ws_arena_push(&source->arena, scratch_bytes),
        };
    }
    return WS_OK;
}

ws_status ws_source_create(const ws_source_options *options, ws_source **source, ws_error *err)
{
    *source = NULL;
    if (options->time_shift_samples >= 1 << 30)
        return ws_fail(err, WS_EUSAGE,
                       "--time_shift_ms: a shift of %lld samples, expected less "
                       "than %d",
                       (long long)options->time_shift_samples, 1 << 30);
    ws_source *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a source of batches");
    made->options = *options;
    made->settings = ws_features_settings(options->features);
    if (made->options.n_threads <= 0)
        made->options.n_threads = omp_get_max_threads();
    const size_t n_files = ws_index_n_files(options->index);
    const ws_clip_store_options store = {
        .n_files = n_files,
        .sample_rate_hz = made->settings->sample_rate_hz,
        .desired_samples = made->settings->desired_samples,
        .max_bytes = options->clip_cache_mb << 20,
    };
    ws_status status = ws_clip_store_create(&store, &made->clips, err);
    if (status == WS_OK)
        status = make_workers(made, err);
    if (status == WS_OK && options->augment.speed_perturbation > 0.0)
        status = ws_speed_create(options->augment.speed_perturbation, &made->speed, err);
    made->is_named = calloc(n_files + 1, 1);
    made->others = calloc(n_files + 1, 1);
    if (status == WS_OK && (made->is_named == NULL || made->others == NULL))
        status = ws_fail_memory(err, "a source of batches");
    if (status == WS_OK)
        *source = made;
    else
        ws_source_destroy(made);
    return status;
}

void ws_source_destroy(ws_source *source)
{
    if (source == NULL)
        return;
    for (size_t set = 0; set < WS_N_SETS; set++) {
        free(source->evaluation[set].features);
        free(source->evaluation[set].states);
    }
    ws_clip_store_destroy(source->clips);
    ws_speed_destroy(source->speed);
    ws_arena_deinit(&source->arena);
    free(source->workers);
    free(source->others);
    free(source->is_named);
    free(source);
}

const ws_feature_settings *ws_source_settings(const ws_source *source)
{
    return source->settings;
}

/** What this process has met of a file. */
static uint8_t mark_of(const ws_source *source, size_t file)
{
    unsigned mark = 0;

    if (ws_clip_store_fault(source->clips, file) != NULL)
        mark |= WS_SOURCE_MET_BROKEN;
    if (ws_clip_store_is_resampled(source->clips, file))
        mark |= WS_SOURCE_MET_RESAMPLED;
    if (ws_clip_store_oddity(source->clips, file) != WS_SOUND_AS_PROMISED)
        mark |= WS_SOURCE_MET_ODD;
    return (uint8_t)mark;
}

ws_source_stats ws_source_get_stats(const ws_source *source)
{
    ws_source_stats stats = {.n_broken = 0};

    for (size_t file = 0; file < ws_index_n_files(source->options.index); file++) {
        const unsigned mark = (unsigned)mark_of(source, file) | source->others[file];
        stats.n_broken += (mark & WS_SOURCE_MET_BROKEN) != 0;
        stats.n_resampled += (mark & WS_SOURCE_MET_RESAMPLED) != 0;
        stats.n_odd += (mark & WS_SOURCE_MET_ODD) != 0;
    }
    return stats;
}

void ws_source_get_marks(const ws_source *source, uint8_t *marks)
{
    for (size_t file = 0; file < ws_index_n_files(source->options.index); file++)
        marks[file] = mark_of(source, file);
}

/** Reads a file that another process has met, and says what is to be said of it. */
static void name_file(ws_source *source, size_t file)
{
    const ws_clip clip = {.path = ws_index_path(source->options.index, file),
                          .file = file,
                          .label = WS_UNKNOWN_INDEX}; /* not silence: whatever word it is */
    const ws_clip_request request = {.path = clip.path, .file = file};
    ws_samples unused;
    ws_error err;

    const ws_status status =
        ws_clip_store_read(source->clips, &request, source->workers[0].clip, &unused);
    /* without memory nothing is said; a strict run is ended by the process that met the clip */
    if ((status == WS_OK || status == WS_EFORMAT) &&
        ws_source_report_clip(source, &clip, &err) != WS_OK)
        ws_log_write(source->options.log, WS_LOG_WARN, "%s", err.message);
}

void ws_source_add_marks(ws_source *source, const uint8_t *marks)
{
    for (size_t file = 0; file < ws_index_n_files(source->options.index); file++) {
        const unsigned known = (unsigned)mark_of(source, file) | source->others[file];
        const unsigned found = marks[file] & ~known;
        source->others[file] = (uint8_t)(source->others[file] | marks[file]);
        if ((found & WS_SOURCE_MET_BROKEN) != 0 ||
            ((found & WS_SOURCE_MET_RESAMPLED) != 0 && !source->warned_of_resampling) ||
            ((found & WS_SOURCE_MET_ODD) != 0 && !source->warned_of_oddity))
            name_file(source, file);
    }
}

ws_status ws_source_report_clip(ws_source *source, const ws_clip *clip, ws_error *err)
{
    const char *fault = ws_clip_store_fault(source->clips, clip->file);
    const ws_sound_oddity oddity = ws_clip_store_oddity(source->clips, clip->file);

    if (clip->label == WS_SILENCE_INDEX)
        return WS_OK; /* was not read, whatever is known of its file */
    if (fault != NULL && source->options.strict)
        return ws_fail(err, WS_EFORMAT, "%s", fault);
    if (fault != NULL && !source->is_named[clip->file]) {
        source->is_named[clip->file] = 1;
        ws_log_write(source->options.log, WS_LOG_WARN, "broken clip skipped: %s", fault);
    }
    if (!source->warned_of_resampling && ws_clip_store_is_resampled(source->clips, clip->file)) {
        source->warned_of_resampling = true;
        ws_log_write(source->options.log, WS_LOG_WARN,
                     "%s has another sample rate than --sample_rate=%d and is converted, as "
                     "are all further such clips",
                     clip->path, source->settings->sample_rate_hz);
    }
    if (!source->warned_of_oddity && oddity != WS_SOUND_AS_PROMISED) {
        source->warned_of_oddity = true;
        ws_log_write(source->options.log, WS_LOG_WARN,
                     "%s: %s; it is read as far as there is sound, as are all further such clips",
                     clip->path, ws_sound_oddity_text(oddity));
    }
    return WS_OK;
}

/**
 * After a batch that met broken, resampled or odd clips: goes through its draws once more, in order
 * and in one thread, so that what is said does not depend on which thread met a clip first. The
 * draws come out the same, for whether a clip is broken is settled now.
 */
static ws_status report_batch(ws_source *source, uint64_t step, size_t first, size_t n,
                              ws_error *err)
{
    for (size_t row = first; row < first + n; row++) {
        const char *fault = NULL;
        const ws_row_place place = ws_source_place(source, step, row);
        ws_random random;
        ws_source_begin_row(&place, &random);
        for (int draw = 0; draw < WS_MAX_DRAWS; draw++) {
            const ws_clip clip = ws_source_draw_clip(source, &place, draw, &random);
            const ws_status status = ws_source_report_clip(source, &clip, err);
            if (status != WS_OK)
                return status;
            fault = clip.label == WS_SILENCE_INDEX ? NULL
                                                   : ws_clip_store_fault(source->clips, clip.file);
            if (fault == NULL)
                break;
        }
        if (fault != NULL)
            return ws_fail(err, WS_EFORMAT, "%d clips drawn in a row were all broken, the last: %s",
                           WS_MAX_DRAWS, fault);
    }
    return WS_OK;
}

ws_status ws_source_read_training(ws_source *source, uint64_t step, size_t first, size_t n,
                                  float *features, int32_t *labels, ws_error *err)
{
    const size_t size = source->settings->size;
    unsigned met = WS_ROW_GOOD;

    assert(first + n <= UINT32_MAX && step <= UINT32_MAX);
#pragma omp parallel for schedule(static) num_threads(source->options.n_threads) reduction(| : met)
    for (size_t row = 0; row < n; row++) {
        const ws_row_place place = ws_source_place(source, step, first + row);
        met |= ws_source_make_training_row(source, &source->workers[omp_get_thread_num()], &place,
                                           features + row * size, labels + row);
    }
    if ((met & WS_ROW_NO_MEMORY) != 0)
        return ws_fail_memory(err, "a clip");
    if ((met & WS_ROW_MET_BROKEN) != 0 ||
        ((met & WS_ROW_MET_RESAMPLED) != 0 && !source->warned_of_resampling) ||
        ((met & WS_ROW_MET_ODD) != 0 && !source->warned_of_oddity))
        return report_batch(source, step, first, n, err);
    return WS_OK;
}
