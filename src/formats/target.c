#include "formats/target.h"

#include "base/lookup.h"
#include "formats/esphome_manifest.h"

#define KINDS(list) .kinds = (list), .n_kinds = sizeof(list) / sizeof *(list)

static const ws_lite_kind micro_speech_kinds[] = {WS_LITE_RESHAPE, WS_LITE_DEPTHWISE_CONV_2D,
                                                  WS_LITE_FULLY_CONNECTED, WS_LITE_SOFTMAX};

static const ws_lite_kind mlperf_tiny_kinds[] = {WS_LITE_CONV_2D,         WS_LITE_DEPTHWISE_CONV_2D,
                                                 WS_LITE_AVERAGE_POOL_2D, WS_LITE_FULLY_CONNECTED,
                                                 WS_LITE_RESHAPE,         WS_LITE_SOFTMAX};

/** Those that ESPHome's component micro_wake_word registers. */
static const ws_lite_kind esphome_kinds[] = {
    WS_LITE_CALL_ONCE,
    WS_LITE_VAR_HANDLE,
    WS_LITE_RESHAPE,
    WS_LITE_READ_VARIABLE,
    WS_LITE_STRIDED_SLICE,
    WS_LITE_CONCATENATION,
    WS_LITE_CONV_2D,
    WS_LITE_ASSIGN_VARIABLE,
    WS_LITE_MUL,
    WS_LITE_ADD,
    WS_LITE_MEAN,
    WS_LITE_FULLY_CONNECTED,
    WS_LITE_LOGISTIC,
    WS_LITE_QUANTIZE,
    WS_LITE_DEPTHWISE_CONV_2D,
    WS_LITE_MAX_POOL_2D,
    WS_LITE_AVERAGE_POOL_2D,
    WS_LITE_PAD,
    WS_LITE_PACK,
    WS_LITE_SPLIT_V,
};

static const ws_target targets[] = {
    {
        .name = "micro_speech",
        .input = WS_LITE_INPUT_FLAT,
        .is_one_channel_depthwise = true,
        .n_frames = 49,
        .width = 40,
        KINDS(micro_speech_kinds),
        .input_max = 26.0f,
        .output_type = WS_LITE_INT8,
    },
    {
        .name = "mlperf_tiny",
        .input = WS_LITE_INPUT_IMAGE,
        .n_frames = 49,
        .width = 10,
        KINDS(mlperf_tiny_kinds),
        .output_type = WS_LITE_INT8,
    },
    {
        .name = "esphome",
        .input = WS_LITE_INPUT_ROWS,
        .is_stream = true,
        .width = 40,
        KINDS(esphome_kinds),
        .input_max = 26.0f,
        .output_type = WS_LITE_UINT8,
        .manifest = ws_esphome_manifest,
    },
};
enum { N_TARGETS = sizeof targets / sizeof *targets };

static const char *target_name(size_t i)
{
    return targets[i].name;
}

ws_status ws_target_find(const ws_target **target, const char *name, ws_error *err)
{
    size_t i = 0;
    const ws_status status = ws_lookup("--target", name, target_name, N_TARGETS, &i, err);

    *target = &targets[i];
    return status;
}

static bool has_kind(const ws_target *target, ws_lite_kind kind)
{
    for (size_t i = 0; i < target->n_kinds; i++)
        if (target->kinds[i] == kind)
            return true;
    return false;
}

ws_status ws_target_check(const ws_target *target, const ws_lite *lite, ws_error *err)
{
    const ws_lite_graph *graph = &lite->graphs[0];
    const size_t n = ws_lite_tensor_size(&graph->tensors[graph->inputs[0]]);

    if (n % target->width != 0)
        return ws_fail(err, WS_EINVAL, "--target=%s takes frames of %zu features", target->name,
                       target->width);
    if (target->n_frames > 0 && n != target->n_frames * target->width)
        return ws_fail(err, WS_EINVAL,
                       "--target=%s takes %zu frames of %zu features, which are %zu numbers; the "
                       "model takes %zu. `wordspot train --preset=%s` makes a model that fits",
                       target->name, target->n_frames, target->width,
                       target->n_frames * target->width, n, target->name);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_lite_node *node = &graph->nodes[i];
        if (!has_kind(target, node->kind))
            return ws_fail(err, WS_EINVAL,
                           "--target=%s lacks the operator %s, which gives \"%s\" of the model",
                           target->name, ws_lite_kind_name(node->kind),
                           node->n_outputs > 0 ? graph->tensors[node->outputs[0]].name : "nothing");
    }
    return WS_OK;
}
