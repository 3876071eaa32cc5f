/* recognize/scorer: the scores of a recording are those of the clip network on each window of the
 * features that a device makes, in floating point and as a TFLite file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "nn/lite/lower.h"
#include "nn/network.h"
#include "nn/passes/stream.h"
#include "recognize/scorer.h"
#include "support/models.h"

enum { RATE_HZ = 16000, N = 5 * RATE_HZ + 123, N_FRAMES = 60, WIDTH = 40, STEP = 3, HOP = 160 };

static const ws_feature_options features = {
    .preprocess = "micro",
    .sample_rate = RATE_HZ,
    .clip_duration_ms = 30 + 10 * (N_FRAMES - 1),
    .window_size_ms = 30,
    .window_stride_ms = 10,
    .feature_bin_count = WIDTH,
};

static float samples[N];

/** A network with made-up weights. @param n_labels  1: a wake word */
static ws_frozen *make_model(const char *name, size_t n_labels)
{
    ws_frozen *frozen = calloc(1, sizeof *frozen);
    const ws_model *model = NULL;
    const ws_model_settings settings = ws_test_model_settings(N_FRAMES, WIDTH, n_labels);
    ws_random random;

    assert_non_null(frozen);
    assert_int_equal(ws_model_find(&model, name, NULL), WS_OK);
    assert_int_equal(model->build(&frozen->graph, &settings, NULL), WS_OK);
    frozen->features = features;
    frozen->micro_sample_scale = WS_SAMPLE_SCALE_TRAINING;
    frozen->parameters = calloc(frozen->graph.n_weights, sizeof *frozen->parameters);
    frozen->states = calloc(frozen->graph.n_state_numbers + 1, sizeof *frozen->states);
    assert_true(frozen->parameters != NULL && frozen->states != NULL);
    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, (uint32_t)n_labels);
    for (size_t i = 0; i < frozen->graph.n_weights; i++)
        frozen->parameters[i] = (float)(0.3 * ws_random_truncated_normal(&random));
    for (size_t i = 0; i < frozen->graph.n_state_numbers; i++)
        frozen->states[i] = (float)(0.5 + ws_random_uniform(&random));
    return frozen;
}

static void destroy(ws_frozen *frozen)
{
    ws_frozen_deinit(frozen);
    free(frozen);
}

static int make_sound(void **state)
{
    ws_random random;
    (void)state;

    ws_random_init(&random, 6, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) {
        const double t = (double)i / RATE_HZ;
        samples[i] = (float)(0.2 * sin(2.0 * t) * sin(6000.0 * t * (1.0 + 0.2 * sin(9.0 * t))) +
                             0.01 * ws_random_truncated_normal(&random));
    }
    return 0;
}

/** All frames of the sound at once. @return [*n_frames, WIDTH] */
static float *find_frames(size_t *n_frames)
{
    ws_feature_settings settings;
    ws_features *made = NULL;

    assert_int_equal(ws_feature_settings_init(&features, &settings, NULL), WS_OK);
    *n_frames = 1 + (N - settings.window_samples) / settings.stride_samples;
    ws_feature_settings_set_frames(&settings, *n_frames);
    assert_int_equal(ws_features_create(&settings, NULL, &made, NULL), WS_OK);
    const size_t n_memory = (ws_features_memory_bytes(made) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, n_memory);
    void *scratch = aligned_alloc(64, (ws_features_scratch_bytes(made) + 63) / 64 * 64);
    float *frames = malloc(*n_frames * WIDTH * sizeof *frames);
    assert_true(memory != NULL && scratch != NULL && frames != NULL);
    memset(memory, 0, n_memory);
    ws_features_run_on(made, samples, memory, scratch, frames);
    ws_features_destroy(made);
    free(scratch);
    free(memory);
    return frames;
}

static ws_scorer *open_scorer(const ws_frozen *model, size_t label)
{
    ws_scorer *scorer = NULL;
    ws_error err = {.message = ""};

    if (ws_scorer_create(
            &(ws_scorer_options){.model = model, .label = label, .level = ws_cpu_level_get_best()},
            &scorer, &err) != WS_OK)
        fail_msg("%s", err.message);
    return scorer;
}

/** The score of a label as softmax, or as sigmoid where it is the only one. */
static double find_score(const float *logits, size_t n_labels, size_t label)
{
    double sum = n_labels == 1 ? 1.0 : 0.0;

    for (size_t k = 0; k < n_labels; k++)
        sum += exp((double)logits[k]);
    return exp((double)logits[label]) / sum;
}

/** Against the reference engine on windows of all frames. */
static void scores_are_those_of_windows(void **state)
{
    (void)state;
    for (size_t n_labels = 1; n_labels <= 3; n_labels += 2) {
        ws_frozen *model = make_model("mixednet", n_labels);
        ws_scorer *scorer = open_scorer(model, n_labels - 1);
        const size_t n_scores = ws_scorer_n_scores(scorer, N);
        float *scores = malloc(n_scores * sizeof *scores);
        float *again = malloc(n_scores * sizeof *again);
        float *own_frames = malloc(n_scores * ws_scorer_call_size(scorer) * sizeof *own_frames);
        size_t n_frames = 0, n_compared = 0;
        float *frames = find_frames(&n_frames);
        float logits[3];
        ws_network *network = NULL;
        ws_stream_form form;

        assert_true(scores != NULL && again != NULL && own_frames != NULL);
        assert_int_equal(ws_scorer_stride(scorer), STEP * HOP);
        assert_int_equal(n_scores, n_frames / STEP);
        ws_scorer_run(scorer, samples, N, scores);
        ws_scorer_run(scorer, samples, N, again); /* the first recording leaves nothing */
        assert_memory_equal(scores, again, n_scores * sizeof *scores);
        /* two parts of whole strides are one recording */
        const size_t n_part = 71, n_part_samples = n_part * STEP * HOP;
        ws_scorer_run(scorer, samples, n_part_samples + 2 * HOP, again);
        ws_scorer_continue(scorer, samples + n_part_samples, N - n_part_samples, again + n_part);
        assert_memory_equal(scores, again, n_scores * sizeof *scores);
        ws_scorer_find_frames(scorer, samples, N, own_frames);
        assert_memory_equal(own_frames, frames, n_scores * STEP * WIDTH * sizeof *frames);
        ws_scorer_run_frames(scorer, own_frames, n_scores, again);
        assert_memory_equal(scores, again, n_scores * sizeof *scores);

        assert_int_equal(
            ws_stream_form_init(&form, &model->graph, model->parameters, model->states, NULL),
            WS_OK);
        const size_t n_seen = form.n_frames; /* of a window */
        ws_stream_form_deinit(&form);
        /* the first score of a full window */
        assert_true((ws_scorer_n_blind(scorer) + 1) * STEP >= n_seen);
        assert_true(ws_scorer_n_blind(scorer) * STEP < n_seen);
        assert_int_equal(ws_network_create(&network, &model->graph,
                                           &(ws_network_options){.max_batch = 1,
                                                                 .engine = WS_ENGINE_REFERENCE,
                                                                 .predicts_only = true},
                                           NULL),
                         WS_OK);
        memcpy(ws_network_parameters(network), model->parameters,
               model->graph.n_weights * sizeof(float));
        memcpy(ws_network_states(network), model->states,
               model->graph.n_state_numbers * sizeof(float));
        for (size_t i = 0; i < n_scores; i += 7) {
            const size_t end = (i + 1) * STEP;
            if (end < n_seen || end - n_seen + N_FRAMES > n_frames)
                continue;
            ws_network_predict(network, frames + (end - n_seen) * WIDTH, 1, logits);
            assert_true(fabs((double)scores[i] - find_score(logits, n_labels, n_labels - 1)) <
                        1e-5);
            n_compared++;
        }
        assert_true(n_compared > 15);
        ws_network_destroy(network);
        free(frames);
        free(own_frames);
        free(again);
        free(scores);
        ws_scorer_destroy(scorer);
        destroy(model);
    }
}

/** The streaming form as a model of small runtimes, in floating point. */
static void a_tflite_model_gives_the_same(void **state)
{
    ws_frozen *model = make_model("mixednet", 1),
              device = {.micro_sample_scale = WS_SAMPLE_SCALE_TRAINING};
    ws_scorer *scorer = open_scorer(model, 0);
    const size_t n_scores = ws_scorer_n_scores(scorer, N);
    float *scores = malloc(n_scores * sizeof *scores), *other = malloc(n_scores * sizeof *other);
    ws_stream_form form;
    ws_lite lite;
    (void)state;

    assert_true(scores != NULL && other != NULL);
    assert_int_equal(
        ws_stream_form_init(&form, &model->graph, model->parameters, model->states, NULL), WS_OK);
    assert_int_equal(ws_lite_lower(&lite, &form.model.graph, form.model.parameters,
                                   form.model.states,
                                   &(ws_lite_lower_options){.input = WS_LITE_INPUT_ROWS,
                                                            .scores = WS_LITE_SCORES_LAST},
                                   NULL),
                     WS_OK);
    device.features = features;
    device.lite = &lite;
    ws_scorer *of_device = open_scorer(&device, 0);
    assert_int_equal(ws_scorer_n_scores(of_device, N), n_scores);
    ws_scorer_run(scorer, samples, N, scores);
    ws_scorer_run(of_device, samples, N, other);
    for (size_t i = 0; i < n_scores; i++)
        assert_true(fabsf(scores[i] - other[i]) < 1e-5f);
    ws_scorer_destroy(of_device);
    ws_lite_deinit(&lite);
    ws_stream_form_deinit(&form);
    free(other);
    free(scores);
    ws_scorer_destroy(scorer);
    destroy(model);
}

static void what_cannot_follow_is_refused(void **state)
{
    ws_frozen *model = make_model("tc_resnet_8", 1);
    ws_scorer *scorer = NULL;
    ws_error err = {.message = ""};
    (void)state;

    assert_int_equal(ws_scorer_create(&(ws_scorer_options){.model = model}, &scorer, &err),
                     WS_EUSAGE);
    assert_non_null(strstr(err.message, "the network cannot follow a stream of sound: "));
    assert_null(scorer);
    destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_windows),
        cmocka_unit_test(a_tflite_model_gives_the_same),
        cmocka_unit_test(what_cannot_follow_is_refused),
    };
    return cmocka_run_group_tests(tests, make_sound, NULL);
}
