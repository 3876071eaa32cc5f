/* recognize/stream: the scores of its windows equal those of each window as a separate clip, for
 * all kinds of features, models and strides, and for any pieces and threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/model.h"
#include "nn/passes/quantize.h"
#include "recognize/labeller.h"
#include "recognize/stream.h"
#include "support/check.h"
#include "support/models.h"
#include "support/thin.h"

enum { RATE_HZ = 16000, N_LABELS = 5, MAX_WINDOWS = 512, BATCH = WS_STREAM_MAX_WINDOWS };

/** A stream and the model that follows it. */
typedef struct trial {
    ws_frozen frozen;
    float *sound; /* [n] */
    size_t n, stride;
    size_t n_windows; /* that are to be looked at */
    ws_feature_settings settings;
} trial;

static void make_sound(trial *t)
{
    ws_random random;

    t->sound = malloc(t->n * sizeof *t->sound);
    assert_non_null(t->sound);
    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < t->n; i++)
        t->sound[i] = (float)(0.3 * sin((double)i * (0.03 + 0.02 * (double)(i / 5000 % 7))) +
                              0.2 * (ws_random_uniform(&random) - 0.5));
    for (size_t i = t->n / 3; i < t->n / 3 + 7000 && i < t->n; i++)
        t->sound[i] = 0.0f; /* digital silence */
}

/** @param scale  of the weights; 0.02 lets every layer matter */
static void make_model(trial *t, const char *architecture, const char *preprocess, double scale)
{
    const ws_model *model;
    ws_random random;
    ws_frozen *frozen = &t->frozen;

    *frozen = (ws_frozen){.features = {preprocess, RATE_HZ, 1000, 30.0, 10.0, 40}};
    if (strcmp(preprocess, "micro") == 0)
        frozen->micro_sample_scale = 32767.0f;
    assert_int_equal(ws_feature_settings_init(&frozen->features, &t->settings, NULL), WS_OK);
    assert_int_equal(ws_model_find(&model, architecture, NULL), WS_OK);
    assert_int_equal(
        model->build(&frozen->graph,
                     &(ws_model_settings){t->settings.n_frames, t->settings.width, N_LABELS, NULL},
                     NULL),
        WS_OK);
    frozen->parameters = malloc(frozen->graph.n_weights * sizeof *frozen->parameters);
    assert_non_null(frozen->parameters);
    ws_random_init(&random, 9, WS_RANDOM_TEST, 1, 0);
    for (size_t i = 0; i < frozen->graph.n_weights; i++)
        frozen->parameters[i] = (float)(scale * ws_random_truncated_normal(&random));
}

static trial open_trial(const char *architecture, const char *preprocess, size_t n, size_t stride)
{
    trial t = {.n = n, .stride = stride};

    make_model(&t, architecture, preprocess, 0.02);
    make_sound(&t);
    for (size_t at = 0; at + t.settings.desired_samples < n; at += stride)
        t.n_windows++;
    assert_true(t.n_windows <= MAX_WINDOWS);
    return t;
}

static void close_trial(trial *t)
{
    ws_frozen_deinit(&t->frozen);
    free(t->sound);
}

/** The windows as clips that have nothing to do with each other. @param scores  [n_windows,
 *  N_LABELS] */
static void label_apart(const trial *t, ws_engine engine, float *scores)
{
    static const char *const names[1] = {"window"};
    const ws_labeller_options options = {.model = &t->frozen, .max_clips = 1, .engine = engine};
    ws_labeller *labeller;
    ws_error fault;

    assert_int_equal(ws_labeller_create(&options, &labeller, NULL), WS_OK);
    for (size_t w = 0; w < t->n_windows; w++) {
        ws_labeller_run_samples(labeller, t->sound + w * t->stride, names, 1, scores + w * N_LABELS,
                                &fault);
        assert_int_equal(fault.status, WS_OK);
    }
    ws_labeller_destroy(labeller);
}

/** How a stream is followed. */
typedef struct way {
    unsigned n_threads;
    size_t piece; /* samples at a time */
    ws_engine engine;
} way;

/** @param scores  [n_windows, N_LABELS] */
static void follow(const trial *t, const way *how, float *scores)
{
    static float some[BATCH * N_LABELS];
    ws_stream *stream;
    size_t n_scores = 0, n = 1;

    assert_int_equal(ws_stream_create(&(ws_stream_options){.model = &t->frozen,
                                                           .stride_samples = t->stride,
                                                           .n_threads = how->n_threads,
                                                           .engine = how->engine},
                                      &stream, NULL),
                     WS_OK);
    assert_int_equal(ws_stream_window_samples(stream), t->settings.desired_samples);
    for (size_t at = 0; at < t->n || n > 0;) {
        const size_t left = t->n - at, piece = left < how->piece ? left : how->piece;
        const size_t n_taken = ws_stream_push(stream, t->sound + at, piece);
        at += n_taken;
        assert_int_equal(ws_stream_run(stream, at == t->n, some, &n, NULL), WS_OK);
        assert_true(n_taken > 0 || n > 0 || at == t->n); /* progress */
        assert_true(n <= BATCH);
        assert_true(n_scores + n <= t->n_windows);
        memcpy(scores + n_scores * N_LABELS, some, n * N_LABELS * sizeof *some);
        n_scores += n;
    }
    assert_int_equal(n_scores, t->n_windows);
    ws_stream_destroy(stream);
}

static bool is_low_latency(const char *architecture)
{
    return strncmp(architecture, "low_latency_", strlen("low_latency_")) == 0;
}

/** Windows that share rows go by another engine. */
static void assert_same(const char *architecture, const float *scores, const float *want, size_t n)
{
    if (is_low_latency(architecture))
        assert_close(architecture, scores, want, n, 2e-6);
    else
        assert_memory_equal(scores, want, n * sizeof *want);
}

static void compare(const char *architecture, const char *preprocess, size_t n, size_t stride)
{
    static float scores[MAX_WINDOWS * N_LABELS], want[MAX_WINDOWS * N_LABELS];
    trial t = open_trial(architecture, preprocess, n, stride);

    label_apart(&t, WS_ENGINE_FAST, want);
    follow(&t, &(way){.n_threads = 2, .piece = 4096}, scores);
    assert_same(architecture, scores, want, t.n_windows * N_LABELS);
    close_trial(&t);
}

static void every_model_and_kind_scores_as_apart(void **state)
{
    static const char *const kinds[] = {"mfcc", "average", "micro", "micro_device"};
    const size_t n = ws_test_n_sizes(40011, 24011);
    (void)state;
    for (size_t m = 0; m < WS_TEST_N_ORIGINAL_MODELS; m++) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            compare(ws_test_models[m], kinds[k], n, 480);
    }
}

/* Windows that share frames: all, every second, every 160th, no windows; and windows with gaps
 * between them. */
static void every_stride_scores_as_apart(void **state)
{
    static const struct {
        size_t n, stride;
    } cases[] = {
        {40000, 477}, {16400, 1},   {60001, 481},  {90007, 33333}, {70000, 160},   {70000, 240},
        {50003, 80},  {60000, 800}, {90000, 7840}, {90000, 15680}, {90000, 16000}, {90000, 16001},
    };
    (void)state;
    for (size_t i = 0; i < ws_test_n_sizes(sizeof cases / sizeof *cases, 4); i++) {
        compare("single_fc", "mfcc", cases[i].n, cases[i].stride);
        compare("low_latency_svdf", "mfcc", cases[i].n, cases[i].stride);
        if (i % 3 == 0)
            compare("tiny_conv", "average", cases[i].n, cases[i].stride);
    }
}

/* More than one batch, and one that is just full. */
static void batches_join(void **state)
{
    (void)state;
    compare("single_fc", "mfcc", 16000 + 480 * 99 + 1, 480);
    compare("single_fc", "mfcc", 16000 + 480 * 100 + 1, 480);
    compare("low_latency_svdf", "mfcc", 16000 + 240 * 307 + 11, 240);
    compare("tiny_conv", "mfcc", 16000 + 160 * 333, 160);
    compare("tiny_conv", "micro", 16000 + 160 * 201, 160);
}

static void threads_and_pieces_change_no_bit(void **state)
{
    static const way ways[] = {{1, 100000, 0}, {2, 1, 0}, {3, 777, 0}, {4, 48001, 0}};
    static float first[MAX_WINDOWS * N_LABELS], scores[MAX_WINDOWS * N_LABELS];
    (void)state;
    for (size_t m = 0; m < WS_TEST_N_ORIGINAL_MODELS; m++) {
        trial t = open_trial(ws_test_models[m], "mfcc", ws_test_n_sizes(66000, 26000), 400);
        for (size_t i = 0; i < ws_test_n_sizes(sizeof ways / sizeof *ways, 3); i++) {
            follow(&t, &ways[i], i == 0 ? first : scores);
            if (i > 0)
                assert_memory_equal(scores, first, t.n_windows * N_LABELS * sizeof *first);
        }
        close_trial(&t);
    }
}

static void the_reference_engine_follows_too(void **state)
{
    static const char *const names[] = {"single_fc", "low_latency_svdf"};
    static float scores[MAX_WINDOWS * N_LABELS], want[MAX_WINDOWS * N_LABELS];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        trial t = open_trial(names[i], "mfcc", 20000, 480);
        follow(&t, &(way){1, 5000, WS_ENGINE_REFERENCE}, scores);
        label_apart(&t, WS_ENGINE_REFERENCE, want);
        assert_memory_equal(scores, want, t.n_windows * N_LABELS * sizeof *want);
        follow(&t, &(way){1, 5000, WS_ENGINE_FAST}, scores);
        assert_close(names[i], scores, want, t.n_windows * N_LABELS, 2e-6);
        close_trial(&t);
    }
}

/* Quantised features come out of a stage of their own, which knows nothing of streams. */
static void quantised_models_are_followed(void **state)
{
    static const char *const names[] = {"tiny_conv", "low_latency_svdf"};
    static float scores[MAX_WINDOWS * N_LABELS], want[MAX_WINDOWS * N_LABELS];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        trial t = open_trial(names[i], "mfcc", 30000, 480);
        assert_int_equal(ws_graph_quantize(&t.frozen.graph, -247.0f, 30.0f, NULL), WS_OK);
        label_apart(&t, WS_ENGINE_FAST, want);
        follow(&t, &(way){2, 5000, WS_ENGINE_FAST}, scores);
        assert_same(names[i], scores, want, t.n_windows * N_LABELS);
        close_trial(&t);
    }
}

static void a_window_needs_a_sample_after_it(void **state)
{
    float scores[N_LABELS];
    (void)state;
    for (size_t n = RATE_HZ - 1; n <= RATE_HZ + 1; n++) {
        trial t = open_trial("single_fc", "mfcc", n, 480);
        assert_int_equal(t.n_windows, n == RATE_HZ + 1);
        follow(&t, &(way){1, 999, 0}, scores);
        close_trial(&t);
    }
}

/** Each window is scored as soon as it is complete, where batches are no faster. */
static void a_window_does_not_wait_for_others(void **state)
{
    static float scores[BATCH * N_LABELS];
    trial t = open_trial("tiny_conv", "mfcc", 20000, 480);
    size_t n, n_scores = 0;
    ws_stream *stream;

    (void)state;
    assert_int_equal(
        ws_stream_create(&(ws_stream_options){.model = &t.frozen, .stride_samples = 480}, &stream,
                         NULL),
        WS_OK);
    for (size_t at = 0; at < t.n; at++) {
        assert_int_equal(ws_stream_push(stream, t.sound + at, 1), 1);
        assert_int_equal(ws_stream_run(stream, false, scores, &n, NULL), WS_OK);
        assert_int_equal(n, at >= RATE_HZ && (at - RATE_HZ) % 480 == 0);
        n_scores += n;
    }
    assert_int_equal(n_scores, t.n_windows);
    ws_stream_destroy(stream);
    close_trial(&t);
}

static void nan_scores_are_named(void **state)
{
    static float scores[BATCH * N_LABELS];
    trial t = {.n = 3 * RATE_HZ, .stride = 480};
    ws_error err = {.status = WS_OK};
    ws_stream *stream;
    size_t n;
    (void)state;
    make_model(&t, "low_latency_svdf", "mfcc", 1e30);
    make_sound(&t);
    assert_int_equal(
        ws_stream_create(&(ws_stream_options){.model = &t.frozen, .stride_samples = 480}, &stream,
                         NULL),
        WS_OK);
    assert_int_equal(ws_stream_push(stream, t.sound, t.n), t.n);
    assert_int_equal(ws_stream_run(stream, true, scores, &n, &err), WS_ENUMERIC);
    assert_non_null(strstr(err.message, "scores of the window at sample 0 are not finite"));
    ws_stream_destroy(stream);
    close_trial(&t);
}

static void models_that_do_not_fit_are_refused(void **state)
{
    trial t = {.n = 1};
    ws_error err = {.status = WS_OK};
    ws_stream *stream;
    (void)state;
    make_model(&t, "single_fc", "mfcc", 0.02);
    t.frozen.features.window_stride_ms = 20.0;
    assert_int_equal(ws_stream_create(&(ws_stream_options){.model = &t.frozen, .stride_samples = 1},
                                      &stream, &err),
                     WS_EFORMAT);
    assert_null(stream);
    assert_non_null(strstr(err.message, "takes 3920 numbers, but its features are 1960"));
    ws_stream_destroy(NULL);
    close_trial(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_and_kind_scores_as_apart),
        cmocka_unit_test(every_stride_scores_as_apart),
        cmocka_unit_test(batches_join),
        cmocka_unit_test(threads_and_pieces_change_no_bit),
        cmocka_unit_test(the_reference_engine_follows_too),
        cmocka_unit_test(quantised_models_are_followed),
        cmocka_unit_test(a_window_needs_a_sample_after_it),
        cmocka_unit_test(a_window_does_not_wait_for_others),
        cmocka_unit_test(nan_scores_are_named),
        cmocka_unit_test(models_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
