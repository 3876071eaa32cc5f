/* The rewriting of graphs for fake quantisation, and how ranges are learned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audio/feature_range.h"
#include "models/model.h"
#include "nn/fake_quant.h"
#include "nn/op.h"
#include "nn/passes/fold_batch_norm.h"
#include "nn/passes/quantize.h"
#include "support/models.h"

static void make(ws_graph *graph, const char *name)
{
    const ws_model_settings settings = ws_test_model_settings(98, 40, 12);
    const ws_model *model;
    ws_error err;

    assert_int_equal(ws_model_find(&model, name, &err), WS_OK);
    ws_graph_deinit(graph);
    assert_int_equal(model->build(graph, &settings, &err), WS_OK);
}

/** Operators one a line: its name, the quantizer's, and the operator that it reads. */
static void describe(const ws_graph *graph, char *text, size_t size)
{
    size_t at = 0;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_node *node = &graph->nodes[i];
        const char *weights = "", *quantizer = "";
        if (node->parameters[0] != WS_NO_VARIABLE &&
            graph->parameters[node->parameters[0]].quantizer > 0)
            weights = graph->quantizers[graph->parameters[node->parameters[0]].quantizer - 1].name;
        if (node->quantizer > 0)
            quantizer = graph->quantizers[node->quantizer - 1].name;
        at += (size_t)snprintf(text + at, size - at, "%zu %s%s%s%s%s <%zu\n", i,
                               ws_op_get(node->kind)->name, weights[0] != '\0' ? " " : "", weights,
                               quantizer[0] != '\0' ? " " : "", quantizer, node->inputs[0]);
        assert_true(at < size);
    }
}

static void conv_is_quantised_as_contrib_did(void **state)
{
    static ws_graph graph, plain;
    char text[2048];
    ws_error err;
    (void)state;

    make(&plain, "conv");
    make(&graph, "conv");
    assert_int_equal(ws_graph_quantize(&graph, -247.0f, 30.0f, &err), WS_OK);
    describe(&graph, text, sizeof text);
    assert_string_equal(text, "0 Placeholder <0\n"
                              "1 FakeQuantWithMinMaxVars <0\n"
                              "2 Conv2D weights_quant <1\n"
                              "3 BiasAdd <2\n"
                              "4 Relu <3\n"
                              "5 FakeQuantWithMinMaxVars act_quant <4\n"
                              "6 Dropout <5\n"
                              "7 MaxPool <6\n"
                              "8 Conv2D weights_quant_1 <7\n"
                              "9 BiasAdd <8\n"
                              "10 Relu <9\n"
                              "11 FakeQuantWithMinMaxVars act_quant_1 <10\n"
                              "12 Dropout <11\n"
                              "13 MatMul weights_quant_2 <12\n"
                              "14 BiasAdd <13\n"
                              "15 FakeQuantWithMinMaxVars act_quant_2 <14\n");
    /* checkpoints fit both */
    assert_int_equal(graph.n_parameters, plain.n_parameters);
    for (size_t p = 0; p < graph.n_parameters; p++) {
        assert_string_equal(graph.parameters[p].name, plain.parameters[p].name);
        assert_int_equal(graph.parameters[p].offset, plain.parameters[p].offset);
    }
    assert_int_equal(ws_graph_n_labels(&graph), 12);
}

/** Layers without ReLU are numbered after those with it, at any position. */
static void layers_with_relu_come_first(void **state)
{
    static ws_graph graph;
    char text[1024];
    ws_error err;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){4, 3, 1});
    x = ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "a", .n_units = 3});
    x = ws_graph_push_bias_add(&graph, x, "a_bias");
    x = ws_graph_push_dropout(&graph, x);
    x = ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "b", .n_units = 3});
    x = ws_graph_push_relu(&graph, x);
    (void)ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "c", .n_units = 3});
    assert_int_equal(ws_graph_quantize(&graph, 0.0f, 26.0f, &err), WS_OK);
    describe(&graph, text, sizeof text);
    assert_string_equal(text, "0 Placeholder <0\n"
                              "1 FakeQuantWithMinMaxVars <0\n"
                              "2 MatMul weights_quant_1 <1\n"
                              "3 BiasAdd <2\n"
                              "4 FakeQuantWithMinMaxVars act_quant_1 <3\n"
                              "5 Dropout <4\n"
                              "6 MatMul weights_quant <5\n"
                              "7 Relu <6\n"
                              "8 FakeQuantWithMinMaxVars act_quant <7\n"
                              "9 MatMul weights_quant_2 <8\n"
                              "10 FakeQuantWithMinMaxVars act_quant_2 <9\n");
}

/** All that a network with normalisation has: folded and other norms, branches, gates. */
static void push_gated(ws_graph *graph)
{
    size_t x = ws_graph_push_input(graph, (ws_shape){6, 4, 1});

    x = ws_graph_push_conv2d(
        graph, x, &(ws_conv2d_args){.name = "a", .kernel_h = 3, .kernel_w = 3, .n_channels = 5});
    x = ws_graph_push_bias_add(graph, x, "a_bias");
    x = ws_graph_push_relu(graph, ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "n"}));
    ws_graph_open_scope(graph, "part");
    size_t y = ws_graph_push_depthwise(
        graph, x, &(ws_conv2d_args){.name = "b", .kernel_h = 3, .kernel_w = 1});
    y = ws_graph_push_batch_norm(graph, y, &(ws_norm_args){.name = "bands", .n_bands = 2});
    y = ws_graph_push_silu(graph, y);
    const size_t mean = ws_graph_push_mean(graph, y, WS_AXIS_H | WS_AXIS_W);
    y = ws_graph_push_mul(graph, y, ws_graph_push_sigmoid(graph, mean));
    ws_graph_close_scope(graph);
    x = ws_graph_push_relu(graph, ws_graph_push_add(graph, x, ws_graph_push_dropout(graph, y)));
    x = ws_graph_push_mean(graph, x, WS_AXIS_H | WS_AXIS_W);
    (void)ws_graph_push_dense(graph, x, &(ws_dense_args){.name = "c", .n_units = 3});
}

static void values_that_a_runtime_stores_are_quantised(void **state)
{
    static ws_graph graph;
    char text[2048];
    (void)state;

    ws_graph_init(&graph);
    push_gated(&graph);
    assert_int_equal(ws_graph_quantize(&graph, -14.0f, 12.0f, NULL), WS_OK);
    describe(&graph, text, sizeof text);
    assert_string_equal(text, "0 Placeholder <0\n"
                              "1 FakeQuantWithMinMaxVars <0\n"
                              "2 Conv2D weights_quant <1\n"
                              "3 BiasAdd <2\n"
                              "4 FusedBatchNormV3 <3\n"
                              "5 Relu <4\n"
                              "6 FakeQuantWithMinMaxVars act_quant <5\n"
                              "7 DepthwiseConv2dNative weights_quant_1 <6\n"
                              "8 FakeQuantWithMinMaxVars act_quant_1 <7\n"
                              "9 FusedBatchNormV3 <8\n"
                              "10 FakeQuantWithMinMaxVars act_quant_2 <9\n"
                              "11 Silu <10\n"
                              "12 FakeQuantWithMinMaxVars act_quant_3 <11\n"
                              "13 Mean <12\n"
                              "14 FakeQuantWithMinMaxVars act_quant_4 <13\n"
                              "15 Sigmoid <14\n"
                              "16 FakeQuantWithMinMaxVars <15\n"
                              "17 Mul <12\n"
                              "18 FakeQuantWithMinMaxVars act_quant_5 <17\n"
                              "19 Dropout <18\n"
                              "20 AddV2 <6\n"
                              "21 Relu <20\n"
                              "22 FakeQuantWithMinMaxVars act_quant_6 <21\n"
                              "23 Mean <22\n"
                              "24 FakeQuantWithMinMaxVars act_quant_7 <23\n"
                              "25 MatMul weights_quant_2 <24\n"
                              "26 FakeQuantWithMinMaxVars act_quant_8 <25\n");
    for (size_t i = 0; i < graph.n_nodes; i++) { /* a sigmoid's levels are the runtimes' */
        const ws_node *node = &graph.nodes[i];
        if (node->quantizer > 0)
            assert_int_equal(node->scope, graph.nodes[node->inputs[0]].scope);
        if (node->quantizer == 0 || graph.nodes[node->inputs[0]].kind != WS_OP_SIGMOID)
            continue;
        ws_levels levels;
        ws_levels_init_fixed(&levels, &graph.quantizers[node->quantizer - 1]);
        assert_true(levels.scale == 1.0f / 256.0f && levels.min == 0.0f);
    }
    ws_graph_deinit(&graph);
}

/** Numbers of a folded model's parameter. */
static const float *find_weights(const ws_folded *folded, const char *name, size_t *n)
{
    for (size_t p = 0; p < folded->graph.n_parameters; p++) {
        const ws_variable *parameter = &folded->graph.parameters[p];
        if (strcmp(parameter->name, name) != 0)
            continue;
        *n = parameter->size;
        return folded->parameters + parameter->offset;
    }
    fail_msg("%s is missing", name);
    return NULL;
}

/** What training rounds is what a runtime gets: weights rounded and then folded are those folded
 *  and then rounded, whatever the sign of a channel's scale. */
static void rounding_goes_with_folding(void **state)
{
    static ws_graph graph, plain;
    static ws_quant_range ranges[32];
    float parameters[512], rounded[512], states[64], folded_first[512];
    ws_folded exact, after;
    (void)state;

    ws_graph_init(&plain);
    push_gated(&plain);
    ws_graph_init(&graph);
    push_gated(&graph);
    assert_true(graph.n_weights <= 512 && graph.n_state_numbers <= 64);
    for (size_t i = 0; i < graph.n_weights; i++)
        rounded[i] = parameters[i] = sinf(17.0f * (float)(i * i + 1));
    for (size_t i = 0; i < graph.n_state_numbers; i++)
        states[i] = 0.5f + 0.4f * cosf((float)i);
    assert_int_equal(ws_graph_quantize(&graph, -14.0f, 12.0f, NULL), WS_OK);
    ws_graph_fix_ranges(&graph, ranges, rounded);
    for (size_t p = 0; p < graph.n_parameters; p++)
        assert_int_equal(graph.parameters[p].quantizer, 0);
    assert_int_equal(ws_fold_batch_norm(&exact, &plain, parameters, states, NULL), WS_OK);
    assert_int_equal(ws_fold_batch_norm(&after, &graph, rounded, states, NULL), WS_OK);
    static const struct {
        const char *name;
        size_t n_channels;
    } layers[] = {{"a", 5}, {"part/b", 5}, {"c", 3}};
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++) {
        size_t n = 0, m = 0, n_changed = 0;
        const float *x = find_weights(&exact, layers[k].name, &n);
        const float *y = find_weights(&after, layers[k].name, &m);
        assert_int_equal(n, m);
        ws_quantize_channels(x, n, layers[k].n_channels, folded_first);
        for (size_t i = 0; i < n; i++) {
            assert_float_equal(folded_first[i], y[i], 1e-5f * (1.0f + fabsf(y[i])));
            n_changed += fabsf(x[i] - y[i]) > 1e-4f;
        }
        assert_true(n_changed > n / 4); /* these were rounded at all */
    }
    ws_folded_deinit(&exact);
    ws_folded_deinit(&after);
    ws_graph_deinit(&graph);
    ws_graph_deinit(&plain);
}

static void every_model_can_be_quantised(void **state)
{
    static ws_graph graph;
    ws_error err;
    (void)state;

    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        make(&graph, ws_test_models[i]);
        assert_int_equal(ws_graph_quantize(&graph, -247.0f, 30.0f, &err), WS_OK);
        for (size_t n = 1; n < graph.n_nodes; n++)
            assert_true(graph.nodes[n].inputs[0] < n);
        assert_int_equal(graph.nodes[graph.n_nodes - 1].kind, WS_OP_FAKE_QUANT);
    }
}

/** Neither nodes nor quantizers have a limit. */
static void large_graphs_can_be_quantised(void **state)
{
    enum { N_LAYERS = 400 };
    ws_graph graph;
    ws_error err;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){1, 1, 2});
    for (int i = 0; i < N_LAYERS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "w%d", i);
        x = ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = name, .n_units = 2});
        x = ws_graph_push_relu(&graph, x);
    }
    assert_int_equal(ws_graph_status(&graph, &err), WS_OK);
    assert_int_equal(ws_graph_quantize(&graph, 0.0f, 1.0f, &err), WS_OK);
    assert_int_equal(graph.n_nodes, 2 + 3 * N_LAYERS);
    assert_int_equal(graph.n_quantizers, 1 + 2 * N_LAYERS);
    assert_string_equal(graph.quantizers[2 * N_LAYERS].name, "act_quant_399");
    assert_string_equal(graph.parameters[N_LAYERS - 1].name, "w399");
    assert_int_equal(graph.parameters[N_LAYERS - 1].quantizer, 2 * N_LAYERS);
    ws_graph_deinit(&graph);
}

static void variables_have_contribs_names(void **state)
{
    static const ws_quantizer average = {.name = "act_quant_1", .kind = WS_RANGE_AVERAGE};
    static const ws_quantizer last = {.name = "weights_quant", .kind = WS_RANGE_LAST};
    static const char *const names[] = {
        "act_quant_1/min",
        "act_quant_1/max",
        "act_quant_1/act_quant_1/min/biased",
        "act_quant_1/act_quant_1/min/local_step",
        "act_quant_1/act_quant_1/max/biased",
        "act_quant_1/act_quant_1/max/local_step",
    };
    char name[WS_QUANT_RANGE_MAX_NAME];
    (void)state;

    assert_int_equal(ws_quant_range_n_variables(&average), 6);
    for (size_t i = 0; i < 6; i++) {
        ws_quant_range_get_name(&average, i, name);
        assert_string_equal(name, names[i]);
    }
    assert_int_equal(ws_quant_range_n_variables(&last), 2);
    ws_quant_range_get_name(&last, WS_RANGE_MAX, name);
    assert_string_equal(name, "weights_quant/max");
    assert_int_equal(ws_quant_range_n_variables(&(ws_quantizer){.kind = WS_RANGE_FIXED}), 0);
}

static void ranges_are_learned(void **state)
{
    static const ws_quantizer average = {.kind = WS_RANGE_AVERAGE, .min = 0.0f, .max = 6.0f};
    static const ws_quantizer last = {.kind = WS_RANGE_LAST, .min = -6.0f, .max = 6.0f};
    ws_quant_range range;
    (void)state;

    ws_quant_range_init(&range, &last);
    assert_true(range.numbers[WS_RANGE_MIN] == -6.0f && range.numbers[WS_RANGE_MAX] == 6.0f);
    ws_quant_range_push(&range, &last, -0.5f, 0.25f);
    assert_true(range.numbers[WS_RANGE_MIN] == -0.5f && range.numbers[WS_RANGE_MAX] == 0.25f);
    ws_quant_range_push(&range, &last, 0.125f, 0.25f); /* zero belongs to it */
    assert_true(range.numbers[WS_RANGE_MIN] == 0.0f);

    /* an average does not begin at what it was set to, but at the first batch */
    ws_quant_range_init(&range, &average);
    ws_quant_range_push(&range, &average, 0.0f, 3.0f);
    assert_float_equal(range.numbers[WS_RANGE_MAX], 3.0f, 3e-4f);
    ws_quant_range_push(&range, &average, 0.0f, 5.0f);
    assert_float_equal(range.numbers[WS_RANGE_MAX], 4.0005f, 5e-4f);
    assert_true(range.numbers[WS_RANGE_MAX_STEPS] == 2.0f);
    for (int i = 0; i < 20000; i++)
        ws_quant_range_push(&range, &average, -1.0f, 7.0f);
    assert_float_equal(range.numbers[WS_RANGE_MAX], 7.0f, 1e-3f);
    assert_float_equal(range.numbers[WS_RANGE_MIN], -1.0f, 1e-3f);
}

/** The ranges of the features, whose levels the reference states. */
static void levels_are_nudged(void **state)
{
    static const struct {
        const char *preprocess;
        float first, last, scale, zero;
    } cases[] = {
        {"average", 0.0f, 127.5f, 0.5f, 0.0f},
        {"mfcc", -246.58431f, 30.41569f, 1.0862745f, 227.0f},
        {"micro", 0.0f, 26.0f, 0.10196079f, 0.0f},
    };
    ws_feature_range range;
    ws_levels levels;
    ws_error err;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ws_feature_range_find(cases[i].preprocess, &range, &err), WS_OK);
        const ws_quantizer quantizer = {.kind = WS_RANGE_FIXED, .min = range.min, .max = range.max};
        ws_levels_init_fixed(&levels, &quantizer);
        assert_float_equal(levels.min, cases[i].first, 2e-5f);
        assert_float_equal(levels.max, cases[i].last, 2e-5f);
        assert_float_equal(levels.scale, cases[i].scale, 1e-7f);
        assert_true(levels.zero == cases[i].zero);
    }
    assert_int_equal(ws_feature_range_find("fft", &range, &err), WS_ENOTFOUND);
    ws_levels_init_fixed(&levels, &(ws_quantizer){.kind = WS_RANGE_FIXED});
    assert_true(levels.scale == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_is_quantised_as_contrib_did),
        cmocka_unit_test(layers_with_relu_come_first),
        cmocka_unit_test(values_that_a_runtime_stores_are_quantised),
        cmocka_unit_test(rounding_goes_with_folding),
        cmocka_unit_test(every_model_can_be_quantised),
        cmocka_unit_test(large_graphs_can_be_quantised),
        cmocka_unit_test(variables_have_contribs_names),
        cmocka_unit_test(ranges_are_learned),
        cmocka_unit_test(levels_are_nudged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
