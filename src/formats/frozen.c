#include "formats/frozen.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/lookup.h"
#include "base/path.h"
#include "formats/format.h"
#include "formats/graph_read.h"
#include "formats/saved_model.h"
#include "formats/tflite.h"

static const ws_format *const formats[] = {
    &ws_format_graph_def, &ws_format_saved_model, &ws_format_tflite, &ws_format_onnx, &ws_format_c,
};
enum { N_FORMATS = sizeof formats / sizeof *formats };

const char *ws_frozen_format_title(const char *format)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (strcmp(formats[i]->name, format) == 0)
            return formats[i]->title;
    return "model";
}

static const char *format_name(size_t i)
{
    return formats[i]->name;
}

/** Fails for a name that promises another format: "model.tflite" for a frozen graph. */
static ws_status check_ending(const char *path, const ws_format *format, ws_error *err)
{
    if (format->ending == NULL)
        return WS_OK;
    for (size_t i = 0; i < N_FORMATS; i++)
        if (formats[i] != format && formats[i]->ending != NULL &&
            ws_text_has_suffix(path, formats[i]->ending))
            return ws_fail(err, WS_EUSAGE,
                           "%s: names that end in %s are for --save_format=%s, but the format is "
                           "%s; expected that format or another name",
                           path, formats[i]->ending, formats[i]->name, format->name);
    return WS_OK;
}

ws_status ws_frozen_write(const char *path, const char *format, const ws_frozen *frozen,
                          const ws_frozen_write_options *options, ws_error *err)
{
    static const ws_frozen_write_options none;
    size_t i;
    ws_status status = ws_lookup("--save_format", format, format_name, N_FORMATS, &i, err);

    if (status != WS_OK)
        return ws_fail_usage(status, err);
    status = check_ending(path, formats[i], err);
    if (status != WS_OK)
        return status;
    return formats[i]->write(path, frozen, options != NULL ? options : &none, err);
}

size_t ws_frozen_n_features(const ws_frozen *frozen)
{
    if (frozen->lite == NULL)
        return ws_shape_size(ws_graph_input_shape(&frozen->graph));
    const ws_lite_graph *graph = &frozen->lite->graphs[0];
    return ws_lite_tensor_size(&graph->tensors[graph->inputs[0]]);
}

size_t ws_frozen_n_labels(const ws_frozen *frozen)
{
    if (frozen->lite == NULL)
        return ws_graph_n_labels(&frozen->graph);
    const ws_lite_graph *graph = &frozen->lite->graphs[0];
    return ws_lite_tensor_size(&graph->tensors[graph->outputs[0]]);
}

bool ws_frozen_is_stream(const ws_frozen *frozen)
{
    const ws_lite_graph *graph = frozen->lite != NULL ? &frozen->lite->graphs[0] : NULL;

    for (size_t i = 0; graph != NULL && i < graph->n_nodes; i++)
        if (graph->nodes[i].kind == WS_LITE_VAR_HANDLE)
            return true;
    return false;
}

void ws_frozen_deinit(ws_frozen *frozen)
{
    if (frozen->lite != NULL)
        ws_lite_deinit(frozen->lite);
    free(frozen->lite);
    frozen->lite = NULL;
    ws_text_list_deinit(&frozen->labels);
    free(frozen->parameters);
    frozen->parameters = NULL;
    free(frozen->states);
    frozen->states = NULL;
    ws_graph_deinit(&frozen->graph);
}

/** An ONNX file begins with its version, and then the name of the program that wrote it. A
 * SavedModel begins alike, with the version of its schema: 1, which only ONNX files of 2017 have. A
 * GraphDef has no field like the first one. @return NULL: neither */
static const char *guess_versioned(const unsigned char *bytes, size_t size)
{
    if (size < 4 || bytes[0] != 0x08 || bytes[1] == 0 || bytes[1] >= 0x20 || bytes[2] != 0x12)
        return NULL;
    return bytes[1] == 1 ? "a SavedModel, whose file must have the name saved_model.pb"
                         : "an ONNX file, which is only written";
}

/** The index of a checkpoint ends with the magic number of its tables. */
static bool is_checkpoint(const unsigned char *bytes, size_t size)
{
    static const unsigned char magic[] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};

    return size >= sizeof magic && memcmp(bytes + size - sizeof magic, magic, sizeof magic) == 0;
}

/** The likely format of a file that is not a graph, for users who chose the wrong file; NULL:
 * unknown. */
static const char *guess_kind(const unsigned char *bytes, size_t size)
{
    static const struct {
        size_t at;
        const char *text;
        const char *kind;
    } kinds[] = {
        {0, "node {", "a graph as text (pbtxt)"},
        {0, "PK\x03\x04", "a zip archive"},
        {0, "RIFF", "a WAV file"},
        {0, "\x89HDF", "an HDF5 file (Keras)"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t n = strlen(kinds[i].text);
        if (size >= kinds[i].at + n && memcmp(bytes + kinds[i].at, kinds[i].text, n) == 0)
            return kinds[i].kind;
    }
    return is_checkpoint(bytes, size) ? "the index of a checkpoint (for --start_checkpoint)"
                                      : guess_versioned(bytes, size);
}

/** A SavedModel may be named by the file in its directory, too. */
static ws_status read_saved_model_of(const char *path, int64_t assumed_rate_hz, ws_frozen *frozen,
                                     ws_error *err)
{
    char *dir = ws_path_dir(path);
    const ws_status status = dir != NULL ? ws_saved_model_read(dir, assumed_rate_hz, frozen, err)
                                         : ws_fail_memory(err, "the name of a directory");
    free(dir);
    return status;
}

static ws_status read_file(const char *path, int64_t assumed_rate_hz, ws_frozen *frozen,
                           ws_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;

    ws_status status = ws_file_read(path, WS_GRAPH_MESSAGE_MAX_BYTES, &bytes, &size, err);
    if (status != WS_OK)
        return status;
    const char *kind = guess_kind(bytes, size);
    if (ws_tflite_is_file(bytes, size))
        status = ws_tflite_read_frozen(path, bytes, size, frozen, err);
    else if (kind != NULL)
        status = ws_fail(err, WS_EFORMAT,
                         "%s: is %s, expected a TFLite model or a binary GraphDef of TensorFlow",
                         path, kind);
    else
        status = ws_graph_read(
            &(ws_graph_source){
                .path = path, .bytes = bytes, .size = size, .assumed_rate_hz = assumed_rate_hz},
            frozen, err);
    free(bytes);
    return status;
}

ws_status ws_frozen_read(const char *path, int64_t assumed_rate_hz, ws_frozen *frozen,
                         ws_error *err)
{
    memset(frozen, 0, sizeof *frozen);
    if (ws_dir_exists(path))
        return ws_saved_model_read(path, assumed_rate_hz, frozen, err);
    if (strcmp(ws_path_base(path), WS_SAVED_MODEL_FILE) == 0)
        return read_saved_model_of(path, assumed_rate_hz, frozen, err);
    return read_file(path, assumed_rate_hz, frozen, err);
}
