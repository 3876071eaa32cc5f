/* Fake quantisation against TensorFlow's figures (data/make_fake_quant.py): the operator and its
 * gradient, and training steps of a small quantised network with both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "nn/network.h"
#include "nn/op.h"
#include "nn/passes/quantize.h"
#include "nn/quant_kernels.h"
#include "support/check.h"
#include "support/npz.h"

enum { N_SAMPLES = 6, N_LABELS = 5, N_STEPS = 4, N_FEATURES = 54, MAX_ROW = 512 };

static ws_npz npz;

static ws_npy get(const char *prefix, const char *name)
{
    char whole[256];
    ws_npy npy;
    ws_error err;

    (void)snprintf(whole, sizeof whole, "%s%s", prefix, name);
    if (ws_npz_get(&npz, whole, &npy, &err) != WS_OK)
        fail_msg("%s", err.message);
    return npy;
}

static int open_npz(void **state)
{
    ws_error err;
    (void)state;
    return ws_npz_read(WS_TESTS_DIR "/golden/data/fake_quant.npz", &npz, &err) != WS_OK;
}

static int close_npz(void **state)
{
    (void)state;
    ws_npz_deinit(&npz);
    return 0;
}

static ws_quantizer fixed_quantizer(const ws_npy *ranges, size_t row)
{
    return (ws_quantizer){
        .kind = WS_RANGE_FIXED,
        .min = (float)ws_npy_item(ranges, 3 * row),
        .max = (float)ws_npy_item(ranges, 3 * row + 1),
        .is_narrow = ws_npy_item(ranges, 3 * row + 2) > 0.5,
    };
}

/** TensorFlow's outputs and gradients bit for bit (but for the sign of zero). */
static void check_row(const ws_quantizer *quantizer, const float *x, const float *y,
                      const float *dx, size_t n)
{
    float got[MAX_ROW], ones[MAX_ROW], got_dx[MAX_ROW];
    ws_levels levels;
    ws_cpu_level level;
    ws_error err;
    static const char *const names[] = {"generic", "v2", "v3", "v4"};

    assert_true(n <= MAX_ROW);
    for (size_t i = 0; i < n; i++)
        ones[i] = 1.0f;
    ws_levels_init_fixed(&levels, quantizer);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (ws_cpu_level_find(names[k], &level, &err) != WS_OK)
            continue; /* not on this processor */
        const ws_quant_kernels *kernels = ws_quant_kernels_get(level);
        kernels->quantize(&levels, x, n, got);
        kernels->mask(&levels, x, n, ones, got_dx);
        for (size_t i = 0; i < n; i++) {
            if (got[i] < y[i] || got[i] > y[i] || got_dx[i] < dx[i] || got_dx[i] > dx[i])
                fail_msg("%s, range %g to %g: %.9g became %.9g (gradient %g), expected %.9g (%g)",
                         names[k], (double)quantizer->min, (double)quantizer->max, (double)x[i],
                         (double)got[i], (double)got_dx[i], (double)y[i], (double)dx[i]);
        }
    }
}

static void operator_equals_tensorflow(void **state)
{
    ws_npy ranges = get("", "ranges"), x = get("", "x"), y = get("", "y"), dx = get("", "dx");
    const size_t n = x.shape[1];

    (void)state;
    for (size_t row = 0; row < ranges.shape[0]; row++) {
        const ws_quantizer quantizer = fixed_quantizer(&ranges, row);
        check_row(&quantizer, ws_npy_f4(&x) + row * n, ws_npy_f4(&y) + row * n,
                  ws_npy_f4(&dx) + row * n, n);
    }
    ws_npy_deinit(&ranges);
    ws_npy_deinit(&x);
    ws_npy_deinit(&y);
    ws_npy_deinit(&dx);
}

/** The plain operator, in double: equal but for numbers halfway between two levels. */
static void plain_operator_equals_tensorflow(void **state)
{
    ws_npy ranges = get("", "ranges"), x = get("", "x"), y = get("", "y");
    const size_t n = x.shape[1];
    size_t n_steps = 0;
    double from[MAX_ROW], to[MAX_ROW];

    (void)state;
    for (size_t row = 0; row < ranges.shape[0]; row++) {
        const ws_quantizer quantizer = fixed_quantizer(&ranges, row);
        const ws_node node = {.kind = WS_OP_FAKE_QUANT, .shape = {1, 1, n}, .quantizer = 1};
        ws_levels levels;
        ws_levels_init_fixed(&levels, &quantizer);
        for (size_t i = 0; i < n; i++)
            from[i] = (double)ws_npy_f4(&x)[row * n + i];
        const ws_op_run run = {
            .node = &node, .in = {node.shape}, .n = 1, .x = {from}, .y = to, .levels = &levels};
        ws_op_plain_get(WS_OP_FAKE_QUANT)->forward(&run);
        for (size_t i = 0; i < n; i++) {
            const double off = fabs(to[i] - (double)ws_npy_f4(&y)[row * n + i]);
            assert_true(off <= (double)levels.scale * 1.0001);
            n_steps += off > (double)levels.scale * 0.5;
        }
    }
    assert_true(n_steps <= 12); /* (min + max) / 2 may be such a number in each row */
    ws_npy_deinit(&ranges);
    ws_npy_deinit(&x);
    ws_npy_deinit(&y);
}

static void build(ws_graph *graph)
{
    ws_error err;

    ws_graph_deinit(graph); /* of the case before; a static one begins as zeros */
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){9, 6, 1});
    x = ws_graph_push_conv2d(
        graph, x,
        &(ws_conv2d_args){.name = "first_weights", .kernel_h = 4, .kernel_w = 3, .n_channels = 6});
    x = ws_graph_push_bias_add(graph, x, "first_bias");
    x = ws_graph_push_relu(graph, x);
    x = ws_graph_push_max_pool(
        graph, x, &(ws_pool_args){.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2});
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){.name = "final_fc_weights", .n_units = N_LABELS});
    (void)ws_graph_push_bias_add(graph, x, "final_fc_bias");
    assert_int_equal(ws_graph_quantize(graph, 0.0f, 26.0f, &err), WS_OK);
}

static void load_parameters(const ws_graph *graph, float *parameters)
{
    for (size_t p = 0; p < graph->n_parameters; p++) {
        ws_npy start = get("start/", graph->parameters[p].name);
        assert_int_equal(start.n_items, graph->parameters[p].size);
        memcpy(parameters + graph->parameters[p].offset, ws_npy_f4(&start),
               start.n_items * sizeof *parameters);
        ws_npy_deinit(&start);
    }
}

static void check_first_gradients(const ws_graph *graph, const float *gradients)
{
    for (size_t p = 0; p < graph->n_parameters; p++) {
        const ws_variable *parameter = &graph->parameters[p];
        ws_npy want = get("gradient/", parameter->name);
        const double largest = ws_test_largest(ws_npy_f4(&want), want.n_items);
        assert_close(parameter->name, gradients + parameter->offset, ws_npy_f4(&want), want.n_items,
                     2e-6 * largest);
        ws_npy_deinit(&want);
    }
}

/** Names and values of all variables: parameters and ranges. */
static void check_after(const ws_graph *graph, ws_network *network)
{
    const float *parameters = ws_network_parameters(network);
    char name[WS_QUANT_RANGE_MAX_NAME];

    for (size_t p = 0; p < graph->n_parameters; p++) {
        ws_npy want = get("after/", graph->parameters[p].name);
        assert_close(graph->parameters[p].name, parameters + graph->parameters[p].offset,
                     ws_npy_f4(&want), want.n_items, 2e-7);
        ws_npy_deinit(&want);
    }
    for (size_t q = 0; q < graph->n_quantizers; q++) {
        for (size_t i = 0; i < ws_quant_range_n_variables(&graph->quantizers[q]); i++) {
            ws_quant_range_get_name(&graph->quantizers[q], i, name);
            ws_npy want = get("after/", name);
            const float value = ws_network_ranges(network)[q].numbers[i];
            assert_close(name, &value, ws_npy_f4(&want), 1,
                         1e-6 * (1e-3 + fabs((double)ws_npy_f4(&want)[0])));
            ws_npy_deinit(&want);
        }
    }
}

static void train(const ws_graph *graph, const ws_network_options *options)
{
    ws_npy features = get("", "features"), labels = get("", "labels");
    ws_npy losses = get("", "losses"), all_logits = get("", "logits");
    ws_network *network = NULL;
    ws_error err;
    float logits[N_SAMPLES * N_LABELS];
    int32_t classes[N_SAMPLES];

    assert_int_equal(ws_network_create(&network, graph, options, &err), WS_OK);
    load_parameters(graph, ws_network_parameters(network));
    for (size_t step = 0; step < N_STEPS; step++) {
        for (size_t i = 0; i < N_SAMPLES; i++)
            classes[i] = (int32_t)ws_npy_item(&labels, step * N_SAMPLES + i);
        const double loss = ws_network_train(
            network,
            &(ws_batch){.features = ws_npy_f4(&features) + step * N_SAMPLES * N_FEATURES,
                        .labels = classes,
                        .n = N_SAMPLES},
            logits);
        const float *want = ws_npy_f4(&all_logits) + step * N_SAMPLES * N_LABELS;
        assert_close("logits", logits, want, N_SAMPLES * N_LABELS,
                     2e-6 * ws_test_largest(want, N_SAMPLES * N_LABELS));
        assert_true(fabs(loss - ws_npy_item(&losses, step)) <= 1e-6);
        if (step == 0)
            check_first_gradients(graph, ws_network_gradients(network));
        for (size_t i = 0; i < graph->n_weights; i++)
            ws_network_parameters(network)[i] -= 0.05f * ws_network_gradients(network)[i];
    }
    check_after(graph, network);
    ws_network_destroy(network);
    ws_npy_deinit(&features);
    ws_npy_deinit(&labels);
    ws_npy_deinit(&losses);
    ws_npy_deinit(&all_logits);
}

static void training_equals_tensorflow(void **state)
{
    /* the seed of the figures is one with no number close to the middle between two levels, where
     * rounding would decide and the ways differ by a level */
    static const ws_network_options ways[] = {
        {.max_batch = N_SAMPLES, .engine = WS_ENGINE_REFERENCE},
        {.max_batch = N_SAMPLES, .n_threads = 1, .convolution = WS_CONVOLUTION_BY_PRODUCTS},
        {.max_batch = N_SAMPLES, .n_threads = 3, .convolution = WS_CONVOLUTION_BY_PRODUCTS},
        {.max_batch = N_SAMPLES, .convolution = WS_CONVOLUTION_BY_FFT},
        {.max_batch = N_SAMPLES, .convolution = WS_CONVOLUTION_BY_FFT, .isa = "generic"},
    };
    static ws_graph graph;

    (void)state;
    build(&graph);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        train(&graph, &ways[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operator_equals_tensorflow),
        cmocka_unit_test(plain_operator_equals_tensorflow),
        cmocka_unit_test(training_equals_tensorflow),
    };
    return cmocka_run_group_tests(tests, open_npz, close_npz);
}
