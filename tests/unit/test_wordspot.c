/* libwordspot: windows, words and clips equal those of the program's own ways; pieces, channels and
 * kinds of samples do not matter. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <wordspot/wordspot.h>

#include "base/random.h"
#include "nn/infer/infer.h"
#include "recognize/labeller.h"
#include "recognize/smoother.h"
#include "recognize/stream.h"
#include "support/check.h"
#include "support/count_alloc.h"
#include "unit/wordspot_fixture.h"

enum { RATE_HZ = WS_TEST_SPOT_RATE_HZ, N_LABELS = WS_TEST_SPOT_N_LABELS };
enum { N = 6 * RATE_HZ + 77, MAX_WINDOWS = 512, MAX_WORDS = 64 };

/** What a spotter gave. */
typedef struct seen {
    float scores[MAX_WINDOWS][N_LABELS];
    double starts[MAX_WINDOWS];
    size_t n_windows;
    wordspot_heard words[MAX_WORDS];
    size_t n_words;
} seen;

static void see_scores(void *user, const float *scores, double start_s, double end_s)
{
    seen *all = user;

    assert_true(all->n_windows < MAX_WINDOWS && fabs(end_s - start_s - 1.0) < 1e-9);
    memcpy(all->scores[all->n_windows], scores, sizeof all->scores[0]);
    all->starts[all->n_windows++] = start_s;
}

static void see_word(void *user, const wordspot_heard *heard)
{
    seen *all = user;

    assert_true(all->n_words < MAX_WORDS);
    assert_string_equal(heard->word, ws_test_spot_labels[heard->label]);
    all->words[all->n_words++] = *heard;
}

static wordspot_options options_for(const ws_test_spot *spot, seen *all)
{
    wordspot_options options = WORDSPOT_OPTIONS_INIT;

    options.labels = spot->labels;
    options.threshold = 0.21; /* of 5 labels with weak weights */
    options.on_scores = see_scores;
    options.on_heard = see_word;
    options.user = all;
    return options;
}

static float *make_sound(void)
{
    float *samples = malloc(N * sizeof *samples);

    assert_non_null(samples);
    ws_test_spot_fill(samples, N, RATE_HZ);
    return samples;
}

/** Follows the sound with a spotter, in pieces of random lengths if a seed is given. */
static seen *follow(const ws_test_spot *spot, wordspot_options options, const float *samples,
                    unsigned seed)
{
    seen *all = calloc(1, sizeof *all);
    ws_random random;

    assert_non_null(all);
    ws_random_init(&random, seed, WS_RANDOM_TEST, 0, 0);
    options.user = all;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    for (size_t at = 0; at < N;) {
        size_t n = seed == 0 ? N : 1 + (size_t)(5000.0 * ws_random_uniform(&random));
        n = n < N - at ? n : N - at;
        assert_int_equal(wordspot_push_float(spotter, samples + at, n, NULL), WORDSPOT_OK);
        at += n;
    }
    assert_int_equal(wordspot_finish(spotter, NULL), WORDSPOT_OK);
    wordspot_close(spotter);
    return all;
}

/** The scores of the same windows, by the way of `wordspot test_streaming_accuracy`. */
static size_t follow_as_program(const ws_frozen *frozen, size_t stride, const float *samples,
                                float (*scores)[N_LABELS])
{
    size_t n_windows = 0, n_now = 0;
    ws_stream *stream;

    assert_int_equal(ws_stream_create(&(ws_stream_options){.model = frozen,
                                                           .stride_samples = stride,
                                                           .n_threads = 1,
                                                           .engine = WS_ENGINE_FAST},
                                      &stream, NULL),
                     WS_OK);
    for (size_t at = 0; at < N;) {
        at += ws_stream_push(stream, samples + at, N - at);
        assert_int_equal(ws_stream_run(stream, false, scores[n_windows], &n_now, NULL), WS_OK);
        n_windows += n_now;
    }
    do {
        assert_int_equal(ws_stream_run(stream, true, scores[n_windows], &n_now, NULL), WS_OK);
        n_windows += n_now;
    } while (n_now > 0);
    ws_stream_destroy(stream);
    return n_windows;
}

/** Checks words against the smoother fed with the program's scores. */
static void check_words(const seen *all, float (*scores)[N_LABELS], size_t n_windows, size_t stride,
                        double tolerance)
{
    ws_smoother *smoother;
    size_t n = 0;

    assert_int_equal(ws_smoother_create(&(ws_smoother_options){.n_labels = N_LABELS,
                                                               .window_ms = 500,
                                                               .threshold = 0.21,
                                                               .suppression_ms = 500,
                                                               .min_count = 4},
                                        &smoother, NULL),
                     WS_OK);
    for (size_t w = 0; w < n_windows; w++) {
        ws_heard word;
        assert_int_equal(ws_smoother_push(smoother, scores[w],
                                          (int64_t)(w * stride * 1000 / RATE_HZ), &word, NULL),
                         WS_OK);
        if (!word.is_new || word.label == 0)
            continue;
        assert_true(n < all->n_words);
        const wordspot_heard *heard = &all->words[n++];
        assert_int_equal(heard->label, word.label);
        assert_int_equal(heard->is_unknown, word.label == 1);
        assert_true(fabs(heard->score - word.score) < tolerance);
        assert_true(fabs(heard->start_s - (double)(w * stride) / RATE_HZ) < 1e-9);
        assert_true(fabs(heard->end_s - heard->start_s - 1.0) < 1e-9);
    }
    assert_int_equal(n, all->n_words);
    ws_smoother_destroy(smoother);
}

static void check_model(const char *architecture, const char *preprocess, int stride_ms,
                        double tolerance, size_t *n_words)
{
    static float scores[MAX_WINDOWS + WS_STREAM_MAX_WINDOWS][N_LABELS];
    ws_test_spot *spot = ws_test_spot_create(architecture, preprocess);
    float *samples = make_sound();
    wordspot_options options = options_for(spot, NULL);
    const size_t stride = (size_t)stride_ms * RATE_HZ / 1000;

    options.stride_ms = stride_ms;
    seen *all = follow(spot, options, samples, 0);
    const size_t n_windows = follow_as_program(&spot->frozen, stride, samples, scores);
    /* one more window may end exactly with the sound */
    assert_true(all->n_windows == (N - RATE_HZ) / stride + 1 && n_windows > 60);
    assert_close("scores", all->scores[0], scores[0], n_windows * N_LABELS, tolerance);
    check_words(all, scores, n_windows, stride, tolerance);
    *n_words += all->n_words;
    for (unsigned seed = 1; seed < 3; seed++) {
        seen *cut = follow(spot, options, samples, seed);
        assert_int_equal(cut->n_windows, all->n_windows);
        assert_int_equal(cut->n_words, all->n_words);
        assert_memory_equal(cut->scores, all->scores, sizeof all->scores);
        for (size_t i = 0; i < all->n_words; i++)
            assert_true(cut->words[i].label == all->words[i].label &&
                        cut->words[i].score == all->words[i].score &&
                        cut->words[i].start_s == all->words[i].start_s);
        free(cut);
    }
    free(all);
    free(samples);
    ws_test_spot_destroy(spot);
}

static void equals_the_program_and_pieces_do_not_matter(void **state)
{
    size_t n_words = 0;
    (void)state;

    check_model("tiny_conv", "mfcc", 30, 1e-5, &n_words);
    check_model("tiny_conv", "micro", 60, 1e-5, &n_words);
    check_model("single_fc", "average", 25, 1e-5, &n_words); /* two tracks of windows */
    check_model("low_latency_svdf", "mfcc", 50, 1e-5, &n_words);
    check_model("low_latency_conv", "mfcc", 40, 1e-5, &n_words);
    /* the next two follow the stream frame by frame; their outputs are in the hundreds, so that
     * last digits show in the scores */
    check_model("mixednet", "mfcc", 30, 1e-4, &n_words);
    check_model("single_fc", "average", 10, 1e-4, &n_words);
    assert_true(n_words >= 8); /* or the models say nothing, and nothing was tested */
}

/** Scores of a window of frames, by the network of clips. */
static void score_frames(const ws_frozen *frozen, const float *frames, float *scores)
{
    float logits[N_LABELS];
    double sum = 0.0;
    ws_infer *infer;

    assert_int_equal(ws_infer_create(&infer, &frozen->graph,
                                     &(ws_infer_numbers){frozen->parameters, frozen->states},
                                     ws_cpu_level_get_best(), NULL),
                     WS_OK);
    ws_infer_run(infer, frames, 1, logits);
    ws_infer_destroy(infer);
    for (size_t k = 0; k < N_LABELS; k++)
        sum += exp((double)logits[k] - (double)logits[0]);
    for (size_t k = 0; k < N_LABELS; k++)
        scores[k] = (float)(exp((double)logits[k] - (double)logits[0]) / sum);
}

/** Continuous: scores are those of windows cut out of the frames of the whole sound. */
static void check_continuous(const char *architecture, const char *preprocess)
{
    ws_test_spot *spot = ws_test_spot_create(architecture, preprocess);
    ws_feature_options whole = spot->frozen.features;
    float *samples = make_sound(), scores[N_LABELS];
    wordspot_options options = options_for(spot, NULL);
    ws_feature_settings settings;
    ws_features *features;

    whole.clip_duration_ms = N / (RATE_HZ / 1000);
    assert_int_equal(ws_feature_settings_init(&whole, &settings, NULL), WS_OK);
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(64, (ws_features_scratch_bytes(features) + 63) / 64 * 64);
    float *frames = malloc(settings.size * sizeof *frames), *scaled = malloc(N * sizeof *scaled);
    assert_true(scratch != NULL && frames != NULL && scaled != NULL);
    for (size_t i = 0; i < N; i++)
        scaled[i] = samples[i] * (spot->frozen.micro_sample_scale > 0.0f
                                      ? spot->frozen.micro_sample_scale / WS_SAMPLE_SCALE_TRAINING
                                      : 1.0f);
    ws_features_run(features, scaled, scratch, frames);
    options.continuous = 1;
    seen *all = follow(spot, options, samples, 0), *cut = follow(spot, options, samples, 3);
    assert_int_equal(all->n_windows, cut->n_windows);
    assert_memory_equal(all->scores, cut->scores, sizeof all->scores);
    assert_true(all->n_windows > 100);
    for (size_t w = 0; w < all->n_windows; w++) {
        const size_t frame = (size_t)lrint(all->starts[w] * 100.0);
        if (frame + 98 > settings.n_frames)
            break;
        score_frames(&spot->frozen, frames + frame * settings.width, scores);
        assert_close("scores", all->scores[w], scores, N_LABELS, 1e-4);
    }
    ws_features_destroy(features);
    free(scratch);
    free(frames);
    free(scaled);
    free(all);
    free(cut);
    free(samples);
    ws_test_spot_destroy(spot);
}

static void continuous_sound_is_followed_as_by_a_device(void **state)
{
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    wordspot_error error;
    wordspot *spotter;
    (void)state;

    check_continuous("mixednet", "micro_device");
    check_continuous("mixednet", "mfcc");
    check_continuous("single_fc", "micro");
    options.labels = spot->labels;
    options.continuous = 1;
    assert_int_equal(wordspot_open(spot->graph, &options, &spotter, &error), WORDSPOT_EINVAL);
    assert_non_null(strstr(error.message, "cannot follow endless sound"));
    ws_test_spot_destroy(spot);
}

static void kinds_of_samples_and_channels_do_not_matter(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    float *samples = make_sound();
    int16_t *stereo = malloc(2 * N * sizeof *stereo);
    seen *got = calloc(1, sizeof *got);
    (void)state;

    assert_true(stereo != NULL && got != NULL);
    for (size_t i = 0; i < N; i++) {
        stereo[2 * i] = (int16_t)(i * 31 % 20000);
        stereo[2 * i + 1] = (int16_t)lrintf(samples[i] * 32768.0f);
        samples[i] = (float)stereo[2 * i + 1] / 32768.0f;
    }
    seen *want = follow(spot, options_for(spot, NULL), samples, 0);
    wordspot_options options = options_for(spot, got);
    options.n_channels = 2;
    options.channel = 1;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    assert_int_equal(wordspot_push_int16(spotter, stereo, N, NULL), WORDSPOT_OK);
    assert_int_equal(got->n_windows, want->n_windows);
    assert_memory_equal(got->scores, want->scores, sizeof want->scores);
    wordspot_close(spotter);
    free(want);
    free(got);
    free(stereo);
    free(samples);
    ws_test_spot_destroy(spot);
}

/** Sound of 48 kHz gives nearly the scores of the same sound at 16 kHz. */
static void other_rates_are_converted(void **state)
{
    enum { FACTOR = 3 };
    ws_test_spot *spot = ws_test_spot_create("single_fc", "mfcc");
    float *samples = malloc(FACTOR * N * sizeof *samples), *slow = malloc(N * sizeof *slow);
    seen *got = calloc(1, sizeof *got);
    (void)state;

    assert_true(samples != NULL && slow != NULL && got != NULL);
    for (size_t i = 0; i < FACTOR * N; i++)
        samples[i] = (float)(0.5 * sin(0.04 * (double)i + 3.0 * sin(0.0001 * (double)i)));
    for (size_t i = 0; i < N; i++)
        slow[i] = samples[FACTOR * i];
    wordspot_options options = options_for(spot, got);
    seen *want = follow(spot, options, slow, 0);
    options.rate_hz = FACTOR * RATE_HZ;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    assert_int_equal(wordspot_push_float(spotter, samples, FACTOR * N, NULL), WORDSPOT_OK);
    assert_int_equal(wordspot_finish(spotter, NULL), WORDSPOT_OK);
    assert_int_equal(got->n_windows, want->n_windows);
    assert_close("scores", got->scores[1], want->scores[1], (want->n_windows - 2) * N_LABELS, 2e-3);
    wordspot_close(spotter);
    free(want);
    free(got);
    free(slow);
    free(samples);
    ws_test_spot_destroy(spot);
}

/** A window is judged in the call that brings its last sample, and the latency says so. */
static void a_window_is_judged_with_its_last_sample(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    float *samples = make_sound();
    seen *all = calloc(1, sizeof *all);
    wordspot_options options = options_for(spot, all);
    (void)state;

    assert_non_null(all);
    wordspot *spotter = ws_test_spot_open(spot, &options);
    assert_int_equal(wordspot_push_float(spotter, samples, RATE_HZ - 1, NULL), WORDSPOT_OK);
    assert_int_equal(all->n_windows, 0);
    assert_int_equal(wordspot_push_float(spotter, samples + RATE_HZ - 1, 1, NULL), WORDSPOT_OK);
    assert_int_equal(all->n_windows, 1);
    for (size_t at = RATE_HZ; at + 160 <= N; at += 160)
        assert_int_equal(wordspot_push_float(spotter, samples + at, 160, NULL), WORDSPOT_OK);
    assert_true(all->n_words > 0);
    for (size_t i = 0; i < all->n_words; i++)
        assert_true(all->words[i].latency_s >= 0.0 && all->words[i].latency_s < 0.01 + 1e-9);
    wordspot_close(spotter);
    free(all);
    free(samples);
    ws_test_spot_destroy(spot);
}

static void push_allocates_nothing(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    float *samples = make_sound(), scores[N_LABELS];
    seen *all = calloc(1, sizeof *all);
    wordspot_options options = options_for(spot, all);
    (void)state;

    assert_non_null(all);
    options.rate_hz = 44100;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    const size_t n_before = ws_test_n_allocations();
    for (size_t at = 0; at + 441 <= N; at += 441)
        assert_int_equal(wordspot_push_float(spotter, samples + at, 441, NULL), WORDSPOT_OK);
    assert_int_equal(wordspot_finish(spotter, NULL), WORDSPOT_OK);
    assert_int_equal(wordspot_label_float(spotter, samples, N, scores, NULL), WORDSPOT_OK);
    wordspot_reset(spotter);
    assert_int_equal(ws_test_n_allocations(), n_before);
    assert_true(all->n_windows > 20);
    wordspot_close(spotter);
    free(all);
    free(samples);
    ws_test_spot_destroy(spot);
}

/** Clips of several lengths have the scores of `wordspot label_wav`. */
static void clips_are_labelled_as_by_the_program(void **state)
{
    static const size_t lengths[] = {RATE_HZ, RATE_HZ / 3, 2 * RATE_HZ, 0};
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    float *samples = make_sound(), *clip = calloc(RATE_HZ, sizeof *clip);
    float got[N_LABELS], want[N_LABELS];
    const char *name = "clip";
    ws_error fault;
    ws_labeller *labeller;
    (void)state;

    assert_non_null(clip);
    assert_int_equal(
        ws_labeller_create(&(ws_labeller_options){.model = &spot->frozen, .max_clips = 1},
                           &labeller, NULL),
        WS_OK);
    wordspot *spotter = ws_test_spot_open(
        spot, &(wordspot_options){.struct_size = sizeof(wordspot_options), .labels = spot->labels});
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t n = lengths[i] < RATE_HZ ? lengths[i] : RATE_HZ;
        memset(clip, 0, RATE_HZ * sizeof *clip);
        memcpy(clip, samples, n * sizeof *clip);
        ws_labeller_run_samples(labeller, clip, &name, 1, want, &fault);
        assert_int_equal(wordspot_label_float(spotter, samples, lengths[i], got, NULL),
                         WORDSPOT_OK);
        assert_close("scores", got, want, N_LABELS, 1e-5);
    }
    wordspot_close(spotter);
    ws_labeller_destroy(labeller);
    free(clip);
    free(samples);
    ws_test_spot_destroy(spot);
}

static void words_wait_and_the_oldest_are_lost(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("tiny_conv", "mfcc");
    float *samples = make_sound();
    seen *want = follow(spot, options_for(spot, NULL), samples, 0);
    wordspot_options options = options_for(spot, NULL);
    wordspot_heard heard;
    size_t n = 0;
    (void)state;

    options.on_heard = NULL;
    options.on_scores = NULL;
    wordspot *spotter = ws_test_spot_open(spot, &options);
    assert_int_equal(wordspot_next(spotter, &heard), 0);
    assert_int_equal(wordspot_push_float(spotter, samples, N, NULL), WORDSPOT_OK);
    for (; wordspot_next(spotter, &heard); n++)
        assert_true(heard.label == want->words[n].label && heard.score == want->words[n].score);
    assert_int_equal(n, want->n_words);
    assert_true(n > 0);
    for (size_t i = 0; i < WORDSPOT_MAX_WAITING / n + 1; i++) /* beyond what may wait */
        assert_int_equal(wordspot_push_float(spotter, samples, N, NULL), WORDSPOT_OK);
    for (n = 0; wordspot_next(spotter, &heard); n++)
        continue;
    assert_true(n <= WORDSPOT_MAX_WAITING);
    assert_true((wordspot_n_lost(spotter) > 0) == (n == WORDSPOT_MAX_WAITING));
    wordspot_reset(spotter);
    assert_int_equal(wordspot_n_lost(spotter), 0);
    wordspot_close(spotter);
    free(want);
    free(samples);
    ws_test_spot_destroy(spot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_program_and_pieces_do_not_matter),
        cmocka_unit_test(continuous_sound_is_followed_as_by_a_device),
        cmocka_unit_test(kinds_of_samples_and_channels_do_not_matter),
        cmocka_unit_test(other_rates_are_converted),
        cmocka_unit_test(a_window_is_judged_with_its_last_sample),
        cmocka_unit_test(push_allocates_nothing),
        cmocka_unit_test(clips_are_labelled_as_by_the_program),
        cmocka_unit_test(words_wait_and_the_oldest_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
