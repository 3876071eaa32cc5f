/* libwordspot on TFLite files: the scores of the model that they were made of, as clips and as a
 * stream; what manifests say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <wordspot/wordspot.h>

#include "base/random.h"
#include "formats/target.h"
#include "recognize/recognizer.h"
#include "support/check.h"
#include "support/count_alloc.h"
#include "support/sound_file.h"
#include "unit/wordspot_fixture.h"

enum { RATE_HZ = WS_TEST_SPOT_RATE_HZ, N_LABELS = WS_TEST_SPOT_N_LABELS };
enum { N = 4 * RATE_HZ + 77, MAX_WINDOWS = 512 };

/** What a spotter gave. */
typedef struct seen {
    float scores[MAX_WINDOWS][N_LABELS];
    double starts[MAX_WINDOWS];
    size_t n_windows, n_labels, n_words;
    char word[64]; /* the last one */
} seen;

static void see_scores(void *user, const float *scores, double start_s, double end_s)
{
    seen *all = user;

    assert_true(all->n_windows < MAX_WINDOWS && end_s > start_s);
    memcpy(all->scores[all->n_windows], scores, all->n_labels * sizeof *scores);
    all->starts[all->n_windows++] = start_s;
}

static void see_word(void *user, const wordspot_heard *heard)
{
    seen *all = user;

    (void)snprintf(all->word, sizeof all->word, "%s", heard->word);
    all->n_words++;
}

/** Follows sound with a model. @param seed  of the pieces; 0: in one piece */
static seen *follow(const char *model, wordspot_options options, unsigned seed)
{
    float *samples = malloc(N * sizeof *samples);
    seen *all = calloc(1, sizeof *all);
    wordspot_error error;
    wordspot *spotter;
    ws_random random;

    assert_true(samples != NULL && all != NULL);
    ws_test_spot_fill(samples, N, RATE_HZ);
    options.struct_size = sizeof options;
    options.on_scores = see_scores;
    options.on_heard = see_word;
    options.user = all;
    if (wordspot_open(model, &options, &spotter, &error) != WORDSPOT_OK)
        fail_msg("%s", error.message);
    all->n_labels = wordspot_n_labels(spotter);
    ws_random_init(&random, seed, WS_RANDOM_TEST, 0, 0);
    const size_t allocated = ws_test_n_allocations();
    for (size_t at = 0; at < N;) {
        size_t n = seed == 0 ? N : 1 + (size_t)(5000.0 * ws_random_uniform(&random));
        n = n < N - at ? n : N - at;
        assert_int_equal(wordspot_push_float(spotter, samples + at, n, NULL), WORDSPOT_OK);
        at += n;
    }
    assert_int_equal(ws_test_n_allocations(), allocated);
    wordspot_close(spotter);
    free(samples);
    return all;
}

/** Writes the model of a spot as DIR/model.tflite, with its labels. */
static void write_model(const ws_test_spot *spot, const char *target, char path[320])
{
    ws_text_list labels = {0};
    ws_frozen_write_options options = {.labels = &labels};
    ws_error err;

    for (size_t i = 0; i < N_LABELS; i++)
        assert_int_equal(ws_text_list_push(&labels, ws_test_spot_labels[i]), WS_OK);
    if (target != NULL)
        assert_int_equal(ws_target_find(&options.target, target, NULL), WS_OK);
    (void)snprintf(path, 320, "%s/model.tflite", spot->dir);
    if (ws_frozen_write(path, "tflite", &spot->frozen, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    ws_text_list_deinit(&labels);
}

static void assert_equal_bits(const seen *a, const seen *b)
{
    assert_int_equal(a->n_windows, b->n_windows);
    assert_memory_equal(a->scores, b->scores, sizeof a->scores);
    assert_memory_equal(a->starts, b->starts, sizeof a->starts);
}

static void clips_have_the_scores_of_the_graph(void **state)
{
    static const char *const models[][2] = {
        {"tiny_conv", "mfcc"}, {"single_fc", "micro"}, {"ds_cnn_s", "mfcc"}};
    (void)state;

    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        ws_test_spot *spot = ws_test_spot_create(models[i][0], models[i][1]);
        char path[320];
        write_model(spot, NULL, path);
        seen *graph = follow(spot->graph, (wordspot_options){.labels = spot->labels}, 0);
        seen *lite = follow(path, (wordspot_options){.labels = NULL}, 0);
        seen *pieces = follow(path, (wordspot_options){.labels = NULL}, 3);
        assert_int_equal(lite->n_windows, graph->n_windows);
        assert_true(lite->n_windows > 50);
        for (size_t w = 0; w < graph->n_windows; w++)
            for (size_t k = 0; k < N_LABELS; k++)
                assert_true(fabsf(lite->scores[w][k] - graph->scores[w][k]) < 1e-5f);
        assert_equal_bits(lite, pieces);
        free(graph);
        free(lite);
        free(pieces);
        ws_test_spot_destroy(spot);
    }
}

/** Weights with which scores differ clearly from window to window. */
static void strengthen(ws_test_spot *spot)
{
    for (size_t i = 0; i < spot->frozen.graph.n_weights; i++)
        spot->frozen.parameters[i] *= 4.0f;
    assert_int_equal(ws_frozen_write(spot->graph, "graph_def", &spot->frozen, NULL, NULL), WS_OK);
}

/** The last label's score against each other one alone, multiplied: what a device has for it. */
static float find_last(const float *scores)
{
    float product = 1.0f;

    for (size_t k = 0; k + 1 < N_LABELS; k++)
        product *= scores[N_LABELS - 1] / (scores[N_LABELS - 1] + scores[k]);
    return product;
}

/** A stream's file gives the score of its last label: that of the graph, followed as a device does,
 *  for the same sound. */
static void streams_have_the_scores_of_the_graph(void **state)
{
    ws_test_spot *spot = ws_test_spot_create("mixednet", "micro");
    char path[320], manifest[320];
    size_t n_compared = 0;
    float least = 1.0f, most = 0.0f;
    (void)state;

    strengthen(spot);
    write_model(spot, "esphome", path);
    seen *graph =
        follow(spot->graph, (wordspot_options){.labels = spot->labels, .continuous = 1}, 0);
    seen *lite = follow(path, (wordspot_options){.threshold = 0.01}, 0);
    seen *pieces = follow(path, (wordspot_options){.threshold = 0.01}, 3);
    assert_int_equal(lite->n_labels, 1);
    assert_true(lite->n_words > 0);
    assert_string_equal(lite->word, ws_test_spot_labels[N_LABELS - 1]);
    assert_equal_bits(lite, pieces);
    for (size_t w = 0; w < lite->n_windows; w++) {
        for (size_t g = 0; g < graph->n_windows; g++) {
            const double later_s = graph->starts[g] - lite->starts[w];
            if (later_s < -0.005 || later_s > 0.025) /* the graph may need fewer frames of a clip */
                continue;
            assert_true(fabsf(lite->scores[w][0] - find_last(graph->scores[g])) < 1e-4f);
            least = fminf(least, lite->scores[w][0]);
            most = fmaxf(most, lite->scores[w][0]);
            n_compared++;
            break;
        }
    }
    assert_true(n_compared > 80 && most - least > 0.01f);
    (void)snprintf(manifest, sizeof manifest, "%s/model.json", spot->dir);
    assert_int_equal(remove(manifest), 0);
    seen *without = follow(path, (wordspot_options){.threshold = 0.01}, 0);
    assert_equal_bits(lite, without);
    free(graph);
    free(lite);
    free(pieces);
    free(without);
    ws_test_spot_destroy(spot);
}

/** Its word and cutoff hold, unless the options say otherwise. */
static void manifests_are_obeyed(void **state)
{
    static const struct {
        const char *text, *word; /* "": nothing is heard */
        double threshold;
    } cases[] = {
        {"{\"wake_word\": \"hey you\", \"micro\": {\"probability_cutoff\": 0.01}}", "hey you", 0.0},
        {"{\"wake_word\": \"hey you\", \"micro\": {\"probability_cutoff\": 0.99}}", "", 0.0},
        {"{\"wake_word\": \"hey you\", \"micro\": {\"probability_cutoff\": 0.99}}", "hey you",
         0.01},
        {"{\"micro\": {\"probability_cutoff\": 0.01, \"sliding_window_size\": 1000}}", "", 0.0},
        {"{\"micro\": {\"probability_cutoff\": 0.01, \"sliding_window_size\": 3}}", "up", 0.0},
    };
    ws_test_spot *spot = ws_test_spot_create("mixednet", "micro");
    char path[320], manifest[320];
    (void)state;

    write_model(spot, "esphome", path);
    (void)snprintf(manifest, sizeof manifest, "%s/model.json", spot->dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_test_file_write(manifest, cases[i].text, strlen(cases[i].text));
        seen *all = follow(path, (wordspot_options){.threshold = cases[i].threshold}, 0);
        assert_string_equal(all->word, cases[i].word);
        free(all);
    }
    ws_test_spot_destroy(spot);
}

static void check_refused(const char *path, wordspot_options options, const char *sentence)
{
    wordspot_error error;
    wordspot *spotter;

    options.struct_size = sizeof options;
    if (wordspot_open(path, &options, &spotter, &error) == WORDSPOT_OK)
        fail_msg("%s: taken", path);
    assert_null(spotter);
    if (strstr(error.message, sentence) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", error.message, sentence);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *text, *sentence;
    } manifests[] = {
        {"[]", "model.json: is not a JSON object"},
        {"{\"micro\": {\"probability_cutoff\": 1.5}}", "probability_cutoff is 1.5, expected more"},
        {"{\"micro\": {\"sliding_window_size\": -1}}", "sliding_window_size is -1, expected at"},
        {"{\"micro\": {\"feature_step_size\": 0.5}}", "feature_step_size is 0.5, expected 1 to"},
    };
    ws_test_spot *spot = ws_test_spot_create("mixednet", "micro");
    char path[320], manifest[320];
    ws_frozen *frozen = calloc(1, sizeof *frozen);
    ws_recognizer *recognizer = calloc(1, sizeof *recognizer);
    ws_error err;
    (void)state;

    assert_true(frozen != NULL && recognizer != NULL);
    write_model(spot, NULL, path);
    check_refused(path, (wordspot_options){.continuous = 1}, "judges clips and cannot follow");
    write_model(spot, "esphome", path);
    check_refused(path, (wordspot_options){.stride_ms = 20}, "expected a multiple of");
    assert_int_equal(ws_frozen_read(path, 0, frozen, NULL), WS_OK);
    assert_int_equal(
        ws_recognizer_init(&(ws_recognizer_options){.model = frozen}, recognizer, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "frames of a stream at a time"));
    ws_recognizer_deinit(recognizer);
    ws_frozen_deinit(frozen);
    (void)snprintf(manifest, sizeof manifest, "%s/model.json", spot->dir);
    for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++) {
        ws_test_file_write(manifest, manifests[i].text, strlen(manifests[i].text));
        check_refused(path, (wordspot_options){.labels = NULL}, manifests[i].sentence);
    }
    free(recognizer);
    free(frozen);
    ws_test_spot_destroy(spot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_have_the_scores_of_the_graph),
        cmocka_unit_test(streams_have_the_scores_of_the_graph),
        cmocka_unit_test(manifests_are_obeyed),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
