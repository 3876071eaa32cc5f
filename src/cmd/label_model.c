#include "cmd/label_model.h"

#include <string.h>

#include "base/text.h"
#include "recognize/label_file.h"

/** Whether the flag says what a checkpoint of TensorFlow's is. Some graphs lack the rate, too. */
static bool is_of_checkpoint(const ws_flag *flag)
{
    return flag->group == WS_FLAGS_MODEL && strcmp(flag->name, "sample_rate") != 0;
}

/** Whether the flag says what is in a graph. */
static bool is_of_graph(const ws_flag *flag)
{
    return strcmp(flag->name, "input_name") == 0 || strcmp(flag->name, "output_name") == 0;
}

/** Refuses flags that would be given in vain. */
static ws_status check_flags(const ws_flag_table *table, const ws_label_flags *flags,
                             const bool *given, ws_error *err)
{
    const bool has_graph = flags->graph[0] != '\0',
               has_checkpoint = flags->start_checkpoint[0] != '\0';

    if (has_graph == has_checkpoint)
        return ws_fail(err, WS_EUSAGE,
                       "expected %s --graph=PATH (a frozen graph) or --start_checkpoint=PATH",
                       has_graph ? "only one model:" : "the model, as");
    if (has_graph && flags->labels[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--labels is missing: a graph does not say what its scores are called "
                       "(training writes the labels beside its checkpoints)");
    for (size_t i = 0; i < table->n_flags; i++) {
        const ws_flag *flag = &table->flags[i];
        if (given[i] && (has_graph ? is_of_checkpoint(flag) : is_of_graph(flag)))
            return ws_fail(err, WS_EUSAGE, "--%s is for --%s: leave it out", flag->name,
                           has_graph ? "start_checkpoint, a graph says itself what is in it"
                                     : "graph");
    }
    return WS_OK;
}

/** Compares names of nodes, with or without ":0" behind them. */
static ws_status check_node(const char *flag, const char *wanted, const char *path,
                            const char *actual, ws_error *err)
{
    const size_t length = strlen(wanted);
    const size_t bare = ws_text_has_suffix(wanted, ":0") ? length - 2 : length;

    if (length == 0 || (strlen(actual) == bare && strncmp(actual, wanted, bare) == 0))
        return WS_OK;
    if (actual[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--%s=%s: %s has no such node", flag, wanted, path);
    return ws_fail(err, WS_EUSAGE, "--%s=%s: in %s it is called %s:0", flag, wanted, path, actual);
}

static ws_status open_graph(const ws_flag_table *table, const ws_label_flags *flags,
                            const bool *given, ws_label_model *model, ws_error *err)
{
    const bool has_rate = given[ws_flags_find(table, "sample_rate")];
    ws_frozen *graph = &model->graph;

    ws_status status = ws_frozen_read(flags->graph, has_rate ? flags->sample_rate : 0, graph, err);
    if (status != WS_OK)
        return status;
    model->frozen = graph;
    status = check_node("input_name", flags->input_name, flags->graph, graph->wav_input, err);
    if (status == WS_OK)
        status =
            check_node("output_name", flags->output_name, flags->graph, graph->scores_output, err);
    if (status == WS_OK && has_rate && !graph->is_rate_assumed &&
        flags->sample_rate != graph->features.sample_rate)
        status = ws_fail(err, WS_EUSAGE,
                         "--sample_rate=%lld: the graph %s is for %lld: leave the flag out (files "
                         "of any rate are converted)",
                         (long long)flags->sample_rate, flags->graph,
                         (long long)graph->features.sample_rate);
    return status;
}

static ws_status open_checkpoint(const ws_flag_table *table, const ws_label_flags *flags,
                                 const bool *given, ws_label_model *model, ws_error *err)
{
    const ws_given_flags all = {.table = table, .values = flags, .given = given};

    model->frozen = &model->checkpoint.frozen;
    return ws_checkpoint_model_read(flags->start_checkpoint, &all, model->file_labels.n_items,
                                    &model->checkpoint, err);
}

/** Where a label stands in a list; n_items if it does not. */
static size_t find_label(const ws_text_list *labels, const char *label)
{
    size_t i = 0;
    while (i < labels->n_items && strcmp(labels->items[i], label) != 0)
        i++;
    return i;
}

/** The file may call a checkpoint's labels by other names, but not one by the name of another. */
static ws_status check_labels(const char *path, const ws_label_model *model, ws_error *err)
{
    const ws_text_list *known = &model->checkpoint.labels, *named = &model->file_labels;

    if (model->checkpoint.settings == NULL)
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

static void warn_of_rate(const ws_flag_table *table, const ws_label_flags *flags, const bool *given,
                         const ws_log *log, const ws_frozen *graph)
{
    if (graph->is_rate_assumed && !given[ws_flags_find(table, "sample_rate")])
        ws_log_write(log, WS_LOG_WARN,
                     "%s does not say its sample rate; %lld Hz is assumed (--sample_rate)",
                     flags->graph, (long long)graph->features.sample_rate);
}

/** Takes the labels of the file, else of the checkpoint. */
static ws_status choose_labels(const ws_label_flags *flags, const ws_log *log,
                               ws_label_model *model, ws_error *err)
{
    const size_t n_scores = ws_graph_n_labels(&model->frozen->graph);
    const size_t n_labels = model->file_labels.n_items;

    model->labels = &model->checkpoint.labels;
    if (flags->labels[0] == '\0')
        return WS_OK;
    model->labels = &model->file_labels;
    if (n_labels < n_scores)
        return ws_fail(err, WS_EFORMAT,
                       "%s: has %zu label%s, but the model gives %zu scores, expected a label for "
                       "each",
                       flags->labels, n_labels, n_labels == 1 ? "" : "s", n_scores);
    if (n_labels > n_scores)
        ws_log_write(log, WS_LOG_WARN,
                     "%s has %zu labels, but the model gives %zu scores: those from \"%s\" on are "
                     "never heard",
                     flags->labels, n_labels, n_scores, model->labels->items[n_scores]);
    return check_labels(flags->labels, model, err);
}

ws_status ws_label_model_open(const ws_flag_table *table, const ws_label_flags *flags,
                              const bool *given, const ws_log *log, ws_label_model *model,
                              ws_error *err)
{
    memset(model, 0, sizeof *model);
    ws_status status = check_flags(table, flags, given, err);
    if (status == WS_OK && flags->labels[0] != '\0')
        status = ws_label_file_read(flags->labels, &model->file_labels, err);
    if (status == WS_OK && flags->graph[0] != '\0')
        status = open_graph(table, flags, given, model, err);
    else if (status == WS_OK)
        status = open_checkpoint(table, flags, given, model, err);
    if (status == WS_OK)
        status = choose_labels(flags, log, model, err);
    if (status == WS_OK)
        warn_of_rate(table, flags, given, log, model->frozen);
    return status;
}

void ws_label_model_close(ws_label_model *model)
{
    ws_frozen_deinit(&model->graph);
    ws_checkpoint_model_deinit(&model->checkpoint);
    ws_text_list_deinit(&model->file_labels);
}
