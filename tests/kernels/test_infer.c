/* Inference against the reference engine, on every instruction set that this processor has: every
 * model, graphs that branch, windows of all geometries, operands that repeat along any axis. The
 * same bits for any batch, and no allocation in a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "kernels/branching_graphs.h"
#include "kernels/engine_ways.h"
#include "kernels/guarded.h"
#include "nn/infer/infer.h"
#include "nn/infer/winograd.h"
#include "nn/network.h"
#include "nn/passes/quantize.h"
#include "support/count_alloc.h"
#include "support/models.h"

enum { N = 3 };

/** A graph with random numbers, random features, and what the reference makes of them. */
typedef struct sample {
    const ws_graph *graph;
    float *parameters, *states, *features;
    float *want; /* [N, n_labels] */
} sample;

static float *copy(const float *from, size_t n)
{
    float *to = zeros_create(n + 1, sizeof *to);

    if (n > 0)
        memcpy(to, from, n * sizeof *to);
    return to;
}

static sample sample_create(const ws_graph *graph)
{
    const size_t n_features = N * ws_shape_size(ws_graph_input_shape(graph));
    ws_network *network = way_create_network(&way_reference, graph, N, 1);
    float *states = ws_network_states(network), *parameters = ws_network_parameters(network);
    sample made = {.graph = graph,
                   .features = zeros_create(n_features, sizeof(float)),
                   .want = zeros_create(N * ws_graph_n_labels(graph), sizeof(float))};

    fill_random(made.features, n_features, 1);
    for (size_t i = 0; i < graph->n_weights; i++) /* biases and offsets, too, are not zero */
        parameters[i] += 0.01f * (float)((i + 2) % 7);
    for (size_t i = 0; i < graph->n_state_numbers; i++) /* variances stay above zero */
        states[i] += 0.1f * (float)(i % 5);
    ws_network_predict(network, made.features, N, made.want);
    made.parameters = copy(parameters, graph->n_weights);
    made.states = copy(states, graph->n_state_numbers);
    ws_network_destroy(network);
    return made;
}

static void sample_destroy(sample *s)
{
    free(s->parameters);
    free(s->states);
    free(s->features);
    free(s->want);
}

static ws_infer *create(const sample *s, ws_cpu_level level)
{
    ws_infer *infer;
    ws_error err;

    if (ws_infer_create(&infer, s->graph, &(ws_infer_numbers){s->parameters, s->states}, level,
                        &err) != WS_OK)
        fail_msg("%s", err.message);
    return infer;
}

/** Scores of the samples one by one, in a call and again are the same bits, and near to what is
 *  wanted. The features end where a sanitizer sees it. */
static void check_level(const sample *s, ws_cpu_level level, const char *name)
{
    const size_t n_labels = ws_graph_n_labels(s->graph), n_logits = N * n_labels;
    const size_t n_inputs = ws_shape_size(ws_graph_input_shape(s->graph));
    ws_infer *infer = create(s, level);
    float *got = zeros_create(n_logits, sizeof *got), *again = zeros_create(n_logits, sizeof *got);
    char what[120];

    const size_t allocated = ws_test_n_allocations();
    ws_infer_run(infer, s->features, N, got);
    ws_infer_run(infer, s->features, N, again);
    assert_int_equal(ws_test_n_allocations(), allocated);
    assert_memory_equal(got, again, n_logits * sizeof *got);
    for (size_t i = N; i-- > 0;)
        ws_infer_run(infer, s->features + i * n_inputs, 1, again + i * n_labels);
    assert_memory_equal(got, again, n_logits * sizeof *got);
    snprintf(what, sizeof what, "%s on %s", name, ws_cpu_level_get_name(level));
    assert_error_below(what, way_relative_error(got, s->want, n_logits), 1e-5);
    free(got);
    free(again);
    ws_infer_destroy(infer);
}

static void check(const ws_graph *graph, const char *name)
{
    ws_error err;

    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s: %s", name, err.message);
    sample s = sample_create(graph);
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)
        check_level(&s, level, name);
    sample_destroy(&s);
}

static void models(void **state)
{
    (void)state;
    for (size_t i = 0; i < ws_model_n(); i++) {
        const ws_model_settings settings = ws_test_model_settings(41, 40, 12);
        ws_graph graph;

        assert_int_equal(ws_model_get(i)->build(&graph, &settings, NULL), WS_OK);
        check(&graph, ws_model_get(i)->name);
        ws_graph_deinit(&graph);
    }
}

static void branching(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BRANCHING_GRAPHS; i++) {
        ws_graph graph;

        ws_graph_init(&graph);
        branching_graphs[i].build(&graph);
        check(&graph, branching_graphs[i].name);
        ws_graph_deinit(&graph);
    }
}

/** The geometry of a window at random, which fits into an input. */
static ws_conv2d_args draw_window(ws_random *random, ws_shape *in)
{
    const size_t kernels[] = {1, 2, 3, 5};
    ws_conv2d_args a = {
        .name = "w",
        .kernel_h = kernels[ws_random_below(random, 4)],
        .kernel_w = kernels[ws_random_below(random, 4)],
        .n_channels = 1 + ws_random_below(random, 40),
        .stride_h = 1 + ws_random_below(random, 2),
        .stride_w = 1 + ws_random_below(random, 2),
        .dilation_h = 1 + ws_random_below(random, 2),
        .dilation_w = 1 + ws_random_below(random, 2),
        .padding = (ws_padding)ws_random_below(random, 3),
        .init = {WS_INIT_UNIFORM, 0.5},
    };
    *in = (ws_shape){1 + ws_random_below(random, 30), 1 + ws_random_below(random, 12),
                     1 + ws_random_below(random, 40)};
    if (ws_random_below(random, 3) == 0)
        in->w = a.kernel_w = 1;
    if (a.padding != WS_PADDING_SAME) {
        in->h += (a.kernel_h - 1) * a.dilation_h;
        in->w += (a.kernel_w - 1) * a.dilation_w;
    }
    if (a.padding == WS_PADDING_EXPLICIT)
        a.zeros = (ws_margins){ws_random_below(random, 4), ws_random_below(random, 4),
                               ws_random_below(random, 4), ws_random_below(random, 4)};
    return a;
}

/** Convolutions and depthwise ones, with what can follow them, directly on the features and not. */
static void windows(void **state)
{
    ws_random random;

    (void)state;
    ws_random_init(&random, 8, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < 200; i++) {
        ws_graph graph;
        ws_shape in;
        const ws_conv2d_args a = draw_window(&random, &in);
        char name[80];

        snprintf(name, sizeof name, "window %zu: %zux%zu of %zux%zux%zu", i, a.kernel_h, a.kernel_w,
                 in.h, in.w, in.c);
        ws_graph_init(&graph);
        size_t x = ws_graph_push_input(&graph, in);
        if (i % 3 == 0)
            x = ws_graph_push_silu(&graph, x);
        x = i % 2 == 0 ? ws_graph_push_conv2d(&graph, x, &a)
                       : ws_graph_push_depthwise(&graph, x, &a);
        if (i % 4 < 2)
            x = ws_graph_push_bias_add(&graph, x, "b");
        if (i % 5 == 0)
            x = ws_graph_push_relu(&graph, x);
        else if (i % 5 == 1)
            x = ws_graph_push_batch_norm(&graph, x, &(ws_norm_args){.name = "n"});
        else if (i % 5 == 2)
            x = ws_graph_push_sigmoid(&graph, x);
        (void)x;
        check(&graph, name);
        ws_graph_deinit(&graph);
    }
}

/** Convolutions that are done at points, with kernels of all widths that have them, last tiles that
 *  are not full, and what is done on the way back. */
static void columns_at_points(void **state)
{
    ws_random random;

    (void)state;
    ws_random_init(&random, 12, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < 60; i++) {
        ws_shape in = {1 + ws_random_below(&random, 9), 12 + i / 3,
                       16 + ws_random_below(&random, 20)};
        ws_conv2d_args a = {.name = "w",
                            .kernel_h = 1 + ws_random_below(&random, 4),
                            .kernel_w = 3 + i % 3,
                            .n_channels = 16 + ws_random_below(&random, 30),
                            .stride_h = 1 + ws_random_below(&random, 2),
                            .dilation_h = 1 + ws_random_below(&random, 2),
                            .padding = (ws_padding)ws_random_below(&random, 3),
                            .init = {WS_INIT_UNIFORM, 0.5}};
        const bool has_residual = ws_random_below(&random, 3) == 0;
        char name[80];
        ws_graph graph;

        if (a.padding != WS_PADDING_SAME)
            in.h += (a.kernel_h - 1) * a.dilation_h;
        if (a.padding == WS_PADDING_EXPLICIT)
            a.zeros = (ws_margins){1, 0, ws_random_below(&random, 5), ws_random_below(&random, 5)};
        if (has_residual) {
            a.padding = WS_PADDING_SAME;
            a.stride_h = 1;
            a.n_channels = in.c;
        }
        snprintf(name, sizeof name, "at points %zu: %zux%zu of %zux%zux%zu", i, a.kernel_h,
                 a.kernel_w, in.h, in.w, in.c);
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, in), y = ws_graph_push_sigmoid(&graph, x);
        size_t z = ws_graph_push_conv2d(&graph, y, &a);
        assert_true(ws_winograd_fits(&graph.nodes[z].window, in, graph.nodes[z].shape));
        if (i % 2 == 0)
            z = ws_graph_push_bias_add(&graph, z, "b");
        if (has_residual)
            z = ws_graph_push_add(&graph, y, z);
        if (i % 4 < 2)
            (void)ws_graph_push_relu(&graph, z);
        check(&graph, name);
        ws_graph_deinit(&graph);
    }
}

static void poolings(void **state)
{
    ws_random random;

    (void)state;
    ws_random_init(&random, 9, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < 60; i++) {
        ws_graph graph;
        ws_shape in;
        const ws_conv2d_args a = draw_window(&random, &in);
        ws_pool_args p = {a.kernel_h, a.kernel_w, a.stride_h, a.stride_w, a.padding, {0, 0, 0, 0}};

        if (p.padding == WS_PADDING_EXPLICIT) /* less than the window: no place without numbers */
            p.zeros = (ws_margins){p.window_h - 1, p.window_h - 1, p.window_w - 1, p.window_w - 1};
        ws_graph_init(&graph);
        size_t x = ws_graph_push_input(&graph, in);
        if (i % 3 == 0)
            x = ws_graph_push_silu(&graph, x);
        x = i % 2 == 0 ? ws_graph_push_max_pool(&graph, x, &p)
                       : ws_graph_push_average_pool(&graph, x, &p);
        if (i % 5 == 0)
            (void)ws_graph_push_relu(&graph, x);
        check(&graph, i % 2 == 0 ? "maximum" : "average");
        ws_graph_deinit(&graph);
    }
}

/** Sums and products whose operands repeat along any axes; means over any axes. */
static void repeated_operands(void **state)
{
    (void)state;
    for (unsigned axes = 1; axes < 8; axes++) {
        for (size_t is_sum = 0; is_sum < 2; is_sum++) {
            for (size_t n_channels = 3; n_channels <= 21; n_channels += 18) {
                ws_graph g;

                ws_graph_init(&g);
                const size_t x = ws_graph_push_input(&g, (ws_shape){7, 5, n_channels});
                const size_t y = ws_graph_push_silu(&g, x);
                const size_t mean = ws_graph_push_mean(&g, y, axes);
                const size_t sum =
                    is_sum == 1 ? ws_graph_push_add(&g, mean, y) : ws_graph_push_mul(&g, x, mean);
                (void)ws_graph_push_relu(&g, sum);
                check(&g, is_sum == 1 ? "sum" : "product");
                ws_graph_deinit(&g);
            }
        }
    }
}

/** Sums of many terms, some of which end a convolution. */
static void long_sums(void **state)
{
    const ws_conv2d_args pointwise = {
        .name = "p", .kernel_h = 1, .kernel_w = 1, .n_channels = 6, .init = {WS_INIT_UNIFORM, 0.5}};
    ws_graph g;
    size_t terms[6];

    (void)state;
    ws_graph_init(&g);
    terms[0] = ws_graph_push_silu(&g, ws_graph_push_input(&g, (ws_shape){9, 4, 6}));
    for (size_t i = 1; i < 6; i++)
        terms[i] = i % 2 == 0 ? ws_graph_push_conv2d(&g, terms[i - 1], &pointwise)
                              : ws_graph_push_sigmoid(&g, terms[i - 1]);
    size_t sum = ws_graph_push_add(&g, terms[0], terms[1]);
    for (size_t i = 2; i < 6; i++)
        sum = ws_graph_push_add(&g, i % 2 == 0 ? sum : terms[i], i % 2 == 0 ? terms[i] : sum);
    sum = ws_graph_push_add(&g, sum, ws_graph_push_conv2d(&g, sum, &pointwise));
    sum = ws_graph_push_add(&g, sum, sum);
    (void)ws_graph_push_relu(&g, sum);
    check(&g, "long sums");
    ws_graph_deinit(&g);
}

/** A normalisation in bands that ends a depthwise convolution, and ones that cannot. */
static void normalisations(void **state)
{
    const ws_conv2d_args a = {.name = "d",
                              .kernel_h = 3,
                              .kernel_w = 3,
                              .stride_w = 2,
                              .padding = WS_PADDING_SAME,
                              .init = {WS_INIT_UNIFORM, 0.5}};
    const ws_norm_args bands = {.name = "n", .n_bands = 2};

    (void)state;
    for (size_t is_shared = 0; is_shared < 2; is_shared++) {
        ws_graph g;

        ws_graph_init(&g);
        const size_t x = ws_graph_push_input(&g, (ws_shape){9, 8, 3});
        const size_t d = ws_graph_push_depthwise(&g, x, &a);
        size_t y = ws_graph_push_relu(&g, ws_graph_push_batch_norm(&g, d, &bands));
        if (is_shared == 1)
            y = ws_graph_push_mul(&g, y, d);
        y = ws_graph_push_bias_add(&g, ws_graph_push_silu(&g, y), "b");
        (void)ws_graph_push_batch_norm(&g, y, &(ws_norm_args){.name = "m"});
        check(&g, "normalisations");
        ws_graph_deinit(&g);
    }
}

/** Values that are the features in another shape, parts of them and both side by side. */
static void shapes(void **state)
{
    ws_graph g;

    (void)state;
    ws_graph_init(&g);
    const size_t x = ws_graph_push_input(&g, (ws_shape){6, 4, 5});
    const size_t a = ws_graph_push_slice(&g, x, (ws_shape){1, 2, 1}, (ws_shape){3, 2, 2});
    const size_t b = ws_graph_push_slice(&g, x, (ws_shape){3, 0, 0}, (ws_shape){0, 2, 0});
    const size_t parts[] = {a, b, a};
    const size_t joined = ws_graph_push_concat(&g, parts, 3);
    const size_t flat = ws_graph_push_reshape(&g, joined, (ws_shape){2, 3, 9});
    (void)ws_graph_push_dropout(&g, ws_graph_push_relu(&g, flat));
    check(&g, "shapes");
    ws_graph_deinit(&g);
}

/** With fake quantisation a number near the middle of two levels may go to the other one; most do
 *  not, and none goes further. */
static void fake_quantisation(void **state)
{
    static const char *const names[] = {"tiny_conv", "single_fc", "low_latency_svdf"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const ws_model_settings settings = ws_test_model_settings(20, 40, 12);
        const ws_model *model;
        ws_graph graph;
        float got[N * 12];

        assert_int_equal(ws_model_find(&model, names[i], NULL), WS_OK);
        assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
        assert_int_equal(ws_graph_quantize(&graph, -1.0f, 1.0f, NULL), WS_OK);
        for (size_t k = 0; k < graph.n_quantizers; k++)
            graph.quantizers[k].kind = WS_RANGE_FIXED;
        sample s = sample_create(&graph);
        ws_infer *infer = create(&s, ws_cpu_level_get_best());
        ws_infer_run(infer, s.features, N, got);
        const ws_quantizer *last = &graph.quantizers[graph.n_quantizers - 1];
        const float level = (last->max - last->min) / 255.0f;
        size_t n_other = 0;
        for (size_t k = 0; k < N * 12; k++) {
            const float distance = got[k] > s.want[k] ? got[k] - s.want[k] : s.want[k] - got[k];
            assert_true(distance < 1.5f * level);
            n_other += distance > 0.5f * level;
        }
        assert_true(n_other <= 2);
        ws_infer_destroy(infer);
        sample_destroy(&s);
        ws_graph_deinit(&graph);
    }
}

static void learned_ranges_are_refused(void **state)
{
    const ws_model_settings settings = ws_test_model_settings(20, 40, 12);
    const ws_model *model;
    ws_graph graph;
    ws_infer *infer;
    ws_error err;

    (void)state;
    assert_int_equal(ws_model_find(&model, "tiny_conv", NULL), WS_OK);
    assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
    assert_int_equal(ws_graph_quantize(&graph, -1.0f, 1.0f, NULL), WS_OK);
    float *parameters = zeros_create(graph.n_weights, sizeof *parameters);
    assert_int_equal(ws_infer_create(&infer, &graph, &(ws_infer_numbers){parameters, NULL},
                                     WS_CPU_GENERIC, &err),
                     WS_EINVAL);
    assert_non_null(strstr(err.message, "weights_quant"));
    assert_null(infer);
    free(parameters);
    ws_graph_deinit(&graph);
}

/** What is not a number stays in the sample that has it, and shows in its logits. */
static void not_a_number(void **state)
{
    const ws_model_settings settings = ws_test_model_settings(41, 40, 12);

    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        const ws_model *model;
        ws_graph graph;
        float got[N * 12], clean[N * 12];

        assert_int_equal(ws_model_find(&model, ws_test_models[i], NULL), WS_OK);
        assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
        sample s = sample_create(&graph);
        const size_t n_inputs = ws_shape_size(ws_graph_input_shape(&graph));
        ws_infer *infer = create(&s, ws_cpu_level_get_best());
        ws_infer_run(infer, s.features, N, clean);
        for (size_t k = 0; k < n_inputs; k++)
            s.features[n_inputs + k] = (float)(0.0 / 0.0 * (double)k);
        ws_infer_run(infer, s.features, N, got);
        assert_memory_equal(got, clean, 12 * sizeof *got);
        assert_memory_equal(got + 24, clean + 24, 12 * sizeof *got);
        for (size_t k = 12; k < 24; k++)
            if (got[k] == got[k])
                fail_msg("%s: logit %zu is %g", ws_test_models[i], k, (double)got[k]);
        ws_infer_destroy(infer);
        sample_destroy(&s);
        ws_graph_deinit(&graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models),
        cmocka_unit_test(branching),
        cmocka_unit_test(windows),
        cmocka_unit_test(columns_at_points),
        cmocka_unit_test(poolings),
        cmocka_unit_test(repeated_operands),
        cmocka_unit_test(long_sums),
        cmocka_unit_test(normalisations),
        cmocka_unit_test(shapes),
        cmocka_unit_test(fake_quantisation),
        cmocka_unit_test(learned_ranges_are_refused),
        cmocka_unit_test(not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
