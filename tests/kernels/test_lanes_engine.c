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

#include "kernels/engine_ways.h"
#include "kernels/guarded.h"
#include "nn/network.h"
#include "support/count_alloc.h"

enum { MAX_BATCH = 21, N_STEPS = 2 };

static const ws_init weights = {WS_INIT_UNIFORM_FAN_IN, 0.0};

static size_t conv(ws_graph *g, size_t x, const char *name, size_t h, size_t w, size_t n,
                   size_t stride, size_t pad_h, size_t pad_w)
{
    return ws_graph_push_conv2d(g, x,
                                &(ws_conv2d_args){.name = name,
                                                  .kernel_h = h,
                                                  .kernel_w = w,
                                                  .n_channels = n,
                                                  .stride_h = stride,
                                                  .padding = WS_PADDING_EXPLICIT,
                                                  .zeros = {pad_h, pad_h, pad_w, pad_w},
                                                  .init = weights});
}

static size_t depthwise(ws_graph *g, size_t x, const char *name, size_t h, size_t w,
                        size_t stride_w, size_t dilation_h, size_t pad_h, size_t pad_w)
{
    return ws_graph_push_depthwise(g, x,
                                   &(ws_conv2d_args){.name = name,
                                                     .kernel_h = h,
                                                     .kernel_w = w,
                                                     .stride_w = stride_w,
                                                     .dilation_h = dilation_h,
                                                     .padding = WS_PADDING_EXPLICIT,
                                                     .zeros = {pad_h, pad_h, pad_w, pad_w},
                                                     .init = weights});
}

static size_t norm(ws_graph *g, size_t x, const char *name, size_t n_bands)
{
    return ws_graph_push_batch_norm(g, x, &(ws_norm_args){.name = name, .n_bands = n_bands});
}

static size_t dense(ws_graph *g, size_t x, size_t n_units)
{
    const ws_dense_args args = {.name = "dense", .n_units = n_units, .init = weights};
    return ws_graph_push_bias_add(g, ws_graph_push_dense(g, x, &args), "dense_bias");
}

/** Broadcasted residuals, sub-spectral normalisation, dilation, channel dropout. */
static size_t bc_block(ws_graph *g, size_t x, const char *name, size_t n_out, size_t stride_w)
{
    const bool is_transition = g->nodes[x].shape.c != n_out;
    size_t y = x;

    ws_graph_open_scope(g, name);
    if (is_transition)
        y = ws_graph_push_relu(g, norm(g, conv(g, x, "pw", 1, 1, n_out, 1, 0, 0), "n1", 1));
    y = norm(g, depthwise(g, y, "f", 1, 3, stride_w, 1, 0, 1), "n2", 5);
    size_t f = ws_graph_push_mean(g, y, WS_AXIS_W);
    f = ws_graph_push_silu(g, norm(g, depthwise(g, f, "t", 3, 1, 1, 2, 2, 0), "n3", 1));
    f = ws_graph_push_dropout_of(g, conv(g, f, "pw2", 1, 1, n_out, 1, 0, 0),
                                 &(ws_dropout_args){.rate = 0.1, .is_spatial = true});
    y = ws_graph_push_add(g, y, f);
    if (!is_transition)
        y = ws_graph_push_add(g, y, x);
    ws_graph_close_scope(g);
    return ws_graph_push_relu(g, y);
}

static void build_broadcast(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){17, 20, 1});
    x = ws_graph_push_relu(g, norm(g, conv(g, x, "head", 5, 5, 6, 1, 2, 2), "head_norm", 1));
    x = bc_block(g, x, "a", 4, 2);
    x = bc_block(g, x, "b", 4, 1);
    x = bc_block(g, x, "c", 4, 1);
    x = ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W);
    (void)ws_graph_push_bias_add(g, conv(g, x, "out", 1, 1, 5, 1, 0, 0), "out_bias");
}

/** Frequencies as channels, kernels over time, strided shortcuts, dropout. */
static void build_temporal(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){23, 6, 1});
    x = ws_graph_push_reshape(g, x, (ws_shape){23, 1, 6});
    x = ws_graph_push_relu(g, conv(g, x, "first", 3, 1, 5, 1, 1, 0));
    size_t y = ws_graph_push_relu(g, norm(g, conv(g, x, "a", 9, 1, 7, 2, 4, 0), "na", 1));
    y = norm(g, conv(g, y, "b", 9, 1, 7, 1, 4, 0), "nb", 1);
    x = ws_graph_push_relu(g, norm(g, conv(g, x, "s", 1, 1, 7, 2, 0, 0), "ns", 1));
    x = ws_graph_push_relu(g, ws_graph_push_add(g, y, x));
    x = ws_graph_push_dropout(g, ws_graph_push_mean(g, x, WS_AXIS_H));
    (void)dense(g, x, 4);
}

/** Splits into kernels of two lengths, last rows, flattened. */
static void build_mixed(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){30, 1, 5});
    x = ws_graph_push_relu(g, conv(g, x, "first", 5, 1, 6, 2, 0, 0));
    const size_t h = g->nodes[x].shape.h - 4;
    size_t parts[] = {ws_graph_push_slice(g, x, (ws_shape){0, 0, 0}, (ws_shape){0, 0, 2}),
                      ws_graph_push_slice(g, x, (ws_shape){0, 0, 2}, (ws_shape){0, 0, 0}), x};
    parts[0] = depthwise(g, parts[0], "short", 3, 1, 1, 1, 0, 0);
    parts[0] = ws_graph_push_slice(g, parts[0], (ws_shape){2, 0, 0}, (ws_shape){h, 0, 0});
    parts[1] = depthwise(g, parts[1], "long", 5, 1, 1, 1, 0, 0);
    parts[2] = ws_graph_push_slice(g, x, (ws_shape){4, 0, 1}, (ws_shape){h, 0, 3});
    x = ws_graph_push_concat(g, parts, 3);
    x = ws_graph_push_relu(g, norm(g, conv(g, x, "pw", 1, 1, 8, 1, 0, 0), "n", 1));
    x = ws_graph_push_reshape(g, x, (ws_shape){1, 1, h * 8});
    (void)dense(g, x, 3);
}

/** Products, sigmoids, averages, biases by themselves, strides along both axes. */
static void build_gated(ws_graph *g)
{
    size_t x = ws_graph_push_input(g, (ws_shape){13, 12, 2});
    x = ws_graph_push_bias_add(g, conv(g, x, "first", 4, 3, 5, 2, 1, 1), "bias");
    const size_t gate = ws_graph_push_sigmoid(
        g, conv(g, ws_graph_push_mean(g, x, WS_AXIS_H | WS_AXIS_W), "gate", 1, 1, 5, 1, 0, 0));
    x = ws_graph_push_bias_add(g, ws_graph_push_mul(g, gate, x), "bias2");
    x = ws_graph_push_mul(g, x, ws_graph_push_silu(g, norm(g, x, "n", 3)));
    x = ws_graph_push_add(g, ws_graph_push_mean(g, x, WS_AXIS_H), x);
    x = ws_graph_push_dropout(g, depthwise(g, x, "dw", 3, 3, 2, 1, 1, 1));
    x = ws_graph_push_average_pool(g, x,
                                   &(ws_pool_args){.window_h = 2,
                                                   .window_w = 3,
                                                   .stride_h = 2,
                                                   .stride_w = 3,
                                                   .padding = WS_PADDING_VALID});
    (void)dense(g, x, 6);
}

static const struct {
    const char *name;
    void (*build)(ws_graph *g);
} cases[] = {
    {"broadcast", build_broadcast},
    {"temporal", build_temporal},
    {"mixed", build_mixed},
    {"gated", build_gated},
};
enum { N_CASES = sizeof cases / sizeof *cases };

/** What came out of some steps and a prediction. */
typedef struct outcome {
    float *logits, *gradients, *states, *predicted;
    double losses[N_STEPS];
} outcome;

static outcome outcome_create(const ws_graph *g)
{
    const size_t n_logits = MAX_BATCH * ws_graph_n_labels(g);
    return (outcome){.logits = zeros_create(n_logits, sizeof(float)),
                     .gradients = zeros_create(g->n_weights, sizeof(float)),
                     .states = zeros_create(g->n_state_numbers + 1, sizeof(float)),
                     .predicted = zeros_create(n_logits, sizeof(float))};
}

static void outcome_destroy(outcome *o)
{
    free(o->logits);
    free(o->gradients);
    free(o->states);
    free(o->predicted);
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
    for (size_t i = 0; i < N_CASES; i++) {
        ws_graph g;
        ws_graph_init(&g);
        cases[i].build(&g);
        for (size_t n = 5; n <= MAX_BATCH; n += 16) {
            outcome want = run(&way_reference, &g, n, 2);
            for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
                if (!way_can_go(&ways[k]))
                    continue;
                outcome one = run(&ways[k], &g, n, 1), three = run(&ways[k], &g, n, 3);
                check_close(&g, cases[i].name, &ways[k], &one, &want);
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

/** What only predicts takes less memory and gives the same bits. */
static void test_predicts_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CASES; i++) {
        ws_graph g;
        ws_network *both, *predicts;
        ws_network_options options = {.max_batch = MAX_BATCH, .n_threads = 1};
        float got[MAX_BATCH * 8], want[MAX_BATCH * 8];

        ws_graph_init(&g);
        cases[i].build(&g);
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

static void test_refused(void **state)
{
    ws_graph g;
    ws_error err;
    ws_network *network;
    const ws_network_options options = {.max_batch = 1, .n_threads = 1};

    (void)state;
    ws_graph_init(&g);
    size_t x = ws_graph_push_input(&g, (ws_shape){6, 6, 2});
    x = ws_graph_push_mean(&g, ws_graph_push_silu(&g, x), WS_AXIS_C);
    (void)dense(&g, x, 2);
    assert_int_equal(ws_network_create(&network, &g, &options, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "Mean"));
    ws_graph_deinit(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_predicts_only),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
