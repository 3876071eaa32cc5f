/* --save_format=saved_model: a directory whose saved_model.pb holds the graph and a signature.
 *
 * As in the original, the signature takes features, not sound: its input is the node that gives
 * them. Unlike there, weights are constants of the graph, so there are no variables; every loader
 * accepts that. Reading supports both. */
#include "formats/saved_model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/message.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/format.h"
#include "formats/graph_read.h"
#include "formats/graph_write.h"
#include "saved_model.pb-c.h"

#define VARIABLES "variables/variables"
#define TAG       "serve"
#define SIGNATURE "serving_default"
#define METHOD    "tensorflow/serving/predict"
#define SCORES    "labels_softmax:0"

enum { SCHEMA_VERSION = 1, N_SIGNATURE_DIMS = 2 };

typedef Tbproto__MetaGraphDef meta_graph_message;
typedef Tbproto__SavedModel saved_model_message;
typedef Tbproto__SignatureDef__NamedTensor named_tensor_message;

/* Writing */

/** One input or output of the signature: numbers [-1, n]. */
typedef struct signature_tensor {
    named_tensor_message entry;
    Tbproto__TensorInfo info;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorShapeProto__Dim dims[N_SIGNATURE_DIMS];
    Tbproto__TensorShapeProto__Dim *dim_pointers[N_SIGNATURE_DIMS];
    named_tensor_message *pointer;
} signature_tensor;

static void fill_tensor(signature_tensor *tensor, const char *key, const char *name, size_t n)
{
    const int64_t sizes[N_SIGNATURE_DIMS] = {-1, (int64_t)n};

    tbproto__tensor_shape_proto__init(&tensor->shape);
    for (size_t i = 0; i < N_SIGNATURE_DIMS; i++) {
        tbproto__tensor_shape_proto__dim__init(&tensor->dims[i]);
        tensor->dims[i].size = sizes[i];
        tensor->dim_pointers[i] = &tensor->dims[i];
    }
    tensor->shape.n_dim = N_SIGNATURE_DIMS;
    tensor->shape.dim = tensor->dim_pointers;
    tbproto__tensor_info__init(&tensor->info);
    tensor->info.name = ws_message_unconst(name);
    tensor->info.dtype = TBPROTO__DATA_TYPE__DT_FLOAT;
    tensor->info.tensor_shape = &tensor->shape;
    tbproto__signature_def__named_tensor__init(&tensor->entry);
    tensor->entry.key = ws_message_unconst(key);
    tensor->entry.value = &tensor->info;
    tensor->pointer = &tensor->entry;
}

/** The signature under its name. */
typedef struct signature_parts {
    Tbproto__SignatureDef signature;
    Tbproto__MetaGraphDef__NamedSignature named;
    Tbproto__MetaGraphDef__NamedSignature *pointer;
} signature_parts;

static void fill_signature(signature_parts *parts, signature_tensor *input,
                           signature_tensor *output)
{
    tbproto__signature_def__init(&parts->signature);
    parts->signature.n_inputs = 1;
    parts->signature.inputs = &input->pointer;
    parts->signature.n_outputs = 1;
    parts->signature.outputs = &output->pointer;
    parts->signature.method_name = ws_message_unconst(METHOD);
    tbproto__meta_graph_def__named_signature__init(&parts->named);
    parts->named.key = ws_message_unconst(SIGNATURE);
    parts->named.value = &parts->signature;
    parts->pointer = &parts->named;
}

/** Packs all of saved_model.pb. @param features  the tensor that gives them, with its ":0" */
static ws_status pack(const ws_frozen *frozen, const ws_buf *graph, const char *features,
                      ws_buf *file, ws_error *err)
{
    signature_tensor input, output;
    signature_parts signature;
    Tbproto__MetaGraphDef__MetaInfoDef info;
    meta_graph_message meta, *meta_pointer = &meta;
    saved_model_message model;
    char *tag = ws_message_unconst(TAG);

    fill_tensor(&input, "input", features, ws_shape_size(ws_graph_input_shape(&frozen->graph)));
    fill_tensor(&output, "output", SCORES, ws_graph_n_labels(&frozen->graph));
    fill_signature(&signature, &input, &output);
    tbproto__meta_graph_def__meta_info_def__init(&info);
    info.n_tags = 1;
    info.tags = &tag;
    info.stripped_default_attrs = true;
    tbproto__meta_graph_def__init(&meta);
    meta.meta_info_def = &info;
    meta.graph_def = (ProtobufCBinaryData){.len = graph->size, .data = graph->data};
    meta.n_signature_def = 1;
    meta.signature_def = &signature.pointer;
    tbproto__saved_model__init(&model);
    model.saved_model_schema_version = SCHEMA_VERSION;
    model.n_meta_graphs = 1;
    model.meta_graphs = &meta_pointer;

    ws_buf_push_message(file, &model.base);
    return file->status == WS_OK ? WS_OK : ws_fail_memory(err, "a SavedModel");
}

/** Like TensorFlow, refuses to write into a directory that is not empty, so that two models are not
 *  mixed. */
static ws_status check_is_free(const char *dir, ws_error *err)
{
    ws_text_list names = {.items = NULL};

    if (!ws_dir_exists(dir))
        return ws_file_exists(dir)
                   ? ws_fail(err, WS_EEXISTS, "%s: is a file, expected a directory or nothing", dir)
                   : WS_OK;
    ws_status status = ws_dir_list(dir, &names, err);
    if (status == WS_OK && names.n_items > 0)
        status =
            ws_fail(err, WS_EEXISTS,
                    "%s: the directory is there and not empty; delete it, or choose another", dir);
    ws_text_list_deinit(&names);
    return status;
}

/** Writes the file into a new directory beside dir, and renames that when it is complete. */
static ws_status write_directory(const char *dir, const ws_buf *file, ws_error *err)
{
    char *made = ws_text_format("%s.tmp-%ld", dir, (long)getpid());
    char *path = made != NULL ? ws_path_join(made, WS_SAVED_MODEL_FILE) : NULL;
    ws_status status = WS_OK;

    if (path == NULL)
        status = ws_fail_memory(err, "the name of a file");
    else if (mkdir(made, 0777) != 0)
        status = ws_fail_errno(err, errno, "%s: the directory cannot be made", dir);
    if (status == WS_OK) {
        status = ws_file_write(path, file->data, file->size, err);
        if (status == WS_OK && rename(made, dir) != 0)
            status = ws_fail_errno(err, errno, "%s: the directory cannot be made", dir);
        if (status != WS_OK) {
            (void)unlink(path);
            (void)rmdir(made);
        }
    }
    free(path);
    free(made);
    return status;
}

/** A copy of the name without slashes at its end, as a base for other names. */
static char *trim(const char *dir)
{
    char *copy = ws_text_copy(dir);

    for (size_t n = copy != NULL ? strlen(copy) : 0; n > 1 && copy[n - 1] == '/'; n--)
        copy[n - 1] = '\0';
    return copy;
}

static ws_status write_saved_model(const char *path, const ws_frozen *frozen,
                                   const ws_frozen_write_options *options, ws_error *err)
{
    ws_node_name features;
    ws_buf graph, file;

    char *tensor = NULL;
    char *dir = trim(path);

    if (dir == NULL)
        return ws_fail_memory(err, "the name of a directory");

    ws_buf_init(&graph, WS_GRAPH_MESSAGE_MAX_BYTES);
    ws_buf_init(&file, 2 * WS_GRAPH_MESSAGE_MAX_BYTES);
    ws_status status = check_is_free(dir, err);
    if (status == WS_OK)
        status = ws_graph_write(frozen, options->labels, &graph, features, err);
    if (status == WS_OK) {
        tensor = ws_text_format("%s:0", features);
        status = tensor == NULL ? ws_fail_memory(err, "a SavedModel")
                                : pack(frozen, &graph, tensor, &file, err);
    }
    if (status == WS_OK)
        status = write_directory(dir, &file, err);
    free(tensor);
    free(dir);
    ws_buf_deinit(&graph);
    ws_buf_deinit(&file);
    return status;
}

const ws_format ws_format_saved_model = {
    .name = "saved_model", .title = "SavedModel", .write = write_saved_model};

/* Reading */

/** The graph for inference: the one with that tag, or the only one. */
static const meta_graph_message *find_meta_graph(const saved_model_message *model)
{
    for (size_t i = 0; i < model->n_meta_graphs; i++) {
        const Tbproto__MetaGraphDef__MetaInfoDef *info = model->meta_graphs[i]->meta_info_def;
        if (info != NULL && info->n_tags == 1 && strcmp(info->tags[0], TAG) == 0)
            return model->meta_graphs[i];
    }
    return model->n_meta_graphs == 1 ? model->meta_graphs[0] : NULL;
}

ws_status ws_saved_model_read_bytes(const ws_graph_source *source, ws_frozen *frozen, ws_error *err)
{
    ws_graph_source graph = *source;
    ws_message_memory memory;
    ws_status status;

    memset(frozen, 0, sizeof *frozen);
    ws_message_memory_init(&memory, ws_graph_message_memory(source->size));
    saved_model_message *model =
        tbproto__saved_model__unpack(&memory.allocator, source->size, source->bytes);
    if (model == NULL)
        return ws_message_memory_fail(&memory, err, source->path,
                                      "is not a SavedModel, or is truncated");
    const meta_graph_message *meta = find_meta_graph(model);
    if (meta == NULL) {
        status =
            ws_fail(err, WS_EFORMAT, "%s: has no graph with the tag \"" TAG "\"", source->path);
    } else {
        graph.bytes = meta->graph_def.data;
        graph.size = meta->graph_def.len;
        status = ws_graph_read(&graph, frozen, err);
    }
    tbproto__saved_model__free_unpacked(model, NULL);
    return status;
}

ws_status ws_saved_model_read(const char *dir, int64_t assumed_rate_hz, ws_frozen *frozen,
                              ws_error *err)
{
    char *path = ws_path_join(dir, WS_SAVED_MODEL_FILE);
    char *prefix = ws_path_join(dir, VARIABLES);
    unsigned char *bytes = NULL;
    size_t size = 0;
    ws_bundle *variables = NULL;
    ws_status status = WS_OK;

    if (path == NULL || prefix == NULL)
        status = ws_fail_memory(err, "the name of a file");
    else if (!ws_file_exists(path))
        status = ws_fail(
            err, WS_ENOTFOUND,
            "%s: is a directory without a " WS_SAVED_MODEL_FILE ", so it is not a SavedModel", dir);
    else
        status = ws_file_read(path, 2 * WS_GRAPH_MESSAGE_MAX_BYTES, &bytes, &size, err);
    if (status == WS_OK && ws_bundle_exists(prefix))
        status = ws_bundle_open(&variables, prefix, err);
    if (status == WS_OK)
        status = ws_saved_model_read_bytes(&(ws_graph_source){.path = path,
                                                              .bytes = bytes,
                                                              .size = size,
                                                              .variables = variables,
                                                              .assumed_rate_hz = assumed_rate_hz},
                                           frozen, err);
    ws_bundle_close(variables);
    free(bytes);
    free(prefix);
    free(path);
    return status;
}
