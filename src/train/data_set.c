#include "train/data_set.h"

#include <string.h>

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
                     "The data set in %s is not complete; the same command goes on with it",
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
        .split = options->split,
    };
}

ws_augment_options ws_data_set_augment_options(const ws_train_options *options)
{
    return (ws_augment_options){
        .spec_augment = options->spec_augment,
        .time_masks = options->spec_augment_time_masks,
        .time_mask_frames = options->spec_augment_time_frames,
        .frequency_masks = options->spec_augment_frequency_masks,
        .frequency_mask_bins = options->spec_augment_frequency_bins,
    };
}
