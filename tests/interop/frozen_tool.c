/* The C half of test_freeze.py.
 *
 *     frozen_tool score MODEL WAV...        the scores of each clip, a line each
 *     frozen_tool copy FROM TO FORMAT       reads a model and writes it again
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
    const ws_network_options options = {.max_batch = 1};

    ws_status status = ws_frozen_read(path, 0, &s->frozen, err);
    if (status == WS_OK)
        status = ws_feature_settings_init(&s->frozen.features, &settings, err);
    if (status == WS_OK && s->frozen.micro_sample_scale > 0.0f)
        settings.sample_scale = s->frozen.micro_sample_scale;
    if (status == WS_OK)
        status = ws_features_create(&settings, NULL, &s->features, err);
    if (status == WS_OK)
        status = ws_network_create(&s->network, &s->frozen.graph, &options, err);
    if (status == WS_OK)
        status = ws_arena_init(&s->scratch, ws_features_scratch_bytes(s->features), err);
    if (status != WS_OK)
        return status;
    memcpy(ws_network_parameters(s->network), s->frozen.parameters,
           s->frozen.graph.n_weights * sizeof(float));
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
        status = ws_frozen_write(to, format, &frozen, err);
    ws_frozen_deinit(&frozen);
    return status;
}

int main(int argc, char **argv)
{
    ws_error err = {.message = "usage: frozen_tool score MODEL WAV... | copy FROM TO FORMAT"};
    ws_status status = WS_EUSAGE;

    if (argc > 3 && strcmp(argv[1], "score") == 0)
        status = score(argc - 3, argv + 3, argv[2], &err);
    else if (argc == 5 && strcmp(argv[1], "copy") == 0)
        status = copy(argv[2], argv[3], argv[4], &err);
    if (status != WS_OK)
        fprintf(stderr, "%s\n", err.message);
    return status == WS_OK ? 0 : 1;
}
