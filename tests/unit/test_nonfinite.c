/* Naming the first tensor of a step that is not finite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "nn/nonfinite.h"
#include "nn/passes/quantize.h"

enum { N_SAMPLES = 6, N_FEATURES = 20, N_LABELS = 3 };

static ws_graph graph, quantized;
static float features[N_SAMPLES * N_FEATURES];
static int32_t labels[N_SAMPLES];

static int make_graphs(void **state)
{
    ws_random random;
    ws_error err;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){5, 4, 1});
    x = ws_graph_push_conv2d(&graph, x,
                             &(ws_conv2d_args){.name = "first",
                                               .kernel_h = 3,
                                               .kernel_w = 2,
                                               .n_channels = 4,
                                               .init = {WS_INIT_TRUNCATED_NORMAL, 0.3}});
    x = ws_graph_push_bias_add(&graph, x, "first_bias");
    x = ws_graph_push_relu(&graph, x);
    x = ws_graph_push_dense(&graph, x,
                            &(ws_dense_args){.name = "last",
                                             .n_units = N_LABELS,
                                             .init = {WS_INIT_TRUNCATED_NORMAL, 3.0}});
    (void)ws_graph_push_bias_add(&graph, x, "last_bias");
    if (ws_graph_init_copy(&quantized, &graph, &err) != WS_OK)
        return 1;
    ws_random_init(&random, 7, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N_SAMPLES * N_FEATURES; i++)
        features[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    for (size_t i = 0; i < N_SAMPLES; i++)
        labels[i] = (int32_t)ws_random_below(&random, N_LABELS);
    return ws_graph_quantize(&quantized, -1.0f, 1.0f, &err) != WS_OK;
}

enum { ALL = 1000 };

/** The result with number `at` of a parameter (or all numbers) set to value, and all features
 * multiplied by scale. */
static const char *search(const ws_graph *of, const char *parameter, size_t at, float value,
                          float scale)
{
    static char text[WS_NONFINITE_MAX_TEXT];
    float scaled[N_SAMPLES * N_FEATURES];
    const ws_batch batch = {.features = scaled,
                            .labels = labels,
                            .n = N_SAMPLES,
                            .dropout = {.rate = 0.5, .seed = 1, .step = 1}};
    ws_network *network = NULL;
    ws_error err;

    for (size_t i = 0; i < N_SAMPLES * N_FEATURES; i++)
        scaled[i] = scale * features[i];
    assert_int_equal(
        ws_network_create(&network, of, &(ws_network_options){.max_batch = N_SAMPLES}, &err),
        WS_OK);
    ws_network_init_parameters(network, 1);
    for (size_t p = 0; p < of->n_parameters; p++) {
        float *values = ws_network_parameters(network) + of->parameters[p].offset;
        if (strcmp(of->parameters[p].name, parameter) != 0)
            continue;
        for (size_t i = 0; i < of->parameters[p].size; i++)
            values[i] = at == ALL || at == i ? value : values[i];
    }
    assert_int_equal(
        ws_nonfinite_search(&(ws_nonfinite_step){.graph = of,
                                                 .parameters = ws_network_parameters(network),
                                                 .ranges = ws_network_ranges(network),
                                                 .batch = &batch},
                            text, &err),
        WS_OK);
    ws_network_destroy(network);
    return text;
}

static void nothing_is_found_where_all_is_finite(void **state)
{
    (void)state;
    assert_string_equal(search(&graph, "first", 0, 0.5f, 1.0f), "");
    assert_string_equal(search(&quantized, "first", 0, 0.5f, 1.0f), "");
}

static void variables_come_before_what_they_give(void **state)
{
    (void)state;
    assert_string_equal(search(&graph, "first", 5, NAN, 1.0f), "the variable \"first\" (nan)");
    assert_string_equal(search(&graph, "last_bias", 2, INFINITY, 1.0f),
                        "the variable \"last_bias\" (inf)");
}

static void features_come_first(void **state)
{
    (void)state;
    assert_string_equal(search(&graph, "last_bias", 0, INFINITY, INFINITY) + 0,
                        "the features (inf, in clip 1 of the batch)");
}

/** All weights are finite, and so is every operator before: single precision overflows here. */
static void operators_are_named_by_their_variable(void **state)
{
    (void)state;
    const char *text = search(&graph, "first", 0, 3e38f, 10.0f);
    assert_ptr_equal(strstr(text, "the output of Conv2D \"first\" ("), text);
    text = search(&graph, "last", 0, 3e38f, 100.0f);
    assert_ptr_equal(strstr(text, "the output of MatMul \"last\" ("), text);
}

/** With weights as small as the features are large, all is of common size on the way forward; on
 *  the way back the features' size comes through. */
static void gradients_come_last(void **state)
{
    (void)state;
    const char *text = search(&graph, "first", ALL, 1e-30f, 3.4e38f);
    const char *want = "the gradient by the variable \"first\" (";
    if (strstr(text, want) != text)
        fail_msg("found %s", text);
}

static void arrays_are_looked_over(void **state)
{
    enum { N = 9000 };
    static float values[N];
    static const size_t places[] = {0, 1, 4095, 4096, 8999};
    (void)state;

    for (size_t i = 0; i < N; i++)
        values[i] = i % 2 == 0 ? 3.4e38f : -1e-42f; /* as large and as small as there are */
    assert_int_equal(ws_nonfinite_find(values, N), N);
    assert_int_equal(ws_nonfinite_find(values, 0), 0);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        values[places[i]] = i % 2 == 0 ? NAN : -INFINITY;
        assert_int_equal(ws_nonfinite_find(values, N), places[i]);
        assert_int_equal(ws_nonfinite_find(values, places[i]), places[i]);
        values[places[i]] = 0.0f;
    }
    assert_string_equal(ws_nonfinite_parameter(&graph, 0)->name, "first");
    assert_string_equal(ws_nonfinite_parameter(&graph, 24)->name, "first_bias");
    assert_string_equal(ws_nonfinite_parameter(&graph, graph.n_weights - 1)->name, "last_bias");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_found_where_all_is_finite),
        cmocka_unit_test(variables_come_before_what_they_give),
        cmocka_unit_test(features_come_first),
        cmocka_unit_test(operators_are_named_by_their_variable),
        cmocka_unit_test(gradients_come_last),
        cmocka_unit_test(arrays_are_looked_over),
    };
    return cmocka_run_group_tests(tests, make_graphs, NULL);
}
