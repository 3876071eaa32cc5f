/* The C half of test_tflite.py, test_esphome.py and test_onnx.py.
 *
 *     lite_tool list                   the networks, a line each
 *     lite_tool make NETWORK PREFIX N  PREFIX.tflite, PREFIX.onnx: weights that look random;
 * PREFIX.features and PREFIX.scores: of N samples, as raw floats, by the reference engine
 *     lite_tool wake PREFIX N          PREFIX.tflite, PREFIX.json: a stream's model for ESPHome
 *     lite_tool sizes MODEL            bytes of its tensors, and of the arena that it needs
 *     lite_tool run MODEL FEATURES N exact|tflm [reference]
 *                                      all tensors that are computed, N times, as raw bytes
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/softmax.h"
#include "formats/frozen.h"
#include "formats/target.h"
#include "formats/tflite.h"
#include "models/model.h"
#include "nn/lite/arena_size.h"
#include "nn/lite/run.h"
#include "nn/network.h"

enum { N_LABELS = 5, SEED = 7 };

static void fail(const ws_error *err)
{
    fprintf(stderr, "lite_tool: %s\n", err->message);
    exit(1);
}

static void write_floats(const char *prefix, const char *suffix, const float *numbers, size_t n)
{
    char path[4096];

    snprintf(path, sizeof path, "%s%s", prefix, suffix);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(numbers, sizeof *numbers, n, file) != n || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static float *make_room(size_t n)
{
    float *room = calloc(n + 1, sizeof *room);

    if (room == NULL)
        exit(1);
    return room;
}

/** A number from low to high that depends on i alone. */
static float number(size_t i, double low, double high)
{
    return (float)(low + (high - low) * (double)((i * 2654435761u + 12345u) % 10007u) / 10006.0);
}

static ws_feature_options features_of(const ws_model *model)
{
    const ws_model_features *f = model->features;

    if (f == NULL)
        return (ws_feature_options){"mfcc", 16000, 1000, 30.0, 10.0, 40};
    return (ws_feature_options){f->preprocess,       16000,
                                f->clip_duration_ms, f->window_size_ms,
                                f->window_stride_ms, f->feature_bin_count};
}

static void build(const char *name, ws_frozen *frozen, ws_error *err)
{
    const ws_model *model;
    ws_feature_settings settings;

    ws_status status = ws_model_find(&model, name, err);
    if (status == WS_OK) {
        frozen->features = features_of(model);
        status = ws_feature_settings_init(&frozen->features, &settings, err);
    }
    if (status == WS_OK)
        status = model->build(&frozen->graph,
                              &(ws_model_settings){.n_frames = settings.n_frames,
                                                   .width = settings.width,
                                                   .n_labels = N_LABELS},
                              err);
    if (status != WS_OK)
        fail(err);
}

/** Weights as before training, but nothing is zero, and normalisations do something. */
static void fill_numbers(ws_network *network, ws_frozen *frozen)
{
    const ws_graph *graph = &frozen->graph;

    ws_network_init_parameters(network, SEED);
    frozen->parameters = ws_network_parameters(network);
    frozen->states = ws_network_states(network);
    for (size_t i = 0; i < graph->n_parameters; i++)
        for (size_t k = 0; k < graph->parameters[i].size; k++)
            if (graph->parameters[i].n_dims == 1)
                frozen->parameters[graph->parameters[i].offset + k] += number(k + i, -0.05, 0.1);
    for (size_t i = 0; i < graph->n_states; i++) {
        const bool is_mean = strstr(graph->states[i].name, "variance") == NULL;
        for (size_t k = 0; k < graph->states[i].size; k++)
            frozen->states[graph->states[i].offset + k] =
                is_mean ? number(k + i, -0.2, 0.2) : number(k + i, 0.2, 1.5);
    }
}

/** Makes the logits of a sample differ by about 2, so that scores show all of them. */
static void spread_logits(ws_network *network, ws_frozen *frozen, const float *features)
{
    const ws_graph *graph = &frozen->graph;
    float logits[N_LABELS], least = INFINITY, most = -INFINITY;
    size_t last = graph->n_nodes - 1;

    ws_network_predict(network, features, 1, logits);
    for (size_t k = 0; k < N_LABELS; k++) {
        least = fminf(least, logits[k]);
        most = fmaxf(most, logits[k]);
    }
    while (graph->nodes[last].kind != WS_OP_DENSE)
        last--;
    for (size_t i = last; i < graph->n_nodes; i++) {
        const ws_variable *variable = ws_graph_parameter(graph, &graph->nodes[i], 0);
        for (size_t k = 0; variable != NULL && k < variable->size; k++)
            ws_network_parameters(network)[variable->offset + k] *= 2.0f / (most - least);
    }
}

static void fill_labels(ws_text_list *list)
{
    static const char *const labels[N_LABELS] = {"_silence_", "_unknown_", "yes", "no", "up"};

    for (size_t i = 0; i < N_LABELS; i++)
        if (ws_text_list_push(list, labels[i]) != WS_OK)
            exit(1);
}

static void make(const char *name, const char *prefix, size_t n)
{
    static const char *const formats[] = {"tflite", "onnx"};
    static ws_frozen frozen;
    ws_text_list list = {.n_items = 0};
    ws_network *network;
    ws_error err;
    char path[4096];

    build(name, &frozen, &err);
    if (ws_network_create(&network, &frozen.graph,
                          &(ws_network_options){.max_batch = 1, .engine = WS_ENGINE_REFERENCE},
                          &err) != WS_OK)
        fail(&err);
    fill_numbers(network, &frozen);
    const size_t size = ws_shape_size(ws_graph_input_shape(&frozen.graph));
    float *features = make_room(n * size), *scores = make_room(n * N_LABELS);
    for (size_t i = 0; i < n * size; i++)
        features[i] = number(i, -2.0, 2.0);
    spread_logits(network, &frozen, features);
    fill_labels(&list);
    ws_frozen_write_options options = {.labels = &list};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        snprintf(path, sizeof path, "%s.%s", prefix, formats[i]);
        if (ws_frozen_write(path, formats[i], &frozen, &options, &err) != WS_OK)
            fail(&err);
    }
    options.is_int8 = true;
    options.input_type = options.output_type = WS_LITE_INT8;
    options.clips = features;
    options.n_clips = n;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        snprintf(path, sizeof path, "%s.int8.%s", prefix, formats[i]);
        if (ws_frozen_write(path, formats[i], &frozen, &options, &err) != WS_OK)
            fail(&err);
    }

    ws_network_predict(network, features, n, scores);
    for (size_t i = 0; i < n; i++) {
        double largest;
        const double sum = ws_softmax_sum(scores + i * N_LABELS, N_LABELS, &largest);
        for (size_t k = 0; k < N_LABELS; k++)
            scores[i * N_LABELS + k] =
                (float)(exp((double)scores[i * N_LABELS + k] - largest) / sum);
    }
    write_floats(prefix, ".features", features, n * size);
    write_floats(prefix, ".scores", scores, n * N_LABELS);
    free(features);
    free(scores);
    ws_text_list_deinit(&list);
    ws_graph_deinit(&frozen.graph);
    ws_network_destroy(network);
}

static void make_wake_word(const char *prefix, size_t n)
{
    static ws_frozen frozen;
    ws_frozen_write_options options = {
        .is_int8 = true,
        .input_type = WS_LITE_INT8,
        .output_type = WS_LITE_UINT8,
        .n_clips = n,
    };
    ws_text_list list = {0};
    ws_network *network;
    ws_error err;
    char path[4096];

    build("mixednet", &frozen, &err);
    const ws_network_options how = {.max_batch = 1, .engine = WS_ENGINE_REFERENCE};
    if (ws_network_create(&network, &frozen.graph, &how, &err) != WS_OK ||
        ws_target_find(&options.target, "esphome", &err) != WS_OK)
        fail(&err);
    fill_numbers(network, &frozen);
    const size_t size = ws_shape_size(ws_graph_input_shape(&frozen.graph));
    float *features = make_room(n * size);
    for (size_t i = 0; i < n * size; i++)
        features[i] = number(i, 0.0, 26.0);
    spread_logits(network, &frozen, features);
    options.clips = features;
    fill_labels(&list);
    options.labels = &list;
    snprintf(path, sizeof path, "%s.tflite", prefix);
    if (ws_frozen_write(path, "tflite", &frozen, &options, &err) != WS_OK)
        fail(&err);
    write_floats(prefix, ".features", features, n * size);
    free(features);
    ws_text_list_deinit(&list);
    ws_graph_deinit(&frozen.graph);
    ws_network_destroy(network);
}

static void print_tensors(const ws_lite *lite, const ws_lite_run *run)
{
    const ws_lite_graph *graph = &lite->graphs[0];

    for (size_t i = 0; i < graph->n_nodes; i++) {
        for (size_t k = 0; k < graph->nodes[i].n_outputs; k++) {
            const int tensor = graph->nodes[i].outputs[k];
            fwrite(ws_lite_run_data(run, tensor), 1, ws_lite_tensor_bytes(&graph->tensors[tensor]),
                   stdout);
        }
    }
}

static void run_model(char **words, bool is_reference)
{
    const size_t n = (size_t)strtoul(words[2], NULL, 10);
    const ws_lite_run_options options = {
        .rounding = strcmp(words[3], "tflm") == 0 ? WS_LITE_ROUNDING_TFLM : WS_LITE_ROUNDING_EXACT,
        .is_reference = is_reference,
    };
    unsigned char *bytes;
    size_t n_bytes, n_features;
    ws_lite_run *run;
    ws_error err;
    ws_lite lite;

    if (ws_file_read(words[0], WS_TFLITE_MAX_BYTES, &bytes, &n_bytes, &err) != WS_OK ||
        ws_tflite_read(words[0], bytes, n_bytes, &lite, &err) != WS_OK ||
        ws_lite_run_create(&run, &lite, &options, &err) != WS_OK)
        fail(&err);
    free(bytes);
    if (ws_file_read(words[1], WS_TFLITE_MAX_BYTES, &bytes, &n_features, &err) != WS_OK)
        fail(&err);
    const size_t size = ws_lite_tensor_size(ws_lite_run_get_input(run, 0));
    float *features = make_room(n_features / sizeof *features);
    memcpy(features, bytes, n_features);
    for (size_t i = 0; i < n && (i + 1) * size * sizeof *features <= n_features; i++) {
        ws_lite_run_write(run, 0, features + i * size);
        ws_lite_run_invoke(run);
        print_tensors(&lite, run);
    }
    free(features);
    free(bytes);
    ws_lite_run_destroy(run);
    ws_lite_deinit(&lite);
}

/** Bytes of its tensors and of its arena. */
static void print_sizes(const char *path)
{
    size_t n_bytes, in_use = 0, arena = 0;
    unsigned char *bytes;
    ws_error err;
    ws_lite lite;

    if (ws_file_read(path, WS_TFLITE_MAX_BYTES, &bytes, &n_bytes, &err) != WS_OK ||
        ws_tflite_read(path, bytes, n_bytes, &lite, &err) != WS_OK ||
        ws_lite_tensors_size(&lite, &in_use, &err) != WS_OK ||
        ws_lite_arena_size(&lite, &arena, &err) != WS_OK)
        fail(&err);
    printf("%zu %zu\n", in_use, arena);
    free(bytes);
    ws_lite_deinit(&lite);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (size_t i = 0; i < ws_model_n(); i++)
            puts(ws_model_get(i)->name);
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "make") == 0) {
        make(argv[2], argv[3], (size_t)strtoul(argv[4], NULL, 10));
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "wake") == 0) {
        make_wake_word(argv[2], (size_t)strtoul(argv[3], NULL, 10));
        return 0;
    }
    if ((argc == 6 || argc == 7) && strcmp(argv[1], "run") == 0) {
        run_model(argv + 2, argc == 7);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "sizes") == 0) {
        print_sizes(argv[2]);
        return 0;
    }
    fprintf(stderr, "usage: lite_tool list | make NETWORK PREFIX N | wake PREFIX N | sizes MODEL | "
                    "run MODEL FEATURES N exact|tflm [reference]\n");
    return 2;
}
