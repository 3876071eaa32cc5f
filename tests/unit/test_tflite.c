/* formats/tflite: what is written is read again, and what cannot be read is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/flat_write.h"
#include "formats/lite_front.h"
#include "formats/tflite.h"
#include "nn/lite/lower.h"
#include "support/models.h"
#include "unit/lite_fixture.h"

static const ws_lite_lower_options as_trained = {.is_one_channel_depthwise = true};

static void write_model(const ws_lite *lite, ws_buf *buf)
{
    ws_buf_init(buf, WS_FLAT_MAX_BYTES);
    assert_int_equal(ws_tflite_write(lite, buf, NULL), WS_OK);
}

static void every_network_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        ws_lite lite, read;
        ws_buf first, second;
        lite_lower_model(ws_test_models[i], &as_trained, &lite);
        write_model(&lite, &first);
        assert_int_equal(ws_tflite_read("x", first.data, first.size, &read, NULL), WS_OK);
        assert_string_equal(ws_lite_find_note(&read, "about"), "a note");
        write_model(&read, &second);
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.data, second.data, first.size);
        ws_buf_deinit(&first);
        ws_buf_deinit(&second);
        ws_lite_deinit(&read);
        ws_lite_deinit(&lite);
    }
}

static void expect_names_apart(const ws_lite_graph *graph)
{
    for (size_t i = 0; i < graph->n_tensors; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(graph->tensors[i].name, graph->tensors[k].name);
}

static void write_and_read(const ws_lite *lite, ws_lite *read)
{
    ws_buf file;

    write_model(lite, &file);
    assert_int_equal(ws_tflite_read("x", file.data, file.size, read, NULL), WS_OK);
    ws_buf_deinit(&file);
}

static void no_two_tensors_have_one_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        ws_lite lite, read;
        lite_lower_model(ws_test_models[i], &as_trained, &lite);
        write_and_read(&lite, &read);
        expect_names_apart(&read.graphs[0]);
        ws_lite_deinit(&read);
        ws_lite_deinit(&lite);
    }
}

/** Callers know the ends of a model by their names, so these stay, whatever other tensors want. */
static void ends_keep_their_names(void **state)
{
    static const char *const names[] = {"in", "in", "out", "w_2", "w", "w", "out"};
    enum { N = sizeof names / sizeof *names };
    static const float one = 1.0f;
    const ws_lite_tensor like = {.type = WS_LITE_FLOAT32, .dims = {1}, .n_dims = 1};
    ws_lite lite = {.n_graphs = 0}, read;

    (void)state;
    ws_lite_graph *graph = ws_lite_push_graph(&lite);
    for (size_t i = 0; i < N; i++)
        (void)ws_lite_push_tensor(&lite, graph, names[i], &like,
                                  i == 1 || i == N - 1 ? NULL : &one);
    graph->inputs[graph->n_inputs++] = 1;
    graph->outputs[graph->n_outputs++] = N - 1;
    const ws_lite_node node = {
        .kind = WS_LITE_ADD, .inputs = {1, 0}, .n_inputs = 2, .outputs = {N - 1}, .n_outputs = 1};
    (void)ws_lite_push_node(&lite, graph, &node);
    assert_int_equal(ws_lite_status(&lite, NULL), WS_OK);
    write_and_read(&lite, &read);
    expect_names_apart(&read.graphs[0]);
    assert_string_equal(read.graphs[0].tensors[1].name, "in");
    assert_string_equal(read.graphs[0].tensors[N - 1].name, "out");
    assert_string_equal(read.graphs[0].tensors[3].name, "w_2");
    ws_lite_deinit(&read);
    ws_lite_deinit(&lite);
}

/** Reads the bytes with the one at `at` changed; it has to be refused. */
static void expect_refusal(const ws_buf *file, size_t at, unsigned char value, const char *message)
{
    unsigned char *copy = malloc(file->size);
    ws_error err = {WS_OK, ""};
    ws_lite read;

    assert_non_null(copy);
    memcpy(copy, file->data, file->size);
    copy[at] = value;
    assert_int_equal(ws_tflite_read("x.tflite", copy, file->size, &read, &err), WS_EFORMAT);
    if (strstr(err.message, message) == NULL)
        fail_msg("got \"%s\", expected \"%s\"", err.message, message);
    free(copy);
}

/** Where the bytes are in the file, once. */
static size_t find_bytes(const ws_buf *file, const void *bytes, size_t n)
{
    for (size_t i = 0; i + n <= file->size; i++)
        if (memcmp(file->data + i, bytes, n) == 0)
            return i;
    fail_msg("no such bytes");
    return 0;
}

static void unknown_names_are_named(void **state)
{
    static const unsigned char softmax[] = {25, 0, 0, 0, 25}; /* a code: new, old */
    ws_lite lite;
    ws_buf file;

    (void)state;
    lite_lower_model("single_fc", &as_trained, &lite);
    write_model(&lite, &file);
    expect_refusal(&file, 4, 'X', "x.tflite: byte 4: expected the identifier TFL3");
    /* the version of the operator stands before its code */
    const size_t code = find_bytes(&file, softmax, sizeof softmax);
    expect_refusal(&file, code, 200,
                   "operator 1 (number 200 of TFLite's schema) is one that Wordspot cannot run");
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
}

static void half_a_file_is_refused(void **state)
{
    ws_lite lite, read;
    ws_buf file;

    (void)state;
    lite_lower_model("mixednet", &as_trained, &lite);
    write_model(&lite, &file);
    for (size_t size = 0; size < file.size; size += size < 2000 ? 1 : 97)
        if (ws_tflite_read("x", file.data, size, &read, NULL) == WS_OK)
            fail_msg("the first %zu of %zu bytes are read", size, file.size);
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
}

static void write_with_front(const ws_feature_options *features, ws_lite *lite, ws_buf *file)
{
    lite_lower_model("single_fc", &as_trained, lite);
    assert_int_equal(ws_lite_front_push(lite, features, NULL), WS_OK);
    write_model(lite, file);
}

/** Features of 49 frames of 40, which the fixture's networks take. */
static const ws_feature_options fronts[] = {
    {"mfcc", 16000, 1000, 30.0, 20.0, 40},
    {"mfcc", 22050, 1000, 30.0, 20.0, 40},
    {"average", 16000, 1000, 60.0, 19.5,
     39}, /* 513 frequencies, 13 a feature; the rate is not said */
};

static void a_front_end_is_taken_off(void **state)
{
    static ws_frozen frozen; /* large */
    ws_lite plain;
    ws_error err;

    (void)state;
    lite_lower_model("single_fc", &as_trained, &plain);
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        ws_lite lite;
        ws_buf file;
        write_with_front(&fronts[i], &lite, &file);
        frozen = (ws_frozen){.lite = NULL};
        if (ws_tflite_read_frozen("x", file.data, file.size, &frozen, &err) != WS_OK)
            fail_msg("%s", err.message);
        assert_string_equal(frozen.features.preprocess, fronts[i].preprocess);
        assert_int_equal(frozen.features.sample_rate, fronts[i].sample_rate);
        assert_int_equal(frozen.features.clip_duration_ms, fronts[i].clip_duration_ms);
        assert_int_equal(frozen.features.feature_bin_count, fronts[i].feature_bin_count);
        assert_int_equal(ws_frozen_n_features(&frozen), 49 * 40);
        const ws_lite_graph *graph = &frozen.lite->graphs[0];
        assert_int_equal(graph->n_nodes, plain.graphs[0].n_nodes + 1);
        assert_int_equal(graph->nodes[0].kind, WS_LITE_RESHAPE);
        ws_frozen_deinit(&frozen);
        ws_buf_deinit(&file);
        ws_lite_deinit(&lite);
    }
    ws_lite_deinit(&plain);
}

static void other_front_ends_are_refused(void **state)
{
    static const struct {
        size_t node, offset;
        int32_t value;
        const char *message;
    } cases[] = {
        {0, offsetof(ws_lite_options, is_squared), 0, "is not of squared magnitudes"},
        {0, offsetof(ws_lite_options, stride_samples), 0, "no window or stride"},
        {0, offsetof(ws_lite_options, window_samples), 100, "another number of features"},
        {0, offsetof(ws_lite_options, window_samples), 1 << 29, "cannot be made"},
        {1, offsetof(ws_lite_options, upper_hz), 8000, "other mel bands"},
        {1, offsetof(ws_lite_options, n_coefficients), 41, "cannot be made"},
        {1, offsetof(ws_lite_options, n_coefficients), 13, "another number of features"},
    };
    static ws_frozen frozen;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_error err = {WS_OK, ""};
        ws_lite lite;
        ws_buf file;
        write_with_front(&fronts[0], &lite, &file);
        ws_buf_deinit(&file);
        memcpy((char *)&lite.graphs[0].nodes[cases[i].node].options + cases[i].offset,
               &cases[i].value, sizeof cases[i].value);
        write_model(&lite, &file);
        frozen = (ws_frozen){.lite = NULL};
        assert_int_equal(ws_tflite_read_frozen("x", file.data, file.size, &frozen, &err),
                         WS_EFORMAT);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("got \"%s\", expected \"%s\"", err.message, cases[i].message);
        ws_buf_deinit(&file);
        ws_lite_deinit(&lite);
    }
}

/** Elsewhere than at the front there are no features to take. */
static void a_front_end_in_the_middle_is_refused(void **state)
{
    static ws_frozen frozen;
    ws_error err = {WS_OK, ""};
    ws_lite lite;
    ws_buf file;

    (void)state;
    write_with_front(&fronts[0], &lite, &file);
    ws_buf_deinit(&file);
    const ws_lite_node first = lite.graphs[0].nodes[0];
    lite.graphs[0].nodes[0] = lite.graphs[0].nodes[1];
    lite.graphs[0].nodes[1] = first;
    write_model(&lite, &file);
    assert_int_equal(ws_tflite_read_frozen("x", file.data, file.size, &frozen, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "Mfcc"));
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_comes_back),
        cmocka_unit_test(no_two_tensors_have_one_name),
        cmocka_unit_test(ends_keep_their_names),
        cmocka_unit_test(unknown_names_are_named),
        cmocka_unit_test(half_a_file_is_refused),
        cmocka_unit_test(a_front_end_is_taken_off),
        cmocka_unit_test(other_front_ends_are_refused),
        cmocka_unit_test(a_front_end_in_the_middle_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
