/* --save_format=tflite: one file from features to scores. */
#include "formats/tflite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "formats/esphome_manifest.h"
#include "formats/format.h"
#include "formats/lite_file.h"
#include "formats/lite_front.h"
#include "formats/model_note.h"

static ws_status write_tflite(const char *path, const ws_frozen *frozen,
                              const ws_frozen_write_options *options, ws_error *err)
{
    return ws_lite_file_write(path, frozen, options,
                              &(ws_lite_lower_options){.is_one_channel_depthwise = true},
                              ws_tflite_write, err);
}

const ws_format ws_format_tflite = {
    .name = "tflite", .ending = ".tflite", .title = "TFLite model", .write = write_tflite};

/* Reading */

bool ws_tflite_is_file(const unsigned char *bytes, size_t size)
{
    return size >= 8 && memcmp(bytes + 4, WS_TFLITE_IDENTIFIER, 4) == 0;
}

/** Files without our metadata that are known by the shape of their input. */
static const struct {
    const char *what;
    size_t dims[WS_LITE_MAX_DIMS], n_dims;
    ws_feature_options features;
    float sample_scale;
} known[] = {
    {"micro_speech", {1, 1960}, 2, {"micro", 16000, 1000, 30.0, 20.0, 40}, 32768.0f},
    {"mlperf_tiny", {1, 49, 10, 1}, 4, {"mfcc", 16000, 1000, 30.0, 20.0, 10}, 0.0f},
};

/* ESPHome's wake words: any number of frames of 40 channels a call. */
static const ws_feature_options device_features = {"micro_device", 16000, 1000, 30.0, 10.0, 40};

static bool is_wake_word(const ws_frozen *frozen, const ws_lite_tensor *input)
{
    return ws_frozen_is_stream(frozen) && input->n_dims == 3 && input->dims[0] == 1 &&
           input->dims[2] == (size_t)device_features.feature_bin_count;
}

static ws_status guess_features(const char *path, ws_frozen *frozen, ws_error *err)
{
    const ws_lite_graph *graph = &frozen->lite->graphs[0];
    const ws_lite_tensor *input = &graph->tensors[graph->inputs[0]];

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (input->n_dims != known[i].n_dims ||
            memcmp(input->dims, known[i].dims, input->n_dims * sizeof *input->dims) != 0)
            continue;
        frozen->features = known[i].features;
        frozen->micro_sample_scale = known[i].sample_scale;
        return WS_OK;
    }
    if (is_wake_word(frozen, input)) {
        frozen->features = device_features;
        frozen->micro_sample_scale = 32768.0f;
        return WS_OK;
    }
    return ws_fail(err, WS_EFORMAT,
                   "%s: does not say how its features are made: expected metadata named "
                   "\"%s\", or an input of [1, 1960] (micro_speech), [1, 49, 10, 1] "
                   "(mlperf_tiny) or, of a stream, [1, frames, 40] (ESPHome)",
                   path, WS_MODEL_NOTE_NAME);
}

/** The manifest of a wake word, NAME.json for NAME.tflite, where there is one. */
static ws_status read_manifest(const char *path, ws_frozen *frozen, ws_error *err)
{
    char *beside = ws_esphome_manifest_name(path);
    struct stat info;

    if (beside == NULL)
        return ws_fail_memory(err, "the name of a manifest");
    const ws_status status =
        stat(beside, &info) == 0 ? ws_esphome_manifest_read(beside, frozen, err) : WS_OK;
    free(beside);
    return status;
}

/** The name of a single score: that of the last label, or of the file. */
static ws_status name_score(const char *path, ws_frozen *frozen, ws_error *err)
{
    const char *name = ws_path_base(path), *dot = strrchr(name, '.');
    const size_t n = frozen->labels.n_items;
    char *label = n > 0 ? ws_text_copy(frozen->labels.items[n - 1])
                        : ws_text_format("%.*s", dot == NULL ? 255 : (int)(dot - name), name);

    ws_text_list_deinit(&frozen->labels);
    const ws_status status = label != NULL && ws_text_list_push(&frozen->labels, label) == WS_OK
                                 ? WS_OK
                                 : ws_fail_memory(err, "a label");
    free(label);
    return status;
}

/** What a stream's file says less of, as it is meant for a device. */
static ws_status complete_stream(const char *path, ws_frozen *frozen, ws_error *err)
{
    const ws_status status =
        ws_frozen_n_labels(frozen) == 1 ? name_score(path, frozen, err) : WS_OK;
    return status == WS_OK ? read_manifest(path, frozen, err) : status;
}

/** The executor checks what the file does not say of itself. */
static ws_status check_model(const char *path, const ws_lite *lite, ws_error *err)
{
    const ws_lite_run_options options = {.rounding = WS_LITE_ROUNDING_EXACT};
    ws_lite_run *run = NULL;
    ws_error why = {WS_OK, ""};

    const ws_status status = ws_lite_run_create(&run, lite, &options, &why);
    ws_lite_run_destroy(run);
    return status == WS_OK ? WS_OK : ws_fail(err, status, "%s: %s", path, why.message);
}

ws_status ws_tflite_read_frozen(const char *path, const unsigned char *bytes, size_t size,
                                ws_frozen *frozen, ws_error *err)
{
    ws_lite *lite = calloc(1, sizeof *lite);
    if (lite == NULL)
        return ws_fail_memory(err, "a TFLite model");
    ws_status status = ws_tflite_read(path, bytes, size, lite, err);
    if (status != WS_OK) {
        free(lite);
        return status;
    }
    frozen->lite = lite;
    bool is_sound = false;
    const char *note = ws_lite_find_note(lite, WS_MODEL_NOTE_NAME);
    if (note != NULL)
        status = ws_model_note_read(path, note, frozen, err);
    if (status == WS_OK)
        status = ws_lite_front_take(path, frozen, &is_sound, err);
    if (status == WS_OK)
        status = check_model(path, lite, err);
    if (status == WS_OK && note == NULL && !is_sound)
        status = guess_features(path, frozen, err);
    if (status == WS_OK && ws_frozen_is_stream(frozen))
        status = complete_stream(path, frozen, err);
    if (status != WS_OK)
        ws_frozen_deinit(frozen);
    return status;
}
