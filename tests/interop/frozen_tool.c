/* The C half of test_freeze.py.
 *
 *     frozen_tool score MODEL WAV...        the scores of each clip, a line each
 *     frozen_tool copy FROM TO FORMAT       reads a model and writes it again
 *     frozen_tool make TO FORMAT            writes a network that branches, normalises, joins and
 *                                           parts, with random weights
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/arena.h"
#include "formats/frozen.h"
#include "nn/network.h"

typedef struct scorer {
    ws_frozen frozen;
    ws_features *features;
    ws_network *network;
    ws_arena scratch;
    float *samples, *fingerprint, *logits; /* owned */
} scorer;

static ws_status open_scorer(scorer *s, const char *path, ws_error *err)
{
    ws_feature_settings settings;
    ws_network_options options = {.max_batch = 1};

    ws_status status = ws_frozen_read(path, 0, &s->frozen, err);
    if (status == WS_OK)
        status = ws_feature_settings_init(&s->frozen.features, &settings, err);
    if (status == WS_OK && s->frozen.micro_sample_scale > 0.0f)
        settings.sample_scale = s->frozen.micro_sample_scale;
    if (status == WS_OK)
        status = ws_features_create(&settings, NULL, &s->features, err);
    if (status == WS_OK) {
        status = ws_network_create(&s->network, &s->frozen.graph, &options, err);
        if (status == WS_EINVAL) { /* what no fast engine runs */
            options.engine = WS_ENGINE_REFERENCE;
            status = ws_network_create(&s->network, &s->frozen.graph, &options, err);
        }
    }
    if (status == WS_OK)
        status = ws_arena_init(&s->scratch, ws_features_scratch_bytes(s->features), err);
    if (status != WS_OK)
        return status;
    memcpy(ws_network_parameters(s->network), s->frozen.parameters,
           s->frozen.graph.n_weights * sizeof(float));
    if (s->frozen.graph.n_states > 0)
        memcpy(ws_network_states(s->network), s->frozen.states,
               s->frozen.graph.n_state_numbers * sizeof(float));
    s->samples = calloc(settings.desired_samples, sizeof *s->samples);
    s->fingerprint = calloc(settings.size, sizeof *s->fingerprint);
    s->logits = calloc(ws_graph_n_labels(&s->frozen.graph), sizeof *s->logits);
    return s->samples != NULL && s->fingerprint != NULL && s->logits != NULL
               ? WS_OK
               : ws_fail_memory(err, "a clip");
}

static void close_scorer(scorer *s)
{
    free(s->samples);
    free(s->fingerprint);
    free(s->logits);
    ws_arena_deinit(&s->scratch);
    ws_network_destroy(s->network);
    ws_features_destroy(s->features);
    ws_frozen_deinit(&s->frozen);
}

static void print_softmax(const float *logits, size_t n)
{
    double largest = -HUGE_VAL, sum = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, (double)logits[i]);
    for (size_t i = 0; i < n; i++)
        sum += exp((double)logits[i] - largest);
    for (size_t i = 0; i < n; i++)
        printf("%.9g%c", exp((double)logits[i] - largest) / sum, i + 1 < n ? ' ' : '\n');
}

static ws_status score_clip(scorer *s, const char *path, ws_error *err)
{
    const size_t n = ws_features_settings(s->features)->desired_samples;
    ws_sound sound;

    const ws_status status = ws_sound_read(path, n, &sound, err);
    if (status != WS_OK)
        return status;
    memset(s->samples, 0, n * sizeof *s->samples);
    memcpy(s->samples, sound.samples, sound.n_samples * sizeof *s->samples);
    ws_sound_deinit(&sound);
    ws_features_run(s->features, s->samples, s->scratch.base, s->fingerprint);
    ws_network_predict(s->network, s->fingerprint, 1, s->logits);
    print_softmax(s->logits, ws_graph_n_labels(&s->frozen.graph));
    return WS_OK;
}

static ws_status score(int n_clips, char **clips, const char *model, ws_error *err)
{
    static scorer s;

    ws_status status = open_scorer(&s, model, err);
    for (int i = 0; i < n_clips && status == WS_OK; i++)
        status = score_clip(&s, clips[i], err);
    close_scorer(&s);
    return status;
}

static ws_status copy(const char *from, const char *to, const char *format, ws_error *err)
{
    static ws_frozen frozen;

    ws_status status = ws_frozen_read(from, 0, &frozen, err);
    if (status == WS_OK)
        status = ws_frozen_write(to, format, &frozen, NULL, err);
    ws_frozen_deinit(&frozen);
    return status;
}

/** As BC-ResNet has it: a normalisation in bands, and one of times joined to it again. */
static size_t push_block(ws_graph *graph, size_t x)
{
    ws_graph_open_scope(graph, "block");
    size_t a = ws_graph_push_depthwise(graph, x,
                                       &(ws_conv2d_args){.name = "f2",
                                                         .kernel_h = 1,
                                                         .kernel_w = 3,
                                                         .stride_w = 2,
                                                         .padding = WS_PADDING_EXPLICIT,
                                                         .zeros = {0, 0, 1, 1}});
    a = ws_graph_push_batch_norm(graph, a, &(ws_norm_args){.name = "bands", .n_bands = 5});
    size_t f = ws_graph_push_mean(graph, a, WS_AXIS_W);
    f = ws_graph_push_depthwise(graph, f,
                                &(ws_conv2d_args){.name = "f1",
                                                  .kernel_h = 3,
                                                  .kernel_w = 1,
                                                  .dilation_h = 4,
                                                  .padding = WS_PADDING_EXPLICIT,
                                                  .zeros = {4, 4, 0, 0}});
    f = ws_graph_push_silu(graph,
                           ws_graph_push_batch_norm(graph, f, &(ws_norm_args){.name = "norm"}));
    ws_graph_close_scope(graph);
    return ws_graph_push_relu(graph, ws_graph_push_add(graph, a, f));
}

static void push_network(ws_graph *graph, size_t x)
{
    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "stem",
                                               .kernel_h = 5,
                                               .kernel_w = 3,
                                               .n_channels = 6,
                                               .stride_w = 2,
                                               .dilation_h = 1,
                                               .padding = WS_PADDING_EXPLICIT,
                                               .zeros = {2, 2, 1, 1}});
    x = ws_graph_push_relu(graph, ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "n"}));
    x = push_block(graph, x);
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "alone", .has_no_scale = true});
    const size_t left = ws_graph_push_slice(graph, x, (ws_shape){4, 0, 0}, (ws_shape){.c = 2});
    const size_t right = ws_graph_push_slice(graph, x, (ws_shape){2, 0, 2}, (ws_shape){94, 0, 0});
    x = ws_graph_push_concat(graph, (const size_t[]){right, left}, 2);
    x = ws_graph_push_mul(
        graph, x,
        ws_graph_push_sigmoid(graph, ws_graph_push_mean(graph, x, WS_AXIS_H | WS_AXIS_W)));
    x = ws_graph_push_average_pool(
        graph, x, &(ws_pool_args){.window_h = 3, .window_w = 3, .stride_h = 2, .stride_w = 2});
    x = ws_graph_push_max_pool(
        graph, x,
        &(ws_pool_args){
            .window_h = 3, .window_w = 1, .padding = WS_PADDING_EXPLICIT, .zeros = {1, 1, 0, 0}});
    x = ws_graph_push_reshape(graph, x, (ws_shape){47, 1, 30});
    x = ws_graph_push_conv2d(
        graph, x,
        &(ws_conv2d_args){
            .name = "dilated", .kernel_h = 3, .kernel_w = 1, .n_channels = 8, .dilation_h = 3});
    x = ws_graph_push_dense(graph, ws_graph_push_mean(graph, x, WS_AXIS_H),
                            &(ws_dense_args){.name = "fc", .n_units = 5});
    (void)ws_graph_push_bias_add(graph, x, "fc_bias");
}

/** Numbers from low to high that look random. */
static float *make_numbers(size_t n, double low, double high)
{
    float *numbers = calloc(n, sizeof *numbers);

    for (size_t i = 0; numbers != NULL && i < n; i++)
        numbers[i] = (float)(low + (high - low) * (double)(i * 7919u % 10007u) / 10006.0);
    return numbers;
}

static ws_status make(const char *to, const char *format, ws_error *err)
{
    static ws_frozen frozen = {.features = {"mfcc", 16000, 1000, 30.0, 10.0, 40}};

    ws_graph_init(&frozen.graph);
    push_network(&frozen.graph, ws_graph_push_input(&frozen.graph, (ws_shape){98, 40, 1}));
    frozen.parameters = make_numbers(frozen.graph.n_weights, -0.4, 0.5);
    frozen.states = make_numbers(frozen.graph.n_state_numbers, 0.3, 1.5);
    ws_status status = ws_graph_status(&frozen.graph, err);
    if (status == WS_OK && (frozen.parameters == NULL || frozen.states == NULL))
        status = ws_fail_memory(err, "a model");
    if (status == WS_OK)
        status = ws_frozen_write(to, format, &frozen, NULL, err);
    ws_frozen_deinit(&frozen);
    return status;
}

int main(int argc, char **argv)
{
    ws_error err = {
        .message = "usage: frozen_tool score MODEL WAV... | copy FROM TO FORMAT | make TO FORMAT"};
    ws_status status = WS_EUSAGE;

    if (argc > 3 && strcmp(argv[1], "score") == 0)
        status = score(argc - 3, argv + 3, argv[2], &err);
    else if (argc == 5 && strcmp(argv[1], "copy") == 0)
        status = copy(argv[2], argv[3], argv[4], &err);
    else if (argc == 4 && strcmp(argv[1], "make") == 0)
        status = make(argv[2], argv[3], &err);
    if (status != WS_OK)
        fprintf(stderr, "%s\n", err.message);
    return status == WS_OK ? 0 : 1;
}
