/* --save_format=tflite: one file from features to scores. */
#include "formats/tflite.h"

#include <stdlib.h>

#include "base/file.h"
#include "formats/flat_write.h"
#include "formats/format.h"
#include "formats/model_note.h"
#include "nn/lite/lower.h"

static ws_status lower(const ws_frozen *frozen, const ws_frozen_write_options *options,
                       ws_lite *lite, ws_error *err)
{
    const ws_lite_lower_options lowering = {
        .scores = WS_LITE_SCORES_SOFTMAX,
        .is_one_channel_depthwise = true,
        .rounds = true,
    };
    char *note = NULL;

    ws_status status =
        ws_lite_lower(lite, &frozen->graph, frozen->parameters, frozen->states, &lowering, err);
    if (status == WS_OK)
        status = ws_model_note_write(frozen, options->labels, &note, err);
    if (status == WS_OK) {
        ws_lite_push_note(lite, WS_MODEL_NOTE_NAME, note);
        status = ws_lite_status(lite, err);
    }
    free(note);
    return status;
}

static ws_status write_tflite(const char *path, const ws_frozen *frozen,
                              const ws_frozen_write_options *options, ws_error *err)
{
    ws_lite lite = {.n_graphs = 0};
    ws_buf file;

    ws_buf_init(&file, WS_FLAT_MAX_BYTES);
    ws_status status = ws_file_check_replaceable(path, err);
    if (status == WS_OK)
        status = lower(frozen, options, &lite, err);
    if (status == WS_OK)
        status = ws_tflite_write(&lite, &file, err);
    if (status == WS_OK)
        status = ws_file_write(path, file.data, file.size, err);
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
    return status;
}

const ws_format ws_format_tflite = {
    .name = "tflite", .title = "TFLite model", .write = write_tflite};
