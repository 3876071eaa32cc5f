/* formats/: graphs that other programs write, and malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/graph_message.h"
#include "formats/graph_read.h"
#include "formats/rate_attr.h"
#include "formats/saved_model.h"
#include "unit/graph_fixture.h"

static void names_and_order_do_not_matter(void **state)
{
    graph g = graph_usual(), turned_round;
    (void)state;

    graph_expect_understood(&g);
    turned_round.n = g.n;
    for (size_t i = 0; i < g.n; i++)
        turned_round.nodes[i] = g.nodes[g.n - 1 - i];
    graph_expect_understood(&turned_round);

    for (size_t i = 0; i < g.n; i++)
        if (strcmp(g.nodes[i].name, "labels_softmax") == 0)
            g.nodes[i].name = "final/probabilities.1";
    graph_expect_understood(&g);
}

static void ways_to_say_the_same_are_understood(void **state)
{
    graph g = graph_usual();
    (void)state;

    /* constants after an identity, as older and newer programs freeze them */
    graph_put(&g, graph_node("weights/read", "Identity", "weights", NULL));
    graph_put(&g, graph_node("MatMul", "MatMul", "Reshape:0", "weights/read"));
    graph_put(&g, graph_node("bias/read", "Identity", "bias", NULL));
    graph_put(&g, graph_node("add", "Add", "bias/read", "MatMul"));
    graph_expect_understood(&g);
    graph_put(&g, graph_node("add", "BiasAdd", "MatMul", "bias/read"));
    graph_expect_understood(&g);
    /* identities in between, and control inputs */
    graph_put(&g, graph_node("on", "Identity", "MatMul", NULL));
    graph_put(&g, graph_node("add", "BiasAdd", "on", "bias"));
    graph_put(&g, (ws_node_spec){.name = "add",
                                 .op = "BiasAdd",
                                 .inputs = {"on", "bias", "^wav_data"},
                                 .attrs = {FLOAT}});
    graph_expect_understood(&g);
    /* through an image and back */
    graph_put(&g, graph_constant("image", &graph_to_image));
    graph_put(&g, graph_reshape("Reshape_1", "Mfcc", "image"));
    graph_put(&g, graph_reshape("Reshape", "Reshape_1", "flat"));
    graph_expect_understood(&g);
}

static void a_rate_of_the_file_is_what_it_is_told_to_be(void **state)
{
    ws_frozen *frozen = graph_frozen_new();
    graph g = graph_usual();
    ws_error err;
    (void)state;

    assert_int_equal(graph_read(&g, frozen, NULL), WS_OK);
    assert_false(frozen->is_rate_assumed);
    ws_frozen_deinit(frozen);
    graph_put(&g, graph_mfcc(40, 2, "decoded:1"));
    assert_int_equal(graph_read(&g, frozen, NULL), WS_OK);
    assert_true(frozen->is_rate_assumed);
    assert_int_equal(frozen->features.sample_rate, 16000);
    assert_int_equal(frozen->features.clip_duration_ms, 30);
    ws_frozen_deinit(frozen);
    assert_int_equal(graph_read_at(&g, 8000, frozen, NULL), WS_OK);
    assert_true(frozen->is_rate_assumed);
    assert_int_equal(frozen->features.sample_rate, 8000);
    assert_int_equal(frozen->features.clip_duration_ms, 60);
    ws_frozen_deinit(frozen);
    /* a rate that cannot be the one */
    assert_int_equal(graph_read_at(&g, 44100, frozen, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "takes clips of 480 samples, which at 44100 Hz"));
    assert_non_null(strstr(err.message, "set --sample_rate"));
    /* the rate in the graph counts */
    g = graph_usual();
    assert_int_equal(graph_read_at(&g, 8000, frozen, NULL), WS_OK);
    assert_false(frozen->is_rate_assumed);
    assert_int_equal(frozen->features.sample_rate, 16000);
    ws_frozen_deinit(frozen);
    free(frozen);
}

/** graph_usual() with the average of all its 257 frequencies.
 *  @param said_hz  its sample rate; 0: it does not say it */
static graph averaging(int64_t said_hz)
{
    static const int32_t one_number[] = {-1, 1};
    static const ws_tensor to_one = {.dims = {1, {2}}, VALUES(WS_DTYPE_INT32, one_number)};
    static const float numbers[] = {7, 8, 9};
    static const ws_tensor row = {.dims = {2, {1, 3}}, VALUES(WS_DTYPE_FLOAT, numbers)};
    const ws_dims window = {.n = 4, .sizes = {1, 1, 257, 1}};
    graph g = graph_usual();

    graph_put(&g, graph_node("image", "ExpandDims", SPECTROGRAM, "flat"));
    graph_put(&g, (ws_node_spec){
                      .name = "Mfcc",
                      .op = "AvgPool",
                      .inputs = {"image"},
                      .attrs = {FLOAT, ws_attr_list("ksize", window),
                                ws_attr_list("strides", window), ws_attr_text("padding", "SAME"),
                                ws_attr_whole(said_hz != 0 ? WS_RATE_ATTR : "_other", said_hz)}});
    graph_put(&g, graph_constant("flat", &to_one));
    graph_put(&g, graph_constant("weights", &row));
    return g;
}

static void averages_say_their_rate_or_are_told_it(void **state)
{
    static const struct {
        int64_t said, told, want;
    } cases[] = {
        {0, 0, 16000}, {0, 8000, 8000}, {8000, 0, 8000}, {8000, 16000, 8000}, {48000, 0, 48000}};
    ws_frozen *frozen = graph_frozen_new();
    ws_error err = {.message = ""};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const graph g = averaging(cases[i].said);
        if (graph_read_at(&g, cases[i].told, frozen, &err) != WS_OK)
            fail_msg("%s", err.message);
        assert_string_equal(frozen->features.preprocess, "average");
        assert_int_equal(frozen->features.sample_rate, cases[i].want);
        assert_int_equal(frozen->is_rate_assumed, cases[i].said == 0);
        ws_frozen_deinit(frozen);
    }
    graph g = averaging(-1);
    graph_expect_refused(&g, "invalid _sample_rate");
    g = averaging(INT64_MAX);
    graph_expect_refused(&g, "invalid _sample_rate");
    free(frozen);
}

static void repeated_elements_are_written_out(void **state)
{
    graph g = graph_usual();
    ws_buf bytes, one;
    ws_frozen *frozen = graph_frozen_new();
    const float want[] = {-2.5f, -2.5f, -2.5f};
    /* dtype float, shape [3], float_val packed: the one number -2.5 */
    static const char tensor[] = "\x08\x01\x12\x04\x12\x02\x08\x03\x2a\x04\x00\x00\x20\xc0";
    (void)state;

    /* the node `bias` by hand: our writer never leaves elements out */
    ws_buf_init(&bytes, 1 << 20);
    ws_buf_init(&one, 1 << 10);
    for (size_t i = 0; i < g.n; i++)
        if (strcmp(g.nodes[i].name, "bias") != 0)
            ws_graph_message_push_node(&bytes, &g.nodes[i]);
    ws_buf_push(&one,
                "\x0a\x04"
                "bias\x12\x05"
                "Const",
                13);
    ws_buf_push(&one,
                "\x2a\x19\x0a\x05"
                "value\x12\x10\x42\x0e",
                13);
    ws_buf_push(&one, tensor, sizeof tensor - 1);
    ws_buf_push(&bytes, "\x0a\x28", 2);
    assert_int_equal(one.size, 0x28);
    ws_buf_push(&bytes, one.data, one.size);
    const ws_graph_source source = {.path = "x", .bytes = bytes.data, .size = bytes.size};
    assert_int_equal(ws_graph_read(&source, frozen, NULL), WS_OK);
    assert_memory_equal(frozen->parameters + 6, want, sizeof want);
    ws_frozen_deinit(frozen);
    free(frozen);
    ws_buf_deinit(&bytes);
    ws_buf_deinit(&one);
}

static void unknown_parts_are_named(void **state)
{
    (void)state;
    graph_expect_refused_with(graph_node("add", "Elu", "MatMul", NULL),
                              "node \"add\" (Elu) is an operator");
    graph_expect_refused_with(
        graph_node("add", "AddV2", "MatMul", "Mfcc"),
        "node \"add\" (AddV2) reads a vector and an image, expected two vectors or two images");
    graph_expect_refused_with(graph_node("add", "Mul", "MatMul", "bias"),
                              "multiplies by a constant without adding one");
    graph_expect_refused_with((ws_node_spec){.name = "Mfcc", .op = "Placeholder"},
                              "node \"Mfcc\" (Placeholder) is the input of the graph");
    graph_expect_refused_with((ws_node_spec){.name = "weights", .op = "VariableV2"},
                              "is a variable, expected a constant");
    graph_expect_refused_with((ws_node_spec){.name = "weights", .op = "VarHandleOp"},
                              "is a variable, expected a constant");
    graph_expect_refused_with((ws_node_spec){.name = "weights", .op = "Const"},
                              "has no attribute value");
    graph_expect_refused_with(graph_node("labels_softmax", "Sigmoid", "add", NULL),
                              "expected a Softmax node");
    graph_expect_refused_with(graph_constant("weights", &graph_turned),
                              "reads 2 numbers, but its weights");
    graph_expect_refused_with(graph_constant("weights", &graph_kernel),
                              "expected numbers (float32) of 2 dim");
    graph_expect_refused_with(graph_constant("weights", &graph_to_flat),
                              "expected numbers (float32) of 2 dim");
    graph_expect_refused_with(graph_constant("flat", &graph_weights),
                              "expected a few constant whole numbers");
    graph_expect_refused_with(graph_constant("flat", &graph_to_image),
                              "reads images, expected vectors");
    graph_expect_refused_with(graph_node("MatMul", "Conv2D", "Reshape", "weights"),
                              "expected images");
    graph_expect_refused_with(graph_node("MatMul", "MatMul", "Reshape", NULL),
                              "has 1 inputs, expected");
    graph_expect_refused_with((ws_node_spec){.name = "MatMul",
                                             .op = "MatMul",
                                             .inputs = {"Reshape", "weights"},
                                             .attrs = {FLOAT, ws_attr_flag("transpose_b", true)}},
                              "transposes");
    graph_expect_refused_with((ws_node_spec){.name = "MatMul",
                                             .op = "MatMul",
                                             .inputs = {"Reshape", "weights"},
                                             .attrs = {FLOAT, ws_attr_whole("transpose_b", 1)}},
                              "neither true nor false");
    graph_expect_refused_with(graph_node("MatMul", "MatMul", "Reshape", "bias"),
                              "expected numbers (float32)");
}

static void features_other_than_ours_are_refused(void **state)
{
    (void)state;
    graph_expect_refused_with(graph_decode_wav(480, 2), "has desired_channels = 2, expected 1");
    graph_expect_refused_with(graph_decode_wav(-1, 1), "has desired_samples = -1");
    graph_expect_refused_with(graph_decode_wav(INT64_MAX, 1), "has desired_samples");
    graph_expect_refused_with(graph_decode_wav(481, 1), "not a whole number of milliseconds");
    graph_expect_refused_with(graph_spectrogram(480, 160, false), "has magnitude_squared = false");
    graph_expect_refused_with(graph_spectrogram(480, 0, true), "has stride = 0");
    graph_expect_refused_with(graph_spectrogram(INT64_MAX, 1, true), "has window_size");
    graph_expect_refused_with(graph_spectrogram(960, 160, true), "cannot be made here");
    graph_expect_refused_with(graph_mfcc(39, 2, "rate"), "has 39 bands from 20 to 4000 Hz");
    graph_expect_refused_with(graph_mfcc(40, 41, "rate"), "cannot be made here");
    graph_expect_refused_with(graph_mfcc(40, -2, "rate"), "cannot be made here");
    graph_expect_refused_with(graph_mfcc(40, 2, "bias"), "expected a few constant whole numbers");
    graph_expect_refused_with(graph_mfcc(40, 2, "flat"), "expected a sample rate");
    graph_expect_refused_with(graph_mfcc(40, 2, "decoded"), "reads \"decoded\" (DecodeWav)");
    graph_expect_refused_with(graph_node(SPECTROGRAM, "Abs", "decoded", NULL),
                              "expected the output of a");
    graph_expect_refused_with((ws_node_spec){.name = "decoded", .op = "Placeholder"},
                              "expected the output of a DecodeWav");
    graph_expect_refused_with(graph_node("wav_data", "ReadFile", "rate", NULL),
                              "expected the output of a");
    graph_expect_refused_with(graph_node("Mfcc", "Mul", SPECTROGRAM, "weights"),
                              "is an operator that is not supported");
    graph_expect_refused_with(graph_node("Mfcc", "AvgPool", SPECTROGRAM, NULL),
                              "is an operator that is not supported");
}

static void damaged_graphs_are_refused(void **state)
{
    graph g = graph_usual();
    (void)state;

    graph_expect_refused_with(graph_node("add", "AddV2", "MatMul", "nothing"),
                              "reads \"nothing\", which is missing");
    graph_expect_refused_with(graph_node("add", "AddV2", "MatMul:x", "bias"),
                              "TensorFlow does not allow");
    graph_expect_refused_with(graph_node("add", "AddV2", "MatMul:99999999999", "bias"),
                              "does not allow");
    graph_expect_refused_with(graph_node("add", "AddV2", "\x1b[2J", "bias"),
                              "TensorFlow does not allow");
    graph_expect_refused_with(graph_node("add", "AddV2", "MatMul:1", "bias"),
                              "has no input from a supported");
    graph_expect_refused_with(graph_node("\x1b[2J", "AddV2", "MatMul", "bias"),
                              "the name of node 12");
    graph_expect_refused_with(graph_node("x", "Add V2", "MatMul", "bias"), "has no valid operator");
    /* circles */
    graph_expect_refused_with(graph_node("MatMul", "Relu", "add", NULL), "or is in a circle");
    graph_put(&g, graph_node("weights", "Identity", "weights/read", NULL));
    graph_put(&g, graph_node("weights/read", "Identity", "weights", NULL));
    graph_expect_refused(&g, "runs in a circle");
    /* twice the same */
    g = graph_usual();
    g.nodes[g.n++] = graph_constant("bias", &graph_bias);
    graph_expect_refused(&g, "has two nodes of the name \"bias\"");
    g = graph_usual();
    graph_put(&g, graph_node("add_1", "AddV2", "add", "bias"));
    graph_put(&g, graph_node("labels_softmax", "Softmax", "add_1", NULL));
    graph_expect_refused(&g, "which another operator also reads");
    g = graph_usual();
    graph_put(&g, graph_node("labels_softmax", "Softmax", "add", NULL));
    g.nodes[g.n - 1].name = "one";
    graph_put(&g, graph_node("two", "Softmax", "add", NULL));
    graph_expect_refused(&g, "has more than one Softmax node (\"one\", \"two\")");
}

/** graph_usual() with a convolution of images before the matrix. */
static graph convolution(int64_t stride, const char *padding, ws_attr more)
{
    graph g = graph_usual();
    graph_put(&g, graph_constant("image", &graph_to_image));
    graph_put(&g, graph_reshape("Reshape_1", "Mfcc", "image"));
    graph_put(&g, graph_constant("kernel", &graph_kernel));
    graph_put(&g,
              (ws_node_spec){
                  .name = "Conv2D",
                  .op = "Conv2D",
                  .inputs = {"Reshape_1", "kernel"},
                  .attrs = {FLOAT, ws_attr_text("padding", padding),
                            ws_attr_list("strides", (ws_dims){4, {1, stride, stride, 1}}), more}});
    graph_put(&g, graph_reshape("Reshape", "Conv2D", "flat"));
    return g;
}

static void convolutions_are_checked(void **state)
{
    const ws_attr none = {.kind = WS_ATTR_END};
    static const struct {
        int64_t stride;
        const char *padding;
        ws_attr more;
        const char *reason;
    } cases[] = {
        {0, "SAME", {.kind = WS_ATTR_END}, "has strides that are not"},
        {INT64_MAX, "SAME", {.kind = WS_ATTR_END}, "has strides that are not"},
        {1, "EXPLICIT", {.kind = WS_ATTR_END}, "has explicit_paddings that are not"},
        {1,
         "EXPLICIT",
         {"explicit_paddings", WS_ATTR_LIST, .dims = {8, {0, 1, 0, 0, 0, 0, 0, 0}}},
         "has explicit_paddings that are not"},
        {1,
         "EXPLICIT",
         {"explicit_paddings", WS_ATTR_LIST, .dims = {8, {0, 0, -1, 0, 0, 0, 0, 0}}},
         "has explicit_paddings that are not"},
        {1,
         "EXPLICIT",
         {"explicit_paddings", WS_ATTR_LIST, .dims = {8, {0, 0, 65536, 65536, 65536, 65536, 0, 0}}},
         "gives more than"},
        {1, "", {.kind = WS_ATTR_END}, "has a padding other than"},
        {1, "SAME", {.name = "data_format", .kind = WS_ATTR_TEXT, .text = "NCHW"}, "NHWC"},
        {1,
         "SAME",
         {"dilations", WS_ATTR_LIST, .dims = {4, {1, 0, 1, 1}}},
         "has dilations that are"},
        {1, "SAME", {"dilations", WS_ATTR_TEXT, .text = "2"}, "not a short list"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const graph g = convolution(cases[i].stride, cases[i].padding, cases[i].more);
        graph_expect_refused(&g, cases[i].reason);
    }
    /* three channels of two columns, or of one, where a vector of two is wanted */
    graph g = convolution(1, "SAME", none);
    graph_expect_refused(&g, "of the 6 numbers that it reads");
    g = convolution(2, "VALID", none);
    graph_expect_refused(&g, "of the 3 numbers that it reads");
    /* and what fits */
    static const int32_t three[] = {-1, 3};
    static const float nine[9] = {0};
    const ws_tensor to_three = {.dims = {1, {2}}, VALUES(WS_DTYPE_INT32, three)};
    const ws_tensor square = {.dims = {2, {3, 3}}, VALUES(WS_DTYPE_FLOAT, nine)};
    graph_put(&g, graph_constant("flat", &to_three));
    graph_put(&g, graph_constant("weights", &square));
    ws_frozen *frozen = graph_frozen_new();
    assert_int_equal(graph_read(&g, frozen, NULL), WS_OK);
    assert_int_equal(frozen->graph.n_weights, 6 + 9 + 3);
    ws_frozen_deinit(frozen);
    free(frozen);
}

static void damaged_saved_models_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } cases[] = {
        {"", 0, "has no graph with the tag"},
        {"\x12\x05", 2, "is not a SavedModel"},
        {"\x08\x01\x12\x00", 4, "is a graph without nodes"},
        {"\x08\x01\x12\x00\x12\x00", 6, "has no graph with the tag"},
        {"\x12\x04\x12\x02\x0a\x05", 6, "is not a binary GraphDef"},
    };
    ws_frozen *frozen = graph_frozen_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_error err = {.message = ""};
        const ws_graph_source source = {
            .path = "x.pb", .bytes = (const unsigned char *)cases[i].bytes, .size = cases[i].size};
        assert_int_equal(ws_saved_model_read_bytes(&source, frozen, &err), WS_EFORMAT);
        assert_non_null(strstr(err.message, cases[i].reason));
    }
    free(frozen);
}

/** A graph whose every node has thousands of empty dimensions would take gigabytes. */
static void small_parts_without_end_are_refused(void **state)
{
    enum { N_DIMS = 4 << 20 };
    ws_buf bytes;
    ws_error err = {.message = ""};
    ws_frozen *frozen = graph_frozen_new();
    (void)state;

    /* node { attr { value { shape { dim {} dim {} ... */
    ws_buf_init(&bytes, 1 << 26);
    ws_buf_push(&bytes, "\x0a\x8f\x80\x80\x04\x2a\x8a\x80\x80\x04\x12\x85\x80\x80\x04\x3a", 16);
    ws_buf_push(&bytes, "\x80\x80\x80\x04", 4);
    for (int i = 0; i < N_DIMS; i++)
        ws_buf_push(&bytes, "\x12", 2);
    assert_int_equal(bytes.status, WS_OK);
    const ws_graph_source source = {.path = "x", .bytes = bytes.data, .size = bytes.size};
    assert_int_equal(ws_graph_read(&source, frozen, &err), WS_ELIMIT);
    assert_non_null(strstr(err.message, "small parts"));
    ws_buf_deinit(&bytes);
    free(frozen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_order_do_not_matter),
        cmocka_unit_test(ways_to_say_the_same_are_understood),
        cmocka_unit_test(a_rate_of_the_file_is_what_it_is_told_to_be),
        cmocka_unit_test(averages_say_their_rate_or_are_told_it),
        cmocka_unit_test(repeated_elements_are_written_out),
        cmocka_unit_test(unknown_parts_are_named),
        cmocka_unit_test(features_other_than_ours_are_refused),
        cmocka_unit_test(damaged_graphs_are_refused),
        cmocka_unit_test(convolutions_are_checked),
        cmocka_unit_test(damaged_saved_models_are_refused),
        cmocka_unit_test(small_parts_without_end_are_refused),
    };
    return cmocka_run_group_tests_name("graphs", tests, NULL, NULL);
}
