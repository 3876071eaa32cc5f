#include "formats/lite_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "formats/esphome_manifest.h"
#include "formats/lite_front.h"
#include "formats/model_note.h"
#include "formats/target.h"
#include "nn/lite/equalize.h"
#include "nn/lite/quantize.h"
#include "nn/passes/stream.h"

#define MAX_BYTES ((size_t)0x7fffffff) /* FlatBuffers and protobuf hold no more */

static ws_status push_note(const ws_frozen *frozen, const ws_frozen_write_options *options,
                           ws_lite *lite, ws_error *err)
{
    char *note = NULL;
    ws_status status =
        ws_model_note_write(frozen, options->labels, options->takes_sound, &note, err);

    if (status == WS_OK) {
        ws_lite_push_note(lite, WS_MODEL_NOTE_NAME, note);
        status = ws_lite_status(lite, err);
    }
    free(note);
    return status;
}

/** Replaces a model in floating point by one in 8 bits. */
static ws_status quantize(ws_lite *lite, const ws_frozen_write_options *options, size_t n_features,
                          ws_error *err)
{
    const ws_lite_quantize_options types = {options->input_type, options->output_type};
    ws_lite whole;
    ws_status status = WS_OK;

    if (options->n_clips > 0)
        status = ws_lite_equalize(lite, options->clips, options->n_clips, n_features, err);
    if (status == WS_OK && options->n_clips > 0)
        status = ws_lite_calibrate(lite, options->clips, options->n_clips, n_features,
                                   options->calibration, err);
    if (status == WS_OK)
        status = ws_lite_quantize(&whole, lite, &types, err);
    if (status == WS_OK) {
        ws_lite_deinit(lite);
        *lite = whole;
    }
    return status;
}

static ws_status lower_stream(const ws_frozen *frozen, const ws_lite_lower_options *lowering,
                              ws_lite *lite, ws_error *err)
{
    ws_stream_form form;

    ws_status status =
        ws_stream_form_init(&form, &frozen->graph, frozen->parameters, frozen->states, err);
    if (status != WS_OK)
        return status;
    status = ws_lite_lower(lite, &form.model.graph, form.model.parameters, form.model.states,
                           lowering, err);
    ws_stream_form_deinit(&form);
    return status;
}

/** What of a target is done before numbers become whole. */
static ws_status fit_target(const ws_target *target, ws_lite *lite, ws_error *err)
{
    ws_lite_graph *graph = &lite->graphs[0];

    if (target->input_max > 0.0f)
        graph->tensors[graph->inputs[0]].range = (ws_lite_range){true, 0.0f, target->input_max};
    return ws_target_check(target, lite, err);
}

ws_status ws_lite_file_lower(const ws_frozen *frozen, const ws_frozen_write_options *options,
                             const ws_lite_lower_options *lowering, ws_lite *lite, ws_error *err)
{
    const ws_target *target = options->target;
    ws_lite_lower_options how = *lowering;

    how.scores = WS_LITE_SCORES_SOFTMAX;
    how.rounds = !options->is_int8;
    if (target != NULL) {
        how.scores = target->is_stream ? WS_LITE_SCORES_LAST : WS_LITE_SCORES_SOFTMAX;
        how.input = target->input;
        how.is_one_channel_depthwise = target->is_one_channel_depthwise;
    }
    ws_status status =
        target != NULL && target->is_stream
            ? lower_stream(frozen, &how, lite, err)
            : ws_lite_lower(lite, &frozen->graph, frozen->parameters, frozen->states, &how, err);
    if (status != WS_OK)
        return status;
    if (target != NULL)
        status = fit_target(target, lite, err);
    if (status == WS_OK && options->is_int8)
        status = quantize(lite, options, ws_frozen_n_features(frozen), err);
    if (status == WS_OK && options->takes_sound)
        status = ws_lite_front_push(lite, &frozen->features, err);
    if (status == WS_OK)
        status = push_note(frozen, options, lite, err);
    if (status != WS_OK)
        ws_lite_deinit(lite);
    return status;
}

/** What is beside the file of a model; its name ends in .json. */
typedef struct beside {
    char *path, *text; /* owned; NULL: the target has none */
} beside;

static ws_status name_beside(const char *path, beside *manifest, ws_error *err)
{
    manifest->path = ws_esphome_manifest_name(path);
    return manifest->path != NULL ? ws_file_check_replaceable(manifest->path, err)
                                  : ws_fail_memory(err, "the name of a manifest");
}

/** The manifest, which names the model, comes last. */
static ws_status save(const char *path, const ws_buf *file, const beside *manifest, ws_error *err)
{
    const bool is_alone = manifest->path == NULL;
    const ws_file_part parts[] = {
        {path, file->data, file->size},
        {manifest->path, manifest->text, is_alone ? 0 : strlen(manifest->text)},
    };

    return ws_file_write_all(parts, is_alone ? 1 : 2, err);
}

ws_status ws_lite_file_write(const char *path, const ws_frozen *frozen,
                             const ws_frozen_write_options *options,
                             const ws_lite_lower_options *lowering, ws_lite_file_writer *writer,
                             ws_error *err)
{
    const ws_target *target = options->target;
    const bool has_manifest = target != NULL && target->manifest != NULL;
    beside manifest = {.path = NULL};
    ws_lite lite = {.n_graphs = 0};
    ws_buf file;

    ws_buf_init(&file, MAX_BYTES);
    ws_status status = ws_file_check_replaceable(path, err);
    if (status == WS_OK && has_manifest)
        status = name_beside(path, &manifest, err);
    if (status == WS_OK)
        status = ws_lite_file_lower(frozen, options, lowering, &lite, err);
    if (status == WS_OK) {
        if (has_manifest)
            status =
                target->manifest(ws_path_base(path), frozen, options, &lite, &manifest.text, err);
        if (status == WS_OK)
            status = writer(&lite, &file, err);
        if (status == WS_OK)
            status = save(path, &file, &manifest, err);
        ws_lite_deinit(&lite);
    }
    ws_buf_deinit(&file);
    free(manifest.text);
    free(manifest.path);
    return status;
}
