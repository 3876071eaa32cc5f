#include "cmd/calibration.h"

#include <stdlib.h>

#include "dataset/index.h"
#include "dataset/noise.h"
#include "dataset/source.h"
#include "train/data_set.h"
#include "train/wake_data.h"

/** What is open while clips are read. */
typedef struct reading {
    ws_index *index;
    ws_noise *noise;
    ws_features *features;
    ws_source *source;
} reading;

static ws_status open_source(reading *r, const ws_train_options *options,
                             const ws_feature_options *features, const ws_log *log, ws_error *err)
{
    ws_index_options index = ws_data_set_index_options(options);
    ws_feature_settings settings;
    ws_source_options source;

    index.log = log;
    ws_status status = ws_feature_settings_init(features, &settings, err);
    if (status == WS_OK)
        status = ws_index_create(&index, &r->index, err);
    if (status == WS_OK)
        status = ws_data_set_open_noise(options, &settings, NULL, &r->noise, err);
    if (status == WS_OK)
        status = ws_features_create(&settings, log, &r->features, err);
    if (status == WS_OK)
        status = ws_data_set_source_options(options, &source, err);
    if (status != WS_OK)
        return status;
    source.index = r->index;
    source.noise = r->noise;
    source.features = r->features;
    source.log = log;
    return ws_source_create(&source, &r->source, err);
}

static ws_status read_clips(reading *r, size_t n, float **clips, size_t *n_clips, ws_error *err)
{
    const size_t n_there = ws_index_n_clips(r->index, WS_SET_TRAINING);
    const size_t n_wanted = n < n_there ? n : n_there;
    ws_evaluation_rows rows = {
        .features = calloc(n_wanted + 1, ws_source_settings(r->source)->size * sizeof(float)),
        .labels = calloc(n_wanted + 1, sizeof(int32_t)),
    };
    ws_status status = WS_OK;

    if (rows.features == NULL || rows.labels == NULL)
        status = ws_fail_memory(err, "clips for calibration");
    if (status == WS_OK)
        status = ws_source_read_evaluation(r->source, WS_SET_TRAINING, 0, n_wanted, &rows, err);
    if (status == WS_OK && rows.n == 0)
        status = ws_fail(err, WS_ENOTFOUND,
                         "the training set has no clip that can be read; --calibration_clips needs "
                         "at least one");
    free(rows.labels);
    if (status != WS_OK) {
        free(rows.features);
        return status;
    }
    *clips = rows.features;
    *n_clips = rows.n;
    return WS_OK;
}

ws_status ws_calibration_read(const ws_train_options *options, const ws_feature_options *features,
                              size_t n, const ws_log *log, float **clips, size_t *n_clips,
                              ws_error *err)
{
    reading r = {.index = NULL};

    if (ws_wake_data_is_wanted(options)) {
        *n_clips = n < 2 ? 2 : n;
        return ws_wake_data_read_windows(options, features, *n_clips, log, clips, err);
    }
    ws_status status = open_source(&r, options, features, log, err);
    if (status == WS_OK)
        status = read_clips(&r, n, clips, n_clips, err);
    ws_source_destroy(r.source);
    ws_features_destroy(r.features);
    ws_noise_destroy(r.noise);
    ws_index_destroy(r.index);
    return status;
}
