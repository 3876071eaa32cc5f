/* --save_format=c: a TFLite model as an array, with headers that say what its input is.
 *
 *     NAME.c (or .cc, .cpp)   the array, aligned to 16 bytes, and its length
 *     NAME.h                  their declarations
 *     NAME_settings.h         front end and labels, by the names that micro_speech includes
 *     NAME.json               the same for programs
 *
 * C and C++ compile all of it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "formats/c_name.h"
#include "formats/format.h"
#include "formats/lite_file.h"
#include "formats/model_note.h"
#include "formats/tflite.h"

#define MAX_BYTES ((size_t)1 << 30) /* of a file */

enum { BYTES_PER_LINE = 12 };
enum { SOURCE, HEADER, SETTINGS, MANIFEST, N_FILES };

static const char *const endings[N_FILES] = {"", ".h", "_settings.h", ".json"};

/** The files, and what they are made of. */
typedef struct c_files {
    const ws_frozen *frozen;
    const ws_text_list *labels;
    const char *array; /* its name */
    ws_lite lite;
    ws_feature_settings features;
    char *paths[N_FILES];
    ws_buf texts[N_FILES];
} c_files;

static const char *name_of(const c_files *files, size_t which)
{
    return ws_path_base(files->paths[which]);
}

/* Texts */

/** A text between quotes, as C reads it. */
static void push_quoted(ws_buf *buf, const char *text)
{
    ws_buf_push_byte(buf, '"');
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\' || byte < ' ' || byte >= 0x7f || byte == '?')
            ws_buf_push_format(buf, "\\%03o", byte);
        else
            ws_buf_push_byte(buf, byte);
    }
    ws_buf_push_byte(buf, '"');
}

/** The name of a file as a macro: "MICRO_MODEL_H_". */
static void push_guard(ws_buf *buf, const char *name)
{
    if (isdigit((unsigned char)name[0]))
        ws_buf_push_byte(buf, 'M');
    for (; *name != '\0'; name++) {
        const int byte = (unsigned char)*name;
        ws_buf_push_byte(buf, (unsigned char)(isalnum(byte) ? toupper(byte) : '_'));
    }
    ws_buf_push_byte(buf, '_');
}

static void open_header(ws_buf *buf, const char *name, const char *about)
{
    ws_buf_push_format(buf, "/* Made by Wordspot. %s */\n#ifndef ", about);
    push_guard(buf, name);
    ws_buf_push_string(buf, "\n#define ");
    push_guard(buf, name);
    ws_buf_push_string(buf, "\n\n");
}

static void push_bytes(ws_buf *buf, const ws_buf *model)
{
    for (size_t i = 0; i < model->size; i++)
        ws_buf_push_format(buf, "%s0x%02x,", i % BYTES_PER_LINE == 0 ? "\n    " : " ",
                           model->data[i]);
}

static void write_source(c_files *files, const ws_buf *model)
{
    ws_buf *buf = &files->texts[SOURCE];

    ws_buf_push_format(buf,
                       "/* Made by Wordspot: the bytes of a TFLite model. */\n"
                       "#include \"%s\"\n\n"
                       "#ifdef __cplusplus\n"
                       "#define ALIGN_MODEL alignas(16)\n"
                       "#else\n"
                       "#define ALIGN_MODEL _Alignas(16)\n"
                       "#endif\n\n"
                       "ALIGN_MODEL const unsigned char %s[] = {",
                       name_of(files, HEADER), files->array);
    push_bytes(buf, model);
    ws_buf_push_format(buf,
                       "\n};\n"
                       "const int %s_len = %zu;\n"
                       "const unsigned int %s_size = %zu;\n",
                       files->array, model->size, files->array, model->size);
}

static void write_header(c_files *files)
{
    ws_buf *buf = &files->texts[HEADER];

    open_header(buf, name_of(files, HEADER), "A TFLite model as an array.");
    ws_buf_push_format(buf,
                       "#ifdef __cplusplus\n"
                       "extern \"C\" {\n"
                       "#endif\n\n"
                       "/* At an address that 16 divides. */\n"
                       "extern const unsigned char %s[];\n"
                       "/* Bytes of it; the same number twice, as examples differ in its name. */\n"
                       "extern const int %s_len;\n"
                       "extern const unsigned int %s_size;\n\n"
                       "#ifdef __cplusplus\n"
                       "}\n"
                       "#endif\n\n"
                       "#endif\n",
                       files->array, files->array, files->array);
}

static const ws_lite_tensor *end_of(const c_files *files, bool is_input)
{
    const ws_lite_graph *graph = &files->lite.graphs[0];

    return &graph->tensors[is_input ? graph->inputs[0] : graph->outputs[0]];
}

/** "float32 [1, 49, 40, 1]", with the scale of whole numbers. */
static void push_end(ws_buf *buf, const char *what, const ws_lite_tensor *end)
{
    ws_buf_push_format(buf, "/* %s: %s [", what, ws_lite_type_name(end->type));
    for (size_t i = 0; i < end->n_dims; i++)
        ws_buf_push_format(buf, "%s%zu", i > 0 ? ", " : "", end->dims[i]);
    ws_buf_push_string(buf, "]");
    if (end->scale.n > 0)
        ws_buf_push_format(buf, "; a number q stands for %.9g * (q - %d)",
                           (double)end->scale.scales[0], (int)end->scale.zero_point);
    ws_buf_push_string(buf, ". */\n");
}

static void push_whole(ws_buf *buf, const char *name, size_t value)
{
    ws_buf_push_format(buf, "    %s = %zu,\n", name, value);
}

/** Milliseconds: whole ones may size an array, so they are no macro if they can be. */
static void push_time(ws_buf *buf, const char *name, double ms)
{
    if (ms == (double)(size_t)ms)
        push_whole(buf, name, (size_t)ms);
    else
        ws_buf_push_format(buf, "#define %s %.9g\n", name, ms);
}

static void write_settings(c_files *files)
{
    const ws_feature_options *o = &files->frozen->features;
    ws_buf *buf = &files->texts[SETTINGS];

    open_header(buf, name_of(files, SETTINGS), "What a model takes and gives.");
    push_end(buf, "Input", end_of(files, true));
    push_end(buf, "Output", end_of(files, false));
    ws_buf_push_format(buf,
                       "\n/* How sound becomes features (--preprocess=%s); the manifest says it in "
                       "words. */\nenum {\n",
                       o->preprocess);
    push_whole(buf, "kAudioSampleFrequency", (size_t)o->sample_rate);
    push_whole(buf, "kMaxAudioSampleSize", files->features.fft_length);
    push_whole(buf, "kFeatureSize", files->features.width);
    push_whole(buf, "kFeatureCount", files->features.n_frames);
    push_whole(buf, "kFeatureElementCount", files->features.width * files->features.n_frames);
    push_time(buf, "kFeatureDurationMs", o->window_size_ms);
    push_time(buf, "kFeatureStrideMs", o->window_stride_ms);
    push_whole(buf, "kCategoryCount", end_of(files, false)->dims[1]);
    ws_buf_push_string(buf, "};\n\n");
    if (files->labels->n_items > 0)
        ws_buf_push_string(buf, "/* In the order of the scores. */\n"
                                "static const char *const kCategoryLabels[kCategoryCount] = {\n");
    for (size_t i = 0; i < files->labels->n_items; i++) {
        ws_buf_push_string(buf, "    ");
        push_quoted(buf, files->labels->items[i]);
        ws_buf_push_string(buf, ",\n");
    }
    ws_buf_push_string(buf, files->labels->n_items > 0 ? "};\n\n#endif\n" : "#endif\n");
}

static ws_json *manifest_of(const ws_lite_tensor *end)
{
    ws_json *object = ws_json_create(), *dims = ws_json_create_list();

    ws_json_set_text(object, "type", ws_lite_type_name(end->type));
    for (size_t i = 0; i < end->n_dims; i++)
        ws_json_push_whole(dims, (int64_t)end->dims[i]);
    ws_json_set_child(object, "shape", dims);
    if (end->scale.n > 0) {
        ws_json_set_real(object, "scale", (double)end->scale.scales[0]);
        ws_json_set_whole(object, "zero_point", end->scale.zero_point);
    }
    return object;
}

/** All that the settings say, the note's words on features too. */
static ws_status write_manifest(c_files *files, size_t n_bytes, ws_error *err)
{
    const char *note = ws_lite_find_note(&files->lite, WS_MODEL_NOTE_NAME);
    ws_json *object;

    ws_status status = ws_json_read(note, strlen(note), name_of(files, MANIFEST), &object, err);
    if (status != WS_OK)
        return status;
    ws_json_set_text(object, "source", name_of(files, SOURCE));
    ws_json_set_text(object, "array", files->array);
    ws_json_set_whole(object, "bytes", (int64_t)n_bytes);
    ws_json_set_child(object, "input", manifest_of(end_of(files, true)));
    ws_json_set_child(object, "output", manifest_of(end_of(files, false)));
    char *text = ws_json_write(object, (ws_json_style){.n_digits = 9, .is_indented = true});
    ws_json_destroy(object);
    if (text == NULL)
        return ws_fail_memory(err, "a manifest");
    ws_buf_push_string(&files->texts[MANIFEST], text);
    ws_buf_push_byte(&files->texts[MANIFEST], '\n');
    free(text);
    return WS_OK;
}

/* Files */

/** Finds the names of all files from that of the source. */
static ws_status set_paths(c_files *files, const char *path, ws_error *err)
{
    static const char *const allowed[] = {".c", ".cc", ".cpp"};
    size_t n = 0;

    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (ws_text_has_suffix(ws_path_base(path), allowed[i]))
            n = strlen(path) - strlen(allowed[i]);
    if (n == 0 || path[n - 1] == '/')
        return ws_fail(
            err, WS_EUSAGE,
            "--output_file=%s: expected a name that ends in .c, .cc or .cpp; the headers "
            "and the manifest get its name, too",
            path);
    for (size_t i = 0; i < N_FILES; i++) {
        files->paths[i] =
            i == SOURCE ? ws_text_copy(path) : ws_text_format("%.*s%s", (int)n, path, endings[i]);
        if (files->paths[i] == NULL)
            return ws_fail_memory(err, "the name of a file");
        const ws_status status = ws_file_check_replaceable(files->paths[i], err);
        if (status != WS_OK)
            return status;
    }
    return WS_OK;
}

static ws_status write_texts(c_files *files, ws_error *err)
{
    ws_buf model;

    ws_buf_init(&model, WS_TFLITE_MAX_BYTES);
    ws_status status = ws_tflite_write(&files->lite, &model, err);
    if (status == WS_OK) {
        write_source(files, &model);
        write_header(files);
        write_settings(files);
        status = write_manifest(files, model.size, err);
    }
    for (size_t i = 0; i < N_FILES && status == WS_OK; i++)
        if (files->texts[i].status == WS_ELIMIT)
            status = ws_fail(err, WS_ELIMIT, "%s: would have more than 1 GiB", files->paths[i]);
        else if (files->texts[i].status != WS_OK)
            status = ws_fail_memory(err, files->paths[i]);
    ws_buf_deinit(&model);
    return status;
}

/** The manifest, which names the others, comes last. */
static ws_status save(const c_files *files, ws_error *err)
{
    ws_file_part parts[N_FILES];

    for (size_t i = 0; i < N_FILES; i++)
        parts[i] = (ws_file_part){files->paths[i], files->texts[i].data, files->texts[i].size};
    return ws_file_write_all(parts, N_FILES, err);
}

static ws_status write_c(const char *path, const ws_frozen *frozen,
                         const ws_frozen_write_options *options, ws_error *err)
{
    static const ws_text_list no_labels;
    c_files files = {
        .frozen = frozen,
        .labels = options->labels != NULL ? options->labels : &no_labels,
        .array = options->c_name != NULL && options->c_name[0] != '\0' ? options->c_name
                                                                       : WS_C_NAME_DEFAULT,
    };

    for (size_t i = 0; i < N_FILES; i++)
        ws_buf_init(&files.texts[i], MAX_BYTES);
    ws_status status = ws_c_name_check(files.array, err);
    if (status == WS_OK)
        status = set_paths(&files, path, err);
    if (status == WS_OK)
        status = ws_feature_settings_init(&frozen->features, &files.features, err);
    if (status == WS_OK)
        status = ws_lite_file_lower(frozen, options,
                                    &(ws_lite_lower_options){.is_one_channel_depthwise = true},
                                    &files.lite, err);
    if (status == WS_OK) {
        status = write_texts(&files, err);
        if (status == WS_OK)
            status = save(&files, err);
        ws_lite_deinit(&files.lite);
    }
    for (size_t i = 0; i < N_FILES; i++) {
        ws_buf_deinit(&files.texts[i]);
        free(files.paths[i]);
    }
    return status;
}

const ws_format ws_format_c = {.name = "c", .ending = ".c", .title = "C array", .write = write_c};
