/* The lanes engine against the reference engine, on graphs that have what today's networks have:
 * logits, losses, gradients and running statistics of training steps, and predictions, on every
 * level that this processor has; equal bits for any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/branching_graphs.h"
#include "kernels/engine_ways.h"
#include "kernels/guarded.h"
#include "nn/engine/lanes/lower.h"
#include "nn/engine/lanes/maps.h"
#include "nn/engine/lanes/products.h"
#include "nn/network.h"
#include "nn/passes/quantize.h"
#include "nn/quant_kernels.h"
#include "support/count_alloc.h"

enum { MAX_BATCH = 21, N_STEPS = 2 };

/** What came out of some steps and a prediction. */
typedef struct outcome {
    float *logits, *gradients, *states, *predicted;
    ws_quant_range *ranges;
    double losses[N_STEPS];
} outcome;

static outcome outcome_create(const ws_graph *g)
{
    const size_t n_logits = MAX_BATCH * ws_graph_n_labels(g);
    return (outcome){.logits = zeros_create(n_logits, sizeof(float)),
                     .gradients = zeros_create(g->n_weights, sizeof(float)),
                     .states = zeros_create(g->n_state_numbers + 1, sizeof(float)),
                     .predicted = zeros_create(n_logits, sizeof(float)),
                     .ranges = zeros_create(g->n_quantizers + 1, sizeof(ws_quant_range))};
}

static void outcome_destroy(outcome *o)
{
    free(o->logits);
    free(o->gradients);
    free(o->states);
    free(o->predicted);
    free(o->ranges);
}

/** Some training steps that change the weights, and a prediction of a smaller batch. */
static outcome run(const way *by, const ws_graph *g, size_t n, unsigned n_threads)
{
    outcome o = outcome_create(g);
    ws_network *network = way_create_network(by, g, MAX_BATCH, n_threads);
    const size_t n_features = n * ws_shape_size(ws_graph_input_shape(g));
    float *features = zeros_create(n_features, sizeof(float));
    int32_t labels[MAX_BATCH];

    for (size_t i = 0; i < n; i++)
        labels[i] = (int32_t)(i % ws_graph_n_labels(g));
    fill_random(ws_network_parameters(network), g->n_weights, 7);
    for (uint64_t step = 0; step < N_STEPS; step++) {
        fill_random(features, n_features, (uint32_t)step);
        const ws_batch batch = {.features = features,
                                .labels = labels,
                                .n = n,
                                .dropout = {.rate = 0.5, .seed = 11, .step = step}};
        const size_t allocated = ws_test_n_allocations();
        o.losses[step] = ws_network_train(network, &batch, o.logits);
        if (by->engine == WS_ENGINE_FAST && n_threads == 1)
            assert_int_equal(ws_test_n_allocations(), allocated);
        for (size_t i = 0; i < g->n_weights; i += 3)
            ws_network_parameters(network)[i] += 0.1f;
    }
    memcpy(o.gradients, ws_network_gradients(network), g->n_weights * sizeof(float));
    memcpy(o.states, ws_network_states(network), g->n_state_numbers * sizeof(float));
    if (g->n_quantizers > 0)
        memcpy(o.ranges, ws_network_ranges(network), g->n_quantizers * sizeof *o.ranges);
    ws_network_predict(network, features, n / 2 + 1, o.predicted);
    free(features);
    ws_network_destroy(network);
    return o;
}

static void check_close(const ws_graph *g, const char *name, const way *by, const outcome *got,
                        const outcome *want)
{
    const size_t n_logits = MAX_BATCH * ws_graph_n_labels(g);
    char what[100];

    snprintf(what, sizeof what, "%s on %s", name, by->isa);
    assert_error_below(what, way_relative_error(got->logits, want->logits, n_logits), 1e-5);
    assert_error_below(what, way_relative_error(got->gradients, want->gradients, g->n_weights),
                       1e-5);
    assert_error_below(what, way_relative_error(got->states, want->states, g->n_state_numbers),
                       1e-5);
    assert_error_below(what, way_relative_error(got->predicted, want->predicted, n_logits), 1e-5);
    for (size_t i = 0; i < N_STEPS; i++)
        assert_error_below(what, fabs(got->losses[i] - want->losses[i]) / want->losses[i], 1e-5);
}

static const way ways[] = {
    {"generic", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, "generic"},
    {"v2", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, "v2"},
    {"v3", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, "v3"},
    {"v4", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, "v4"},
};

static void test_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BRANCHING_GRAPHS; i++) {
        ws_graph g;
        ws_graph_init(&g);
        branching_graphs[i].build(&g);
        for (size_t n = 5; n <= MAX_BATCH; n += 15) { /* 20: a block of 16 lanes, and one of 4 */
            outcome want = run(&way_reference, &g, n, 2);
            for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
                if (!way_can_go(&ways[k]))
                    continue;
                outcome one = run(&ways[k], &g, n, 1), three = run(&ways[k], &g, n, 3);
                check_close(&g, branching_graphs[i].name, &ways[k], &one, &want);
                assert_memory_equal(one.gradients, three.gradients, g.n_weights * sizeof(float));
                assert_memory_equal(one.states, three.states, g.n_state_numbers * sizeof(float));
                assert_memory_equal(one.losses, three.losses, sizeof one.losses);
                outcome_destroy(&one);
                outcome_destroy(&three);
            }
            outcome_destroy(&want);
        }
        ws_graph_deinit(&g);
    }
}

/** Ranges that both have learned. */
static void check_ranges(const ws_graph *g, const outcome *got, const outcome *want)
{
    for (size_t q = 0; q < g->n_quantizers; q++)
        for (size_t i = 0; i < WS_RANGE_N_NUMBERS; i++) {
            const float exact = want->ranges[q].numbers[i];
            assert_float_equal(got->ranges[q].numbers[i], exact, 1e-3f * fabsf(exact) + 1e-6f);
        }
}

/** With fake quantisation a number between two levels may go to either, for rounding decides: then
 *  what follows is a little off. */
static void test_quantised(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BRANCHING_GRAPHS; i++) {
        ws_graph g;
        ws_graph_init(&g);
        branching_graphs[i].build(&g);
        assert_int_equal(ws_graph_quantize(&g, -1.0f, 1.0f, NULL), WS_OK);
        outcome want = run(&way_reference, &g, MAX_BATCH, 2);
        for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
            if (!way_can_go(&ways[k]))
                continue;
            const size_t n_logits = MAX_BATCH * ws_graph_n_labels(&g);
            outcome one = run(&ways[k], &g, MAX_BATCH, 1);
            outcome three = run(&ways[k], &g, MAX_BATCH, 3);
            assert_error_below(branching_graphs[i].name,
                               way_relative_error(one.logits, want.logits, n_logits), 2e-2);
            assert_error_below(branching_graphs[i].name,
                               way_relative_error(one.predicted, want.predicted, n_logits), 2e-2);
            assert_error_below(branching_graphs[i].name,
                               way_relative_error(one.gradients, want.gradients, g.n_weights),
                               5e-2);
            check_ranges(&g, &one, &want);
            assert_memory_equal(one.gradients, three.gradients, g.n_weights * sizeof(float));
            assert_memory_equal(one.ranges, three.ranges, g.n_quantizers * sizeof *one.ranges);
            outcome_destroy(&one);
            outcome_destroy(&three);
        }
        outcome_destroy(&want);
        ws_graph_deinit(&g);
    }
}

/** What only predicts takes less memory and gives the same bits. */
static void test_predicts_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BRANCHING_GRAPHS; i++) {
        ws_graph g;
        ws_network *both, *predicts;
        ws_network_options options = {.max_batch = MAX_BATCH, .n_threads = 1};
        float got[MAX_BATCH * 8], want[MAX_BATCH * 8];

        ws_graph_init(&g);
        branching_graphs[i].build(&g);
        float *features =
            zeros_create(MAX_BATCH * ws_shape_size(ws_graph_input_shape(&g)), sizeof(float));
        fill_random(features, MAX_BATCH * ws_shape_size(ws_graph_input_shape(&g)), 5);
        assert_int_equal(ws_network_create(&both, &g, &options, NULL), WS_OK);
        options.predicts_only = true;
        assert_int_equal(ws_network_create(&predicts, &g, &options, NULL), WS_OK);
        ws_network_init_parameters(both, 1);
        ws_network_init_parameters(predicts, 1);
        ws_network_predict(both, features, MAX_BATCH, want);
        ws_network_predict(predicts, features, MAX_BATCH, got);
        assert_memory_equal(got, want, MAX_BATCH * ws_graph_n_labels(&g) * sizeof(float));
        assert_true(ws_network_get_bytes(predicts) < ws_network_get_bytes(both));
        ws_network_destroy(both);
        ws_network_destroy(predicts);
        free(features);
        ws_graph_deinit(&g);
    }
}

/** Levels bit for bit those of whole arrays, which are TensorFlow's; NaNs stay. */
static void test_levels(void **state)
{
    enum { N = 40 };
    static const float ranges[][2] = {{-1.0f, 1.0f}, {0.0f, 6.0f}, {-0.3f, 2.7f}, {0.0f, 0.0f}};
    float x[N * WS_LANES], dy[N * WS_LANES], want[N * WS_LANES], got[N * WS_LANES];
    (void)state;

    fill_random(x, N * WS_LANES, 1);
    fill_random(dy, N * WS_LANES, 2);
    x[5] = NAN;
    x[6] = INFINITY;
    x[7] = -INFINITY;
    x[8] = 0.0f;
    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
            const ws_quant_kernels *kernels = ws_quant_kernels_get(level);
            const ws_lanes_maps *maps = ws_lanes_maps_get(level);
            const ws_quantizer quantizer = {
                .kind = WS_RANGE_FIXED, .min = ranges[i][0], .max = ranges[i][1]};
            ws_levels levels;
            ws_levels_init_fixed(&levels, &quantizer);
            ws_lanes_map map = {.n_rows = 1,
                                .w = 1,
                                .c = N,
                                .y = got,
                                .x = {.at = x},
                                .levels = {.min = levels.min,
                                           .max = levels.max,
                                           .scale = levels.scale,
                                           .zero = levels.zero}};
            kernels->quantize(&levels, x, N * WS_LANES, want);
            maps->quantize(&map);
            for (size_t k = 0; k < N * WS_LANES; k++)
                assert_true(got[k] == want[k] || (!isfinite(got[k]) && isnan(want[k])));
            map.x.at = dy;
            map.z.at = x;
            x[5] = 0.1f; /* what passes a NaN is of no matter */
            kernels->mask(&levels, x, N * WS_LANES, dy, want);
            maps->quantize_back(&map);
            x[5] = NAN;
            assert_memory_equal(got, want, sizeof want);
        }
    }
}

/** Groups of channels that see the last rows of a window are one convolution; others are not. */
static void test_groups(void **state)
{
    size_t n_mixed = 0, n_depthwise = 0, n_slices = 0;
    ws_lanes_lowered lowered;
    ws_graph g;

    (void)state;
    for (size_t i = 0; i < N_BRANCHING_GRAPHS; i++) {
        if (strcmp(branching_graphs[i].name, "grouped") != 0)
            continue;
        ws_graph_init(&g);
        branching_graphs[i].build(&g);
        assert_int_equal(ws_lanes_lower(&lowered, &g, false, NULL), WS_OK);
        for (size_t k = 0; k < lowered.program.n_nodes; k++) {
            const ws_lanes_node *node = &lowered.program.nodes[k];
            n_mixed += node->op == WS_LANES_DEPTHWISE && node->n_groups == 3;
            n_depthwise += node->op == WS_LANES_DEPTHWISE;
            n_slices += node->op == WS_LANES_SLICE;
        }
        ws_lanes_lowered_deinit(&lowered);
        ws_graph_deinit(&g);
    }
    assert_int_equal(n_mixed, 1);
    assert_int_equal(n_depthwise, 1 + 3);
    assert_int_equal(n_slices, 3);
}

/** A network that branches, with a max pooling that the engine does not do. */
static void check_refused(const ws_pool_args *args, const char *why)
{
    ws_graph g;
    ws_error err;
    ws_network *network;
    const ws_network_options options = {.max_batch = 1, .n_threads = 1};

    ws_graph_init(&g);
    size_t x = ws_graph_push_input(&g, (ws_shape){40, 40, 1});
    x = ws_graph_push_max_pool(&g, ws_graph_push_silu(&g, x), args);
    (void)ws_graph_push_dense(&g, x, &(ws_dense_args){.name = "dense", .n_units = 2});
    assert_int_equal(ws_network_create(&network, &g, &options, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, why));
    ws_graph_deinit(&g);
}

static void test_refused(void **state)
{
    (void)state;
    check_refused(&(ws_pool_args){.window_h = 33,
                                  .window_w = 32,
                                  .stride_h = 2,
                                  .stride_w = 2,
                                  .padding = WS_PADDING_VALID},
                  "MaxPool: its window has more than 1024 numbers");
    check_refused(&(ws_pool_args){.window_h = 2,
                                  .window_w = 2,
                                  .stride_h = 2,
                                  .stride_w = 2,
                                  .padding = WS_PADDING_EXPLICIT,
                                  .zeros = {.after_w = 2}},
                  "MaxPool: a window lies outside of the image");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),  cmocka_unit_test(test_quantised),
        cmocka_unit_test(test_levels), cmocka_unit_test(test_predicts_only),
        cmocka_unit_test(test_groups), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
