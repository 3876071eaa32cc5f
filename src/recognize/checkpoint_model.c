#include "recognize/checkpoint_model.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/locate.h"
#include "nn/passes/quantize.h"
#include "recognize/model_graph.h"
#include "recognize/saved_arrays.h"
#include "settings/settings.h"

/* In training a sample of full scale is 32768 to the micro features. */
static const float training_sample_scale = 32768.0f;

/** Applies the settings of the checkpoint, if it has any. */
static ws_status set_options(const char *prefix, ws_flags *flags, ws_checkpoint_model *model,
                             ws_error *err)
{
    char *settings = NULL;
    ws_status status = ws_settings_load(prefix, &settings, err);

    model->has_settings = settings != NULL;
    if (status == WS_OK && settings != NULL)
        status = ws_settings_take(flags, settings, prefix, WS_SETTINGS_AS_IS, err);
    free(settings);
    model->options = *ws_train_flags_get_options(flags);
    return status;
}

static ws_status build_graph(const ws_train_options *o, size_t n_labels, ws_frozen *frozen,
                             ws_error *err)
{
    ws_feature_settings settings;

    frozen->features = ws_model_graph_features(o);
    if (strcmp(o->preprocess, "micro") == 0)
        frozen->micro_sample_scale = training_sample_scale;
    ws_status status = ws_feature_settings_init(&frozen->features, &settings, err);
    if (status == WS_OK)
        status = ws_model_graph_build(o, &settings, n_labels, &frozen->graph, err);
    return ws_fail_usage(status, err);
}

static ws_status read_parameters(const char *prefix, ws_frozen *frozen, ws_error *err)
{
    ws_graph *graph = &frozen->graph;
    int64_t step = 0;
    ws_quant_range *ranges = calloc(graph->n_quantizers + 1, sizeof *ranges);

    frozen->parameters = calloc(graph->n_weights, sizeof *frozen->parameters);
    frozen->states = calloc(graph->n_state_numbers + 1, sizeof *frozen->states);
    if (ranges == NULL || frozen->parameters == NULL || frozen->states == NULL) {
        free(ranges);
        return ws_fail_memory(err, "the weights of a checkpoint");
    }
    for (size_t i = 0; i < graph->n_quantizers; i++)
        ws_quant_range_init(&ranges[i], &graph->quantizers[i]);
    const ws_saved_arrays arrays = {
        .graph = graph,
        .parameters = frozen->parameters,
        .states = frozen->states,
        .ranges = ranges,
        .takes_averages = true,
        .is_final = true,
    };
    const ws_status status = ws_saved_arrays_load(prefix, &arrays, &step, NULL, err);
    if (status == WS_OK)
        ws_graph_fix_ranges(graph, ranges, frozen->parameters);
    free(ranges);
    return status;
}

ws_status ws_checkpoint_model_read(const char *name, ws_flags *flags, size_t n_labels,
                                   ws_checkpoint_model *model, ws_error *err)
{
    char *prefix = NULL;

    *model = (ws_checkpoint_model){.has_settings = false};
    ws_status status = ws_checkpoint_locate(name, &prefix, err);
    if (status == WS_OK)
        status = set_options(prefix, flags, model, err);
    if (status == WS_OK)
        status = ws_model_graph_push_labels(&model->options, &model->labels, err);
    if (status == WS_OK) {
        const bool are_words_known =
            model->has_settings || ws_train_flags_is_given(flags, "wanted_words");
        status = build_graph(&model->options,
                             are_words_known || n_labels == 0 ? model->labels.n_items : n_labels,
                             &model->frozen, err);
    }
    if (status == WS_OK)
        status = read_parameters(prefix, &model->frozen, err);
    free(prefix);
    return status;
}

void ws_checkpoint_model_deinit(ws_checkpoint_model *model)
{
    ws_frozen_deinit(&model->frozen);
    ws_text_list_deinit(&model->labels);
    *model = (ws_checkpoint_model){.has_settings = false};
}
