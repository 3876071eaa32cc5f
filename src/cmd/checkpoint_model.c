#include "cmd/checkpoint_model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/bundle.h"
#include "checkpoint/locate.h"
#include "cmd/settings.h"
#include "cmd/train_flags.h"
#include "dataset/labels.h"
#include "nn/passes/quantize.h"
#include "train/model_graph.h"
#include "train/saver.h"
#include "train/trainer.h"

enum { MAX_SETTINGS_BYTES = 1 << 20, MAX_FLAGS = 256 };

/* In training a sample of full scale is 32768 to the micro features. */
static const float training_sample_scale = 32768.0f;

/** Whether the user gave the flag of that name. */
static bool is_given(const ws_given_flags *flags, const char *name)
{
    const size_t i = ws_flags_find(flags->table, name);
    return i < flags->table->n_flags && flags->given[i];
}

static ws_status read_settings(const char *prefix, char **settings, ws_error *err)
{
    ws_bundle *bundle = NULL;
    ws_status status = ws_bundle_open(&bundle, prefix, err);
    if (status == WS_OK && ws_bundle_find(bundle, WS_TRAIN_SETTINGS_ENTRY) != NULL)
        status = ws_bundle_read_string(bundle, WS_TRAIN_SETTINGS_ENTRY, MAX_SETTINGS_BYTES,
                                       settings, NULL, err);
    ws_bundle_close(bundle);
    return status;
}

/** Refuses a given flag that says something else than the checkpoint's settings. */
static ws_status check_given(const char *prefix, const ws_given_flags *flags,
                             const ws_train_options *options, ws_error *err)
{
    char own[WS_FLAG_MAX_TEXT], theirs[WS_FLAG_MAX_TEXT];

    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (!ws_settings_have(flag) || !is_given(flags, flag->name))
            continue;
        const size_t k = ws_flags_find(flags->table, flag->name);
        ws_flags_get_text(&flags->table->flags[k], flags->values, own, sizeof own);
        ws_flags_get_text(flag, options, theirs, sizeof theirs);
        if (strcmp(own, theirs) != 0)
            return ws_fail(err, WS_EUSAGE,
                           "--%s=%s contradicts the checkpoint %s, which was trained with "
                           "--%s=%s: leave the flag out",
                           flag->name, own, prefix, flag->name, theirs);
    }
    return WS_OK;
}

/** Without settings in the checkpoint: what the flags say, given or not. Those that are no settings
 *  may mean something else there. */
static void take_flags(const ws_given_flags *flags, ws_train_options *options)
{
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        const size_t k = ws_flags_find(flags->table, flag->name);
        if (ws_settings_have(flag) && k < flags->table->n_flags)
            ws_flags_copy(&flags->table->flags[k], flags->values, flag, options);
    }
}

static ws_status set_options(const char *prefix, const ws_given_flags *flags,
                             ws_checkpoint_model *model, ws_error *err)
{
    static const bool none_given[MAX_FLAGS];

    assert(ws_train_flags.n_flags <= MAX_FLAGS);
    ws_flags_set_initial(&ws_train_flags, &model->options);
    if (model->settings == NULL) {
        take_flags(flags, &model->options);
        return WS_OK;
    }
    const ws_status status = ws_settings_read(&ws_train_flags, model->settings, prefix, none_given,
                                              &model->options, err);
    return status == WS_OK ? check_given(prefix, flags, &model->options, err) : status;
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
    if (status == WS_ENOTFOUND && err != NULL)
        err->status = WS_EUSAGE; /* a name that is in no table was still a wrong flag */
    return status == WS_ENOTFOUND ? WS_EUSAGE : status;
}

static ws_status read_parameters(const char *prefix, ws_frozen *frozen, ws_error *err)
{
    ws_graph *graph = &frozen->graph;
    ws_saved_point point;
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
        .is_final = true,
    };
    const ws_status status = ws_saver_read(prefix, &arrays, &point, NULL, err);
    if (status == WS_OK)
        ws_graph_fix_ranges(graph, ranges);
    free(ranges);
    return status;
}

ws_status ws_checkpoint_model_read(const char *name, const ws_given_flags *flags, size_t n_labels,
                                   ws_checkpoint_model *model, ws_error *err)
{
    char *prefix = NULL;

    *model = (ws_checkpoint_model){.settings = NULL};
    ws_status status = ws_checkpoint_locate(name, &prefix, err);
    if (status == WS_OK)
        status = read_settings(prefix, &model->settings, err);
    if (status == WS_OK)
        status = set_options(prefix, flags, model, err);
    if (status == WS_OK)
        status = ws_labels_push(&model->labels, model->options.wanted_words, err);
    if (status == WS_OK) {
        const bool are_words_known = model->settings != NULL || is_given(flags, "wanted_words");
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
    free(model->settings);
    *model = (ws_checkpoint_model){.settings = NULL};
}
