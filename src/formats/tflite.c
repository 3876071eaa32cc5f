/* --save_format=tflite: one file from features to scores. */
#include "formats/tflite.h"

#include <stdlib.h>
#include <string.h>

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
    return ws_fail(err, WS_EFORMAT,
                   "%s: does not say how its features are made: expected metadata named "
                   "\"%s\", or an input of [1, 1960] (micro_speech) or [1, 49, 10, 1] "
                   "(mlperf_tiny)",
                   path, WS_MODEL_NOTE_NAME);
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
    if (status != WS_OK)
        ws_frozen_deinit(frozen);
    return status;
}
