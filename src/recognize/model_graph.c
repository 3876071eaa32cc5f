#include "recognize/model_graph.h"

#include "audio/feature_range.h"
#include "dataset/labels.h"
#include "models/model.h"
#include "nn/passes/quantize.h"

ws_feature_options ws_model_graph_features(const ws_train_options *options)
{
    return (ws_feature_options){
        .preprocess = options->preprocess,
        .sample_rate = options->sample_rate,
        .clip_duration_ms = options->clip_duration_ms,
        .window_size_ms = options->window_size_ms,
        .window_stride_ms = options->window_stride_ms,
        .feature_bin_count = options->feature_bin_count,
    };
}

ws_status ws_model_graph_push_labels(const ws_train_options *options, ws_text_list *labels,
                                     ws_error *err)
{
    if (options->wake_word[0] == '\0')
        return ws_labels_push(labels, options->wanted_words, err);
    return ws_text_list_push(labels, options->wake_word) == WS_OK
               ? WS_OK
               : ws_fail_memory(err, "the label of a wake word");
}

static ws_status quantize(const ws_train_options *options, ws_graph *graph, ws_error *err)
{
    ws_feature_range range;

    const ws_status status = ws_feature_range_find(options->preprocess, &range, err);
    return status == WS_OK ? ws_graph_quantize(graph, range.min, range.max, err) : status;
}

ws_status ws_model_graph_build(const ws_train_options *options, const ws_feature_settings *settings,
                               size_t n_labels, ws_graph *graph, ws_error *err)
{
    const ws_model *model = NULL;
    const ws_mixednet_settings mixednet = {
        .first_filters = options->mixednet_first_filters,
        .first_kernel = options->mixednet_first_kernel,
        .stride = options->mixednet_stride,
        .kernels = options->mixednet_kernels,
        .filters = options->mixednet_filters,
        .residuals = options->mixednet_residuals,
        .is_pooled = options->mixednet_pooled,
    };
    ws_status status = ws_model_find(&model, options->model_architecture, err);

    if (status == WS_OK)
        status = model->build(graph,
                              &(ws_model_settings){
                                  .n_frames = settings->n_frames,
                                  .width = settings->width,
                                  .n_labels = n_labels,
                                  .mixednet = &mixednet,
                              },
                              err);
    return status == WS_OK && options->quantize ? quantize(options, graph, err) : status;
}
