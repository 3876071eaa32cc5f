/* formats/: what was written is read back, bit for bit; directories and names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "audio/log_mel.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/path.h"
#include "base/random.h"
#include "base/text.h"
#include "formats/frozen.h"
#include "nn/network.h"
#include "support/check.h"
#include "unit/frozen_fixture.h"

static int open_folder(void **state)
{
    char *dir = calloc(1, 256);
    ws_test_make_dir(dir, 256);
    *state = dir;
    return 0;
}

static int close_folder(void **state)
{
    ws_test_remove_dir(*state);
    free(*state);
    return 0;
}

static void write_well(const char *path, const char *format, const ws_frozen *frozen)
{
    ws_error err = {.message = ""};
    if (ws_frozen_write(path, format, frozen, NULL, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static void assert_read_back(const char *path, const ws_frozen *want)
{
    ws_frozen *got = malloc(sizeof *got);
    ws_error err = {.message = ""};
    if (ws_frozen_read(path, 0, got, &err) != WS_OK)
        fail_msg("%s", err.message);
    ws_test_frozen_assert_same(got, want);
    assert_false(got->is_rate_assumed);
    assert_string_equal(got->wav_input, "wav_data");
    assert_string_equal(got->samples_output, "decoded_sample_data");
    assert_string_equal(got->scores_output, "labels_softmax");
    ws_frozen_deinit(got);
    free(got);
}

static void models_are_read_back_bit_for_bit(void **state)
{
    for (size_t i = 0; i < WS_TEST_N_FROZEN; i++) {
        ws_frozen *frozen = ws_test_frozen_create(i);
        char *file = ws_path_join(*state, "model.pb");
        char *dir = ws_text_format("%s/saved-%zu", (char *)*state, i);
        write_well(file, "graph_def", frozen);
        assert_read_back(file, frozen);
        write_well(dir, "saved_model", frozen);
        assert_read_back(dir, frozen);
        char *inside = ws_path_join(dir, "saved_model.pb");
        assert_read_back(inside, frozen);
        free(inside);
        free(file);
        free(dir);
        ws_test_frozen_destroy(frozen);
    }
}

/** Graphs and SavedModels hold the names of the scores, if the writer has them. */
static void labels_are_read_back(void **state)
{
    static const char names[] = "_silence_,_unknown_,yes,gr\xc3\xbc\xc3\x9f dich,no";
    static const char *const formats[] = {"graph_def", "saved_model"};
    ws_frozen *frozen = ws_test_frozen_create(0), *got = malloc(sizeof *got);

    ws_text_list labels = {0};

    assert_non_null(got);
    assert_int_equal(ws_text_list_push_split(&labels, names, ','), WS_OK);
    for (size_t i = 0; i < 4; i++) {
        const ws_frozen_write_options options = {.labels = i % 2 == 0 ? &labels : NULL};
        char *path = ws_text_format("%s/labels-%zu", (char *)*state, i);
        assert_int_equal(ws_frozen_write(path, formats[i / 2], frozen, &options, NULL), WS_OK);
        assert_int_equal(ws_frozen_read(path, 0, got, NULL), WS_OK);
        assert_int_equal(got->labels.n_items, i % 2 == 0 ? 5 : 0);
        for (size_t k = 0; k < got->labels.n_items; k++)
            assert_string_equal(got->labels.items[k], labels.items[k]);
        ws_frozen_deinit(got);
        free(path);
    }
    free(got);
    ws_text_list_deinit(&labels);
    ws_test_frozen_destroy(frozen);
}

/** Scores of two random fingerprints, by the reference engine. */
static void predict(const ws_frozen *frozen, float *logits)
{
    enum { N = 2 };
    const ws_network_options options = {
        .max_batch = N, .engine = WS_ENGINE_REFERENCE, .predicts_only = true};
    const size_t n = N * ws_shape_size(ws_graph_input_shape(&frozen->graph));
    float *features = malloc(n * sizeof *features);
    ws_network *network;
    ws_random random;

    assert_non_null(features);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        features[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    assert_int_equal(ws_network_create(&network, &frozen->graph, &options, NULL), WS_OK);
    memcpy(ws_network_parameters(network), frozen->parameters,
           frozen->graph.n_weights * sizeof(float));
    if (frozen->graph.n_states > 0)
        memcpy(ws_network_states(network), frozen->states,
               frozen->graph.n_state_numbers * sizeof(float));
    ws_network_predict(network, features, N, logits);
    ws_network_destroy(network);
    free(features);
}

/** Normalisations do not come back as they were: layers do their part, and those in bands, or after
 *  other operators, are products and sums. The scores stay. */
static void normalisations_come_back_in_their_scores(void **state)
{
    float want[2 * WS_TEST_N_FROZEN_LABELS], got[2 * WS_TEST_N_FROZEN_LABELS];
    ws_frozen *frozen = ws_test_frozen_create_normalised();
    ws_frozen *back = malloc(sizeof *back);
    char *file = ws_path_join(*state, "normalised.pb");
    ws_error err = {.message = ""};

    assert_non_null(back);
    write_well(file, "graph_def", frozen);
    if (ws_frozen_read(file, 0, back, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(ws_graph_n_labels(&back->graph), WS_TEST_N_FROZEN_LABELS);
    predict(frozen, want);
    predict(back, got);
    for (size_t i = 0; i < 2 * WS_TEST_N_FROZEN_LABELS; i++)
        assert_true(fabsf(got[i] - want[i]) <= 2e-6f * (1.0f + fabsf(want[i])));
    /* what was read can be written and read again, bit for bit */
    write_well(file, "graph_def", back);
    assert_read_back(file, back);
    free(file);
    ws_frozen_deinit(back);
    free(back);
    ws_test_frozen_destroy(frozen);
}

static void the_same_model_gives_the_same_bytes(void **state)
{
    ws_frozen *frozen = ws_test_frozen_create(0);
    unsigned char *bytes[2];
    size_t sizes[2];

    for (int i = 0; i < 2; i++) {
        char *file = ws_text_format("%s/%d.pb", (char *)*state, i);
        write_well(file, "graph_def", frozen);
        assert_int_equal(ws_file_read(file, 1 << 28, &bytes[i], &sizes[i], NULL), WS_OK);
        free(file);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
    ws_test_frozen_destroy(frozen);
}

static void odd_lengths_come_back(void **state)
{
    static const struct {
        int64_t rate_hz, clip_ms;
        double window_ms, stride_ms;
        int64_t n_bins;
    } cases[] = {
        {8000, 1000, 30, 10, 40},     {44100, 999, 29.99, 9.97, 13}, {22050, 700, 33.333, 7.1, 1},
        {48000, 1500, 0.5, 60, 20},   {16001, 1000, 25.3, 10.7, 40}, {11025, 2000, 40, 20, 39},
        {192000, 300, 30.001, 10, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_feature_options options = {
            .preprocess = "mfcc",
            .sample_rate = cases[i].rate_hz,
            .clip_duration_ms = cases[i].clip_ms,
            .window_size_ms = cases[i].window_ms,
            .window_stride_ms = cases[i].stride_ms,
            .feature_bin_count = cases[i].n_bins,
        };
        ws_frozen *frozen = ws_test_frozen_create_dense(&options);
        char *file = ws_path_join(*state, "odd.pb");
        write_well(file, "graph_def", frozen);
        assert_read_back(file, frozen);
        free(file);
        ws_test_frozen_destroy(frozen);
    }
}

static void features_come_back_with_their_rate(void **state)
{
    static const struct {
        const char *kind;
        int64_t rate_hz;
        double window_ms, stride_ms;
        int64_t n_bins;
    } cases[] = {
        {"average", 8000, 30, 10, 40},  {"average", 16000, 30, 10, 40},
        {"average", 44100, 30, 10, 20}, {"average", 22050, 30, 20, 40},
        {"average", 11025, 25, 10, 1},  {"average", 48000, 30, 10, 40},
        {"log_mel", 16000, 30, 10, 40}, {"log_mel", 22050, 20, 30, 24},
        {"log_mel", 44100, 25, 12, 64}, {"log_mel", 16000, 10, 60, 13},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_feature_options options = {
            .preprocess = cases[i].kind,
            .sample_rate = cases[i].rate_hz,
            .clip_duration_ms = 1000,
            .window_size_ms = cases[i].window_ms,
            .window_stride_ms = cases[i].stride_ms,
            .feature_bin_count = cases[i].n_bins,
        };
        ws_frozen *frozen = ws_test_frozen_create_dense(&options);
        char *file = ws_path_join(*state, "model.pb");
        char *dir = ws_text_format("%s/saved-%zu", (char *)*state, i);
        write_well(file, "graph_def", frozen);
        assert_read_back(file, frozen);
        write_well(dir, "saved_model", frozen);
        assert_read_back(dir, frozen);
        free(file);
        free(dir);
        ws_test_frozen_destroy(frozen);
    }
}

/** Replaces some bytes of a file, which are there, by as many others. */
static void patch(const char *path, const void *old, const void *other, size_t n)
{
    unsigned char *bytes;
    size_t size, at = 0;

    assert_int_equal(ws_file_read(path, 1 << 24, &bytes, &size, NULL), WS_OK);
    while (at + n <= size && memcmp(bytes + at, old, n) != 0)
        at++;
    assert_true(at + n <= size);
    memcpy(bytes + at, other, n);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

/** Features that only look like log_mel would give wrong scores. */
static void other_mel_features_are_refused(void **state)
{
    static const ws_feature_options options = {"log_mel", 16000, 1000, 30.0, 10.0, 40};
    const float offset = 1e-6f, other_offset = 1e-5f, nan = NAN;
    ws_feature_settings settings;
    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    float *bands = calloc((settings.fft_length / 2 + 1) * settings.width, sizeof *bands);
    assert_int_equal(ws_log_mel_make_matrix(&settings, bands, NULL), WS_OK);
    const float *share = &bands[20 * settings.width]; /* one of bin 20's */
    while (*share <= 0.0f)
        share++;
    const struct {
        const void *old, *other;
        size_t n;
        const char *reason;
    } cases[] = {
        {"REFLECT", "SYMMETR", 7, "expected 240 samples mirrored before a clip and 240 after"},
        {&offset, &other_offset, sizeof offset, "adds 1e-05 before a logarithm, only 1e-06"},
        {share, &nan, sizeof nan, "has other bands than the HTK mel bands from 0 to 8000 Hz"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_frozen *frozen = ws_test_frozen_create_dense(&options), read;
        char *file = ws_path_join(*state, "mel.pb");
        ws_error err = {.message = ""};
        write_well(file, "graph_def", frozen);
        patch(file, cases[i].old, cases[i].other, cases[i].n);
        assert_int_equal(ws_frozen_read(file, 0, &read, &err), WS_EFORMAT);
        if (strstr(err.message, cases[i].reason) == NULL)
            fail_msg("%s", err.message);
        free(file);
        ws_test_frozen_destroy(frozen);
    }
    free(bands);
}

/** The features of one clip of noise. @return [*n], to be freed */
static float *make_features(const ws_feature_options *options, size_t *n)
{
    ws_feature_settings settings;
    ws_features *features = NULL;
    ws_random random;
    ws_arena scratch;

    assert_int_equal(ws_feature_settings_init(options, &settings, NULL), WS_OK);
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    assert_int_equal(ws_arena_init(&scratch, ws_features_scratch_bytes(features), NULL), WS_OK);
    float *samples = malloc(settings.desired_samples * sizeof *samples);
    float *made = malloc(settings.size * sizeof *made);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < settings.desired_samples; i++)
        samples[i] = (float)(ws_random_uniform(&random) - 0.5);
    ws_features_run(features, samples, scratch.base, made);
    *n = settings.size;
    free(samples);
    ws_arena_deinit(&scratch);
    ws_features_destroy(features);
    return made;
}

/* The front end truncates window and stride to whole milliseconds, and graphs have only these.
 * Reading back must give the same frames, and not truncate to another millisecond less. */
static void micro_features_come_back_where_milliseconds_are_cut(void **state)
{
    static const struct {
        int64_t rate_hz;
        double window_ms, stride_ms;
        const char *kind;
    } cases[] = {{16000, 30, 10, "micro"},        {22050, 30, 20, "micro"},
                 {22050, 29.99, 20, "micro"},     {44100, 30, 10, "micro"},
                 {16000, 30.5, 20, "micro"},      {48000, 20.7, 12, "micro"},
                 {16000, 30, 10, "micro_device"}, {22050, 30, 20, "micro_device"}};
    ws_frozen *got = malloc(sizeof *got);
    char *file = ws_path_join(*state, "model.pb");
    ws_error err = {.message = ""};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_feature_options options = {cases[i].kind,      cases[i].rate_hz,   1000,
                                            cases[i].window_ms, cases[i].stride_ms, 40};
        ws_frozen *frozen = ws_test_frozen_create_dense(&options);
        size_t n_got = 0, n_want = 0;
        write_well(file, "graph_def", frozen);
        if (ws_frozen_read(file, 0, got, &err) != WS_OK)
            fail_msg("%s", err.message);
        assert_string_equal(got->features.preprocess, cases[i].kind);
        float *made = make_features(&got->features, &n_got);
        float *want = make_features(&options, &n_want);
        assert_int_equal(n_got, n_want);
        assert_memory_equal(made, want, n_want * sizeof *want);
        free(made);
        free(want);
        ws_frozen_deinit(got);
        ws_test_frozen_destroy(frozen);
    }
    free(file);
    free(got);
}

static void a_file_is_replaced_but_no_directory(void **state)
{
    ws_frozen *frozen = ws_test_frozen_create(0);
    char *file = ws_path_join(*state, "model");
    ws_error err = {.message = ""};

    assert_int_equal(ws_file_write(file, "old", 3, NULL), WS_OK);
    assert_int_equal(ws_frozen_write(file, "saved_model", frozen, NULL, &err), WS_EEXISTS);
    assert_non_null(strstr(err.message, "is a file"));
    write_well(file, "graph_def", frozen);
    assert_read_back(file, frozen);
    free(file);

    char *dir = ws_path_join(*state, "dir/");
    char *inside = ws_path_join(dir, "saved_model.pb");
    assert_int_equal(mkdir(dir, 0777), 0);
    write_well(dir, "saved_model", frozen); /* an empty one is like a missing one */
    assert_read_back(dir, frozen);
    assert_int_equal(ws_frozen_write(dir, "saved_model", frozen, NULL, &err), WS_EEXISTS);
    assert_non_null(strstr(err.message, "not empty"));
    assert_true(ws_file_exists(inside));
    assert_int_not_equal(ws_frozen_write(dir, "graph_def", frozen, NULL, &err), WS_OK);
    assert_true(ws_file_exists(inside));
    free(inside);
    free(dir);
    ws_test_frozen_destroy(frozen);
}

static void nothing_is_left_of_a_failure(void **state)
{
    static const char *const names[] = {"wav_data", "labels_softmax", "decoded_sample_data"};
    ws_text_list left = {.items = NULL};
    char *path = ws_path_join(*state, "model");

    for (size_t i = 0; i < 3; i++) {
        ws_frozen *frozen = ws_test_frozen_create(0);
        ws_error err = {.message = ""};
        (void)snprintf(frozen->graph.parameters[1].name, sizeof frozen->graph.parameters[1].name,
                       "%s", names[i]);
        assert_int_equal(ws_frozen_write(path, "graph_def", frozen, NULL, &err), WS_EINVAL);
        assert_non_null(strstr(err.message, names[i]));
        assert_int_equal(ws_frozen_write(path, "saved_model", frozen, NULL, &err), WS_EINVAL);
        ws_test_frozen_destroy(frozen);
    }
    assert_int_equal(ws_dir_list(*state, &left, NULL), WS_OK);
    assert_int_equal(left.n_items, 0);
    ws_text_list_deinit(&left);
    free(path);
}

static void wrong_formats_and_features_are_named(void **state)
{
    ws_frozen *frozen = ws_test_frozen_create(0);
    char *path = ws_path_join(*state, "model");
    ws_error err = {.message = ""};

    assert_int_equal(ws_frozen_write(path, "graphdef", frozen, NULL, &err), WS_EUSAGE);
    assert_string_equal(err.message, "unknown --save_format \"graphdef\", expected one of: "
                                     "graph_def, saved_model, tflite, onnx, c");
    frozen->features.window_size_ms = 5000;
    assert_int_equal(ws_frozen_write(path, "graph_def", frozen, NULL, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "--window_size_ms=5000"));
    free(path);
    ws_test_frozen_destroy(frozen);
}

static void names_of_weights_may_be_those_of_nodes(void **state)
{
    static const char *const names[] = {"Reshape", "Reshape/shape", "Conv2D", "add", "add_1"};
    ws_frozen *frozen = ws_test_frozen_create(0);
    char *path = ws_path_join(*state, "model.pb");

    for (size_t i = 0; i < frozen->graph.n_parameters && i < sizeof names / sizeof *names; i++)
        (void)snprintf(frozen->graph.parameters[i].name, sizeof frozen->graph.parameters[i].name,
                       "%s", names[i]);
    write_well(path, "graph_def", frozen);
    assert_read_back(path, frozen);
    free(path);
    ws_test_frozen_destroy(frozen);
}

static void other_files_are_told_apart(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } cases[] = {
        {"\x18\0\0\0TFL3....", 12, "a reference leads outside of the file"},
        {"node {\n  name: \"x\"\n}\n", 21, "is a graph as text (pbtxt)"},
        {"RIFF....WAVE", 12, "is a WAV file"},
        {"\x08\x08\x12\x08wordspot", 12, "is an ONNX file"},
        {"\x08\x01\x12\x08wordspot", 12, "is a SavedModel, whose file must have"},
        {"....\x57\xfb\x80\x8b\x24\x75\x47\xdb", 12, "is the index of a checkpoint"},
        {"", 0, "is a graph without nodes"},
        {"\x0a\xff", 2, "is not a binary GraphDef"},
        {"garbage", 7, "is not a binary GraphDef"},
    };
    ws_frozen *frozen = malloc(sizeof *frozen);
    char *path = ws_path_join(*state, "other");
    ws_error err = {.message = ""};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ws_file_write(path, cases[i].bytes, cases[i].size, NULL), WS_OK);
        assert_int_equal(ws_frozen_read(path, 0, frozen, &err), WS_EFORMAT);
        assert_non_null(strstr(err.message, path));
        assert_non_null(strstr(err.message, cases[i].reason));
        ws_frozen_deinit(frozen);
    }
    free(path);
    path = ws_path_join(*state, "absent");
    assert_int_equal(ws_frozen_read(path, 0, frozen, &err), WS_ENOTFOUND);
    assert_int_equal(ws_frozen_read(*state, 0, frozen, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "without a saved_model.pb"));
    free(path);
    free(frozen);
}

int main(void)
{
#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(models_are_read_back_bit_for_bit),
        FOLDER_TEST(labels_are_read_back),
        FOLDER_TEST(normalisations_come_back_in_their_scores),
        FOLDER_TEST(the_same_model_gives_the_same_bytes),
        FOLDER_TEST(odd_lengths_come_back),
        FOLDER_TEST(features_come_back_with_their_rate),
        FOLDER_TEST(other_mel_features_are_refused),
        FOLDER_TEST(micro_features_come_back_where_milliseconds_are_cut),
        FOLDER_TEST(a_file_is_replaced_but_no_directory),
        FOLDER_TEST(nothing_is_left_of_a_failure),
        FOLDER_TEST(wrong_formats_and_features_are_named),
        FOLDER_TEST(names_of_weights_may_be_those_of_nodes),
        FOLDER_TEST(other_files_are_told_apart),
    };
#undef FOLDER_TEST
    return cmocka_run_group_tests_name("frozen models", tests, NULL, NULL);
}
