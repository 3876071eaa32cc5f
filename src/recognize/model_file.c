#include "recognize/model_file.h"

#include <string.h>

#include "recognize/label_file.h"

/** The index of a label in a list; n_items if it is missing. */
static size_t find_label(const ws_text_list *labels, const char *label)
{
    size_t i = 0;
    while (i < labels->n_items && strcmp(labels->items[i], label) != 0)
        i++;
    return i;
}

/** The file may rename a checkpoint's labels, but not give one the name of another. */
static ws_status check_labels(const char *path, const ws_model_file *model, ws_error *err)
{
    const ws_text_list *known = &model->checkpoint.labels, *named = &model->file_labels;

    if (!model->checkpoint.has_settings)
        return WS_OK;
    for (size_t i = 0; i < known->n_items && i < named->n_items; i++) {
        const size_t at = find_label(known, named->items[i]);
        if (at != i && at < known->n_items)
            return ws_fail(err, WS_EUSAGE,
                           "--labels=%s: its line %zu is \"%s\", which is label %zu of the "
                           "checkpoint",
                           path, i + 1, named->items[i], at + 1);
    }
    return WS_OK;
}

/** Uses the labels of the file, or else of the checkpoint. */
static ws_status choose_labels(const ws_model_file_options *options, ws_model_file *model,
                               ws_error *err)
{
    const char *path = options->labels;
    const size_t n_scores = ws_frozen_n_labels(model->frozen);

    model->labels = path[0] != '\0'                  ? &model->file_labels
                    : model->frozen == &model->graph ? &model->graph.labels
                                                     : &model->checkpoint.labels;
    const size_t n_labels = model->labels->n_items;
    if (n_labels == 0 && path[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "%s: does not say what its scores are called: expected a file of labels as "
                       "well (training writes one beside its checkpoints)",
                       options->graph[0] != '\0' ? options->graph : options->checkpoint);
    if (n_labels != n_scores)
        return ws_fail(
            err, WS_EFORMAT,
            "%s: has %zu label%s, but the model gives %zu scores; expected one label per "
            "score",
            path[0] != '\0' ? path : "the model", n_labels, n_labels == 1 ? "" : "s", n_scores);
    return path[0] != '\0' ? check_labels(path, model, err) : WS_OK;
}

ws_status ws_model_file_open(const ws_model_file_options *options, ws_model_file *model,
                             ws_error *err)
{
    const bool is_graph = options->graph[0] != '\0';
    ws_status status = WS_OK;

    *model = (ws_model_file){.frozen = is_graph ? &model->graph : &model->checkpoint.frozen};
    if (options->labels[0] != '\0')
        status = ws_label_file_read(options->labels, &model->file_labels, err);
    if (status == WS_OK)
        status =
            is_graph
                ? ws_frozen_read(options->graph, options->assumed_rate_hz, &model->graph, err)
                : ws_checkpoint_model_read(options->checkpoint, options->flags,
                                           model->file_labels.n_items, &model->checkpoint, err);
    return status == WS_OK ? choose_labels(options, model, err) : status;
}

void ws_model_file_close(ws_model_file *model)
{
    ws_frozen_deinit(&model->graph);
    ws_checkpoint_model_deinit(&model->checkpoint);
    ws_text_list_deinit(&model->file_labels);
}
