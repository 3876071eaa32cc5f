#include "train/transfer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/labels.h"
#include "recognize/model_graph.h"
#include "settings/settings.h"

enum { MAX_LINE_BYTES = 1 << 16 };

/** The trained network. */
typedef struct trained {
    ws_text_list labels;
    ws_graph graph;
    ws_graph wider; /* with one label more: what differs belongs to the labels */
    float *parameters, *states;
    ws_quant_range *ranges;
} trained;

static ws_status read_labels(const char *checkpoint, ws_text_list *labels, ws_error *err)
{
    char *settings = NULL;
    ws_status status = ws_settings_load(checkpoint, &settings, err);
    char *words = ws_settings_get(settings, "wanted_words");

    if (status == WS_OK && words == NULL)
        status =
            ws_fail(err, WS_EFORMAT,
                    "%s: does not say its words; expected a checkpoint of Wordspot", checkpoint);
    if (status == WS_OK)
        status = ws_labels_push(labels, words, err);
    free(words);
    free(settings);
    return status;
}

static ws_status read_trained(const ws_transfer *transfer, trained *from, ws_error *err)
{
    const char *checkpoint = transfer->options->start_checkpoint;
    int64_t step = 0;

    ws_status status = read_labels(checkpoint, &from->labels, err);
    const size_t n_labels = from->labels.n_items;
    if (status == WS_OK)
        status = ws_model_graph_build(transfer->options, transfer->features, n_labels, &from->graph,
                                      err);
    if (status == WS_OK)
        status = ws_model_graph_build(transfer->options, transfer->features, n_labels + 1,
                                      &from->wider, err);
    if (status != WS_OK)
        return status;
    from->parameters = calloc(from->graph.n_weights, sizeof *from->parameters);
    from->states = calloc(from->graph.n_state_numbers + 1, sizeof *from->states);
    from->ranges = calloc(from->graph.n_quantizers + 1, sizeof *from->ranges);
    if (from->parameters == NULL || from->states == NULL || from->ranges == NULL)
        return ws_fail_memory(err, "the weights of a checkpoint");
    for (size_t q = 0; q < from->graph.n_quantizers; q++)
        ws_quant_range_init(&from->ranges[q], &from->graph.quantizers[q]);
    const ws_saved_arrays arrays = {
        .graph = &from->graph,
        .parameters = from->parameters,
        .states = from->states,
        .ranges = from->ranges,
        .takes_averages = true,
    };
    return ws_saved_arrays_load(checkpoint, &arrays, &step, NULL, err);
}

/** Whether the last dimension of a parameter is the labels. */
static bool is_of_labels(const trained *from, size_t p)
{
    const ws_variable *one = &from->graph.parameters[p], *other = &from->wider.parameters[p];
    return one->dims[one->n_dims - 1] != other->dims[other->n_dims - 1];
}

static size_t find_label(const ws_text_list *labels, const char *label)
{
    size_t i = 0;
    while (i < labels->n_items && strcmp(labels->items[i], label) != 0)
        i++;
    return i;
}

/** Copies the weights of the labels that both have; the last dimension is the labels. */
static void copy_labels(const trained *from, const ws_text_list *labels, const ws_variable *old,
                        const ws_variable *parameter, float *parameters)
{
    const size_t n_old = from->labels.n_items, n_new = labels->n_items;
    const size_t n_rows = parameter->size / n_new;

    for (size_t to = 0; to < n_new; to++) {
        const size_t at = find_label(&from->labels, labels->items[to]);
        for (size_t row = 0; at < n_old && row < n_rows; row++)
            parameters[parameter->offset + row * n_new + to] =
                from->parameters[old->offset + row * n_old + at];
    }
}

static void copy_all(const trained *from, const ws_text_list *labels, const ws_saved_arrays *arrays)
{
    for (size_t p = 0; p < from->graph.n_parameters; p++) {
        const ws_variable *old = &from->graph.parameters[p];
        const ws_variable *parameter = &arrays->graph->parameters[p];
        if (is_of_labels(from, p))
            copy_labels(from, labels, old, parameter, arrays->parameters);
        else
            memcpy(arrays->parameters + parameter->offset, from->parameters + old->offset,
                   old->size * sizeof *arrays->parameters);
    }
    /* the layer of the labels has none, so they are those of the same layers */
    assert(arrays->graph->n_state_numbers == from->graph.n_state_numbers);
    if (arrays->graph->n_state_numbers > 0)
        memcpy(arrays->states, from->states,
               arrays->graph->n_state_numbers * sizeof *arrays->states);
    if (arrays->graph->n_quantizers > 0)
        memcpy(arrays->ranges, from->ranges, arrays->graph->n_quantizers * sizeof *arrays->ranges);
}

static void log_result(const ws_transfer *transfer, const trained *from)
{
    size_t n_new = 0;
    ws_buf line;

    ws_buf_init(&line, MAX_LINE_BYTES);
    for (size_t i = 0; i < transfer->labels->n_items; i++) {
        const char *label = transfer->labels->items[i];
        if (find_label(&from->labels, label) == from->labels.n_items)
            ws_buf_push_format(&line, "%s%s", n_new++ > 0 ? ", " : "", label);
    }
    if (n_new == 0)
        ws_log_write(transfer->log, WS_LOG_INFO, "Took over all weights of \"%s\"",
                     transfer->options->start_checkpoint);
    else if (line.status == WS_OK)
        ws_log_write(transfer->log, WS_LOG_INFO,
                     "Took over the weights of \"%s\"; new in the last layer: %.*s",
                     transfer->options->start_checkpoint, (int)line.size, (const char *)line.data);
    ws_buf_deinit(&line);
}

ws_status ws_transfer_read(const ws_transfer *transfer, const ws_saved_arrays *arrays,
                           ws_error *err)
{
    trained *from = calloc(1, sizeof *from);
    if (from == NULL)
        return ws_fail_memory(err, "the weights of a checkpoint");

    const ws_status status = read_trained(transfer, from, err);
    if (status == WS_OK) {
        copy_all(from, transfer->labels, arrays);
        log_result(transfer, from);
    }
    ws_text_list_deinit(&from->labels);
    ws_graph_deinit(&from->graph);
    ws_graph_deinit(&from->wider);
    free(from->parameters);
    free(from->states);
    free(from->ranges);
    free(from);
    return status;
}
