/* Reading a checkpoint, reading and writing model files: the n-th allocation fails, for every n
 * that there is. Nothing may crash or leak, and the answer is WS_ENOMEM or right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/bundle.h"
#include "formats/frozen.h"
#include "recognize/checkpoint_model.h"
#include "recognize/model_graph.h"
#include "recognize/saved_arrays.h"
#include "settings/settings.h"
#include "support/check.h"
#include "support/failing_alloc.h"
#include "support/saved_checkpoint.h"
#include "unit/frozen_fixture.h"

enum { N_LABELS = 4 };

static char dir[256], prefix[300], graph_path[300];

/** A checkpoint of tiny_conv with the settings of a run. */
static void write_checkpoint(void)
{
    ws_train_options options;
    ws_flags flags;
    ws_feature_settings features;
    ws_graph graph;
    ws_error err;

    assert_int_equal(ws_flags_init(&flags, &ws_train_flags, &options, &err), WS_OK);
    options.model_architecture = "tiny_conv";
    options.wanted_words = "yes,no";
    const ws_feature_options wanted = ws_model_graph_features(&options);
    assert_int_equal(ws_feature_settings_init(&wanted, &features, &err), WS_OK);
    assert_int_equal(ws_model_graph_build(&options, &features, N_LABELS, &graph, &err), WS_OK);
    float *weights = calloc(graph.n_weights, sizeof *weights);
    char *settings = ws_settings_write(&options);
    assert_true(weights != NULL && settings != NULL);
    const ws_saved_arrays arrays = {.graph = &graph, .parameters = weights};
    ws_test_write_checkpoint(prefix, &arrays, settings);
    free(weights);
    free(settings);
    ws_graph_deinit(&graph);
    ws_flags_deinit(&flags);
}

static int make_files(void **state)
{
    ws_error err;
    (void)state;

    ws_test_make_dir(dir, sizeof dir);
    (void)snprintf(prefix, sizeof prefix, "%s/tiny_conv.ckpt-7", dir);
    (void)snprintf(graph_path, sizeof graph_path, "%s/graph.pb", dir);
    write_checkpoint();
    ws_frozen *frozen = ws_test_frozen_create(0);
    assert_int_equal(ws_frozen_write(graph_path, "graph_def", frozen, NULL, &err), WS_OK);
    ws_test_frozen_destroy(frozen);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

static ws_status read_checkpoint(ws_checkpoint_model *model)
{
    ws_train_options options;
    ws_flags flags;
    ws_error err;

    ws_status status = ws_flags_init(&flags, &ws_train_flags, &options, &err);
    if (status == WS_OK)
        status = ws_checkpoint_model_read(prefix, &flags, 0, model, &err);
    if (status == WS_OK) {
        assert_string_equal(model->options.model_architecture, "tiny_conv");
        assert_int_equal(model->labels.n_items, N_LABELS);
    }
    ws_checkpoint_model_deinit(model);
    ws_flags_deinit(&flags);
    return status;
}

static void reading_a_checkpoint_tells_of_memory(void **state)
{
    ws_checkpoint_model *model = calloc(1, sizeof *model);
    long n = 0;
    (void)state;

    assert_non_null(model);
    do {
        fail_allocation(n++);
        const ws_status status = read_checkpoint(model);
        fail_no_allocation();
        assert_true(status == WS_OK || (status == WS_ENOMEM && allocation_has_failed()));
    } while (allocation_has_failed());
    assert_true(n > 20);
    free(model);
}

static void reading_a_frozen_graph_tells_of_memory(void **state)
{
    ws_frozen *frozen = calloc(1, sizeof *frozen), *want = ws_test_frozen_create(0);
    long n = 0;
    (void)state;

    assert_non_null(frozen);
    do {
        ws_error err;
        fail_allocation(n++);
        const ws_status status = ws_frozen_read(graph_path, 0, frozen, &err);
        fail_no_allocation();
        assert_true(status == WS_OK || (status == WS_ENOMEM && allocation_has_failed()));
        if (status == WS_OK) {
            ws_test_frozen_assert_same(frozen, want);
            ws_frozen_deinit(frozen);
        }
    } while (allocation_has_failed());
    assert_true(n > 20);
    ws_test_frozen_destroy(want);
    free(frozen);
}

static void writing_a_model_tells_of_memory(void **state)
{
    static const char *const formats[] = {"graph_def", "tflite", "onnx", "c"};
    (void)state;

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        ws_frozen *frozen = ws_test_frozen_create(WS_TEST_N_FROZEN - 1);
        char path[320];
        long n = 0;
        (void)snprintf(path, sizeof path, "%s/model.%s", dir, formats[i]);
        do {
            ws_error err;
            fail_allocation(n++);
            const ws_frozen_write_options options = {.takes_sound = i == 1}; /* of tflite */
            const ws_status status = ws_frozen_write(path, formats[i], frozen, &options, &err);
            fail_no_allocation();
            if (status != WS_OK && (status != WS_ENOMEM || !allocation_has_failed()))
                fail_msg("%s, allocation %ld: %s", formats[i], n, err.message);
        } while (allocation_has_failed());
        assert_true(n > 5);
        ws_test_frozen_destroy(frozen);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_a_checkpoint_tells_of_memory),
        cmocka_unit_test(reading_a_frozen_graph_tells_of_memory),
        cmocka_unit_test(writing_a_model_tells_of_memory),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
