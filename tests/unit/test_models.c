/* models/: the table, and each architecture's parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/model.h"
#include "support/models.h"

static void parameter_counts_are_the_originals(void **state)
{
    static const struct {
        const char *name;
        size_t n_frames, n_labels, n_weights;
    } cases[] = {
        {"conv", 98, 12, 926860},
        {"single_fc", 98, 12, 47052},
        {"tiny_conv", 98, 12, 94740},
        {"tiny_conv", 49, 4, 16652},
        {"low_latency_conv", 98, 12, 949862},
        {"low_latency_svdf", 98, 12, 751372},
        {"tiny_embedding_conv", 98, 12, 7804},
        {"tiny_embedding_conv", 49, 4, 6164},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        const ws_model *model;
        const ws_model_settings settings = {cases[i].n_frames, 40, cases[i].n_labels, NULL};
        assert_int_equal(ws_model_find(&model, cases[i].name, NULL), WS_OK);
        assert_string_equal(model->name, cases[i].name);
        assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
        assert_int_equal(graph.n_weights, cases[i].n_weights);
        assert_int_equal(ws_graph_n_labels(&graph), cases[i].n_labels);
        ws_graph_deinit(&graph);
    }
}

static void svdf_notes_what_its_checkpoints_have(void **state)
{
    static ws_graph graph;
    const ws_model_settings settings = ws_test_model_settings(49, 40, 12);
    (void)state;

    for (size_t i = 0; i < ws_model_n(); i++) {
        ws_graph_deinit(&graph);
        assert_int_equal(ws_model_get(i)->build(&graph, &settings, NULL), WS_OK);
        assert_int_equal(graph.n_constants, ws_model_get(i) == &ws_model_low_latency_svdf ? 2 : 0);
    }
    ws_graph_deinit(&graph);
    assert_int_equal(ws_model_low_latency_svdf.build(&graph, &settings, NULL), WS_OK);
    const ws_variable *memory = &graph.constants[0], *flag = &graph.constants[1];
    assert_string_equal(memory->name, "runtime-memory");
    assert_int_equal(memory->n_dims, 3);
    assert_int_equal(memory->dims[0], 2560);
    assert_int_equal(memory->dims[1], 1);
    assert_int_equal(memory->dims[2], 49);
    assert_true(!memory->is_integer && memory->init.kind == WS_INIT_ZEROS);
    assert_string_equal(flag->name, "first_time_flag");
    assert_true(flag->n_dims == 0 && flag->is_integer && flag->init.kind == WS_INIT_VALUE &&
                flag->init.value == 1.0);
    ws_graph_deinit(&graph);
}

static void every_model_of_the_table_is_found(void **state)
{
    (void)state;
    assert_int_equal(ws_model_n(), 21);
    for (size_t i = 0; i < ws_model_n(); i++) {
        const ws_model *model;
        assert_int_equal(ws_model_find(&model, ws_model_get(i)->name, NULL), WS_OK);
        assert_ptr_equal(model, ws_model_get(i));
    }
}

static void unknown_names_are_refused_with_the_known_ones(void **state)
{
    const ws_model *model;
    ws_error err;
    (void)state;

    assert_int_equal(ws_model_find(&model, "convv", &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "unknown --model_architecture \"convv\", expected one of: "
                                        "single_fc, conv, low_latency_conv, low_latency_svdf, "
                                        "tiny_conv, tiny_embedding_conv, bc_resnet_1, "));
}

static void impossible_settings_are_refused(void **state)
{
    static ws_graph graph;
    const ws_model_settings settings = {0, 40, 12, NULL}, narrow = {98, 7, 12, NULL};
    ws_error err;
    (void)state;
    for (size_t i = 0; i < ws_model_n(); i++) {
        ws_graph_deinit(&graph);
        assert_int_not_equal(ws_model_get(i)->build(&graph, &settings, &err), WS_OK);
    }
    ws_graph_deinit(&graph);
    assert_int_equal(ws_model_low_latency_conv.build(&graph, &narrow, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "there are only 7"));
    ws_graph_deinit(&graph);
    assert_int_equal(ws_model_bc_resnet_1.build(&graph, &narrow, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "needs a multiple of 40 features a frame, not 7"));
    ws_graph_deinit(&graph);
}

/** What mixednet says of settings that differ in one from good ones. */
static void refuse(ws_mixednet_settings mixednet, size_t n_frames, const char *message)
{
    static ws_graph graph;
    ws_error err;

    assert_int_equal(
        ws_model_mixednet.build(&graph, &(ws_model_settings){n_frames, 40, 12, &mixednet}, &err),
        WS_EUSAGE);
    assert_string_equal(err.message, message);
    ws_graph_deinit(&graph);
}

static void mixednet_says_what_would_fit(void **state)
{
    const char *const lists = ": expected at most 16 lists of 1 to 8 kernel lengths, as in "
                              "[5],[7,11],[9,15],[23]";
    const char *const kernels[] = {"",    "5",    "[5",     "[]",
                                   "[0]", "[5],", "[5][7]", "[1,2,3,4,5,6,7,8,9]"};
    ws_mixednet_settings m;
    char message[256];
    (void)state;

    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        m = ws_test_mixednet;
        m.kernels = kernels[i];
        if (strcmp(kernels[i], "[5][7]") == 0)
            (void)snprintf(message, sizeof message,
                           "--mixednet_kernels=[5][7]: expected the end or a comma at \"[7]\"");
        else
            (void)snprintf(message, sizeof message, "--mixednet_kernels=%s%s", kernels[i], lists);
        refuse(m, 98, message);
    }
    m = ws_test_mixednet;
    m.filters = "64";
    refuse(m, 98,
           "--mixednet_filters=64: expected 2 numbers from 1 to 4096, one for each block of "
           "--mixednet_kernels");
    m = ws_test_mixednet;
    m.residuals = "0,2";
    refuse(m, 98,
           "--mixednet_residuals=0,2: expected 2 numbers from 0 to 1, one for each block of "
           "--mixednet_kernels");
    m = ws_test_mixednet;
    m.filters = "1,10";
    refuse(m, 98,
           "block 2 of --mixednet_kernels has 2 kernels, but only 1 channels to share among "
           "them");
    refuse(ws_mixednet_2024, 154,
           "mixednet needs clips of at least 155 frames with these kernels, not 154: use a longer "
           "--clip_duration_ms, a shorter --window_stride_ms or shorter --mixednet_kernels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameter_counts_are_the_originals),
        cmocka_unit_test(svdf_notes_what_its_checkpoints_have),
        cmocka_unit_test(every_model_of_the_table_is_found),
        cmocka_unit_test(unknown_names_are_refused_with_the_known_ones),
        cmocka_unit_test(impossible_settings_are_refused),
        cmocka_unit_test(mixednet_says_what_would_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
