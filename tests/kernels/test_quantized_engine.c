/* Fake quantisation in the engines: its kernels against plain loops at every length and on every
 * instruction set; the fast engine against the reference; the same bits for any number of threads;
 * no allocation in a step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "nn/network.h"
#include "nn/passes/quantize.h"
#include "nn/quant_kernels.h"
#include "support/count_alloc.h"
#include "support/thin.h"

enum { N_LABELS = 5, MAX_BATCH = 40, MAX_FEATURES = 600, MAX_QUANTIZERS = 16 };

static float features[MAX_BATCH * MAX_FEATURES], larger[MAX_BATCH * MAX_FEATURES];
static int32_t labels[MAX_BATCH];

static void fill_batch(void)
{
    ws_random random;

    ws_random_init(&random, 7, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < MAX_BATCH * MAX_FEATURES; i++) {
        features[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
        larger[i] = 1.5f * features[i];
    }
    for (size_t i = 0; i < MAX_BATCH; i++)
        labels[i] = (int32_t)ws_random_below(&random, N_LABELS);
}

/* -------------------------------------------------------------------------------- kernels -- */

static const char *const isa_names[] = {"generic", "v2", "v3", "v4"};
enum { N_ISA = sizeof isa_names / sizeof *isa_names };

/** NULL if this processor cannot. */
static const ws_quant_kernels *kernels_of(size_t i)
{
    ws_cpu_level level;
    return ws_cpu_level_find(isa_names[i], &level, NULL) == WS_OK ? ws_quant_kernels_get(level)
                                                                  : NULL;
}

static void check_range(const ws_quant_kernels *kernels, const float *x, size_t n)
{
    float least = 0.0f, most = 0.0f, min, max;

    for (size_t i = 0; i < n; i++) {
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    kernels->find_range(x, n, &min, &max);
    assert_true(min == least && max == most);
}

static void check_arrays(const ws_quant_kernels *kernels, const ws_levels *levels, const float *x,
                         size_t n)
{
    float y[64], dy[64], dx[64];

    for (size_t i = 0; i < 64; i++) {
        y[i] = dx[i] = 77.0f;
        dy[i] = 1.0f + (float)i;
    }
    kernels->quantize(levels, x, n, y);
    kernels->mask(levels, x, n, dy, dx);
    for (size_t i = 0; i < n; i++) {
        const bool is_inside = x[i] >= levels->min && x[i] <= levels->max;
        const float step = (y[i] - levels->min) / levels->scale;
        assert_true(fabsf(step - roundf(step)) < 1e-3f); /* it is a level, the nearest */
        assert_true(y[i] >= levels->min - 1e-5f && y[i] <= levels->max + 1e-5f);
        assert_true(!is_inside || fabsf(y[i] - x[i]) <= levels->scale * 0.5001f);
        assert_true(dx[i] == (is_inside ? dy[i] : 0.0f));
    }
    for (size_t i = n; i < 64; i++)
        assert_true(y[i] == 77.0f && dx[i] == 77.0f);
}

static void kernels_are_right_at_every_length(void **state)
{
    const ws_quantizer quantizer = {.kind = WS_RANGE_FIXED, .min = -0.4f, .max = 0.7f};
    ws_levels levels;
    (void)state;

    ws_levels_init_fixed(&levels, &quantizer);
    for (size_t k = 0; k < N_ISA; k++) {
        const ws_quant_kernels *kernels = kernels_of(k);
        for (size_t n = 0; kernels != NULL && n < 50; n++) {
            check_range(kernels, features + 100 * n, n);
            check_arrays(kernels, &levels, features + 100 * n, n);
        }
    }
}

/** What is not a number stays so, and takes no part in a range; infinity shows in the range. */
static void kernels_keep_nan(void **state)
{
    const ws_quantizer quantizer = {.kind = WS_RANGE_FIXED, .min = -0.4f, .max = 0.7f};
    ws_levels levels;
    float x[40], y[40], min, max;
    (void)state;

    ws_levels_init_fixed(&levels, &quantizer);
    memcpy(x, features, sizeof x);
    x[3] = x[38] = NAN;
    x[20] = -INFINITY;
    for (size_t k = 0; k < N_ISA; k++) {
        const ws_quant_kernels *kernels = kernels_of(k);
        if (kernels == NULL)
            continue;
        kernels->quantize(&levels, x, 40, y);
        assert_true(isnan(y[3]) && isnan(y[38]) && isfinite(y[20]));
        kernels->find_range(x, 40, &min, &max);
        assert_true(isinf(min) && max > 0.5f && max < 1.0f);
    }
}

/* -------------------------------------------------------------------------------- engines -- */

typedef struct geometry {
    const char *name;
    ws_shape in;
    ws_conv2d_args conv[2]; /* n_channels 0: none */
    ws_pool_args pool;      /* behind the first; window_h 0: none */
    bool no_relu;
    size_t n_hidden; /* units of a dense layer before the last one; 0: none */
} geometry;

static const geometry geometries[] = {
    {.name = "like conv",
     .in = {23, 10, 1},
     .conv = {{.kernel_h = 6, .kernel_w = 4, .n_channels = 32},
              {.kernel_h = 5, .kernel_w = 3, .n_channels = 32}},
     .pool = {2, 2, 2, 2, WS_PADDING_SAME, {0}}},
    {.name = "overlapping pools, no relu",
     .in = {12, 11, 2},
     .conv = {{.kernel_h = 3, .kernel_w = 3, .n_channels = 17},
              {.kernel_h = 3, .kernel_w = 1, .n_channels = 33}},
     .pool = {3, 3, 2, 1, WS_PADDING_SAME, {0}},
     .no_relu = true},
    {.name = "strides",
     .in = {20, 13, 1},
     .conv = {{.kernel_h = 10, .kernel_w = 8, .n_channels = 8, .stride_h = 2, .stride_w = 2},
              {.kernel_h = 5, .kernel_w = 4, .n_channels = 6, .stride_h = 3, .stride_w = 2}}},
    {.name = "valid, a hidden layer",
     .in = {30, 12, 1},
     .conv = {{.kernel_h = 30, .kernel_w = 4, .n_channels = 18, .padding = WS_PADDING_VALID}},
     .n_hidden = 24},
    {.name = "dense only", .in = {30, 20, 1}},
};
enum { N_GEOMETRIES = sizeof geometries / sizeof *geometries };

static size_t push_conv(ws_graph *graph, size_t x, const geometry *g, size_t which)
{
    ws_conv2d_args args = g->conv[which];

    args.name = which == 0 ? "first" : "second";
    args.init = (ws_init){WS_INIT_TRUNCATED_NORMAL, 0.2};
    x = ws_graph_push_conv2d(graph, x, &args);
    x = ws_graph_push_bias_add(graph, x, which == 0 ? "first_bias" : "second_bias");
    if (!g->no_relu)
        x = ws_graph_push_relu(graph, x);
    return ws_graph_push_dropout(graph, x);
}

static void build(ws_graph *graph, const geometry *g)
{
    ws_error err;

    assert_true(ws_shape_size(g->in) <= MAX_FEATURES);
    ws_graph_deinit(graph); /* of the case before; a static one begins as zeros */
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, g->in);
    if (g->conv[0].n_channels > 0)
        x = push_conv(graph, x, g, 0);
    if (g->pool.window_h > 0)
        x = ws_graph_push_max_pool(graph, x, &g->pool);
    if (g->conv[1].n_channels > 0)
        x = push_conv(graph, x, g, 1);
    if (g->n_hidden > 0) {
        x = ws_graph_push_dense(
            graph, x, &(ws_dense_args){"hidden", g->n_hidden, {WS_INIT_TRUNCATED_NORMAL, 0.2}});
        x = ws_graph_push_bias_add(graph, x, "hidden_bias");
        x = ws_graph_push_dropout(graph, x);
    }
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){"last", N_LABELS, {WS_INIT_TRUNCATED_NORMAL, 0.2}});
    (void)ws_graph_push_bias_add(graph, x, "last_bias");
    if (ws_graph_quantize(graph, -0.9f, 0.8f, &err) != WS_OK)
        fail_msg("%s: %s", g->name, err.message);
    assert_true(graph->n_quantizers <= MAX_QUANTIZERS);
}

/** Everything that a step gives. */
typedef struct outcome {
    double loss;
    float logits[MAX_BATCH * N_LABELS];
    float predicted[MAX_BATCH * N_LABELS];
    float *gradients; /* [n_weights] */
    ws_quant_range ranges[MAX_QUANTIZERS];
} outcome;

static ws_network *make_network(const ws_graph *graph, const ws_network_options *options)
{
    ws_error err;
    ws_network *network;

    if (ws_network_create(&network, graph, options, &err) != WS_OK)
        fail_msg("%s", err.message);
    ws_network_init_parameters(network, 3);
    return network;
}

/** Two steps and a prediction. The first step is of larger numbers: so in the second no number
 *  lies at the very end of its average range, where rounding would decide about its gradient. */
static outcome run(const ws_graph *graph, const ws_network_options *options, size_t n)
{
    outcome result = {.gradients = malloc(graph->n_weights * sizeof(float))};
    ws_network *network = make_network(graph, options);
    ws_batch batch = {.features = larger,
                      .labels = labels,
                      .n = n,
                      .dropout = {.rate = 0.5, .seed = 5, .step = 1}};

    assert_non_null(result.gradients);
    (void)ws_network_train(network, &batch, result.logits);
    batch = (ws_batch){.features = features,
                       .labels = labels,
                       .n = n,
                       .dropout = {.rate = 0.5, .seed = 5, .step = 2}};
    result.loss = ws_network_train(network, &batch, result.logits);
    memcpy(result.gradients, ws_network_gradients(network), graph->n_weights * sizeof(float));
    memcpy(result.ranges, ws_network_ranges(network), graph->n_quantizers * sizeof(ws_quant_range));
    ws_network_predict(network, features, n, result.predicted);
    assert_memory_equal(result.ranges, ws_network_ranges(network),
                        graph->n_quantizers * sizeof(ws_quant_range));
    ws_network_destroy(network);
    return result;
}

/**
 * Equal but for numbers so close to the middle between two levels that rounding decides: few, and
 * a level apart.
 */
static void check_logits(const char *name, const float *got, const float *want, size_t n,
                         const ws_levels *levels)
{
    size_t n_apart = 0;

    for (size_t i = 0; i < n; i++) {
        const float apart = fabsf(got[i] - want[i]) / levels->scale;
        n_apart += apart > 0.5f;
        if (!(apart < 1.1f))
            fail_msg("%s: logit %zu is %g, expected %g: %g levels apart", name, i, (double)got[i],
                     (double)want[i], (double)apart);
    }
    if (n_apart > 2 + n / 20)
        fail_msg("%s: %zu of %zu logits are a level apart", name, n_apart, n);
}

/** |got - want| / |want|, as vectors. */
static double distance(const float *got, const float *want, size_t n)
{
    double off = 0.0, size = 1e-30;

    for (size_t i = 0; i < n; i++) {
        off += pow((double)got[i] - (double)want[i], 2.0);
        size += pow((double)want[i], 2.0);
    }
    return sqrt(off / size);
}

static void compare(const ws_graph *graph, const char *name, const ws_network_options *options,
                    size_t n, const outcome *want)
{
    const outcome got = run(graph, options, n);
    const ws_quantizer *last = &graph->quantizers[graph->nodes[graph->n_nodes - 1].quantizer - 1];
    ws_levels levels;
    double worst = 0.0;

    ws_levels_init(&levels, last, &want->ranges[last - graph->quantizers]);
    check_logits(name, got.logits, want->logits, n * N_LABELS, &levels);
    check_logits(name, got.predicted, want->predicted, n * N_LABELS, &levels);
    assert_true(fabs(got.loss - want->loss) < 0.01 * want->loss);
    for (size_t p = 0; p < graph->n_parameters; p++) {
        const size_t at = graph->parameters[p].offset;
        worst = fmax(worst,
                     distance(got.gradients + at, want->gradients + at, graph->parameters[p].size));
    }
    for (size_t q = 0; q < graph->n_quantizers; q++)
        worst = fmax(worst, distance(got.ranges[q].numbers, want->ranges[q].numbers, 2));
    print_message("  %s, batch %zu, %s: worst %.1e\n", name, n,
                  options->convolution == WS_CONVOLUTION_BY_FFT ? "fft" : "products", worst);
    /* usually 2e-7; a number that goes to the other level may change the winner of a pooling, and
     * with it where a gradient goes */
    assert_true(worst < 2e-2);
    free(got.gradients);
}

static void fast_engine_equals_reference(void **state)
{
    static const size_t batches[] = {MAX_BATCH, 1, 7};
    static ws_graph graph;
    ws_network_options options = {.max_batch = MAX_BATCH};
    (void)state;

    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        build(&graph, &geometries[i]);
        for (size_t b = 0; b < ws_test_n_sizes(sizeof batches / sizeof *batches, 1); b++) {
            options.engine = WS_ENGINE_REFERENCE;
            const outcome want = run(&graph, &options, batches[b]);
            options.engine = WS_ENGINE_FAST;
            options.convolution = WS_CONVOLUTION_BY_PRODUCTS;
            compare(&graph, geometries[i].name, &options, batches[b], &want);
            options.convolution = WS_CONVOLUTION_BY_FFT;
            compare(&graph, geometries[i].name, &options, batches[b], &want);
            free(want.gradients);
        }
    }
}

static void threads_do_not_change_a_bit(void **state)
{
    static ws_graph graph;
    ws_network_options options = {.max_batch = MAX_BATCH};
    (void)state;

    for (size_t i = 0; i < 2 * N_GEOMETRIES; i++) {
        build(&graph, &geometries[i / 2]);
        options.engine = i % 2 == 0 ? WS_ENGINE_FAST : WS_ENGINE_REFERENCE;
        options.n_threads = 1;
        const outcome one = run(&graph, &options, MAX_BATCH - 1);
        for (size_t more = 0; more < ws_test_n_sizes(3, 1); more++) {
            options.n_threads = 4 - (unsigned)more;
            const outcome many = run(&graph, &options, MAX_BATCH - 1);
            assert_memory_equal(many.gradients, one.gradients, graph.n_weights * sizeof(float));
            assert_memory_equal(many.logits, one.logits, sizeof one.logits);
            assert_memory_equal(many.predicted, one.predicted, sizeof one.predicted);
            assert_memory_equal(many.ranges, one.ranges,
                                graph.n_quantizers * sizeof(ws_quant_range));
            free(many.gradients);
        }
        free(one.gradients);
    }
}

static void a_step_allocates_nothing(void **state)
{
    static float logits[MAX_BATCH * N_LABELS];
    static ws_graph graph;
    (void)state;

    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        build(&graph, &geometries[i]);
        ws_network *network =
            make_network(&graph, &(ws_network_options){.max_batch = MAX_BATCH, .n_threads = 2});
        ws_batch batch = {.features = features,
                          .labels = labels,
                          .n = MAX_BATCH,
                          .dropout = {.rate = 0.5, .seed = 5, .step = 0}};
        const size_t before = ws_test_n_allocations();
        for (batch.dropout.step = 1; batch.dropout.step < 4; batch.dropout.step++)
            (void)ws_network_train(network, &batch, logits);
        ws_network_predict(network, features, MAX_BATCH, logits);
        assert_int_equal(ws_test_n_allocations() - before, 0);
        ws_network_destroy(network);
    }
    assert_true(ws_test_n_allocations() > 0); /* ws_network_create: the counting counts */
}

/** A diverged network says so, quantised or not. */
static void not_a_number_reaches_the_loss(void **state)
{
    static ws_graph graph;
    static float logits[MAX_BATCH * N_LABELS];
    const ws_batch batch = {
        .features = features, .labels = labels, .n = 8, .dropout = {.rate = 0.0}};
    (void)state;

    build(&graph, &geometries[0]);
    for (int engine = 0; engine < 2; engine++) {
        ws_network *network = make_network(
            &graph,
            &(ws_network_options){.max_batch = 8,
                                  .engine = engine == 0 ? WS_ENGINE_FAST : WS_ENGINE_REFERENCE});
        ws_network_parameters(network)[0] = NAN;
        assert_true(isnan(ws_network_train(network, &batch, logits)));
        ws_network_destroy(network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_are_right_at_every_length),
        cmocka_unit_test(kernels_keep_nan),
        cmocka_unit_test(fast_engine_equals_reference),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(not_a_number_reaches_the_loss),
    };
    fill_batch();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
