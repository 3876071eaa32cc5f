#include "cmd/label_model.h"

#include <stdio.h>
#include <string.h>

#include "base/lookup.h"
#include "base/text.h"

/** Whether the flag says what a checkpoint of TensorFlow's is. Some graphs lack the rate, too. */
static bool is_of_checkpoint(const ws_flag *flag)
{
    return flag->group == WS_FLAGS_MODEL && strcmp(flag->name, "sample_rate") != 0;
}

/** Whether the flag says what is in a graph. */
static bool is_of_graph(const ws_flag *flag)
{
    return strncmp(flag->name, "input_", strlen("input_")) == 0 ||
           strcmp(flag->name, "output_name") == 0;
}

/** What the flag for a graph is called: the original's tools do not agree. */
static const char *name_graph_flag(const ws_flag_table *table)
{
    return ws_flags_find(table, "graph") < table->n_flags ? "graph" : "model";
}

/** Refuses flags that would have no effect. */
static ws_status check_flags(const ws_flags *all, ws_error *err)
{
    const ws_flag_table *table = all->table;
    const ws_label_flags *flags = all->values;
    const bool has_graph = flags->graph[0] != '\0',
               has_checkpoint = flags->train.start_checkpoint[0] != '\0';

    if (has_graph == has_checkpoint)
        return ws_fail(err, WS_EUSAGE,
                       "expected %s --%s=PATH (a frozen graph) or --start_checkpoint=PATH",
                       has_graph ? "only one model:" : "the model, as", name_graph_flag(table));
    for (size_t i = 0; i < table->n_flags; i++) {
        const ws_flag *flag = &table->flags[i];
        if (all->given[i] && (has_graph ? is_of_checkpoint(flag) : is_of_graph(flag)))
            return ws_fail(err, WS_EUSAGE, "--%s is for --%s: leave it out", flag->name,
                           has_graph ? "start_checkpoint, a graph says itself what is in it"
                                     : name_graph_flag(table));
    }
    return WS_OK;
}

/** What a flag says of an output of a node. */
typedef struct node_claim {
    const char *flag;
    const char *wanted; /* "": nothing */
    int port;           /* of the node; 0 need not be written */
} node_claim;

/** Compares names of nodes. */
static ws_status check_node(const node_claim *claim, const char *path, const char *actual,
                            ws_error *err)
{
    const char *wanted = claim->wanted;
    const size_t length = strlen(wanted), n_actual = strlen(actual);
    const bool begins_so = n_actual > 0 && strncmp(wanted, actual, n_actual) == 0;
    char port[16];

    (void)snprintf(port, sizeof port, ":%d", claim->port);
    if (length == 0 || (begins_so && strcmp(wanted + n_actual, port) == 0) ||
        (begins_so && claim->port == 0 && length == n_actual))
        return WS_OK;
    if (n_actual == 0)
        return ws_fail(err, WS_EUSAGE, "--%s=%s: %s has no such node", claim->flag, wanted, path);
    return ws_fail(err, WS_EUSAGE, "--%s=%s: in %s it is called %s%s", claim->flag, wanted, path,
                   actual, port);
}

/** What --input_names says: two names in one text, or the second one as an operand. */
static ws_status check_input_names(const ws_label_flags *flags, const char *path,
                                   const char *actual, ws_error *err)
{
    ws_text_list names = {0};
    ws_status status = WS_OK;

    if (flags->input_names == NULL || flags->input_names[0] == '\0')
        return WS_OK;
    if (ws_text_list_push_split(&names, flags->input_names, ',') != WS_OK)
        status = ws_fail_memory(err, "names of inputs");
    for (size_t i = 0; status == WS_OK && i < flags->files.n_items; i++) {
        if (ws_text_list_push(&names, flags->files.items[i]) != WS_OK)
            status = ws_fail_memory(err, "names of inputs");
    }
    if (status == WS_OK && names.n_items > 2)
        status = ws_fail(err, WS_EUSAGE,
                         "--input_names: has %zu names, expected two: of samples and of their rate",
                         names.n_items);
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++)
        status =
            check_node(&(node_claim){"input_names", names.items[i], (int)i}, path, actual, err);
    ws_text_list_deinit(&names);
    return status;
}

/** The names of nodes, as far as the command has flags for them. */
static ws_status check_nodes(const ws_label_flags *flags, const ws_frozen *graph, ws_error *err)
{
    const struct {
        node_claim claim;
        const char *actual;
    } claims[] = {
        {{"input_name", flags->input_name, 0}, graph->wav_input},
        {{"output_name", flags->output_name, 0}, graph->scores_output},
        {{"input_data_name", flags->input_data_name, 0}, graph->samples_output},
        {{"input_rate_name", flags->input_rate_name, 1}, graph->samples_output},
    };
    ws_status status = check_input_names(flags, flags->graph, graph->samples_output, err);

    for (size_t i = 0; status == WS_OK && i < sizeof claims / sizeof *claims; i++) {
        if (claims[i].claim.wanted != NULL)
            status = check_node(&claims[i].claim, flags->graph, claims[i].actual, err);
    }
    return status;
}

/** What the flags say of a graph: names of its nodes, and its sample rate. */
static ws_status check_graph(const ws_flags *all, const ws_frozen *graph, ws_error *err)
{
    const ws_label_flags *flags = all->values;
    const bool has_rate = ws_flags_is_given(all, "sample_rate");

    const ws_status status = check_nodes(flags, graph, err);
    if (status == WS_OK && has_rate && !graph->is_rate_assumed &&
        flags->train.sample_rate != graph->features.sample_rate)
        return ws_fail(err, WS_EUSAGE,
                       "--sample_rate=%lld: the graph %s is for %lld: leave the flag out (files of "
                       "any rate are converted)",
                       (long long)flags->train.sample_rate, flags->graph,
                       (long long)graph->features.sample_rate);
    return status;
}

static void warn_of_rate(const ws_flags *all, const ws_log *log, const ws_frozen *graph)
{
    const ws_label_flags *flags = all->values;

    if (graph->is_rate_assumed && !ws_flags_is_given(all, "sample_rate"))
        ws_log_write(log, WS_LOG_WARN,
                     "%s does not say its sample rate; %lld Hz is assumed (--sample_rate)",
                     flags->graph, (long long)graph->features.sample_rate);
}

static const char *rounding_name(size_t i)
{
    static const char *const names[] = {
        [WS_LITE_ROUNDING_EXACT] = "exact",
        [WS_LITE_ROUNDING_TFLM] = "tflm",
    };
    return names[i];
}

/** Reads --rounding before the model, so that a misspelt name fails at once. */
static ws_status find_rounding(const ws_label_flags *flags, ws_lite_rounding *rounding,
                               ws_error *err)
{
    size_t i = WS_LITE_ROUNDING_EXACT;
    ws_status status = WS_OK;

    if (flags->rounding != NULL)
        status = ws_fail_usage(ws_lookup("--rounding", flags->rounding, rounding_name,
                                         WS_LITE_ROUNDING_TFLM + 1, &i, err),
                               err);
    *rounding = (ws_lite_rounding)i;
    return status;
}

/** Gives a TFLite model its rounding; no other model takes one. */
static ws_status set_rounding(const ws_flags *all, ws_lite_rounding rounding, ws_model_file *model,
                              ws_error *err)
{
    const ws_label_flags *flags = all->values;

    if (model->frozen->lite == NULL && ws_flags_is_given(all, "rounding"))
        return ws_fail(
            err, WS_EUSAGE, "--rounding=%s is for TFLite models, but %s is a %s: leave it out",
            flags->rounding, flags->graph[0] != '\0' ? flags->graph : flags->train.start_checkpoint,
            flags->graph[0] != '\0' ? "frozen graph" : "checkpoint");
    model->graph.rounding = rounding;
    return WS_OK;
}

ws_status ws_label_model_open(ws_flags *all, const ws_log *log, ws_model_file *model, ws_error *err)
{
    const ws_label_flags *flags = all->values;

    ws_lite_rounding rounding = WS_LITE_ROUNDING_EXACT;

    *model = (ws_model_file){.frozen = NULL};
    ws_status status = check_flags(all, err);
    if (status == WS_OK)
        status = find_rounding(flags, &rounding, err);
    if (status == WS_OK)
        status = ws_model_file_open(
            &(ws_model_file_options){
                .graph = flags->graph,
                .checkpoint = flags->train.start_checkpoint,
                .labels = flags->labels,
                .assumed_rate_hz =
                    ws_flags_is_given(all, "sample_rate") ? flags->train.sample_rate : 0,
                .flags = all,
            },
            model, err);
    if (status == WS_OK)
        status = set_rounding(all, rounding, model, err);
    if (status == WS_OK && flags->graph[0] != '\0')
        status = check_graph(all, model->frozen, err);
    if (status == WS_OK)
        warn_of_rate(all, log, model->frozen);
    return status;
}
