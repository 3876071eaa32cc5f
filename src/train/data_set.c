#include "train/data_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "dataset/labels.h"
#include "fetch/fetch.h"
#include "train/pace.h"

/** Between ws_fetch_watch and ws_train_hooks. */
typedef struct fetch_display {
    const ws_train_hooks *hooks;
    const char *activity; /* the last one that was shown; NULL: none so far */
    ws_pace pace;
} fetch_display;

static bool show_progress(void *user, const char *activity, uint64_t n_done, uint64_t n_all)
{
    fetch_display *display = user;
    const ws_train_hooks *hooks = display->hooks;

    const bool is_new = display->activity == NULL || strcmp(display->activity, activity) != 0;
    if (is_new || (int64_t)n_done < display->pace.last_done) /* or a download that starts anew */
        ws_pace_init(&display->pace, (int64_t)n_done);       /* bytes of before have no speed */
    display->activity = activity;
    ws_train_progress progress =
        ws_pace_push(&display->pace, activity, (int64_t)n_done, (int64_t)n_all);
    progress.is_in_bytes = true;
    if (hooks->show_progress != NULL)
        hooks->show_progress(hooks->user, &progress);
    return hooks->stop_wanted == NULL || !hooks->stop_wanted(hooks->user);
}

ws_status ws_data_set_fetch(const ws_train_options *options, const ws_train_hooks *hooks,
                            bool *is_complete, ws_error *err)
{
    fetch_display display = {.hooks = hooks};
    const ws_fetch_watch watch = {
        .log = hooks->log,
        .progress = show_progress,
        .user = &display,
    };
    const ws_status status = ws_fetch_run(
        &(ws_fetch_options){
            .url = options->data_url,
            .data_dir = options->data_dir,
            .patience = ws_patience_default(),
        },
        &watch, is_complete, err);
    if (status == WS_OK && !*is_complete)
        ws_log_write(hooks->log, WS_LOG_INFO,
                     "The data set in %s is not complete; the same command resumes it",
                     options->data_dir);
    return status;
}

ws_index_options ws_data_set_index_options(const ws_train_options *options)
{
    return (ws_index_options){
        .data_dir = options->data_dir,
        .wanted_words = options->wanted_words,
        .silence_percentage = options->silence_percentage,
        .unknown_percentage = options->unknown_percentage,
        .testing_percentage = options->testing_percentage,
        .validation_percentage = options->validation_percentage,
        .unknown_held_out = options->unknown_held_out,
        .split = options->split,
    };
}

static ws_augment_options augment_options(const ws_train_options *options)
{
    return (ws_augment_options){
        .speed_perturbation = options->speed_perturbation,
        .volume_perturbation = options->volume_perturbation,
        .spec_augment = options->spec_augment,
        .time_masks = options->spec_augment_time_masks,
        .time_mask_frames = options->spec_augment_time_frames,
        .frequency_masks = options->spec_augment_frequency_masks,
        .frequency_mask_bins = options->spec_augment_frequency_bins,
    };
}

ws_status ws_data_set_source_options(const ws_train_options *options, ws_source_options *source,
                                     ws_error *err)
{
    const double samples_per_ms = (double)options->sample_rate / 1000.0;

    *source = (ws_source_options){
        .background_volume = options->background_volume,
        .background_frequency = options->background_frequency,
        .time_shift_samples = (int64_t)(options->time_shift_ms * samples_per_ms),
        .augment = augment_options(options),
        .seed = (uint64_t)options->seed,
        .clip_cache_mb = (size_t)options->clip_cache_mb,
        .n_threads = (int)options->threads,
        .strict = options->strict,
    };
    ws_status status = ws_silence_find(options->silence, &source->silence, err);
    if (status == WS_OK)
        status = ws_unknown_redraw_find(options->unknown_redraw, &source->unknown_redraw, err);
    return status == WS_OK ? ws_noise_snr_init(&source->snr, options->noise_snr, err) : status;
}

/** Warns where noise does less than one would think, of as much as depends on its level. */
static void warn_of_noise(const ws_train_options *options, const ws_noise *noise, const ws_log *log)
{
    const char *dir = options->noise_dir[0] != '\0' ? options->noise_dir : options->data_dir;
    const bool in_clips = options->noise_snr[0] == '\0';
    const bool in_silence = strcmp(options->silence, "original") == 0;

    if (ws_noise_n_sounds(noise) == 0) {
        ws_log_write(log, WS_LOG_WARN,
                     "%s has no " WS_NOISE_DIR " folder: clips stay without noise%s", dir,
                     in_silence ? ", and silence is plain zeros" : "");
        return;
    }
    const double level = ws_noise_get_loudest_dbfs(noise);
    if (level >= WS_NOISE_QUIET_DBFS || !(in_clips || in_silence))
        return;
    ws_log_write(log, WS_LOG_WARN,
                 "the background noise of %s is quiet: its loudest recording has a level of %.1f "
                 "dBFS.%s%s",
                 dir, level,
                 in_clips ? " In spoken clips it does nothing; use --noise_snr=5..20." : "",
                 in_silence ? " Silence is close to zeros, so the model may take louder noise for "
                              "words; use --silence=microphone."
                            : "");
}

char *ws_data_set_noise_dir(const ws_train_options *options)
{
    return options->noise_dir[0] != '\0' ? ws_text_copy(options->noise_dir)
                                         : ws_path_join(options->data_dir, WS_NOISE_DIR);
}

ws_status ws_data_set_list_noise(const ws_train_options *options, const ws_log *log,
                                 ws_text_list *names, ws_error *err)
{
    ws_status status = WS_OK;
    char *dir = ws_data_set_noise_dir(options);

    if (dir == NULL)
        return ws_fail_memory(err, "background noise");
    if (ws_dir_exists(dir))
        status = ws_noise_list(dir, log, names, err);
    else if (options->noise_dir[0] != '\0')
        status = ws_fail(err, WS_ENOTFOUND, "--noise_dir=%s: %s", dir, ws_dir_fault(dir));
    free(dir);
    return status;
}

ws_status ws_data_set_read_noise(const ws_train_options *options,
                                 const ws_feature_settings *settings, const ws_text_list *names,
                                 const ws_log *log, ws_noise **noise, ws_error *err)
{
    const ws_noise_options about = {.sample_rate_hz = settings->sample_rate_hz,
                                    .desired_samples = settings->desired_samples,
                                    .names = names,
                                    .strict = options->strict,
                                    .log = log};
    ws_status status = WS_OK;
    char *dir = ws_data_set_noise_dir(options);

    *noise = NULL;
    if (dir == NULL)
        return ws_fail_memory(err, "background noise");
    if (names->n_items > 0)
        status = ws_noise_create_from(dir, &about, noise, err);
    free(dir);
    if (status == WS_OK)
        warn_of_noise(options, *noise, log);
    return status;
}

ws_status ws_data_set_open_noise(const ws_train_options *options,
                                 const ws_feature_settings *settings, const ws_log *log,
                                 ws_noise **noise, ws_error *err)
{
    ws_text_list names = {0};
    ws_status status = ws_data_set_list_noise(options, log, &names, err);

    *noise = NULL;
    if (status == WS_OK)
        status = ws_data_set_read_noise(options, settings, &names, log, noise, err);
    ws_text_list_deinit(&names);
    return status;
}
