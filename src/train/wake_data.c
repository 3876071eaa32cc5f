#include "train/wake_data.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/augmentations.h"

enum { MAX_FOLDERS = 64 };

/* How often a stretch of each kind is made, besides those with the phrase. Few near misses: what is
 * hardest is trained on most, and with a fifth of them the network refuses real voices. */
static const double near_share = 0.05, speech_share = 0.40, noise_share = 0.10,
                    silence_share = 0.05;
/* Windows of near misses that are the beginning of the phrase itself. */
static const double part_share = 0.3;
/* Windows of speech that are pieces of recordings in any order. */
static const double shuffle_share = 0.4;
static const double room_share = 0.5, microphone_share = 0.5;
static const ws_noise_snr usual_snr = {.is_wanted = true, .low = 0.0, .high = 20.0};
static const double low_dbfs = -45.0, high_dbfs = -10.0;
static const double start_share = 0.1;  /* of windows */
static const double lead_seconds = 1.5; /* of a stretch, besides a window */
static const double most_lag_seconds = 0.6, late_ms = 400.0;

enum {
    N_STRETCHES = 2048,
    N_NEW = 8, /* a step: each stretch is used for 256 steps */
    LEAST_STRETCHES = 64,
    MAX_VALIDATION = 7200, /* seconds of sound */
};

/** Flags that mean something else where there is one label, or need clips of a data set. */
static ws_status check_other_flags(const ws_train_options *o, ws_error *err)
{
    const struct {
        bool is_on;
        const char *name;
    } rows[] = {
        {o->mixup > 0, "mixup"},

        {o->distill[0] != '\0', "distill"},
        {o->epochs[0] != '\0', "epochs"},
        {o->quantize, "quantize"},

    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is_on)
            return ws_fail(err, WS_EUSAGE,
                           "--%s is for recognisers of --wanted_words: leave it out with "
                           "--wake_word",
                           rows[i].name);
    return WS_OK;
}

ws_status ws_wake_data_check(const ws_train_options *o, ws_error *err)
{
    ws_noise_snr snr;

    if (o->wake_word_clips[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--wake_word_clips is missing: expected folders with clips of \"%s\"",
                       o->wake_word);
    if (o->wake_word_speech[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--wake_word_speech is missing: expected folders with speech in which "
                       "\"%s\" is not said",
                       o->wake_word);
    if (o->batch_size < 2)
        return ws_fail(err, WS_EUSAGE,
                       "--batch_size=%lld: expected at least 2 with --wake_word, one window with "
                       "the phrase and one without it",
                       (long long)o->batch_size);
    const ws_status status = ws_noise_snr_init(&snr, o->noise_snr, err);
    return status == WS_OK ? check_other_flags(o, err) : status;
}

struct ws_wake_folders {
    ws_text_list names;
    ws_wake_folder list[MAX_FOLDERS];
    size_t n;
    ws_wake_folder validated[MAX_FOLDERS]; /* those of the list that ws_wake_set measures with */
    size_t n_validated;
};

typedef struct ws_wake_folders folders;

/** Adds the folders of a comma list. They have a share together, each as much as the others. */
static ws_status push_folders(folders *f, const char *flag, const char *names,
                              const ws_wake_folder *like, ws_error *err)
{
    const size_t first = f->names.n_items;

    if (names[0] == '\0')
        return WS_OK;
    if (ws_text_list_push_split(&f->names, names, ',') != WS_OK)
        return ws_fail_memory(err, "folders of recordings");
    const size_t n = f->names.n_items - first;
    if (f->names.n_items > MAX_FOLDERS)
        return ws_fail(err, WS_EUSAGE, "--%s: expected at most %d folders in all", flag,
                       MAX_FOLDERS);
    for (size_t i = 0; i < n; i++) {
        f->list[f->n] = *like;
        f->list[f->n++].share = like->share / (double)n;
    }
    return WS_OK;
}

static ws_status list_folders(const ws_train_options *o, folders *f, ws_error *err)
{
    const double share = o->wake_word_share, rest = 1.0 - share;
    const double all = near_share + speech_share + noise_share + silence_share;
    ws_status status = push_folders(f, "wake_word_clips", o->wake_word_clips,
                                    &(ws_wake_folder){.kind = WS_WAKE_POSITIVE,
                                                      .label = 1,
                                                      .share = share,
                                                      .weight = (float)o->wake_word_weight},
                                    err);
    if (status == WS_OK)
        status = push_folders(f, "wake_word_near", o->wake_word_near,
                              &(ws_wake_folder){.kind = WS_WAKE_NEAR,
                                                .share = rest * near_share / all,
                                                .weight = 1.0f},
                              err);
    if (status == WS_OK)
        status = push_folders(f, "wake_word_speech", o->wake_word_speech,
                              &(ws_wake_folder){.kind = WS_WAKE_SPEECH,
                                                .share = rest * speech_share / all,
                                                .weight = 1.0f},
                              err);
    if (status == WS_OK)
        status = push_folders(f, "noise_dir", o->noise_dir,
                              &(ws_wake_folder){.kind = WS_WAKE_NOISE,
                                                .share = rest * noise_share / all,
                                                .weight = 1.0f},
                              err);
    for (size_t i = 0; i < f->n; i++) {
        f->list[i].dir = f->names.items[i];
        if (f->list[i].kind != WS_WAKE_NEAR)
            f->validated[f->n_validated++] = f->list[i];
    }
    return status;
}

static ws_status open_sources(ws_wake_data *data, const ws_wake_data_options *options,
                              int n_threads, const folders *f, ws_error *err)
{
    const ws_train_options *o = options->options;
    const double rate = (double)options->settings->sample_rate_hz;
    const double all = near_share + speech_share + noise_share + silence_share;
    ws_wake_options source = {
        .folders = f->list,
        .n_folders = f->n,
        .phrase = o->wake_word,
        .silence_share = (1.0 - o->wake_word_share) * silence_share / all,
        .silence_weight = 1.0f,
        .sample_rate_hz = options->settings->sample_rate_hz,
        .n_samples = options->settings->desired_samples + (size_t)(lead_seconds * rate),
        .end_samples = (size_t)(most_lag_seconds * rate),
        .part_share = part_share,
        .shuffle_share = shuffle_share,
        .noise_share = o->background_frequency,
        .rooms_dir = o->rir_dir[0] != '\0' ? o->rir_dir : NULL,
        .room_share = room_share,
        .microphone_share = microphone_share,
        .speed_change = o->speed_perturbation,
        .tempo_change = o->speed_perturbation,
        .low_dbfs = low_dbfs,
        .high_dbfs = high_dbfs,
        .set = WS_SET_TRAINING,
        .validation_percentage = o->validation_percentage,
        .seed = (uint64_t)o->seed,
        .n_threads = n_threads,
        .level = options->settings->level,
        .strict = o->strict,
        .log = options->log,
    };
    ws_error why = {.status = WS_OK};
    ws_status status = ws_noise_snr_init(&source.snr, o->noise_snr, err);
    if (!source.snr.is_wanted)
        source.snr = usual_snr;
    if (status == WS_OK)
        status = ws_wake_source_create(&source, &data->training, err);
    if (status != WS_OK || o->validation_percentage == 0 || options->graph == NULL)
        return status;
    source.set = WS_SET_VALIDATION;
    source.folders = f->validated;
    source.n_folders = f->n_validated;
    source.log = NULL; /* it has said it all */
    source.room_share = source.microphone_share = source.shuffle_share = 0.0;
    status = ws_wake_source_create(&source, &data->validation, &why);
    if (status != WS_ENOTFOUND)
        return status == WS_OK ? WS_OK : ws_fail(err, status, "%s", why.message);
    ws_log_write(options->log, WS_LOG_WARN,
                 "--validation_percentage=%lld: too few speakers, nothing is validated: %s",
                 (long long)o->validation_percentage, why.message);
    return WS_OK;
}

/** How much of batches there is. */
typedef struct batch_sizes {
    size_t n_stretches, n_new, batch_size, n_tries;
} batch_sizes;

static ws_status open_batches(ws_wake_data *data, const ws_wake_data_options *options,
                              int n_threads, const batch_sizes *sizes, ws_error *err)
{
    const ws_train_options *o = options->options;
    const double rate = (double)options->settings->sample_rate_hz;

    return ws_wake_batches_create(
        &data->batches,
        &(ws_wake_batches_options){
            .source = data->training,
            .n_samples = options->settings->desired_samples + (size_t)(lead_seconds * rate),
            .settings = options->settings,
            .n_stretches = sizes->n_stretches,
            .n_new = sizes->n_new,
            .batch_size = sizes->batch_size,
            .phrase_share = o->wake_word_share,
            .n_tries = sizes->n_tries,
            .augment = *options->augment,
            .label_smoothing = o->label_smoothing,
            .logit_factor = o->wake_word_logit_factor,
            .start_share = start_share,
            .late_ms = late_ms,
            .seed = (uint64_t)o->seed,
            .n_threads = n_threads,
        },
        err);
}

static ws_status open_parts(ws_wake_data *data, const ws_wake_data_options *options, int n_threads,
                            ws_error *err)
{
    const ws_train_options *o = options->options;
    const ws_feature_settings *settings = options->settings;
    const double rate = (double)settings->sample_rate_hz;
    const ws_status status = open_batches(data, options, n_threads,
                                          &(batch_sizes){.n_stretches = N_STRETCHES,
                                                         .n_new = N_NEW,
                                                         .batch_size = (size_t)o->batch_size,
                                                         .n_tries = (size_t)o->wake_word_tries},
                                          err);
    if (status != WS_OK || data->validation == NULL)
        return status;
    return ws_wake_set_create(&data->set,
                              &(ws_wake_set_options){
                                  .source = data->validation,
                                  .graph = options->graph,
                                  .window = settings,
                                  .features = options->features,
                                  .max_samples = (size_t)(MAX_VALIDATION * rate),
                                  .seed = (uint64_t)o->seed,
                                  .n_threads = n_threads,
                                  .log = options->log,
                              },
                              err);
}

ws_status ws_wake_data_init(ws_wake_data *data, const ws_wake_data_options *options, ws_error *err)
{
    const int64_t wanted = options->options->threads;
    const int n_threads = wanted > 0 ? (int)wanted : omp_get_max_threads();

    *data =
        (ws_wake_data){.folders = calloc(1, sizeof *data->folders), .settings = options->settings};
    if (data->folders == NULL)
        return ws_fail_memory(err, "folders of recordings");
    ws_status status = list_folders(options->options, data->folders, err);
    if (status == WS_OK)
        status = open_sources(data, options, n_threads, data->folders, err);
    if (status == WS_OK) {
        data->text = ws_wake_source_text(data->training);
        status = data->text == NULL ? ws_fail_memory(err, "a list of recordings") : WS_OK;
    }
    if (status == WS_OK)
        status = open_parts(data, options, n_threads, err);
    return status;
}

/** Opens what makes batches of n windows, and reads one. */
static ws_status read_windows(ws_wake_data *data, const ws_wake_data_options *options, size_t n,
                              float *windows, int32_t *labels, ws_error *err)
{
    const int n_threads = omp_get_max_threads();
    ws_batch batch = {.n = 0};
    ws_status status = list_folders(options->options, data->folders, err);

    if (status == WS_OK)
        status = open_sources(data, options, n_threads, data->folders, err);
    if (status == WS_OK)
        status =
            open_batches(data, options, n_threads,
                         &(batch_sizes){.n_stretches = n > LEAST_STRETCHES ? n : LEAST_STRETCHES,
                                        .n_new = 1,
                                        .batch_size = n,
                                        .n_tries = 1},
                         err);
    if (status == WS_OK)
        status = ws_wake_batches_begin(data->batches, 0, err);
    if (status == WS_OK)
        ws_wake_batches_read(data->batches, 1, NULL, windows, labels, &batch);
    return status;
}

ws_status ws_wake_data_read_windows(const ws_train_options *options,
                                    const ws_feature_options *features, size_t n, const ws_log *log,
                                    float **windows, ws_error *err)
{
    const ws_augment_options no_augmentation = {.speed_perturbation = 0.0};
    ws_feature_settings settings;
    ws_wake_data data = {.folders = calloc(1, sizeof *data.folders)};
    ws_status status = ws_feature_settings_init(features, &settings, err);
    const ws_wake_data_options all = {.options = options,
                                      .features = features,
                                      .settings = &settings,
                                      .augment = &no_augmentation,
                                      .log = log};

    *windows = NULL;
    if (status == WS_OK) {
        int32_t *labels = calloc(n, sizeof *labels);
        *windows = calloc(n * settings.size, sizeof **windows);
        status = *windows == NULL || labels == NULL || data.folders == NULL
                     ? ws_fail_memory(err, "windows for calibration")
                     : read_windows(&data, &all, n, *windows, labels, err);
        free(labels);
    }
    ws_wake_data_deinit(&data);
    if (status != WS_OK) {
        free(*windows);
        *windows = NULL;
    }
    return status;
}

void ws_wake_data_deinit(ws_wake_data *data)
{
    ws_wake_set_destroy(data->set);
    ws_wake_batches_destroy(data->batches);
    ws_wake_source_destroy(data->validation);
    ws_wake_source_destroy(data->training);
    free(data->text);
    if (data->folders != NULL)
        ws_text_list_deinit(&data->folders->names);
    free(data->folders);
    *data = (ws_wake_data){.training = NULL};
}
