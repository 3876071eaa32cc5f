#include "recognize/spotter_model.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "checkpoint/locate.h"
#include "formats/saved_model.h"
#include "settings/settings.h"

/** Whether the name of a file is that of a part of a checkpoint. */
static bool is_checkpoint_name(const char *path)
{
    const char *name = ws_path_base(path);

    return strcmp(name, "checkpoint") == 0 || strstr(name, ".data-") != NULL ||
           ws_text_has_suffix(name, ".index") || ws_text_has_suffix(name, ".meta");
}

/** Whether a SavedModel is in the directory. @return WS_OK or WS_ENOMEM */
static ws_status find_saved_model(const char *dir, bool *is_there, ws_error *err)
{
    struct stat info;
    char *path = ws_path_join(dir, WS_SAVED_MODEL_FILE);

    if (path == NULL)
        return ws_fail_memory(err, "the path of a model");
    *is_there = stat(path, &info) == 0;
    free(path);
    return WS_OK;
}

/** A prefix is no file, so that it is a checkpoint's. */
static ws_status find_kind(const char *path, bool *is_graph, ws_error *err)
{
    struct stat info;

    *is_graph = false;
    if (ws_dir_exists(path))
        return find_saved_model(path, is_graph, err);
    *is_graph = stat(path, &info) == 0 && !is_checkpoint_name(path);
    return WS_OK;
}

/** A checkpoint must say how it was trained. */
static ws_status check_checkpoint(const char *path, ws_error *err)
{
    char *prefix = NULL, *settings = NULL;
    ws_status status = ws_checkpoint_locate(path, &prefix, err);

    if (status == WS_OK)
        status = ws_settings_load(prefix, &settings, err);
    if (status == WS_OK && settings == NULL)
        status = ws_fail(err, WS_EFORMAT,
                         "%s: does not say how it was trained: expected a checkpoint of Wordspot, "
                         "or a frozen graph",
                         prefix);
    free(prefix);
    free(settings);
    return status;
}

/** What cannot be known from the file alone. */
static ws_status check_graph(const char *path, const ws_spotter_model *model, bool is_graph,
                             ws_error *err)
{
    if (is_graph && model->file.frozen->is_rate_assumed)
        return ws_fail(err, WS_EFORMAT,
                       "%s: does not say the sample rate of its sound: expected a graph that does, "
                       "or a checkpoint",
                       path);
    return WS_OK;
}

ws_status ws_spotter_model_open(const char *path, const char *labels, ws_spotter_model *model,
                                ws_error *err)
{
    bool is_graph = false;

    *model = (ws_spotter_model){.flags = {.table = NULL}};
    ws_status status = find_kind(path, &is_graph, err);
    if (status == WS_OK && !is_graph)
        status = check_checkpoint(path, err);
    if (status == WS_OK)
        status = ws_flags_init(&model->flags, &ws_train_flags, &model->options, err);
    if (status == WS_OK)
        status = ws_model_file_open(
            &(ws_model_file_options){
                .graph = is_graph ? path : "",
                .checkpoint = path,
                .labels = labels != NULL ? labels : "",
                .flags = &model->flags,
            },
            &model->file, err);
    return status == WS_OK ? check_graph(path, model, is_graph, err) : status;
}

void ws_spotter_model_close(ws_spotter_model *model)
{
    ws_model_file_close(&model->file);
    ws_flags_deinit(&model->flags);
}
