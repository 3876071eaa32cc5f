/* formats/: what TensorFlow's freeze.py wrote is read bit for bit, and written again with the same
 * nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "formats/frozen.h"
#include "formats/graph_message.h"
#include "support/check.h"

static const struct {
    const char *folder, *checkpoint;
} models[] = {
    {"tiny_conv20", "tiny_conv.ckpt-20.index"},
    {"tiny_conv_trained", "tiny_conv.ckpt-2000.index"},
};
enum { N_MODELS = sizeof models / sizeof *models, MAX_PATH = 4096 };

/** The path of a golden model's file; skips the test if it is missing. */
static void find(char *path, size_t i, const char *file)
{
    char relative[256];
    (void)snprintf(relative, sizeof relative, "golden/tensorflow/models/%s/%s", models[i].folder,
                   file);
    if (!ws_test_shared(path, MAX_PATH, relative))
        skip();
}

static ws_frozen *read_model(const char *path)
{
    ws_frozen *frozen = malloc(sizeof *frozen);
    ws_error err = {.message = ""};
    if (ws_frozen_read(path, 0, frozen, &err) != WS_OK)
        fail_msg("%s", err.message);
    return frozen;
}

static void destroy(ws_frozen *frozen)
{
    ws_frozen_deinit(frozen);
    free(frozen);
}

/** Asserts that the parameters are the bits of the checkpoint that it was frozen from. */
static void assert_weights(const ws_frozen *frozen, size_t i)
{
    char prefix[MAX_PATH];
    ws_bundle *bundle = NULL;

    find(prefix, i, models[i].checkpoint);
    prefix[strlen(prefix) - strlen(WS_BUNDLE_INDEX_SUFFIX)] = '\0';
    assert_int_equal(ws_bundle_open(&bundle, prefix, NULL), WS_OK);
    for (size_t k = 0; k < frozen->graph.n_parameters; k++) {
        const ws_variable *parameter = &frozen->graph.parameters[k];
        const ws_bundle_entry *entry = ws_bundle_find(bundle, parameter->name);
        assert_non_null(entry);
        assert_int_equal(entry->size, parameter->size * sizeof(float));
        float *want = malloc(entry->size);
        assert_int_equal(ws_bundle_read(bundle, entry, want, entry->size, NULL), WS_OK);
        assert_memory_equal(frozen->parameters + parameter->offset, want, entry->size);
        free(want);
    }
    ws_bundle_close(bundle);
}

static void assert_tiny_conv(const ws_frozen *frozen)
{
    static const ws_op_kind kinds[] = {WS_OP_INPUT, WS_OP_CONV2D, WS_OP_BIAS_ADD,
                                       WS_OP_RELU,  WS_OP_DENSE,  WS_OP_BIAS_ADD};
    const ws_graph *graph = &frozen->graph;

    assert_int_equal(graph->n_nodes, sizeof kinds / sizeof *kinds);
    for (size_t i = 0; i < graph->n_nodes; i++)
        assert_int_equal(graph->nodes[i].kind, kinds[i]);
    assert_int_equal(graph->nodes[1].window.stride_h, 2);
    assert_int_equal(graph->nodes[1].window.zeros.before_h, 4);
    assert_int_equal(graph->n_weights, 648 + 78410);
    assert_int_equal(ws_graph_n_labels(graph), 10);
    assert_string_equal(frozen->features.preprocess, "mfcc");
    assert_int_equal(frozen->features.sample_rate, 16000);
    assert_int_equal(frozen->features.clip_duration_ms, 1000);
    assert_true(frozen->features.window_size_ms == 30.0);
    assert_true(frozen->features.window_stride_ms == 10.0);
    assert_int_equal(frozen->features.feature_bin_count, 40);
    assert_false(frozen->is_rate_assumed);
    assert_string_equal(frozen->wav_input, "wav_data");
    assert_string_equal(frozen->samples_output, "decoded_sample_data");
    assert_string_equal(frozen->scores_output, "labels_softmax");
}

static void frozen_graphs_are_read(void **state)
{
    char path[MAX_PATH];
    (void)state;
    for (size_t i = 0; i < N_MODELS; i++) {
        find(path, i, "frozen.pb");
        ws_frozen *frozen = read_model(path);
        assert_tiny_conv(frozen);
        assert_weights(frozen, i);
        destroy(frozen);
    }
}

static void saved_models_are_read_with_their_variables(void **state)
{
    char path[MAX_PATH];
    (void)state;
    for (size_t i = 0; i < N_MODELS; i++) {
        find(path, i, "saved_model");
        ws_frozen *frozen = read_model(path);
        assert_tiny_conv(frozen);
        assert_weights(frozen, i);
        destroy(frozen);
    }
}

/** Where the data of an input comes from, past nodes that only read a constant. */
static const char *source_of(const ws_node_message *nodes, const ws_node_message *node, size_t k)
{
    const ws_node_message *source = &nodes[node->inputs[k].node];
    return strcmp(source->op, "Identity") == 0 ? source_of(nodes, source, 0) : source->name;
}

/** "op name <- inputs", as in frozen_nodes.txt, but without the nodes that only read a constant,
 * and with today's name of `+`. */
static char *describe(const ws_node_message *nodes, const ws_node_message *node)
{
    ws_buf text;
    ws_buf_init(&text, 4096);
    ws_buf_push_format(&text, "%s %s <-", strcmp(node->op, "Add") == 0 ? "AddV2" : node->op,
                       node->name);
    for (size_t k = 0; k < node->n_inputs; k++)
        ws_buf_push_format(&text, " %s", source_of(nodes, node, k));
    char *taken = ws_buf_take_string(&text);
    ws_buf_deinit(&text);
    assert_non_null(taken);
    return taken;
}

/** All nodes of a graph so, sorted. */
static ws_text_list describe_all(const char *path)
{
    unsigned char *bytes = NULL;
    size_t size = 0, n = 0;
    ws_graph_message *message = NULL;
    ws_text_list lines = {.items = NULL};

    assert_int_equal(ws_file_read(path, 1 << 24, &bytes, &size, NULL), WS_OK);
    assert_int_equal(ws_graph_message_open(path, bytes, size, &message, NULL), WS_OK);
    const ws_node_message *nodes = ws_graph_message_nodes(message, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(nodes[i].op, "Identity") == 0)
            continue;
        char *line = describe(nodes, &nodes[i]);
        assert_int_equal(ws_text_list_push(&lines, line), WS_OK);
        free(line);
    }
    ws_graph_message_close(message);
    free(bytes);
    ws_text_list_sort(&lines);
    return lines;
}

static void written_again_the_nodes_are_the_same(void **state)
{
    char path[MAX_PATH], dir[256];
    (void)state;
    for (size_t i = 0; i < N_MODELS; i++) {
        find(path, i, "frozen.pb");
        ws_frozen *frozen = read_model(path);
        ws_test_make_dir(dir, sizeof dir);
        char *written = ws_text_format("%s/model.pb", dir);
        assert_int_equal(ws_frozen_write(written, "graph_def", frozen, NULL, NULL), WS_OK);
        ws_text_list got = describe_all(written), want = describe_all(path);
        assert_int_equal(got.n_items, want.n_items);
        assert_int_equal(got.n_items, 21);
        for (size_t k = 0; k < got.n_items; k++)
            assert_string_equal(got.items[k], want.items[k]);
        ws_text_list_deinit(&got);
        ws_text_list_deinit(&want);
        free(written);
        ws_test_remove_dir(dir);
        destroy(frozen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_graphs_are_read),
        cmocka_unit_test(saved_models_are_read_with_their_variables),
        cmocka_unit_test(written_again_the_nodes_are_the_same),
    };
    return cmocka_run_group_tests_name("golden frozen models", tests, NULL, NULL);
}
