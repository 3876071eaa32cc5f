#include "formats/lite_file.h"

#include <stdlib.h>

#include "base/file.h"
#include "formats/model_note.h"

#define MAX_BYTES ((size_t)0x7fffffff) /* FlatBuffers and protobuf hold no more */

static ws_status push_note(const ws_frozen *frozen, const ws_frozen_write_options *options,
                           ws_lite *lite, ws_error *err)
{
    char *note = NULL;
    ws_status status = ws_model_note_write(frozen, options->labels, &note, err);

    if (status == WS_OK) {
        ws_lite_push_note(lite, WS_MODEL_NOTE_NAME, note);
        status = ws_lite_status(lite, err);
    }
    free(note);
    return status;
}

ws_status ws_lite_file_lower(const ws_frozen *frozen, const ws_frozen_write_options *options,
                             const ws_lite_lower_options *lowering, ws_lite *lite, ws_error *err)
{
    ws_lite_lower_options as_trained = *lowering;

    as_trained.scores = WS_LITE_SCORES_SOFTMAX;
    as_trained.rounds = true;
    ws_status status =
        ws_lite_lower(lite, &frozen->graph, frozen->parameters, frozen->states, &as_trained, err);
    if (status != WS_OK)
        return status;
    status = push_note(frozen, options, lite, err);
    if (status != WS_OK)
        ws_lite_deinit(lite);
    return status;
}

ws_status ws_lite_file_write(const char *path, const ws_frozen *frozen,
                             const ws_frozen_write_options *options,
                             const ws_lite_lower_options *lowering, ws_lite_file_writer *writer,
                             ws_error *err)
{
    ws_lite lite;
    ws_buf file;

    ws_status status = ws_file_check_replaceable(path, err);
    if (status == WS_OK)
        status = ws_lite_file_lower(frozen, options, lowering, &lite, err);
    if (status != WS_OK)
        return status;
    ws_buf_init(&file, MAX_BYTES);
    status = writer(&lite, &file, err);
    if (status == WS_OK)
        status = ws_file_write(path, file.data, file.size, err);
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
    return status;
}
