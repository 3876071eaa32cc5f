/* The fast engine against the reference engine on random weights, with dropout, at sizes that fit
 * nothing; the same bits for any number of threads; no allocation in a step; the floating-point
 * mode left as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "kernels/engine_ways.h"
#include "models/model.h"
#include "nn/network.h"
#include "support/count_alloc.h"
#include "support/models.h"
#include "support/thin.h"

enum { N_LABELS = 5, MAX_BATCH = 100, MAX_FEATURES = 4000 };

static float features[MAX_BATCH * MAX_FEATURES];
static int32_t labels[MAX_BATCH];

static void fill_batch(void)
{
    ws_random random;

    ws_random_init(&random, 7, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        features[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    for (size_t i = 0; i < MAX_BATCH; i++)
        labels[i] = (int32_t)ws_random_below(&random, N_LABELS);
}

/* A geometry to try: convolutions behind one another, then a dense layer or two. */
typedef struct geometry {
    const char *name;
    ws_shape in;
    ws_conv2d_args conv[2]; /* n_channels 0: none */
    ws_pool_args pool;      /* behind the first; window_h 0: none */
    bool no_relu, no_bias, no_dropout;
    ws_svdf_args svdf; /* the first layer, without convolutions; n_units 0: none */
    size_t n_hidden;   /* units of a dense layer before the last one, with dropout alone; 0: none */
} geometry;

static const geometry geometries[] = {
    {.name = "like conv",
     .in = {23, 10, 1},
     .conv = {{.kernel_h = 6, .kernel_w = 4, .n_channels = 32},
              {.kernel_h = 5, .kernel_w = 3, .n_channels = 32}},
     .pool = {2, 2, 2, 2, WS_PADDING_SAME, {0}}},
    {.name = "odd everything",
     .in = {17, 9, 3},
     .conv = {{.kernel_h = 3, .kernel_w = 5, .n_channels = 7},
              {.kernel_h = 4, .kernel_w = 2, .n_channels = 21}},
     .pool = {3, 2, 3, 2, WS_PADDING_VALID, {0}}},
    {.name = "overlapping pools, no relu",
     .in = {12, 11, 2},
     .conv = {{.kernel_h = 3, .kernel_w = 3, .n_channels = 70},
              {.kernel_h = 3, .kernel_w = 1, .n_channels = 33}},
     .pool = {3, 3, 2, 1, WS_PADDING_SAME, {0}},
     .no_relu = true},
    {.name = "strides",
     .in = {20, 13, 1},
     .conv = {{.kernel_h = 10, .kernel_w = 8, .n_channels = 8, .stride_h = 2, .stride_w = 2},
              {.kernel_h = 5, .kernel_w = 4, .n_channels = 6, .stride_h = 3, .stride_w = 2}}},
    {.name = "valid, kernel as high as the image",
     .in = {30, 12, 1},
     .conv = {{.kernel_h = 30, .kernel_w = 4, .n_channels = 18, .padding = WS_PADDING_VALID}},
     .n_hidden = 24},
    {.name = "valid twice, no bias, no dropout",
     .in = {15, 14, 16},
     .conv = {{.kernel_h = 4, .kernel_w = 4, .n_channels = 16, .padding = WS_PADDING_VALID},
              {.kernel_h = 3, .kernel_w = 6, .n_channels = 9, .padding = WS_PADDING_VALID}},
     .no_bias = true,
     .no_dropout = true},
    {.name = "kernel larger than the image",
     .in = {4, 3, 20},
     .conv = {{.kernel_h = 9, .kernel_w = 7, .n_channels = 12}}},
    {.name = "kernel rows that see no image anywhere",
     .in = {4, 3, 16},
     .conv = {{.kernel_h = 10, .kernel_w = 4, .n_channels = 5}}},
    {.name = "an image of one place",
     .in = {1, 1, 64},
     .conv = {{.kernel_h = 10, .kernel_w = 4, .n_channels = 20}}},
    {.name = "valid, 16 n + 1 channels",
     .in = {19, 12, 2},
     .conv = {{.kernel_h = 7, .kernel_w = 5, .n_channels = 17, .padding = WS_PADDING_VALID},
              {.kernel_h = 6, .kernel_w = 3, .n_channels = 49, .padding = WS_PADDING_VALID}},
     .pool = {2, 2, 2, 2, WS_PADDING_VALID, {0}}},
    {.name = "one channel between",
     .in = {21, 8, 1},
     .no_bias = true, /* of one channel: a sum that cancels to nothing */
     .conv = {{.kernel_h = 8, .kernel_w = 5, .n_channels = 1},
              {.kernel_h = 6, .kernel_w = 4, .n_channels = 40}}},
    {.name = "one channel, strides, valid",
     .in = {23, 14, 1},
     .conv = {{.kernel_h = 5,
               .kernel_w = 3,
               .n_channels = 13,
               .stride_h = 3,
               .stride_w = 2,
               .padding = WS_PADDING_VALID}},
     .no_relu = true},
    {.name = "one channel, a kernel larger than the image",
     .in = {5, 4, 1},
     .conv = {{.kernel_h = 8, .kernel_w = 9, .n_channels = 9, .stride_h = 2, .stride_w = 3}}},
    {.name = "one channel, strides that skip",
     .in = {22, 17, 1},
     .no_bias = true,
     .conv = {{.kernel_h = 2, .kernel_w = 3, .n_channels = 8, .stride_h = 5, .stride_w = 4}}},
    {.name = "valid, a high kernel of few columns, 16 n + 1 rows",
     .in = {33, 21, 1},
     .conv = {{.kernel_h = 33, .kernel_w = 3, .n_channels = 35, .padding = WS_PADDING_VALID}}},
    {.name = "valid, a kernel as high as the image, another behind it",
     .in = {20, 15, 1},
     .conv = {{.kernel_h = 20, .kernel_w = 4, .n_channels = 19, .padding = WS_PADDING_VALID},
              {.kernel_h = 1, .kernel_w = 3, .n_channels = 20}}},
    {.name = "svdf", .in = {13, 11, 1}, .svdf = {.n_units = 45, .rank = 2}, .n_hidden = 70},
    {.name = "svdf of rank 1, many frequencies",
     .in = {4, 170, 1},
     .svdf = {.n_units = 32, .rank = 1},
     .no_relu = true},
    {.name = "svdf of rank 3, no bias",
     .in = {9, 3, 2},
     .svdf = {.n_units = 70, .rank = 3},
     .no_bias = true},
    {.name = "dense only", .in = {30, 40, 1}, .n_hidden = 37},
    {.name = "wide dense", .in = {50, 40, 1}, .n_hidden = 131},
};
enum { N_GEOMETRIES = sizeof geometries / sizeof *geometries };

/** What stands behind a convolution or SVDF. */
static size_t push_rest(ws_graph *graph, size_t x, const geometry *g)
{
    if (!g->no_bias)
        x = ws_graph_push_bias_add(graph, x, "bias");
    if (!g->no_relu)
        x = ws_graph_push_relu(graph, x);
    return g->no_dropout ? x : ws_graph_push_dropout(graph, x);
}

static size_t push_svdf(ws_graph *graph, size_t x, const geometry *g)
{
    ws_svdf_args args = g->svdf;
    args.frequency_name = "frequency";
    args.time_name = "time";
    args.init = (ws_init){WS_INIT_TRUNCATED_NORMAL, 0.4};
    return push_rest(graph, ws_graph_push_svdf(graph, x, &args), g);
}

static size_t push_conv(ws_graph *graph, size_t x, const geometry *g, size_t which)
{
    ws_conv2d_args args = g->conv[which];
    args.name = which == 0 ? "first" : "second";
    args.init = (ws_init){WS_INIT_TRUNCATED_NORMAL, 0.2};
    return push_rest(graph, ws_graph_push_conv2d(graph, x, &args), g);
}

static void build(ws_graph *graph, const geometry *g)
{
    ws_error err;

    assert_true(ws_shape_size(g->in) <= MAX_FEATURES);
    ws_graph_deinit(graph); /* of the case before; a static one begins as zeros */
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, g->in);
    if (g->svdf.n_units > 0)
        x = push_svdf(graph, x, g);
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
    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s: %s", g->name, err.message);
}

/** Everything that a step gives. */
typedef struct outcome {
    double loss;
    float logits[MAX_BATCH * N_LABELS];
    float predicted[MAX_BATCH * N_LABELS];
    float *gradients; /* [n_weights] */
} outcome;

static const way fast_ways[] = {
    {"products", WS_ENGINE_FAST, WS_CONVOLUTION_BY_PRODUCTS, NULL},
    {"fft", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, NULL},
    {"fft generic", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, "generic"},
    {"direct", WS_ENGINE_FAST, WS_CONVOLUTION_DIRECT, NULL},
    {"direct generic", WS_ENGINE_FAST, WS_CONVOLUTION_DIRECT, "generic"},
#if defined(__x86_64__)
    {"fft v2", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, "v2"},
    {"fft v3", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, "v3"},
    {"direct v2", WS_ENGINE_FAST, WS_CONVOLUTION_DIRECT, "v2"},
    {"direct v3", WS_ENGINE_FAST, WS_CONVOLUTION_DIRECT, "v3"},
#endif
};
enum { N_FAST_WAYS = sizeof fast_ways / sizeof *fast_ways };

/* As users go. */
static const way usual_ways[] = {
    {"usual", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, NULL},
    {"usual generic", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, "generic"},
#if defined(__x86_64__)
    {"usual v3", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, "v3"},
#endif
};

static ws_network *make_network(const ws_graph *graph, const way *by, unsigned n_threads)
{
    ws_network *network = way_create_network(by, graph, MAX_BATCH, n_threads);

    for (size_t p = 0; p < graph->n_parameters; p++) { /* biases that matter */
        const ws_variable *parameter = &graph->parameters[p];
        for (size_t i = 0; parameter->n_dims == 1 && i < parameter->size; i++)
            ws_network_parameters(network)[parameter->offset + i] = 0.05f * (float)(i % 5) - 0.1f;
    }
    return network;
}

/** Two steps, so that what the first leaves behind shows, and a prediction. */
static outcome run(const ws_graph *graph, const way *by, unsigned n_threads, size_t n, double rate)
{
    outcome result = {.gradients = malloc(graph->n_weights * sizeof(float))};
    ws_network *network = make_network(graph, by, n_threads);
    ws_batch batch = {.features = features,
                      .labels = labels,
                      .n = n,
                      .dropout = {.rate = rate, .seed = 5, .step = 1}};

    assert_non_null(result.gradients);
    (void)ws_network_train(network, &batch, result.logits);
    batch.dropout.step = 2;
    result.loss = ws_network_train(network, &batch, result.logits);
    memcpy(result.gradients, ws_network_gradients(network), graph->n_weights * sizeof(float));
    ws_network_predict(network, features, n, result.predicted);
    ws_network_destroy(network);
    return result;
}

/** Fails beyond 1e-5, also for a NaN; else keeps the worst. */
static void note_error(double *worst, double error, const char *name, const char *what)
{
    if (!(error < 1e-5))
        fail_msg("%s: %s is off by %g of its largest", name, what, error);
    *worst = fmax(*worst, error);
}

/** One way against the reference. */
static void compare_way(const char *name, const ws_graph *graph, const way *by, size_t n,
                        double rate, const outcome *want)
{
    const outcome got = run(graph, by, 0, n, rate);
    double worst = 0.0;

    note_error(&worst, way_relative_error(got.logits, want->logits, n * N_LABELS), name, "logits");
    note_error(&worst, way_relative_error(got.predicted, want->predicted, n * N_LABELS), name,
               "logits without dropout");
    note_error(&worst, fabs(got.loss - want->loss) / want->loss, name, "loss");
    for (size_t p = 0; p < graph->n_parameters; p++) {
        const ws_variable *parameter = &graph->parameters[p];
        const size_t at = parameter->offset;
        note_error(&worst,
                   way_relative_error(got.gradients + at, want->gradients + at, parameter->size),
                   name, parameter->name);
    }
    print_message("  %s, batch %zu, dropout %g, %s: worst %.1e\n", name, n, rate, by->name, worst);
    free(got.gradients);
}

/** Whether a geometry can be computed in this way: else another one takes its place. */
static bool is_different(const geometry *g, const way *by)
{
    const bool is_direct = g->in.c == 1 && g->conv[0].n_channels > 0 && g->pool.window_h == 0;
    return by->convolution != WS_CONVOLUTION_DIRECT || is_direct;
}

static void compare(const geometry *g, const ws_graph *graph, size_t n, double rate)
{
    const outcome want = run(graph, &way_reference, 0, n, rate);

    for (size_t i = 0; i < N_FAST_WAYS; i++)
        if (way_can_go(&fast_ways[i]) && is_different(g, &fast_ways[i]))
            compare_way(g->name, graph, &fast_ways[i], n, rate, &want);
    free(want.gradients);
}

static void fast_engine_equals_reference(void **state)
{
    static const struct {
        size_t batch;
        double dropout;
    } sizes[] = {{19, 0.5}, {1, 0.5}, {7, 0.5}, {100, 0.5}, {7, 0.0}, {7, 0.3}};
    (void)state;
    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        static ws_graph graph;
        build(&graph, &geometries[i]);
        for (size_t s = 0; s < ws_test_n_sizes(sizeof sizes / sizeof *sizes, 1); s++)
            compare(&geometries[i], &graph, sizes[s].batch, sizes[s].dropout);
    }
}

/** A whole model. */
static void build_model(ws_graph *graph, const char *name)
{
    const ws_model_settings settings = ws_test_model_settings(98, 40, N_LABELS);
    ws_error err;
    const ws_model *model;

    assert_int_equal(ws_model_find(&model, name, &err), WS_OK);
    ws_graph_deinit(graph);
    assert_int_equal(model->build(graph, &settings, &err), WS_OK);
}

static void models_equal_reference(void **state)
{
    static ws_graph graph;
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_ORIGINAL_MODELS; i++) {
        const char *name = ws_test_models[i];
        build_model(&graph, name);
        const outcome want = run(&graph, &way_reference, 0, 3, 0.5);
        for (size_t w = 0; w < sizeof usual_ways / sizeof *usual_ways; w++)
            if (way_can_go(&usual_ways[w]))
                compare_way(name, &graph, &usual_ways[w], 3, 0.5, &want);
        free(want.gradients);
    }
}

static void check_threads(const ws_graph *graph, const way *by, size_t n)
{
    const outcome one = run(graph, by, 1, n, 0.5);

    for (size_t more = 0; more < ws_test_n_sizes(4, 1); more++) {
        const unsigned n_threads = 5 - (unsigned)more;
        outcome many = run(graph, by, n_threads, n, 0.5);
        assert_memory_equal(many.gradients, one.gradients, graph->n_weights * sizeof(float));
        assert_memory_equal(many.logits, one.logits, n * N_LABELS * sizeof(float));
        assert_memory_equal(many.predicted, one.predicted, n * N_LABELS * sizeof(float));
        assert_true(many.loss == one.loss);
        free(many.gradients);
    }
    free(one.gradients);
}

static void threads_do_not_change_a_bit(void **state)
{
    static ws_graph graph;
    (void)state;
    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        build(&graph, &geometries[i]);
        check_threads(&graph, &way_reference, 7);
        for (size_t w = 0; w < N_FAST_WAYS; w++)
            if (fast_ways[w].isa == NULL && is_different(&geometries[i], &fast_ways[w]))
                check_threads(&graph, &fast_ways[w], ws_test_n_sizes(100, 19));
    }
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        build_model(&graph, ws_test_models[i]);
        check_threads(&graph, &usual_ways[0], ws_test_n_sizes(100, 19));
    }
}

static void a_step_allocates_nothing(void **state)
{
    static float logits[MAX_BATCH * N_LABELS];
    (void)state;
    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        static ws_graph graph;
        build(&graph, &geometries[i]);
        ws_network *network = make_network(&graph, &fast_ways[i % 4], 2);
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

static void denormals_are_the_callers_business_outside(void **state)
{
    static ws_graph graph;
    static float logits[MAX_BATCH * N_LABELS];
    const ws_batch batch = {.features = features,
                            .labels = labels,
                            .n = 8,
                            .dropout = {.rate = 0.5, .seed = 5, .step = 1}};
    volatile float tiny = FLT_MIN;
    (void)state;

    build(&graph, &geometries[0]);
    ws_network *network = make_network(&graph, &fast_ways[1], 2);
    (void)ws_network_train(network, &batch, logits);
    ws_network_destroy(network);
    tiny /= 4.0f;
    assert_true(tiny > 0.0f);
}

/** A diverged network says so: not a number reaches the loss through ReLU and pooling. */
static void not_a_number_reaches_the_loss(void **state)
{
    static ws_graph graph;
    static float logits[MAX_BATCH * N_LABELS];
    const ws_batch batch = {
        .features = features, .labels = labels, .n = 8, .dropout = {.rate = 0.0}};
    (void)state;

    build(&graph, &geometries[0]);
    for (size_t i = 0; i <= N_FAST_WAYS; i++) {
        const way *by = i < N_FAST_WAYS ? &fast_ways[i] : &way_reference;
        if (!way_can_go(by))
            continue;
        ws_network *network = make_network(&graph, by, 2);
        ws_network_parameters(network)[0] = NAN;
        assert_true(isnan(ws_network_train(network, &batch, logits)));
        ws_network_destroy(network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_engine_equals_reference),
        cmocka_unit_test(models_equal_reference),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(denormals_are_the_callers_business_outside),
        cmocka_unit_test(not_a_number_reaches_the_loss),
    };
    fill_batch();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
