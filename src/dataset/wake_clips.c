#include "dataset/wake_clips.h"

#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/names.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/folder.h"
#include "dataset/phrase.h"
#include "dataset/phrase_name.h"

enum { DEFAULT_MAX_SAMPLES = 1 << 28 };

/** A reading under way. */
typedef struct reading {
    ws_wake_clips *clips;
    const ws_wake_options *options;
    size_t max_samples;
    bool is_full;
} reading;

static bool has_phrase(ws_wake_kind kind)
{
    return kind == WS_WAKE_POSITIVE || kind == WS_WAKE_NEAR;
}

/** The set of a speaker's recordings, by name. @param name  from the folder on */
static ws_status find_set(const ws_wake_options *options, const char *name, ws_set *set,
                          ws_error *err)
{
    const char *slash = strchr(name, '/');
    char *speaker = slash != NULL && strstr(ws_path_base(name), "_nohash_") == NULL
                        ? ws_text_format("%.*s", (int)(slash - name), name)
                        : ws_text_copy(name);

    if (speaker == NULL)
        return ws_fail_memory(err, "a speaker's name");
    *set = ws_split_find(speaker, options->validation_percentage, 0);
    free(speaker);
    return WS_OK;
}

/** Samples of 16 bits; a sample beyond full scale saturates. */
static ws_status narrow(const ws_sound *sound, int16_t **samples, ws_error *err)
{
    *samples = malloc((sound->n_samples + 1) * sizeof **samples);
    if (*samples == NULL)
        return ws_fail_memory(err, "a recording");
    for (size_t i = 0; i < sound->n_samples; i++) {
        const float x = sound->samples[i] * 32768.0f;
        (*samples)[i] = (int16_t)(x > 32767.0f    ? 32767.0f
                                  : x < -32768.0f ? -32768.0f
                                  : x < 0.0f      ? x - 0.5f
                                                  : x + 0.5f);
    }
    return WS_OK;
}

/** Reads one recording into a clip. */
static ws_status read_clip(reading *all, const char *path, ws_wake_kind kind, ws_wake_clip *clip,
                           ws_error *err)
{
    const int rate_hz = all->options->sample_rate_hz;
    ws_sound sound = {0};
    const size_t n_left = all->max_samples - all->clips->n_samples;
    ws_status status = ws_sound_read_at(path, rate_hz, n_left, &sound, err);

    all->is_full = sound.n_samples >= n_left;
    if (status == WS_OK)
        status = narrow(&sound, &clip->samples, err);
    clip->n_samples = clip->end = sound.n_samples;
    ws_sound_deinit(&sound);
    if (status == WS_OK && has_phrase(kind)) {
        ws_phrase phrase;
        status = ws_phrase_find(clip->samples, clip->n_samples, rate_hz, &phrase, err);
        if (status == WS_OK && phrase.start == phrase.end)
            status = ws_fail(err, WS_EFORMAT,
                             "%s: nothing but silence or an even noise; expected a phrase that "
                             "is louder than what is around it",
                             path);
        clip->start = phrase.start;
        clip->end = phrase.end;
    }
    return status;
}

/** Takes one recording, or warns of it. */
static ws_status take(reading *all, size_t folder, const char *path, ws_error *err)
{
    ws_wake_clips *clips = all->clips;
    const ws_wake_options *options = all->options;
    ws_wake_clip clip = {.folder = folder};
    ws_error fault = {.status = WS_OK};

    ws_status status = read_clip(all, path, options->folders[folder].kind, &clip, &fault);
    if (status == WS_OK) {
        ws_wake_clip *items =
            ws_names_grow(clips->items, clips->n_items, &clips->capacity, sizeof *items);
        clips->items = items != NULL ? items : clips->items;
        clip.path = items != NULL ? ws_text_copy(path) : NULL;
        if (clip.path == NULL)
            status = ws_fail_memory(&fault, "a recording");
    }
    if (status == WS_OK) {
        clips->items[clips->n_items++] = clip;
        clips->n_samples += clip.n_samples;
        return WS_OK;
    }
    free(clip.samples);
    if (options->strict || status == WS_ENOMEM)
        return ws_fail(err, status, "%s", fault.message);
    ws_log_write(options->log, WS_LOG_WARN, "broken recording skipped: %s", fault.message);
    return WS_OK;
}

/** Whether a recording without the phrase lies in a folder named after it, as among those of Speech
 *  Commands, where that folder's clips say it. @param name  from the folder on */
static bool is_named(const ws_wake_options *options, ws_wake_kind kind, const char *name)
{
    return options->phrase != NULL && (kind == WS_WAKE_SPEECH || kind == WS_WAKE_NOISE) &&
           ws_phrase_name_is_in(name, options->phrase);
}

/** Whether names would keep all recordings of a folder for validation, as those of one person or of
 *  one long file may be. Then training has them all. */
static ws_status find_whole(const ws_wake_options *options, ws_wake_kind kind,
                            const ws_text_list *names, bool *is_whole, ws_error *err)
{
    ws_status status = WS_OK;

    *is_whole = true;
    for (size_t i = 0; i < names->n_items && *is_whole && status == WS_OK; i++) {
        ws_set set = WS_SET_TRAINING;
        if (is_named(options, kind, names->items[i]))
            continue;
        status = find_set(options, names->items[i], &set, err);
        *is_whole = set != WS_SET_TRAINING;
    }
    return status;
}

/** Reads the recordings of a folder that belong to the set. */
static ws_status read_names(reading *all, size_t folder, const ws_text_list *names, ws_error *err)
{
    const ws_wake_options *options = all->options;
    const ws_wake_folder *what = &options->folders[folder];
    const bool is_for_all = what->kind == WS_WAKE_NOISE;
    bool is_whole = false;
    size_t n_named = 0;
    ws_status status = is_for_all ? WS_OK : find_whole(options, what->kind, names, &is_whole, err);

    for (size_t i = 0; i < names->n_items && status == WS_OK; i++) {
        ws_set set = WS_SET_TRAINING;
        if (is_named(options, what->kind, names->items[i])) {
            n_named++;
            continue;
        }
        if (!is_for_all && !is_whole)
            status = find_set(options, names->items[i], &set, err);
        if (status != WS_OK || (!is_for_all && set != options->set))
            continue;
        if (all->is_full) {
            ws_log_write(options->log, WS_LOG_WARN,
                         "%s/%s: the recordings reach their limit of %zu samples; this one and "
                         "all further ones are left out",
                         what->dir, names->items[i], all->max_samples);
            break;
        }
        char *path = ws_path_join(what->dir, names->items[i]);
        status = path != NULL ? take(all, folder, path, err) : ws_fail_memory(err, "a path");
        free(path);
    }
    ws_phrase_name_warn(options->log, what->dir, n_named, options->phrase);
    return status;
}

static ws_status read_folder(reading *all, size_t folder, ws_error *err)
{
    const ws_wake_folder *what = &all->options->folders[folder];
    const size_t n_before = all->clips->n_items;
    ws_text_list names = {0};
    ws_left_out left_out = {0};
    ws_status status = WS_OK;

    if (!ws_dir_exists(what->dir))
        return ws_fail(err, WS_ENOTFOUND, "%s: %s, expected one with sound files", what->dir,
                       ws_dir_fault(what->dir));
    status = ws_folder_list_nested(what->dir, &names, &left_out, err);
    if (status == WS_OK)
        status = read_names(all, folder, &names, err);
    if (status == WS_OK && all->clips->n_items == n_before && what->share > 0.0 &&
        all->options->set == WS_SET_TRAINING)
        status = ws_fail(err, WS_ENOTFOUND,
                         names.n_items == 0
                             ? "%s: no sound files in it, expected recordings"
                             : "%s: none of its sound files can be used for training; expected "
                               "recordings that can be read, with sound in them",
                         what->dir);
    ws_text_list_deinit(&names);
    return status;
}

/** A set besides the training's needs no recordings of each folder, but some of each kind. */
static ws_status check_kinds(const ws_wake_clips *clips, const ws_wake_options *options,
                             ws_error *err)
{
    size_t n[WS_WAKE_N_KINDS] = {0};

    for (size_t i = 0; i < clips->n_items; i++)
        n[options->folders[clips->items[i].folder].kind]++;
    for (size_t i = 0; i < options->n_folders; i++) {
        const ws_wake_folder *folder = &options->folders[i];
        if (folder->share > 0.0 && n[folder->kind] == 0)
            return ws_fail(err, WS_ENOTFOUND,
                           "%s: all its usable recordings are in training; expected more speakers",
                           folder->dir);
    }
    return WS_OK;
}

ws_status ws_wake_clips_init(ws_wake_clips *clips, const ws_wake_options *options, ws_error *err)
{
    reading all = {
        .clips = clips,
        .options = options,
        .max_samples = options->max_samples > 0 ? options->max_samples : DEFAULT_MAX_SAMPLES,
    };
    ws_status status = WS_OK;

    *clips = (ws_wake_clips){0};
    clips->firsts = calloc(options->n_folders + 1, sizeof *clips->firsts);
    if (clips->firsts == NULL)
        return ws_fail_memory(err, "the recordings");
    for (size_t i = 0; i < options->n_folders && status == WS_OK; i++) {
        status = read_folder(&all, i, err);
        clips->firsts[i + 1] = clips->n_items;
    }
    return status == WS_OK ? check_kinds(clips, options, err) : status;
}

void ws_wake_clips_deinit(ws_wake_clips *clips)
{
    for (size_t i = 0; i < clips->n_items; i++) {
        free(clips->items[i].path);
        free(clips->items[i].samples);
    }
    free(clips->items);
    free(clips->firsts);
    *clips = (ws_wake_clips){0};
}
